"""The experiments, each a module with its presets and a `run(settings, seed, ...)`."""
