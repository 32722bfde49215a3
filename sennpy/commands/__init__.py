"""The commands, a file each: `add(commands)` makes the parser and names the function to run."""
