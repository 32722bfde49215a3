"""The house in one picture: its rooms in order, and which of them imports from which.

`python notebooks/sheets.py` writes house.svg. Rooms and their order are those of tests/arrows.py,
arrows the imports of the files in sennpy/, a room's line is the docstring of its `__init__.py`.
From a room a line leads to the left, from each dot on it up to a room that it imports from: so all
arrows are there, and where lines cross without a dot, nothing meets.
"""

import ast
import math
import sys
from collections import Counter
from html import escape
from pathlib import Path
from textwrap import wrap
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
sys.path.append(str(ROOT / "tests"))

import arrows  # noqa: E402

WIDE, EDGE, TOP = 900, 12, 30
STEP, ROW, HIGH = 15, 31, 20  # from column to column, from row to row, and a box
LETTER, LARGE = 6.7, 7.4  # widths of a letter at most, of a line and of a name
FLOORS = {  # what rooms have in common: the first of them, the last, a colour on white, on black
    "for all": ("micro", "versions", "#6e7781", "#9198a1"),
    "the heart": ("nn", "expansion", "#0969da", "#58a6ff"),
    "growing and training": ("growth", "export", "#1a7f37", "#3fb950"),
    "compiled": ("kernels", "kernels", "#8250df", "#bc8cff"),
    "around it": ("equations", "report", "#9a6700", "#d29922"),
    "measuring, teaching": ("experiments", "course", "#bc4c00", "#f0883e"),
    "doors": ("commands", "__init__", "#bf3989", "#f778ba"),
}
INKS = {"paper": ("#ffffff", "#0d1117"), "ink": ("#1f2328", "#e6edf3")}
THIN = ("#d0d7de", "#3d444d")
FONTS = """
text { font-family: system-ui, "Segoe UI", "DejaVu Sans", sans-serif; font-size: 12px }
.name { font-family: ui-monospace, "DejaVu Sans Mono", monospace; font-weight: 600 }
"""
HINTS = (
    "From a room follow its line to the left, and from a dot the line up: it imports from the room "
    "there.",
    "A larger dot stands for more imports; no arrow leads down. Inside functions alone, where a "
    "kernel stands in for its twin,",
    "there are stairs down to kernels/, from {}. Which colour is which floor:",
)


class House(NamedTuple):
    """What is drawn.

    Attributes
    ----------
    rooms : tuple of str
        In order.
    lines : dict
        Room to what it holds.
    uses : dict
        (room, one that it imports from) to the number of imports.
    stairs : tuple of str
        The rooms with functions that load kernels.
    """

    rooms: tuple
    lines: dict
    uses: dict
    stairs: tuple


def house():
    """The house of sennpy/, as its files are now."""
    folder = ROOT / "sennpy"
    files = {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(folder.rglob("*.py"))
    }
    pairs = ((file, to) for file, targets in arrows.arrows(files).items() for to in targets)
    uses = Counter((arrows.room_of(file), arrows.room_of(to)) for file, to in pairs)
    uses = {pair: number for pair, number in uses.items() if pair[0] != pair[1]}
    stairs = {
        arrows.room_of(file)
        for file in files
        for name, inside in arrows.imports(files, file)
        if inside and arrows.room_of(arrows.file_of(files, name) or file) == "kernels"
    } - {"kernels"}
    rooms = tuple(room for room in arrows.ORDER if room in set(map(arrows.room_of, files)))
    lines = {room: line_of(room, files) for room in rooms}
    return House(rooms, lines, uses, tuple(room for room in rooms if room in stairs))


def file_name(room):
    """How a room is called in the picture: by its folder or its file."""
    if room == "switch":
        return "kernels/__init__.py"
    return f"{room}/" if (ROOT / "sennpy" / room).is_dir() else f"{room}.py"


def line_of(room, files):
    """What a room holds: the first paragraph of its docstring; the second of the switch's."""
    name = file_name(room)
    text = ast.get_docstring(ast.parse(files[f"{name}__init__.py" if name[-1] == "/" else name]))
    first, *rest = text.split("\n\n")
    told = rest[0].partition(";")[0].rstrip(":`") + "." if room == "switch" else first
    return told.replace("\n", " ").replace("`", "")


# --- Where things stand --------------------------------------------------------------------------


def column(i):
    """x of the line that leads up to room i."""
    return EDGE + i * STEP + STEP / 2


def row(i):
    """y of the line that leads to the left of room i."""
    return TOP + i * ROW


def floor_of(room):
    """The number of the floor on which a room lies."""
    place = arrows.ORDER.index
    for number, (first, last, *_) in enumerate(FLOORS.values()):
        if place(first) <= place(room) <= place(last):
            return number
    raise ValueError(f"the room {room!r} lies on no floor: house.FLOORS must name it.")


def size(number):
    """The radius of a dot for so many imports."""
    return 2 + 0.7 * math.log2(number)


def height(rooms):
    """Of the whole picture."""
    return row(len(rooms)) + 76


