"""What the public functions accept, and what they say when it is something else."""

import numbers

import numpy as np


def as_array(name, value, *, complex_ok=False):
    """Return `value` as a floating-point array, or say why that cannot be.

    Parameters
    ----------
    name : str
        What the caller calls it; it opens every message.
    value : array_like
        Booleans and integers become float64; float32 and float64 stay what they are.
    complex_ok : bool
        Whether complex entries are allowed (for the complex step).

    Raises
    ------
    TypeError
        If the entries are not numbers, or are complex where that is not allowed.
    ValueError
        If the array is ragged, empty, or holds NaN or infinity.
    """
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise ValueError(f"{name} is ragged: all its rows must have the same length.") from error
    kinds = "biufc" if complex_ok else "biuf"
    if array.dtype.kind not in kinds:
        raise TypeError(f"{name} has dtype {array.dtype}, expected real numbers (float64).")
    if array.dtype.kind in "biu" or array.dtype == np.float16:
        array = array.astype(np.float64)
    if array.size == 0:
        raise ValueError(f"{name} is empty (shape {array.shape}), expected at least one entry.")
    if not np.isfinite(array).all():
        where = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
        raise ValueError(
            f"{name} must be finite, but holds {array[where]} at index {where}; "
            "drop or impute such entries first."
        )
    return array


def as_arrays(**named):
    """Check several arrays whose shapes share sizes.

    Each keyword is ``name=(value, "N n_out")``: one word an axis, and a word that comes again
    must be the same size again. Returns the arrays in the order given.

    Raises
    ------
    TypeError, ValueError
        As `as_array`; ValueError also for a wrong number of axes or sizes that do not agree.
    """
    sizes, arrays = {}, []
    for name, (value, axes) in named.items():
        array = as_array(name, value)
        words = axes.split()
        expected = f"({', '.join(words)}{',' if len(words) == 1 else ''})"
        if array.ndim != len(words):
            raise ValueError(f"{name} has shape {array.shape}, expected {expected}.")
        for word, size in zip(words, array.shape, strict=True):
            known, source = sizes.setdefault(word, (size, name))
            if size != known:
                raise ValueError(
                    f"{name} has shape {array.shape}, expected {expected} with "
                    f"{word} = {known} as in {source}."
                )
        arrays.append(array)
    return arrays


def as_rng(rng):
    """Turn None, an int or a `numpy.random.Generator` into a Generator.

    Raises
    ------
    TypeError
        For anything else, the legacy `RandomState` included.
    ValueError
        For a negative int.
    """
    if isinstance(rng, np.random.Generator):
        return rng
    if rng is not None and (not isinstance(rng, numbers.Integral) or isinstance(rng, bool)):
        raise TypeError(
            f"rng is {rng!r}, expected None, an int or a numpy.random.Generator "
            "(np.random.default_rng(0))."
        )
    if rng is not None and rng < 0:
        raise ValueError(f"rng is {rng}, expected a seed of at least 0.")
    return np.random.default_rng(rng)


def as_number(name, value, *, above=None, at_least=None, below=None):
    """Return `value` as a finite float within the bounds given.

    Raises
    ------
    TypeError
        If it is not a real number.
    ValueError
        If it is not finite or out of bounds.
    """
    if not isinstance(value, numbers.Real) or isinstance(value, bool):
        raise TypeError(f"{name} is {value!r}, expected a number.")
    bounds = [(above, "above", value > above if above is not None else True)]
    bounds += [(at_least, "at least", value >= at_least if at_least is not None else True)]
    bounds += [(below, "below", value < below if below is not None else True)]
    for bound, word, holds in bounds:
        if bound is not None and not holds:
            raise ValueError(f"{name} is {value}, expected a number {word} {bound}.")
    if not np.isfinite(value):
        raise ValueError(f"{name} is {value}, expected a finite number.")
    return float(value)


def as_count(name, value, *, at_least=1, below=None):
    """Return `value` as an int of at least `at_least` (and below `below`).

    Raises
    ------
    TypeError
        If it is not an integer.
    ValueError
        If it is out of bounds.
    """
    if not isinstance(value, numbers.Integral) or isinstance(value, bool):
        raise TypeError(f"{name} is {value!r}, expected an integer.")
    if value < at_least or (below is not None and value >= below):
        upper = "" if below is None else f" and below {below}"
        raise ValueError(f"{name} is {value}, expected an integer of at least {at_least}{upper}.")
    return int(value)


def as_choice(name, value, choices):
    """Return `value` if it is one of `choices`, else raise a ValueError that lists them."""
    if value not in choices:
        raise ValueError(f"{name} is {value!r}, expected one of {', '.join(map(repr, choices))}.")
    return value
