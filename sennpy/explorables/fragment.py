"""A picture to move as one piece of HTML: its data, style and script, and nothing fetched."""

import json
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np

from ..writing import write_text

HERE = Path(__file__).parent
LARGEST = 300_000  # bytes
DIGITS = 12  # significant ones that numbers keep
STILL = (
    "Here stands a picture to move, where scripts may run: in the book, or once the cell has run."
)
PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>{title}</title></head>
<body>
{html}
</body>
</html>
"""


@dataclass(frozen=True, eq=False, repr=False)
class Explorable:
    """A picture with sliders that works without a kernel and without a network.

    Parameters
    ----------
    name : str
        Of the script that draws it.
    title : str
        What it shows, in a sentence: for those who do not see it.
    data : dict
        Numbers, texts, arrays, and lists and dicts of them.

    Raises
    ------
    ValueError
        If a number is not finite, or the whole is larger than 300 kB.
    """

    name: str
    title: str
    data: dict

    def __post_init__(self):
        size = len(self.html.encode("utf-8"))
        if size > LARGEST:
            raise ValueError(
                f"{self.name} has {size} bytes, expected at most {LARGEST}: give it fewer points, "
                "steps or epochs."
            )

    def __repr__(self):
        return f"{self.title} (A picture to move, in a notebook or the book.)"

    def _repr_html_(self):
        return self.html

    @property
    def html(self):
        """The piece of HTML, the same for the same data."""
        told = json.dumps(plain({"title": self.title, **self.data}), allow_nan=False)
        told = told.replace("<", "\\u003c")
        style, kit, script = map(text, ("explorable.css", "kit.js", f"{self.name}.js"))
        mark = sha256("".join([told, style, kit, script]).encode("utf-8")).hexdigest()[:12]
        return "\n".join(
            [
                f'<div class="explorable" data-explorable="{self.name}" data-mark="{mark}">',
                f"<style>\n{style}</style>",
                f'<p class="explorable-still">{STILL}</p>',
                f'<script type="application/json">{told}</script>',
                f"<script>\n(() => {{\n{kit}\n{script}",
                f"begin('{mark}', explore);\n}})();\n</script>",
                "</div>",
            ]
        )

    def save(self, path):
        """Write it as a page of its own; OSError if that cannot be written."""
        write_text(path, PAGE.format(title=self.title, html=self.html))


def text(name):
    """A file of this folder."""
    return (HERE / name).read_text(encoding="utf-8")


def plain(value):
    """Nested lists and dicts of plain values, numbers to `DIGITS` digits; ValueError for nan."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, (float, np.floating)):
        if not np.isfinite(value):
            raise ValueError(f"a number to be shown is {value}, expected finite ones.")
        return float(f"{value:.{DIGITS}g}")
    return value.item() if isinstance(value, np.generic) else value
