"""Callbacks of `SENN.fit` that people expect: each a few lines on the network and the record.

A callback is called as callback(net, record) with each `EpochRecord`, `LookRecord` and
`AdditionRecord`; one that returns True ends the training after the epoch under way. What a callback
knows of the past is in the callback, not in the state: a training that goes on in another process
tells it by `history`, or leaves it to begin afresh.
"""

import json
import sys
from pathlib import Path
from typing import ClassVar

import numpy as np

from ..growth.record import LookRecord
from ..validation import as_callable, as_count, as_number
from ..writing import check_writable, finite, write_text
from .checkpoint import save
from .history import AdditionRecord, EpochRecord, History, plain


class Callbacks:
    """Several callbacks as one: each hears of every record, and the training ends when one asks.

    Parameters
    ----------
    callbacks : sequence of callable

    Raises
    ------
    TypeError
        If it is no sequence, or holds what cannot be called.
    """

    def __init__(self, callbacks):
        if not isinstance(callbacks, (list, tuple)):
            raise TypeError(f"callbacks is {callbacks!r}, expected a list of callables.")
        self.callbacks = [as_callable(f"callbacks[{i}]", c) for i, c in enumerate(callbacks)]

    def __call__(self, net, record):
        said = [callback(net, record) for callback in self.callbacks]
        return any(isinstance(one, (bool, np.bool_)) and one for one in said)


class Print:
    """Prints a line every so many epochs, for each addition, and for looks that made none.

    Parameters
    ----------
    every : int
        Epochs from one line to the next.
    file : file object, optional
        Else what stdout is then.
    """

    def __init__(self, every=10, file=None):
        self.every, self.file = as_count("every", every), file

    def __call__(self, net, record):
        if isinstance(record, EpochRecord):
            line = self.epoch(record) if record.epoch % self.every == 0 else ""
        elif isinstance(record, LookRecord) and any(c.chosen for c in record.candidates):
            line = ""  # its addition comes next
        else:
            line = str(record)
        if line:
            print(line, file=self.file or sys.stdout)

    def epoch(self, record):
        """The line of an epoch."""
        line = f"epoch {record.epoch:4d}    loss {record.loss:.4g}, sizes {list(record.sizes)}"
        if record.validation_loss is not None:
            line += f", validation loss {record.validation_loss:.4g}"
        if record.validation_accuracy is not None:
            line += f", accuracy {record.validation_accuracy:.4f}"
        return line


class Progress:
    """A bar that tells how far the training is, by tqdm; it stands still once the last is done.

    Parameters
    ----------
    epochs : int
        The last, as in `Settings.epochs`.
    file : file object, optional
        Else stderr.

    Raises
    ------
    ModuleNotFoundError
        If there is no tqdm.
    """

    def __init__(self, epochs, file=None):
        try:
            from tqdm import tqdm
        except ModuleNotFoundError as error:
            raise ModuleNotFoundError(
                "Progress draws its bar by tqdm, which is not installed (pip install tqdm); Print "
                "needs nothing."
            ) from error
        self.epochs, self.file, self.tqdm = as_count("epochs", epochs), file, tqdm
        self.bar = None

    def __call__(self, net, record):
        if not isinstance(record, EpochRecord):
            return
        if self.bar is not None and record.epoch <= self.bar.n:  # of another training
            self.close()
        if self.bar is None:
            self.bar = self.tqdm(
                total=self.epochs, initial=record.epoch - 1, unit="epoch", file=self.file
            )
        self.bar.set_postfix(loss=f"{record.loss:.3g}", sizes=str(record.sizes), refresh=False)
        self.bar.update()
        if record.epoch >= self.epochs:
            self.close()

    def close(self):
        """Leave the bar as it stands: for a training that ends before its last epoch."""
        if self.bar is not None:
            self.bar.close()
        self.bar = None


class EarlyStop:
    """Ends the training when the validation loss has not fallen for so many epochs.

    Parameters
    ----------
    patience : int
        Epochs in a row.
    least : float
        By which it must fall below the least so far to count, at least 0.
    history : History, optional
        Of the epochs before, where a training goes on.

    Attributes
    ----------
    best : float
        The least validation loss so far.
    waited : int
        Epochs since then.

    Raises
    ------
    ValueError
        When it is called, if there is no validation data.
    """

    def __init__(self, patience=10, least=0.0, history=None):
        self.patience = as_count("patience", patience)
        self.least = as_number("least", least, at_least=0)
        self.forget()
        if not isinstance(history, (History, type(None))):
            raise TypeError(f"history is of type {type(history).__name__}, expected a History.")
        for record in () if history is None else history.epochs:
            self(None, record)

    def forget(self):
        """Begin afresh, as it does by itself when an epoch comes again."""
        self.best, self.waited, self.epoch = float("inf"), 0, 0

    def __call__(self, net, record):
        if not isinstance(record, EpochRecord):
            return False
        if record.validation_loss is None:
            raise ValueError("EarlyStop needs validation data: fit(..., validation=(X, t)).")
        if record.epoch <= self.epoch:
            self.forget()
        falls = record.validation_loss < self.best - self.least
        self.best = record.validation_loss if falls else self.best
        self.waited, self.epoch = 0 if falls else self.waited + 1, record.epoch
        return self.waited >= self.patience


