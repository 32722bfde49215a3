"""How something is timed, and what is told of it.

A line is judged by a ratio within one run: to its NumPy twin, to what cannot be saved, or to the
yardstick, which is timed before, between and after its rounds. Seconds stand beside it, and depend
on the machine. Where the yardstick says that the machine was too busy, nothing is judged.

Wanted ratios are those of figures/bench.json from a quiet machine, times 1.3 at most, and never
looser than the seconds that were wanted before there were ratios; a twin or a floor is preferred
to the yardstick, since it asks the same of the machine as what is judged. Seconds of whole runs and
of first compilations became yardsticks by the 3.5 ms that one takes on that machine.
"""

import os
import subprocess
import sys
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median

from .yardstick import too_busy, yardstick

REPOSITORY = Path(__file__).parents[2]


@dataclass
class Timing:
    """One line of the bench.

    Attributes
    ----------
    name : str
    what : str
        What is timed, in words, with its sizes.
    seconds : list of float
        One for each repetition, after one that is not counted.
    yard_seconds : list of float
        The yardstick's, taken while this line was measured, its twin and floor included.
    units : list of float
        Each repetition in yardsticks, by those right before and after it.
    against : "twin", "floor", "yardstick" or ""
        What it is judged by; "" is not at all.
    wanted : float or None
        The median is to be at most so many times that.
    twin_seconds : float or None
        The NumPy twin's time for the same work.
    floor_seconds : float or None
        Time of what cannot be saved, said in `floor`.
    floor : str
    numbers : dict
        What was counted or found; equal in each run.
    """

    name: str
    what: str
    seconds: list
    yard_seconds: list
    units: list
    against: str = ""
    wanted: float | None = None
    twin_seconds: float | None = None
    floor_seconds: float | None = None
    floor: str = ""
    numbers: dict = field(default_factory=dict)

    @property
    def ratio(self):
        """The median over what it is judged by; None where it is not judged."""
        middle = median(self.seconds)
        return {
            "twin": lambda: middle / self.twin_seconds,
            "floor": lambda: middle / self.floor_seconds,
            "yardstick": lambda: median(self.units),
            "": lambda: None,
        }[self.against]()

    def verdict(self, on_record=None):
        """ "ok", "MISSED", "too busy to tell", or "" for what is not judged.

        on_record : seconds of the yardstick on this machine when it was quiet, if they are known.
        """
        if self.wanted is None:
            return ""
        if too_busy(self.yard_seconds, on_record):
            return "too busy to tell"
        return "ok" if self.ratio <= self.wanted else "MISSED"

    def as_dict(self, on_record=None):
        """Plain values for JSON; names of times, and of what follows from them, hold "seconds"."""
        content = asdict(self)
        content["spread_seconds"] = [min(self.seconds), median(self.seconds), max(self.seconds)]
        content["units_seconds"] = content.pop("units")
        content["ratio_seconds"] = self.ratio
        content["verdict_seconds"] = self.verdict(on_record)
        content["busy_seconds"] = too_busy(self.yard_seconds, on_record)
        return content

    def row(self, on_record=None):
        """Cells of the printed table."""
        low, middle, high = min(self.seconds), median(self.seconds), max(self.seconds)
        of = {"floor": self.floor}.get(self.against, self.against)
        return [
            self.name,
            "" if self.ratio is None else f"{times(self.ratio)} {of}",
            "" if self.wanted is None else times(self.wanted),
            self.verdict(on_record),
            f"{spelled(middle)} ({spelled(low)} to {spelled(high)})",
            "" if self.twin_seconds is None else spelled(self.twin_seconds),
            "" if self.floor_seconds is None else f"{middle / self.floor_seconds:.1f} x",
            f"{median(self.units):.3g}",
        ]


HEADER = ["", "ratio", "wanted at most", "", "median (range)", "NumPy twin", "of the floor",
          "in yardsticks"]  # fmt: skip


class Clock:
    """Times with the yardstick before, between and after.

    Parameters
    ----------
    repeat : int
        Rounds of each timing.
    yard : callable
        Gives the seconds of the yardstick.
    """

    def __init__(self, repeat, yard=yardstick):
        self.repeat, self.yard, self.yards = repeat, yard, []

    def measure(self):
        """Seconds of the yardstick now, which are kept."""
        self.yards.append(self.yard())
        return self.yards[-1]

    def rounds(self, call, repeat):
        """Seconds that each call took, as it says itself, and the same in yardsticks around it."""
        seconds, units, before = [], [], self.measure()
        for _ in range(repeat):
            seconds.append(call())
            after = self.measure()
            units.append(2 * seconds[-1] / (before + after))
            before = after
        return seconds, units

    def timed(self, function, number=1, repeat=None):
        """(seconds, units) of a call: rounds of `number` calls, after one call."""
        function()

        def call():
            return once(lambda: [function() for _ in range(number)]) / number

        return self.rounds(call, repeat or self.repeat)

    def least(self, function, number=1, repeat=None):
        """The least seconds of a call: of a twin or a floor."""
        return min(self.timed(function, number, repeat)[0])

    def once(self, function):
        """Seconds of one call, the first."""
        return self.rounds(lambda: once(function), 1)[0][0]

    def fresh(self, code, repeat=None, warm=True):
        """(seconds, units) of running code in fresh processes, and what the last one printed."""
        said = [fresh(code, 1, warm=False)[1]] if warm else []

        def call():
            seconds, heard = fresh(code, 1, warm=False)
            said.append(heard)
            return seconds[0]

        return *self.rounds(call, repeat or self.repeat), said[-1]

    def timing(self, name, what, seconds, units, **more):
        """A `Timing` with the yardsticks taken since the one before."""
        yards, self.yards = self.yards, []
        return Timing(name, what, seconds, yards, units, **more)


def timed(function, repeat, number=1):
    """Seconds of a call, for each of `repeat` rounds of `number` calls, after one call."""
    function()
    return [once(lambda: [function() for _ in range(number)]) / number for _ in range(repeat)]


def once(function):
    """Seconds of one call."""
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def spelled(seconds):
    """Seconds in the unit that suits them."""
    if seconds < 1e-3:
        return f"{seconds * 1e6:.0f} us"
    return f"{seconds * 1e3:.3g} ms" if seconds < 1 else f"{seconds:.3g} s"


def times(ratio):
    """A ratio as one says it: 1/23 or 1.7 x."""
    return f"1/{1 / ratio:.3g}" if ratio < 0.5 else f"{ratio:.3g} x"


def fresh(code, repeat, warm=True, folder=REPOSITORY, **environment):
    """Seconds of running code in fresh processes, and what the last one printed.

    They import the package that lies in `folder`.
    """
    command = [sys.executable, "-c", code]
    environment = {**os.environ, "PYTHONPATH": str(folder), **environment}

    def call():
        done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=folder)
        if done.returncode:
            raise RuntimeError(f"python -c {code!r} failed: {done.stderr.strip()}")
        return done.stdout

    if warm:
        call()
    seconds = []
    for _ in range(repeat):
        start = time.perf_counter()
        said = call()
        seconds.append(time.perf_counter() - start)
    return seconds, said
