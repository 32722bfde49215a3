"""A table of tasks on which one and the same settings are measured, each with what is to be had."""
