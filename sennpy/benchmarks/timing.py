"""How something is timed, and what is told of it."""

import os
import subprocess
import sys
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median

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
    target_seconds : float or None
        What the project wants it to stay below.
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
    target_seconds: float | None = None
    twin_seconds: float | None = None
    floor_seconds: float | None = None
    floor: str = ""
    numbers: dict = field(default_factory=dict)

    def as_dict(self):
        """Plain values for JSON; names of times end in "seconds"."""
        content = asdict(self)
        content["spread_seconds"] = [min(self.seconds), median(self.seconds), max(self.seconds)]
        return content

    def row(self):
        """Cells of the printed table."""
        low, middle, high = min(self.seconds), median(self.seconds), max(self.seconds)
        verdict = ""
        if self.target_seconds is not None:
            verdict = "ok" if middle <= self.target_seconds else "MISSED"
        return [
            self.name,
            f"{spelled(middle)} ({spelled(low)} to {spelled(high)})",
            "" if self.target_seconds is None else spelled(self.target_seconds),
            verdict,
            "" if self.twin_seconds is None else spelled(self.twin_seconds),
            "" if self.floor_seconds is None else f"{middle / self.floor_seconds:.1f} x",
        ]


HEADER = ["", "median (range)", "wanted", "", "NumPy twin", "of the floor"]


def timed(function, repeat, number=1):
    """Seconds of a call, for each of `repeat` rounds of `number` calls, after one call."""
    function()
    seconds = []
    for _ in range(repeat):
        start = time.perf_counter()
        for _ in range(number):
            function()
        seconds.append((time.perf_counter() - start) / number)
    return seconds


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


def fresh(code, repeat, warm=True, **environment):
    """Seconds of running code in fresh processes, and what the last one printed."""
    command = [sys.executable, "-c", code]
    environment = {**os.environ, **environment}

    def call():
        done = subprocess.run(
            command, capture_output=True, text=True, env=environment, cwd=REPOSITORY
        )
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
