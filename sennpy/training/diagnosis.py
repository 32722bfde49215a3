"""Signs in a record that a training grew badly: what they rest on, and what to turn.

Everything is read off the numbers of one record, by fixed bounds which healthy runs keep by far;
who has many runs measures instead (`sennpy study sensitivity`). Nothing is said of what is in
order.
"""

from .signs import (
    Finding,
    nothing_in_reach,
    too_fast,
    too_few,
    too_many,
    too_slow,
    unfinished,
    unstable,
)

__all__ = ["Finding", "diagnosis"]


def diagnosis(record):
    """What the record of a training shows to be wrong, and what to turn.

    Parameters
    ----------
    record : dict
        With "settings" (`Settings.as_dict`) and "history" (`History.as_dict`), as the experiments
        write them.

    Returns
    -------
    list of Finding
        In the order in which they should be mended; empty for a healthy run.

    Raises
    ------
    TypeError, ValueError
        If it is no such record.

    Notes
    -----
    Paper: section 7, what goes wrong and why: too slow (tau or alpha too high), too fast (too low),
    unstable (inserted layers).
    """
    settings, history = parts(record)
    if not history["epochs"]:
        return []
    try:
        signs = (unstable, nothing_in_reach, too_slow, unfinished, too_fast, too_many)
        found = [sign(settings, history) for sign in signs]
        if found[-2:] == [None, None]:  # who adds too much lacks no room
            found.append(too_few(settings, history))
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        raise ValueError(
            f"the history on record cannot be read ({type(error).__name__}: {error}), expected "
            "what History.as_dict writes."
        ) from None
    return [finding for finding in found if finding is not None]


def parts(record):
    """Settings and history of a record; TypeError or ValueError if it has none."""
    if not isinstance(record, dict):
        raise TypeError(f"record is a {type(record).__name__}, expected a dict.")
    for name, keys in (
        ("settings", ("acceptance", "cooldown", "optimiser")),
        ("history", ("epochs", "looks", "additions")),
    ):
        missing = [key for key in keys if key not in (record.get(name) or {})]
        if missing:
            raise ValueError(
                f"the record has no {name}[{missing[0]!r}]: expected what one training leaves, as "
                "in figures/half-moons.json."
            )
    return record["settings"], record["history"]
