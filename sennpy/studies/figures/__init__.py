"""The pictures of the studies: a module a study, of the same name, whose `draw(rows)` makes one."""
