"""Whether an experiment that was run again gives the numbers on record."""

from typing import NamedTuple

# What other versions may change: sums are rounded otherwise, which moves the point where a search
# stops climbing, and with it what is trained from there; 1e-6 has been seen.
RELATIVE, ABSOLUTE = 1e-4, 1e-12
APART = ("command", "versions")  # compared by other means
GIVEN = ("preset", "seed", "settings", "data", "skipped", "cores")  # not measured
LONGEST = 200  # characters of a value that are shown
# A search climbs to one of many maxima that are nearly as high; which one, rounding can decide.
# With other versions, therefore, a proposal counts by where it is and whether it was chosen.
PROPOSALS, DECISIONS = ("candidate", "candidates"), ("kind", "place", "chosen", "length")


class Part(NamedTuple):
    """How one part of a record compares.

    Attributes
    ----------
    name : str
        Such as "runs" or "history.epochs".
    values : int
        How many are on record, without those that time decides.
    differences : tuple of str
        One sentence for each value that does not agree.
    largest : float
        Largest difference of two numbers, relative to the larger; whether it is tolerated or not.
    measured : int
        How many of the values are numbers that were measured, and must agree.
    """

    name: str
    values: int
    differences: tuple
    largest: float
    measured: int


def agreement(recorded, again, exact):
    """Compare two records, the nested dicts and lists that JSON gives.

    Entries whose name is or ends in "seconds" are left out, as are `APART`; a name that only
    `again` has is no difference, so that later versions may record more.

    Parameters
    ----------
    recorded, again : dict
    exact : bool
        Whether all values must be equal. If not, floats may differ by `RELATIVE` of the larger and
        `ABSOLUTE`, and of `PROPOSALS` only `DECISIONS` must be equal.

    Returns
    -------
    list of Part
    """
    before, now = dict(leaves(recorded)), dict(leaves(again))
    parts = {}
    for path, value in before.items():
        found = parts.setdefault(part_of(recorded, path), ([], [], [0.0], []))
        values, differences, largest, measured = found
        demanded = exact or path[-1] in DECISIONS or not set(PROPOSALS) & set(path)
        values.append(value)
        measured.append(demanded and is_number(value) and is_measured(path))
        if path not in now:
            differences.append(f"{spelled(path)}: {shown(value)} on record, nothing now")
            continue
        largest.append(distance(value, now[path]))
        if demanded and not agree(value, now[path], exact):
            differences.append(f"{spelled(path)}: {shown(value)} on record, {shown(now[path])} now")
    return [
        Part(name, len(values), tuple(differences), max(largest), sum(measured))
        for name, (values, differences, largest, measured) in parts.items()
    ]


def is_measured(path):
    """Whether what a path leads to was measured; lengths of lists were not."""
    return path[0] not in GIVEN and path[-1] != "length"


def shown(value):
    """A value as one would write it, cut off where it is long."""
    text = repr(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."


def leaves(value, path=()):
    """(path, value) of everything in nested dicts and lists, and of each list its length."""
    if isinstance(value, dict):
        for key, item in value.items():
            if not (key.endswith("seconds") or (not path and key in APART)):
                yield from leaves(item, (*path, key))
    elif isinstance(value, list):
        yield (*path, "length"), len(value)
        for i, item in enumerate(value):
            yield from leaves(item, (*path, i))
    else:
        yield path, value


def part_of(record, path):
    """The part that a path belongs to: its first name, or two where the first holds only lists."""
    first = record[path[0]]
    if isinstance(first, dict) and all(isinstance(item, list) for item in first.values()):
        return f"{path[0]}.{path[1]}"
    return path[0]


def spelled(path):
    """A path as one would write it: history.epochs[3].loss."""
    words = [f"[{step}]" if isinstance(step, int) else f".{step}" for step in path]
    return "".join(words).removeprefix(".")


def is_number(value):
    """Whether a value of a JSON file is a number; true and false are none."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def distance(a, b):
    """|a - b| relative to the larger; 0 for what is no number."""
    if not (is_number(a) and is_number(b)) or a == b:
        return 0.0
    return abs(a - b) / max(abs(a), abs(b))


def agree(a, b, exact):
    """Whether two values agree."""
    if exact or not (is_number(a) and is_number(b)) or (isinstance(a, int) and isinstance(b, int)):
        return a == b and isinstance(a, bool) == isinstance(b, bool)
    return abs(a - b) <= RELATIVE * max(abs(a), abs(b)) + ABSOLUTE
