"""What the paper claims and leaves open, measured: a module a study, see `study`."""