# --- Drawing -------------------------------------------------------------------------------------


def style():
    """Fonts, and the colours by day and by night."""
    return f"{FONTS}{rules(0)}\n@media (prefers-color-scheme: dark) {{\n{rules(1)}\n}}\n"


def rules(night):
    """The colours, by day 0 or by night 1."""
    lines = [f".{name} {{ fill: {colours[night]} }}" for name, colours in INKS.items()]
    lines.append(f".thin {{ stroke: {THIN[night]}; fill: none }}")
    for i, (_, _, *colours) in enumerate(FLOORS.values()):
        lines.append(f".f{i} {{ fill: {colours[night]}; stroke: {colours[night]} }}")
    return "\n".join(lines)


def lines_between(i, room, found):
    """The lines of a room: to the left as far as what it uses, and down as far as its users."""
    used = [column(found.rooms.index(b)) for a, b in found.uses if a == room]
    users = [row(found.rooms.index(a)) for a, b in found.uses if b == room]
    x, y = column(i), row(i)
    parts = []
    if used:
        parts.append(f'<path class="thin" d="M{x - STEP / 2:g} {y}H{min(used):g}"/>')
    if users:
        top, kind = y + HIGH / 2, f"f{floor_of(room)}"
        parts.append(f'<path class="{kind}" opacity="0.45" d="M{x:g} {top + 5:g}V{max(users)}"/>')
        parts.append(f'<path class="{kind}" d="M{x:g} {top + 1:g}l3 5h-6z"/>')
    return parts


def dot(a, b, number, rooms):
    """An arrow's bend: where the line of a room meets that of one it imports from."""
    x, y = column(rooms.index(b)), row(rooms.index(a))
    times = f"{number} import{'s' * (number > 1)}"
    return (
        f'<circle class="f{floor_of(b)}" data-from="{a}" data-to="{b}" cx="{x:g}" cy="{y}" '
        f'r="{size(number):.1f}"><title>{a} uses {b}: {times}</title></circle>'
    )


def box(i, room, line):
    """A room: its name in a box, and beside it what it holds."""
    name, x, y = file_name(room), column(i) - STEP / 2, row(i)
    wide = LARGE * len(name) + 12
    at, kind = x + wide + 8, f"f{floor_of(room)}"
    told = wrap(line, int((WIDE - EDGE - at) / LETTER))
    start = y + 4 - 7 * (len(told) - 1)
    return [
        f'<rect class="{kind}" fill-opacity="0.16" x="{x:g}" y="{y - HIGH // 2}" '
        f'width="{wide:g}" height="{HIGH}" rx="5"/>',
        f'<text class="name ink" x="{x + 6:g}" y="{y + 4}">{name}</text>',
        *(f'<text class="ink" x="{at:g}" y="{start + 14 * k}">{escape(part)}</text>'
          for k, part in enumerate(told)),
    ]  # fmt: skip


def legend(found):
    """How the picture is read, and what the colours are."""
    top, x = row(len(found.rooms)) + 4, EDGE
    hints = "\n".join(HINTS).format(", ".join(found.stairs)).split("\n")
    parts = [f'<text class="ink" x="{EDGE}" y="{top + 18 * k}">{hint}</text>'
             for k, hint in enumerate(hints)]  # fmt: skip
    for i, name in enumerate(FLOORS):
        parts.append(f'<circle class="f{i}" cx="{x + 5:g}" cy="{top + 54}" r="5"/>')
        parts.append(f'<text class="ink" x="{x + 15:g}" y="{top + 58}">{name}</text>')
        x += 34 + LETTER * len(name)
    return parts


def in_words(found):
    """The picture as text, for those who do not see it."""
    told = ["Rooms in order; each imports only from rooms before it."]
    for room in found.rooms:
        used = [b for b in found.rooms if (room, b) in found.uses]
        told.append(f"{room} imports from {', '.join(used) or 'no other'}.")
    told.append(f"Functions of {', '.join(found.stairs)} load kernels.")
    return " ".join(told)


def drawing(found=None):
    """The house as SVG; the one that is there, if none is given."""
    found = found or house()
    high = height(found.rooms)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {high}" width="{WIDE}" '
        f'height="{high}" role="img" aria-labelledby="title desc">',
        '<title id="title">The house: which room of sennpy imports from which</title>',
        f'<desc id="desc">{escape(in_words(found))}</desc>',
        f"<style>{style()}</style>",
        f'<rect class="paper" width="{WIDE}" height="{high}"/>',
    ]
    for i, room in enumerate(found.rooms):
        parts += lines_between(i, room, found)
    order = found.rooms.index
    pairs = sorted(found.uses.items(), key=lambda item: tuple(map(order, item[0])))
    parts += [dot(a, b, number, found.rooms) for (a, b), number in pairs]
    for i, room in enumerate(found.rooms):
        parts += box(i, room, found.lines[room])
    return "\n".join([*parts, *legend(found), "</svg>", ""])
