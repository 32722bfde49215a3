"""States on disk: one .npz file of plain arrays and JSON, written whole, checked, never pickled."""

import hashlib
import json
from dataclasses import fields
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ..reading import Unreadable, refused
from ..validation import as_count, as_number
from ..writing import written_whole
from .checkpoint import arrays_of, history_from, network_from, opened
from .history import plain
from .levenberg import LevenbergMarquardt
from .optimiser import SGD, NaturalGradient, cannot_be_written
from .state import State

FORMAT = "sennpy state 1"  # the number goes up when a file of before can no longer be read
COUNTS = ("epoch", "looks", "looked", "idle", "still")
OURS = {kind.__name__: kind for kind in (LevenbergMarquardt, NaturalGradient, SGD)}


def save_state(state, path, optimiser, origin=None, known=None):
    """Write a `State` to a file, from which the training can go on as if it had never stopped.

    Parameters
    ----------
    state : State
    path : str or os.PathLike
        Used as it is; a file of that name is replaced once the new one is complete.
    optimiser : Optimiser
        Whose memory the state has.
    origin : dict, optional
        Plain values for JSON, kept along: what the training was of, see `Origin`.
    known : dict, optional
        Filled with the text of each record, so that who writes again with the same one saves time.

    Returns
    -------
    pathlib.Path
        Where it was written.

    Raises
    ------
    TypeError
        If the activation is not registered, or the optimiser's memory or the record holds what a
        file cannot keep.
    OSError
        If the file cannot be written.
    """
    arrays = []
    told = {name: getattr(state, name) for name in (*COUNTS, "generator", "seconds")}
    told |= {
        "best": None if state.best is None else state.best[0], "origin": origin,
        "memory": packed(optimiser.memory_as_plain(state.memory), "memory", arrays),
        "optimiser": type(optimiser).__name__,
    }  # fmt: skip
    try:
        rows = history_text(state.history, {} if known is None else known)
        text = f'{json.dumps(told)[:-1]}, "history": {rows}}}'
    except (TypeError, ValueError) as error:
        raise TypeError(f"the state cannot be written as JSON: {error}.") from error
    content = {"format": FORMAT, "told": np.frombuffer(text.encode(), np.uint8)}
    content |= prefixed("network", arrays_of(state.network))
    if state.best is not None:
        content |= prefixed("best", arrays_of(state.best[1]))
    content |= {f"memory_{i}": array for i, array in enumerate(arrays)}
    content = {name: np.asarray(value) for name, value in content.items()}
    with written_whole(path) as file:
        np.savez(file, **content, digest=digest(content))
    return Path(path)


def load_state(path, optimiser=None):
    """Read a `State` that `save_state` has written.

    Parameters
    ----------
    path : str or os.PathLike
    optimiser : Optimiser, optional
        Of the class whose memory the state has; needed for one of one's own.

    Returns
    -------
    State
        Equal to the bit; of the proposals in its history the file knows the scores alone.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is not such a file, of a format that this version does not know, damaged, or of
        another optimiser.
    """
    saved = read_state(path)
    if optimiser is None:
        if saved.optimiser not in OURS:
            raise ValueError(
                f"{path} holds the memory of the optimiser {saved.optimiser}; give it: "
                "load_state(path, optimiser)."
            )
        optimiser = OURS[saved.optimiser]()
    return saved.state(optimiser)


class Saved(NamedTuple):
    """A file of a state, read and known to be whole."""

    path: object
    arrays: dict
    told: dict

    @property
    def optimiser(self):
        """The name of the class of the optimiser."""
        return str(self.told.get("optimiser"))

    @property
    def origin(self):
        """What the training was of, or None."""
        return self.told.get("origin")

    def state(self, optimiser):
        """The `State`, with the memory of an optimiser."""
        if type(optimiser).__name__ != self.optimiser:
            raise ValueError(
                f"{self.path} holds the memory of the optimiser {self.optimiser}, not of "
                f"{type(optimiser).__name__}."
            )
        told, best = self.told, None
        with refused(self.path, "holds no state of a training"):
            network = self.network("network")
            if told["best"] is not None:
                best = told["best"], self.network("best")
            memory = optimiser.memory_from_plain(unpacked(told["memory"], self.arrays))
            counts = {name: as_count(name, told[name], at_least=0) for name in COUNTS}
            state = State(
                network=network, generator=told["generator"], memory=memory, best=best,
                history=history_from(told["history"]),
                seconds=as_number("seconds", told["seconds"], at_least=0), **counts,
            )  # fmt: skip
            state.rng()
            return state

    def network(self, whose):
        """One of the networks, its parameters in one piece of memory as a training has them."""
        net = network_from(
            {name.removeprefix(f"{whose}_"): array for name, array in self.arrays.items()
             if name.startswith(f"{whose}_")}
        )  # fmt: skip
        return net.astype(net.dtype)


