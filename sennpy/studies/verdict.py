"""What a study says of a claim, in one of four words, with the interval that it says so by."""

import math
from dataclasses import asdict, dataclass

HOLDS, IN_PART, DOES_NOT, OPEN = WORDS = ("holds", "holds in part", "does not", "not decided")

FEWEST = 3  # seeds by which anything is decided


@dataclass(frozen=True)
class Verdict:
    """A verdict on a claim.

    Parameters
    ----------
    claim : str
        Its id, as in `claims`.
    text : str
        What was measured, as a sentence or a part of one.
    estimate, low, high : float or None
        The measurement and its interval; None where there is none.
    verdict : str
        One of `WORDS`.
    seeds : int
        How many pairs or draws the interval is of.

    Raises
    ------
    ValueError
        If the word is not one of `WORDS`, or the estimate lies outside of its interval.
    """

    claim: str
    text: str
    estimate: float | None
    low: float | None
    high: float | None
    verdict: str
    seeds: int

    def __post_init__(self):
        if self.verdict not in WORDS:
            raise ValueError(f"verdict is {self.verdict!r}, expected one of {', '.join(WORDS)}.")
        numbers = (self.low, self.estimate, self.high)
        known = None not in numbers and not any(map(math.isnan, numbers))
        if known and not self.low <= self.estimate <= self.high:
            raise ValueError(
                f"the estimate {self.estimate} of {self.claim!r} lies outside of its interval "
                f"[{self.low}, {self.high}]."
            )

    def as_dict(self):
        """Plain values, as a JSON holds them."""
        return asdict(self)


def judged(claim, text, interval, least, seeds):
    """A `Verdict` on "at least `least`": by where the interval lies.

    Parameters
    ----------
    claim, text : str
    interval : Interval
    least : float
        "holds" if the whole interval reaches it, "does not" if none of it does, else "not decided".
    seeds : int
        Fewer than three decide nothing.

    Returns
    -------
    Verdict
    """
    estimate, low, high = map(float, interval)
    word = HOLDS if low >= least else DOES_NOT if high < least else OPEN
    if seeds < FEWEST:
        word = OPEN
    return Verdict(claim, text, estimate, low, high, word, seeds)
