"""What a command has done so far, in a folder: it is not lost, and not done again.

    FOLDER/origin.json     what it is of
    FOLDER/rows/NAME.json  the numbers of a run that has ended, a file a run
    FOLDER/runs/NAME/      the state of a training, and networks that its figure shows

Each file is written whole. A run's state and networks are written before its row.
"""

import json
import re
import shutil
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ..nn.mlp import MLP
from ..training.checkpoint import load, save
from ..training.resuming import differences, nameless
from ..writing import plain, write_text
from .interruption import ASKED

FORMAT = "sennpy runs 1"  # the number goes up when a folder of before can no longer be gone on from
SELDOM = 10**9  # epochs from state to state, where only the last is wanted


@dataclass(frozen=True)
class Kept:
    """Where one run keeps what it has done.

    Parameters
    ----------
    folder : Path
    every : int
        Epochs from one state that is written to the next.
    """

    folder: Path
    every: int = SELDOM

    def part(self, name):
        """That of one of several trainings of the run."""
        return Kept(self.folder / name, self.every)

    @property
    def state(self):
        """The file of the state of the training."""
        return self.folder / "state"

    def fit(self, senn, net, X, t, validation=None, callback=None):
        """`SENN.fit`, or `SENN.resume` where there is a state; as it ends, so ends the process.

        Raises
        ------
        KeyboardInterrupt
            After the epoch under way and its growth, with the `state`, if the process was asked to
            end.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        fit = None

        def told(network, record):
            said = None if callback is None else callback(network, record)
            return said or ASKED.by is not None

        try:
            with ASKED.patiently():
                if self.state.exists():
                    fit = senn.resume(self.state, X, t, validation, told, every=self.every)
                else:
                    fit = senn.fit(net, X, t, validation, told, None, None, self.state, self.every)
        except KeyboardInterrupt as error:
            if fit is not None:
                error.state = fit.state
            raise
        return fit

    def write(self, name, value):
        """Keep a network or plain values; equal ones give equal files, however often."""
        if isinstance(value, MLP):
            save(value, self.folder / name)
        else:
            write_text(self.folder / f"{name}.json", json.dumps(value))

    def read(self, name, default=None):
        """What was kept under a name, or `default` if nothing was."""
        if (self.folder / name).exists():
            return load(self.folder / name)
        path = self.folder / f"{name}.json"
        return read_json(path) if path.exists() else default


def trained(kept, senn, net, X, t, validation=None, callback=None):
    """`Kept.fit`, or `SENN.fit` if `kept` is None.

    Returns
    -------
    network : MLP
    history : History
    seconds : float
        That the training took: its epochs and looks. Interruptions, validation and what callbacks
        do with epochs are apart.
    """
    fit = senn.fit if kept is None else partial(kept.fit, senn)
    ended = fit(net, X, t, validation, callback)
    return ended.network, ended.history, ended.state.seconds


@dataclass(frozen=True)
class Store:
    """What a command has done so far, see above.

    Parameters
    ----------
    folder : Path
    every : int
        As in `Kept`.
    """

    folder: Path
    every: int = SELDOM

    @property
    def options(self):
        """The words of the command line that go on from here."""
        return ["--checkpoint", str(self.folder), "--resume"]

    @classmethod
    def begun(cls, folder, origin, every=SELDOM):
        """A new store; ValueError if the folder holds anything."""
        if is_store(folder):
            raise ValueError(
                f"{folder} holds what a call has kept: --resume goes on from it; else name another "
                "folder."
            )
        if any(path.suffix != ".partial" for path in folder.glob("*")):
            raise ValueError(f"{folder} holds other things: name another folder, or a new one.")
        folder.mkdir(parents=True, exist_ok=True)
        write_text(folder / "origin.json", json.dumps(as_origin(origin), indent=1) + "\n")
        return cls(folder, every)

    @classmethod
    def resumed(cls, folder, origin, every=SELDOM):
        """The store that a folder holds.

        Raises
        ------
        FileNotFoundError
            If it holds none.
        ValueError
            If it is of other options, settings, data or versions, which are named, damaged, or in
            a format that this version does not know.
        """
        if not is_store(folder):
            raise FileNotFoundError(
                f"{folder} holds nothing to go on from; without --resume it is begun anew."
            )
        there, here = read_json(folder / "origin.json"), as_origin(origin)
        found = there.get("format") if isinstance(there, dict) else None
        if found != FORMAT:
            raise ValueError(
                f"{folder} has the format {found!r}, expected {FORMAT!r}: it was written by a "
                "newer version of sennpy."
            )
        names = dict.fromkeys([*here, *there])
        lines = [
            line for name in names for line in differences(name, there.get(name), here.get(name))
        ]
        if lines:
            raise ValueError(
                f"{folder} is of another call: {'; '.join(lines)}. Go on as it was begun, or begin "
                "anew in another folder."
            )
        return cls(folder, every)

    def run(self, name):
        """The `Kept` of a run."""
        return Kept(self.folder / "runs" / as_name(name), self.every)

    def row(self, name):
        """The file of the numbers of a run."""
        return self.folder / "rows" / f"{as_name(name)}.json"

    def put(self, name, row, whole=False):
        """Keep the numbers of a run that has ended; of a `whole` run its state and networks, too.

        Returns
        -------
        dict
            As `rows` will give it.
        """
        text = json.dumps(row)
        write_text(self.row(name), text)
        if not whole:
            shutil.rmtree(self.run(name).folder, ignore_errors=True)
        return json.loads(text)

    def rows(self, names):
        """Names to the numbers of those runs that have ended; ValueError for a damaged file."""
        return {name: read_json(self.row(name)) for name in names if self.row(name).exists()}

    def told(self):
        """In words, what it holds; "" if that is nothing."""
        rows = {path.stem for path in self.folder.glob("rows/*.json")}
        begun = {path.name for path in self.folder.glob("runs/*") if any(path.rglob("state"))}
        parts = [(rows, "{} that ended"), (begun - rows, "{} under way")]
        told = [words.format(counted(len(names))) for names, words in parts if names]
        return " and ".join(told)

    def remove(self):
        """Remove the folder."""
        shutil.rmtree(self.folder, ignore_errors=True)


class Seen:
    """What a figure shows, by name: networks and plain values, of this process or kept before."""

    def __init__(self, kept):
        self.kept, self.here = kept, {}

    def __setitem__(self, name, value):
        self.here[name] = value
        if self.kept is not None:
            self.kept.write(name, value)

    def __getitem__(self, name):
        return self.here[name] if name in self.here else self.kept.read(name)


def name_of(addition):
    """A name for an addition of a training; none other has it."""
    return f"addition-{addition.epoch}-{addition.together}"


def counted(number):
    """1 run, 2 runs."""
    return f"{number} run{'s' * (number != 1)}"


def as_origin(origin):
    """An origin in the plain values that a file gives back."""
    return json.loads(json.dumps(nameless(plain({"format": FORMAT} | origin))))


def is_store(folder):
    """Whether a folder is one of a store."""
    return (folder / "origin.json").is_file()


def as_name(name):
    """A name as one of a file, on any system."""
    return re.sub(r"[^A-Za-z0-9.=-]+", "_", str(name))


def read_json(path):
    """The content of a JSON file; ValueError that names it if it is none."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (RecursionError, ValueError) as error:
        raise ValueError(f"{path} is damaged: it is not JSON ({error}).") from error
