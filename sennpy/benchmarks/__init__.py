"""What `sennpy bench` times: searches, steps, whole runs, first calls, growth with size."""
