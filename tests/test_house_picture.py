"""The picture of the house shows the imports that are there, all of them and no others.

That notebooks/house.svg is what `make sheets` writes is held in test_course_true.py.
"""

import ast
import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import arrows
import house
import pytest
from test_colours import contrast

ROOT = Path(__file__).parents[1]
SVG = "{http://www.w3.org/2000/svg}"
PICTURE = ElementTree.fromstring((ROOT / "notebooks" / "house.svg").read_text(encoding="utf-8"))
DOTS = PICTURE.findall(f"{SVG}circle[@data-from]")
BOXES = [rect for rect in PICTURE.findall(f"{SVG}rect") if rect.get("rx")]
TEXTS = PICTURE.findall(f"{SVG}text")
NAMES = [text for text in TEXTS if "name" in text.get("class").split()]
PLACES = dict(zip(arrows.ORDER, BOXES, strict=True))


def numbers(thing, *names):
    return [float(thing.get(name)) for name in names]


def middle(box):
    """y of the line of a room."""
    y, high = numbers(box, "y", "height")
    return y + high / 2


def imported():
    """(room, room) of every import, read off the lines of the files, as a person would."""
    found = set()
    for file in sorted((ROOT / "sennpy").rglob("*.py")):
        inside = ("sennpy", *file.relative_to(ROOT / "sennpy").parts[:-1])
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.ImportFrom) or not node.level:
                continue
            path = [*inside[: len(inside) - node.level + 1], *(node.module or "").split(".")]
            for alias in node.names:
                found.add((file, tuple(part for part in [*path, alias.name] if part)[1:]))
    return {(room_of(file), room_to(path)) for file, path in found}


def room_of(file):
    parts = file.relative_to(ROOT / "sennpy").parts
    return "switch" if parts == ("kernels", "__init__.py") else parts[0].removesuffix(".py")


def room_to(path):
    """The room that a dotted path leads to; the switch is what no file of kernels/ holds."""
    compiled = {file.stem for file in (ROOT / "sennpy" / "kernels").glob("*.py")} - {"__init__"}
    return "switch" if path[0] == "kernels" and not set(path[1:2]) & compiled else path[0]


def test_every_arrow_is_an_import_and_every_import_an_arrow():
    drawn = [(dot.get("data-from"), dot.get("data-to")) for dot in DOTS]
    assert len(set(drawn)) == len(drawn) > 100
    between = {(a, b) for a, b in imported() if a != b}
    assert set(drawn) == {(a, b) for a, b in between if b != "kernels"}
    stairs = sorted(a for a, b in between if b == "kernels")
    assert f"kernels/, from {', '.join(stairs)}." in " ".join(text.text for text in TEXTS)


@pytest.mark.parametrize(
    "dot", DOTS, ids=lambda dot: f"{dot.get('data-from')}-{dot.get('data-to')}"
)
def test_a_dot_lies_left_of_one_room_and_below_the_other(dot):
    x, y = numbers(dot, "cx", "cy")
    a, b = PLACES[dot.get("data-from")], PLACES[dot.get("data-to")]
    assert y == middle(a) > middle(b) and x < float(a.get("x"))
    left, wide = numbers(b, "x", "width")
    assert left < x < left + wide
    assert crossed(x, y, upright=True) and crossed(x, y, upright=False)


def crossed(x, y, upright):
    """Whether a line runs through a point, upright or level."""
    for line in PICTURE.findall(f"{SVG}path"):
        way = re.fullmatch(r"M(\S+) (\S+)([HV])(\S+)", line.get("d"))
        if way and (way[3] == "V") == upright:
            start_x, start_y, end = map(float, way.group(1, 2, 4))
            aside, start, at, on = (start_x, start_y, x, y) if upright else (start_y, start_x, y, x)
            if aside == at and min(start, end) <= on <= max(start, end):
                return True
    return False


def test_rooms_are_stacked_in_their_order_and_bear_their_names():
    heights = [middle(box) for box in BOXES]
    assert heights == sorted(set(heights))
    names = [name.text.removesuffix(".py").removesuffix("/") for name in NAMES]
    assert ["switch" if name == "kernels/__init__" else name for name in names] == list(
        arrows.ORDER
    )


@pytest.mark.parametrize("room", arrows.ORDER)
def test_a_room_says_what_its_docstring_says_on_two_lines_at_most(room):
    y = middle(PLACES[room])
    beside = [t for t in TEXTS if t not in NAMES and abs(float(t.get("y")) - 4 - y) < 10]
    assert len(beside) in (1, 2)
    said = " ".join(text.text for text in beside)
    file = ROOT / "sennpy" / house.file_name(room)
    file = file / "__init__.py" if file.is_dir() else file
    docstring = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8")))
    assert said.rstrip(".") in re.sub(r"\s+", " ", docstring.replace("`", ""))
    assert len(said.split()) >= 3 or room == "__main__"


def test_all_that_is_written_lies_within_the_picture():
    wide, high = map(int, PICTURE.get("viewBox").split()[2:])
    assert wide == 900
    for text in TEXTS:
        x, y = numbers(text, "x", "y")
        assert x + house.LETTER * len(text.text) <= wide and y < high - 10, text.text


def test_who_does_not_see_it_is_told_and_nothing_is_fetched():
    told = {part: PICTURE.find(f"{SVG}{part}") for part in ("title", "desc")}
    assert PICTURE.get("role") == "img" and PICTURE.get("aria-labelledby") == "title desc"
    assert [told[part].get("id") for part in ("title", "desc")] == ["title", "desc"]
    for dot in DOTS:
        sentence = re.search(rf"\b{dot.get('data-from')} imports from ([^.]+)\.", told["desc"].text)
        assert dot.get("data-to") in sentence[1].split(", ")
    whole = ElementTree.tostring(PICTURE, encoding="unicode")
    assert "href" not in whole and "url(" not in whole and "<script" not in whole


def test_colours_can_be_told_by_day_and_by_night():
    day, night = house.style().split("@media", 1)
    rules = re.compile(r"\.(\w+) \{ (?:fill|stroke): (#\w{6})")
    for rule in (day, night):
        colours = dict(rules.findall(rule))
        assert len(set(colours.values())) == len(house.FLOORS) + 3
        assert contrast(colours["ink"], colours["paper"]) > 7
        for i in range(len(house.FLOORS)):
            assert contrast(colours[f"f{i}"], colours["paper"]) > 3


def test_one_import_more_is_one_dot_more():
    now = house.house()
    more = now._replace(uses=now.uses | {("cli", "micro"): 1})
    before, after = house.drawing(now), house.drawing(more)
    assert after.count("<circle") == before.count("<circle") + 1
    assert 'data-from="cli" data-to="micro"' in after


def test_a_room_on_no_floor_is_named(monkeypatch):
    monkeypatch.setattr(arrows, "ORDER", ("cellar", *arrows.ORDER))
    with pytest.raises(ValueError, match="'cellar' lies on no floor"):
        house.floor_of("cellar")
