"""Networks on disk: one .npz file of plain arrays, written whole or not at all, never pickled."""

import json
import os
import zipfile
from pathlib import Path

import numpy as np

from ..growth.record import Candidate, LookRecord
from ..nn.activation import activation_named, name_of
from ..nn.mlp import MLP, as_network
from .history import AdditionRecord, EpochRecord, History, plain

FORMAT = "sennpy network 1"  # the number goes up when a file of before can no longer be read


def save(net, path, history=None):
    """Write a network to a file.

    The file is a .npz with `format`, `activation`, `weights_0`, `weights_1`, ... and
    `coefficients_0`, ..., in the network's own number type; equal networks give equal bytes.

    Parameters
    ----------
    net : MLP
    path : str or os.PathLike
        Used as it is; a file of that name is replaced once the new one is complete.
    history : History, optional
        Saved along; `load_history` reads it.

    Returns
    -------
    pathlib.Path
        Where it was written.

    Raises
    ------
    TypeError
        If `net` is no MLP with real parameters and an activation that is registered, or `history`
        no History.
    OSError
        If the file cannot be written.
    """
    activation = name_of(as_network(net).activation)
    if net.dtype.kind == "c":
        raise TypeError("net has complex parameters, expected real ones (net.astype('float64')).")
    content = {"format": FORMAT, "activation": activation}
    content |= {f"weights_{l}": W for l, W in enumerate(net.weights)}
    content |= {f"coefficients_{l}": k for l, k in enumerate(net.coefficients)}
    if history is not None:
        if not isinstance(history, History):
            raise TypeError(f"history is of type {type(history).__name__}, expected a History.")
        content["history"] = json.dumps(plain(history))
    path = Path(path)
    partial = path.with_name(path.name + ".partial")
    try:
        with open(partial, "wb") as file:
            np.savez(file, **content)
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)
    return path


def load(path):
    """Read a network that `save` has written.

    Parameters
    ----------
    path : str or os.PathLike

    Returns
    -------
    MLP
        The same bits in the same number type.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is not such a file, or of a format that this version does not know.
    """
    content = read(path)
    weights, coefficients = numbered(content, "weights"), numbered(content, "coefficients")
    try:
        activation = activation_named(str(content.get("activation", "missing")))
        return MLP(weights, coefficients, activation)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{path} does not hold a network: {error}") from error


def load_history(path):
    """Read the History that was saved along with a network.

    Parameters
    ----------
    path : str or os.PathLike

    Returns
    -------
    History

    Raises
    ------
    FileNotFoundError, ValueError
        As `load`, and ValueError if the file holds no history.
    """
    content = read(path)
    if "history" not in content:
        raise ValueError(f"{path} holds no history; save(net, path, history) puts one in.")
    try:
        found = json.loads(str(content["history"]))
        return History(
            tuple(EpochRecord(**row | {"sizes": tuple(row["sizes"])}) for row in found["epochs"]),
            tuple(LookRecord(**row | {"candidates": all_of(row)}) for row in found["looks"]),
            tuple(AdditionRecord(**row | one_of(row)) for row in found["additions"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{path} holds a history that cannot be read: {error!r}") from error


def all_of(look):
    """The candidates of a look."""
    return tuple(Candidate(**row) for row in look["candidates"])


def one_of(addition):
    """The candidate of an addition, and its sizes."""
    return {"candidate": Candidate(**addition["candidate"]), "sizes": tuple(addition["sizes"])}


def read_arrays(path):
    """The arrays of a .npz file by name, or an error that says what it is instead."""
    if not Path(path).is_file():
        raise FileNotFoundError(f"there is no file {path}.")
    try:
        with open(path, "rb") as opened, np.load(opened, allow_pickle=False) as file:
            return {name: file[name] for name in file.files}
    except (ValueError, TypeError, AttributeError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise ValueError(f"{path} is no .npz file of plain arrays ({error}).") from error


def read(path):
    """The arrays of a file of ours, or an error that says what it is instead."""
    content = read_arrays(path)
    found = str(content.get("format", "none"))
    if found != FORMAT:
        raise ValueError(
            f"{path} has the format {found!r}, expected {FORMAT!r}: a file written by sennpy.save, "
            "by a version of sennpy no newer than this one."
        )
    return content


def numbered(content, name):
    """The arrays name_0, name_1, ... as a tuple."""
    count = sum(key.startswith(f"{name}_") for key in content)
    return tuple(content[f"{name}_{l}"] for l in range(count) if f"{name}_{l}" in content)
