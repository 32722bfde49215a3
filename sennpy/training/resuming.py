"""Trainings that outlive their process: what a checkpoint is of, and when it is written."""

import hashlib
import re
import warnings
from typing import NamedTuple

import numpy as np

from ..growth.named import proposer_named
from ..nn.activation import name_of
from ..validation import as_count
from ..versions import versions
from ..writing import check_writable, described, plain
from .errors import carry
from .saved import save_state
from .state import State

ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")  # of a function of one's own, in its repr
MISSING = object()


class Origin(NamedTuple):
    """What a training is of, in plain values.

    Attributes
    ----------
    settings, loss, data : dict
        Names, parameters; of arrays their type, shape and a checksum.
    end : int
        The epoch at which it was to end.
    every : int
        Epochs from one checkpoint to the next.
    versions : dict
        Of what numbers depend on to the last bit; for the reader, nothing is refused for them.
    """

    settings: dict
    loss: dict
    data: dict
    end: int
    every: int
    versions: dict

    @classmethod
    def of(cls, settings, loss, data, end, every):
        """The origin of a training on data (X, t, validation)."""
        ours = named(settings, loss)
        return cls(**ours, data=prints(data), end=int(end), every=int(every), versions=versions())

    @classmethod
    def read(cls, saved):
        """The origin in a `Saved` file, or ValueError if it has none."""
        found = saved.origin
        whole = isinstance(found, dict) and set(found) == set(cls._fields)
        if not whole or not all(
            isinstance(found[name], cls.__annotations__[name]) for name in cls._fields
        ):
            raise ValueError(
                f"{saved.path} does not tell what its training was of; load_state(path) reads the "
                "state, and fit(None, X, t, state=...) goes on from it."
            )
        return cls(**found)

    def check_settings(self, settings, loss, path):
        """ValueError that names what differs in settings or loss.

        All but `epochs`: a training that goes on may be longer than it was to be.
        """
        found = []
        for name, here in named(settings, loss).items():
            there = getattr(self, name)
            found += differences(name, *({**d, "epochs": None} for d in (there, here)))
        refuse(found, path)

    def check_data(self, data, path):
        """ValueError that names what differs in data (X, t, validation)."""
        found, here = [], prints(data)
        for name in {**self.data, **here}:
            found += of_data(name, self.data.get(name), here.get(name))
        refuse(found, path)


def named(settings, loss):
    """Settings and loss by names and parameters, in plain values."""
    told = settings.as_dict() | {"proposer": proposer_named(settings.proposer).as_dict()}
    return {"settings": nameless(plain(told)), "loss": nameless(described(loss))}


def prints(data):
    """The `fingerprint` of each array of data (X, t, validation), by name."""
    X, t = (None, None) if data.validation is None else data.validation
    arrays = {"X": data.X, "t": data.t, "validation X": X, "validation t": t}
    return {name: fingerprint(array) for name, array in arrays.items() if array is not None}


def refuse(found, path):
    """ValueError with the differences that were found, if any were."""
    if found:
        raise ValueError(
            f"{path} is of another training: {'; '.join(found)}. To go on all the same: "
            "fit(None, X, t, state=load_state(path))."
        )


class Keeper:
    """Writes the states of a training to a file as they come; a context that writes the last one.

    Should the training fail or be interrupted, the error carries the last good state, and that is
    what is written. Without a path nothing is.
    """

    def __init__(self, path, optimiser, origin, state):
        self.path, self.optimiser, self.origin = path, optimiser, origin
        self.state, self.written = state, None
        self.writing, self.known = False, {}

    @classmethod
    def of(cls, path, every, senn, data, state, end):
        """A keeper of a training by a `SENN`, once it is known that it can write; else an error."""
        every = as_count("every", every)
        if path is None:
            return cls(None, None, None, state)
        check_writable(path)
        name_of(state.network.activation)
        origin = Origin.of(senn.settings, senn.loss, data, end, every)
        return cls(path, senn.settings.optimiser, origin, state)

    def __call__(self, state):
        self.state = state
        if self.path is not None and state.epoch % self.origin.every == 0:
            self.write()

    def write(self):
        """Write the state."""
        self.writing = True
        save_state(self.state, self.path, self.optimiser, self.origin._asdict(), self.known)
        self.writing, self.written = False, self.state

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if error is not None and not isinstance(getattr(error, "state", None), State):
            carry(error, self.state)
        failed = self.writing and isinstance(error, Exception)  # it would fail again
        carried = getattr(error, "state", None)
        self.state = carried if isinstance(carried, State) else self.state
        if self.path is None or self.state is self.written or failed:
            return
        try:
            self.write()
        except (OSError, TypeError) as other:
            if error is None:
                other.state = self.state
                raise
            what = f"the last state could not be written to {self.path}: {other}"
            warnings.warn(what, RuntimeWarning, stacklevel=3)


def fingerprint(array):
    """The type, shape and checksum of an array, in plain values."""
    array = np.asarray(array)
    data = repr(array.tolist()).encode() if array.dtype.hasobject else array.tobytes()
    return {
        "dtype": array.dtype.str, "shape": list(array.shape),
        "sha256": hashlib.sha256(data).hexdigest(),
    }  # fmt: skip


def nameless(value):
    """Plain values without the addresses of what was told by its repr: they change by the run."""
    if isinstance(value, dict):
        return {key: nameless(item) for key, item in value.items()}
    if isinstance(value, list):
        return [nameless(item) for item in value]
    return ADDRESS.sub("", value) if isinstance(value, str) else value


def differences(name, there, here):
    """In words, in what plain values of a file differ from those at hand; an empty list if none."""
    if isinstance(there, dict) and isinstance(here, dict):
        keys = {**there, **here}
        same = there.get("class") == here.get("class")
        return [
            line for key in (keys if same else ["class"]) for line in
            differences(f"{name}.{key}", there.get(key, MISSING), here.get(key, MISSING))
        ]  # fmt: skip
    if repr(there) == repr(here):  # NaN is NaN here
        return []
    there, here = ("missing" if value is MISSING else repr(value) for value in (there, here))
    return [f"{name} is {there} there and {here} here"]


def of_data(name, there, here):
    """`differences` for the fingerprints of an array, None where it is not given."""
    if there is None or here is None:
        where, other = ("there", "here") if here is None else ("here", "there")
        return [f"{name} is given {where} and not {other}"]
    found = differences(name, there, here)
    return found if len(found) != 1 or "sha256" not in found[0] else [f"{name} holds other values"]
