"""What a figure is given, in place of the figure: to the byte, and in no time."""

from dataclasses import fields, is_dataclass

import numpy as np

from sennpy import MLP, plots
from sennpy.experiments import figures
from sennpy.experiments.battery import figures as battery_figures

APART = ("command", "change")  # where files lie; what no file keeps


def figures_that_tell():
    """(module, name, replacement) of all functions by which commands draw and save figures."""
    for module, names in [
        (figures, [name for name in figures.__all__ if name.endswith("_figure")]),
        (battery_figures, ["battery_figure", "tradeoff_figure"]),
    ]:
        yield from ((module, name, lambda *what: what) for name in names)
    yield plots, "save", lambda what, file: file.write(told(what).encode())


def told(value):
    """All that a figure is given, what time decides apart, as text."""
    if isinstance(value, MLP):
        return f"{value.sizes} {value.dtype} {value.parameters.tobytes().hex()}"
    if isinstance(value, np.ndarray):
        return f"{value.dtype} {value.shape} {value.tobytes().hex()}"
    if is_dataclass(value):
        value = {field.name: getattr(value, field.name) for field in fields(value)}
    if isinstance(value, dict):
        return "\n".join(f"{name}: {told(item)}" for name, item in timeless(value).items())
    if isinstance(value, (list, tuple)):
        return "\n".join(map(told, value))
    return "a function" if callable(value) else repr(value)


def timeless(value):
    """Nested lists and dicts without the entries that time decides, and without `APART`."""
    if isinstance(value, dict):
        return {
            key: timeless(item) for key, item in value.items()
            if key not in APART and not key.endswith("seconds")
        }  # fmt: skip
    return [timeless(item) for item in value] if isinstance(value, list) else value
