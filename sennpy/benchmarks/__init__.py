"""What `sennpy bench` times: searches, training steps, whole runs, first calls, and how they scale."""
