"""When a network grows: the loop, its settings, and what it leaves on record."""
