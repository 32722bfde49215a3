"""Networks on disk: one .npz file of plain arrays, written whole or not at all, never pickled."""

import contextlib
import json
from dataclasses import fields
from pathlib import Path

import numpy as np

from ..growth.record import Candidate, LookRecord
from ..nn.activation import activation_named, name_of
from ..nn.mlp import MLP, as_network
from ..nn.shapes import check_shapes
from ..reading import Archive, refused
from ..writing import written_whole
from .history import AdditionRecord, EpochRecord, History, plain

FORMAT = "sennpy network 1"  # the number goes up when a file of before can no longer be read


def save(net, path, history=None):
    """Write a network to a file.

    The file is a .npz with `format`, `activation`, `sizes`, `weights_0`, `weights_1`, ... and
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
    content = {"format": FORMAT, **arrays_of(net)}
    if history is not None:
        if not isinstance(history, History):
            raise TypeError(f"history is of type {type(history).__name__}, expected a History.")
        content["history"] = json.dumps(plain(history))
    with written_whole(path) as file:
        np.savez(file, **content)
    return Path(path)


def arrays_of(net):
    """The name of a network's activation and its arrays, by the names that they have in files."""
    activation = name_of(as_network(net).activation)
    weights = {f"weights_{l}": W for l, W in enumerate(net.weights)}
    coefficients = {f"coefficients_{l}": k for l, k in enumerate(net.coefficients)}
    return {"activation": activation, "sizes": np.array(net.sizes), **weights, **coefficients}


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
    with opened(path) as archive, refused(path, "does not hold a network"):
        first = archive.read({"activation", "sizes"} & set(archive.headers))
        check_network(archive.headers, first)
        return network_from(archive.read([name for name in archive.headers if name != "history"]))


def network_from(content):
    """The network of arrays by the names of `arrays_of`; TypeError, ValueError if they are none."""
    check_network(content, content)
    weights, coefficients = numbered(content, "weights"), numbered(content, "coefficients")
    return MLP(weights, coefficients, activation_named(str(content["activation"])))


def check_network(parts, content):
    """ValueError unless names, types and shapes of arrays, or of their headers, are a network's.

    Of `content` only the name of the activation and the sizes are needed, which files of before
    do not have.
    """
    activation = activation_named(str(content.get("activation", "missing")))
    weights, coefficients = numbered(parts, "weights"), numbered(parts, "coefficients")
    expected = {"format", "activation", "sizes", "history"}
    expected |= {f"weights_{l}" for l in range(len(weights))}
    expected |= {f"coefficients_{l}" for l in range(len(coefficients))}
    if stray := sorted(set(parts) - expected):
        raise ValueError(f"there is {stray[0]!r}, which is no part of it.")
    types = {part.dtype for part in (*weights, *coefficients)}
    if len(types) != 1 or not types <= {np.dtype("float32"), np.dtype("float64")}:
        found = ", ".join(sorted(map(str, types))) or "none"
        raise ValueError(f"its arrays have dtype {found}, expected one of float32 and float64.")
    check_shapes(weights, coefficients, activation)
    sizes = [weights[0].shape[0] - 1, *(W.shape[1] for W in weights)]
    told = content.get("sizes", np.array(sizes))
    if told.dtype.kind != "i" or told.tolist() != sizes:
        raise ValueError(f"its sizes are {told.tolist()} on record, but its arrays are of {sizes}.")


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
    with opened(path) as archive:
        if "history" not in archive.headers:
            raise ValueError(f"{path} holds no history; save(net, path, history) puts one in.")
        with refused(path, "holds a history that cannot be read"):
            return history_from(json.loads(archive.text("history")))


def history_from(found):
    """The History of what `plain` makes of one; KeyError, TypeError, ValueError if it is none."""
    return History(
        tuple(record_from(EpochRecord, row | sizes_of(row)) for row in found["epochs"]),
        tuple(record_from(LookRecord, row | all_of(row)) for row in found["looks"]),
        tuple(
            record_from(AdditionRecord, row | sizes_of(row) | one_of(row))
            for row in found["additions"]
        ),
    )


def record_from(kind, row):
    """A record of a kind with the fields of `row`, or TypeError if one is of another type."""
    record = kind(**row)
    for field in fields(kind):
        value, expected = getattr(record, field.name), field.type
        number = type(value) is int and isinstance(1.0, expected)  # 1 is a float, too; True is not
        odd = isinstance(value, bool) and expected is not bool
        odd = odd or (number and abs(value) >= 2**1023)  # no float reaches as far
        if odd or not (number or isinstance(value, expected)):
            raise TypeError(f"{kind.__name__}.{field.name} is {value!r}, expected {expected}")
    return record


def sizes_of(row):
    """The sizes of a network on record."""
    if not all(type(size) is int for size in row["sizes"]):
        raise TypeError(f"sizes is {row['sizes']!r}, expected integers")
    return {"sizes": tuple(row["sizes"])}


def all_of(look):
    """The candidates of a look."""
    return {"candidates": tuple(record_from(Candidate, row) for row in look["candidates"])}


def one_of(addition):
    """The candidate of an addition."""
    return {"candidate": record_from(Candidate, addition["candidate"])}


@contextlib.contextmanager
def opened(path, expected=FORMAT, what="a file written by sennpy.save"):
    """A context of the `Archive` of a file of ours, of the format expected; else ValueError."""
    with Archive(path, ours=True) as archive:
        found = archive.text("format")
        if found != expected:
            raise ValueError(
                f"{path} has the format {found!r}, expected {expected!r}: {what}, "
                "by a version of sennpy no newer than this one."
            )
        yield archive


def numbered(content, name):
    """The arrays name_0, name_1, ... as a tuple."""
    count = sum(key.startswith(f"{name}_") for key in content)
    return tuple(content[f"{name}_{l}"] for l in range(count) if f"{name}_{l}" in content)