class TimeLimit:
    """Ends the training after so many seconds of it.

    They are those of `EpochRecord.seconds`: from the start, over all processes that it went
    through, interruptions, validation and callbacks apart. The epoch under way is finished.

    Parameters
    ----------
    seconds : float
        Positive.
    """

    def __init__(self, seconds):
        self.seconds = as_number("seconds", seconds, above=0)

    def __call__(self, net, record):
        return isinstance(record, EpochRecord) and record.seconds >= self.seconds


class Checkpoint:
    """Writes the network to a file as it trains; `load` reads it.

    What a training needs to go on is more: `fit(checkpoint=...)` writes that.

    Parameters
    ----------
    path : str or os.PathLike
        May hold {epoch}, so that each is kept; else each takes the place of the one before.
    every : int
        Epochs from one to the next. The network is that after the epoch's steps.
    best : bool
        Whether only networks are written that have the least validation loss so far.

    Raises
    ------
    ValueError
        When it is called, if `best` and there is no validation data.
    OSError
        If the file cannot be written.
    """

    def __init__(self, path, every=1, best=False):
        self.path, self.every, self.best = str(path), as_count("every", every), bool(best)
        self.least, self.epoch = float("inf"), 0

    def __call__(self, net, record):
        if not isinstance(record, EpochRecord):
            return
        if self.best and record.validation_loss is None:
            raise ValueError("best needs validation data: fit(..., validation=(X, t)).")
        if record.epoch <= self.epoch:
            self.least = float("inf")
        self.epoch = record.epoch
        if record.epoch % self.every or (self.best and record.validation_loss >= self.least):
            return
        self.least = record.validation_loss
        save(net, self.path.replace("{epoch}", str(record.epoch)))


class LogLines:
    """Writes a line for each record as it comes: JSON, or a table of the epochs as CSV.

    Parameters
    ----------
    path : str or os.PathLike
        Ends in .jsonl, for all records, or in .csv, for epochs alone.
    go_on : bool
        Whether to keep what stands in the file of earlier epochs, where a training goes on; later
        lines go, for they are written again. Else a file of that name is replaced.

    Raises
    ------
    ValueError
        If the path ends otherwise.
    OSError
        If the file cannot be written.
    """

    COLUMNS: ClassVar = (
        "epoch", "loss", "eta", "lam", "sizes", "progress", "seconds", "validation_loss",
        "validation_accuracy",
    )  # fmt: skip
    KINDS: ClassVar = {EpochRecord: "epoch", LookRecord: "look", AdditionRecord: "addition"}

    def __init__(self, path, go_on=False):
        self.path, self.go_on, self.begun = Path(path), bool(go_on), None
        if self.path.suffix not in (".csv", ".jsonl"):
            raise ValueError(f"path is {str(path)!r}, expected one that ends in .csv or .jsonl.")
        check_writable(self.path)

    def __call__(self, net, record):
        if self.path.suffix == ".csv" and not isinstance(record, EpochRecord):
            return
        if self.begun is None or record.epoch < self.begun:
            self.begin(record)
        self.begun = record.epoch
        with open(self.path, "a", encoding="utf-8") as file:
            file.write(self.line(record) + "\n")

    def line(self, record):
        """A record as a line."""
        told = finite(plain(record))
        if self.path.suffix == ".jsonl":
            return json.dumps({"what": self.KINDS[type(record)], **told})
        told["sizes"] = "-".join(map(str, told["sizes"]))
        return ",".join("" if told[name] is None else str(told[name]) for name in self.COLUMNS)

    def begin(self, record):
        """The file before the first record: with the lines that are kept, or none."""
        keep_on = self.go_on or self.begun is not None
        kept = self.kept(record) if keep_on and self.path.exists() else []
        head = [",".join(self.COLUMNS)] if self.path.suffix == ".csv" else []
        write_text(self.path, "".join(f"{line}\n" for line in [*head, *kept]))

    def kept(self, record):
        """The lines of what came before a record; one that was not written whole is none."""
        found = []
        for line in self.path.read_text(encoding="utf-8").splitlines():
            try:
                told = json.loads(line) if self.path.suffix == ".jsonl" else csv_epoch(line)
            except ValueError:
                continue
            same = told["epoch"] == record.epoch and told["what"] == "epoch"
            if told["epoch"] < record.epoch or (same and not isinstance(record, EpochRecord)):
                found.append(line)
        return found


def csv_epoch(line):
    """The epoch of a line of a table; ValueError if it is not a whole one."""
    cells = line.split(",")
    if len(cells) != len(LogLines.COLUMNS):
        raise ValueError(line)
    return {"what": "epoch", "epoch": int(cells[0])}
