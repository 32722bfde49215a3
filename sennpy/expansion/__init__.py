"""The contribution of the paper: where, what, when and how to add."""