def read_state(path):
    """The `Saved` of a file, or FileNotFoundError, ValueError as `load_state`."""
    what = "a checkpoint of a training, written"
    with opened(path, FORMAT, what) as archive, refused(path, "holds no state of a training"):
        check_parts(archive.headers)
        arrays = archive.read(set(archive.headers) - {"digest"})
        expected = archive.text("digest")
        if digest(arrays) != expected:
            raise Unreadable(f"{path} is damaged: it does not hold what was written to it.")
        told = json.loads(arrays["told"].tobytes())
        if not isinstance(told, dict):
            raise ValueError(f"it tells {type(told).__name__}")
        return Saved(path, arrays, told)


def check_parts(headers):
    """ValueError unless the names, types and shapes of arrays are those of a state."""
    if headers["told"].dtype != np.uint8:
        raise ValueError(f"what it tells has dtype {headers['told'].dtype}, expected uint8")
    known = {"format", "told", "digest", *(f"memory_{i}" for i in range(len(headers)))}
    for name in headers:
        if name not in known and not name.startswith(("network_", "best_")):
            raise ValueError(f"there is {name!r}, which is no part of it")


def history_text(history, known):
    """JSON of a History, its records' texts taken from `known` where it has them, else put there.

    A record is known by its id, and stays there so that no other can have that.
    """
    columns = []
    for field in fields(history):
        records = getattr(history, field.name)
        for record in records:
            if id(record) not in known:
                known[id(record)] = record, json.dumps(plain(record))
        rows = ", ".join(known[id(record)][1] for record in records)
        columns.append(f'"{field.name}": [{rows}]')
    return f"{{{', '.join(columns)}}}"


def prefixed(whose, arrays):
    """The arrays with a word before each name."""
    return {f"{whose}_{name}": array for name, array in arrays.items()}


def digest(arrays):
    """A checksum of arrays by name: their names, types, shapes and bytes."""
    found = hashlib.sha256()
    for name in sorted(arrays):
        array = np.asarray(arrays[name])
        found.update(repr((name, array.dtype.str, array.shape)).encode())
        found.update(array.tobytes())
    return found.hexdigest()


def packed(value, what, arrays):
    """Plain values for JSON of an optimiser's memory; its arrays are appended to `arrays`.

    Raises
    ------
    TypeError
        For what would come back as something else.
    """
    if value is None or type(value) in (bool, int, float, str):
        return value
    if isinstance(value, (np.ndarray, np.generic)) and value.dtype.kind in "biufc":
        arrays.append(np.asarray(value))
        return {"array" if isinstance(value, np.ndarray) else "number": len(arrays) - 1}
    if type(value) in (list, tuple):
        return {type(value).__name__: [packed(v, f"{what}[...]", arrays) for v in value]}
    if type(value) is dict and all(type(key) is str for key in value):
        return {"dict": {k: packed(v, f"{what}[{k!r}]", arrays) for k, v in value.items()}}
    raise TypeError(cannot_be_written(value, what))


def unpacked(value, arrays):
    """The memory that `packed` was given, from the arrays of the file."""
    if not isinstance(value, dict):
        return value
    ((kind, held),) = value.items()
    if kind == "dict":
        return {name: unpacked(item, arrays) for name, item in held.items()}
    if kind in ("list", "tuple"):
        return (list if kind == "list" else tuple)(unpacked(item, arrays) for item in held)
    array = arrays[f"memory_{held}"]
    return array[()] if kind == "number" else array
