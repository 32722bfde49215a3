"""What the public functions accept, and what they say when it is something else."""

import numbers
import os

import numpy as np


def as_rectangular(name, value):
    """Return `value` as an array of whatever type, or raise ValueError if its rows differ.

    A masked array, or a list of them, is a TypeError: its mask would be lost without a word.
    """
    some = value if isinstance(value, (list, tuple)) else ()
    if isinstance(value, np.ma.MaskedArray) or any(isinstance(a, np.ma.MaskedArray) for a in some):
        raise TypeError(
            f"{name} is a masked array, expected a plain one: leave out the samples that are "
            "masked, or put numbers in their place (numpy.ma.filled)."
        )
    try:
        return np.asarray(value)
    except ValueError as error:
        raise ValueError(f"{name} is ragged: all its rows must have the same length.") from error


def as_numbers(name, value, *, complex_ok=False):
    """Return `value` as a floating-point array: the part of `as_array` that inner loops can afford.

    Empty arrays pass, and so do NaN and infinity, which then show in the result.

    Parameters
    ----------
    name, value, complex_ok
        As in `as_array`.

    Raises
    ------
    TypeError
        If the entries are not numbers, or are complex where that is not allowed.
    ValueError
        If the array is ragged.
    """
    array = as_rectangular(name, value)
    kinds = "biufc" if complex_ok else "biuf"
    if array.dtype.kind not in kinds:
        raise TypeError(f"{name} has dtype {array.dtype}, expected real numbers (float64).")
    if array.dtype.kind in "biu" or array.dtype == np.float16:
        array = array.astype(np.float64)
    return array


def as_array(name, value, *, complex_ok=False, empty_ok=False):
    """Return `value` as a floating-point array, or say why that cannot be.

    Parameters
    ----------
    name : str
        What the caller calls it; it opens every message.
    value : array_like
        Booleans and integers become float64; float32 and float64 stay what they are.
    complex_ok : bool
        Whether complex entries are allowed (for the complex step).
    empty_ok : bool
        Whether there may be no entries.

    Raises
    ------
    TypeError
        If the entries are not numbers, or are complex where that is not allowed.
    ValueError
        If the array is ragged, empty, or holds NaN or infinity.
    """
    array = as_numbers(name, value, complex_ok=complex_ok)
    if array.size == 0 and not empty_ok:
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
    must be the same size again; a digit is a size itself. An array with one word for both axes is a
    moment matrix, see `check_moment`. Returns the arrays in the order given.

    Raises
    ------
    TypeError, ValueError
        As `as_array`; ValueError also for a wrong number of axes, sizes that do not agree, or a
        matrix that cannot be a moment.
    """
    sizes, arrays = {}, []
    for name, (value, axes) in named.items():
        array = as_array(name, value)
        words = axes.split()
        expected = f"({', '.join(words)}{',' if len(words) == 1 else ''})"
        if array.ndim != len(words):
            raise ValueError(f"{name} has shape {array.shape}, expected {expected}.")
        for word, size in zip(words, array.shape, strict=True):
            fixed = word.isdigit()
            known, source = (int(word), "") if fixed else sizes.setdefault(word, (size, name))
            if size != known:
                why = "" if fixed else f" with {word} = {known} as in {source}"
                raise ValueError(f"{name} has shape {array.shape}, expected {expected}{why}.")
        if len(words) == 2 and words[0] == words[1]:
            check_moment(name, array)
        arrays.append(array)
    return arrays


def check_moment(name, S):
    """Raise ValueError unless S (n, n) is, but for rounding, symmetric with S_ij^2 <= S_ii S_jj.

    Every mean of outer products E[x x^T] is, F, A and G among them. A matrix that passes need not
    be positive semi-definite, but looking takes n^2 operations, not n^3.
    """
    root = np.sqrt(np.diag(S).clip(0))
    rounding = np.finfo(S.dtype).eps ** (1 / 3) * np.abs(S).max()
    excess = np.abs(S) - np.outer(root, root)
    for wrong, kind in [(np.abs(S - S.T), "symmetric"), (excess, "positive semi-definite")]:
        i, j = (int(k) for k in np.unravel_index(wrong.argmax(), S.shape))
        if wrong[i, j] > rounding:
            raise ValueError(
                f"{name} holds {S[i, j]:.6g} at index ({i}, {j}) and {S[j, i]:.6g} at ({j}, {i}), "
                f"with {S[i, i]:.6g} and {S[j, j]:.6g} on the diagonal; expected a {kind} matrix."
            )


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
    try:
        number = float(value)
    except OverflowError:
        raise ValueError(
            f"{name} is an integer of {value.bit_length()} bits, expected a number that a float "
            "can hold."
        ) from None
    bounds = [(above, "above", value > above if above is not None else True)]
    bounds += [(at_least, "at least", value >= at_least if at_least is not None else True)]
    bounds += [(below, "below", value < below if below is not None else True)]
    for bound, word, holds in bounds:
        if bound is not None and not holds:
            raise ValueError(f"{name} is {value}, expected a number {word} {bound}.")
    if not np.isfinite(number):
        raise ValueError(f"{name} is {value}, expected a finite number.")
    return number


def keep_plain(thing):
    """Put Python's own numbers in the place of others in a frozen dataclass that was checked.

    NumPy's scalars and fractions are numbers, too, but JSON does not know them, a fraction times an
    array is no array of numbers, and a float64 would make float32 arrays wider.
    """
    for name in thing.__dataclass_fields__:
        value = getattr(thing, name)
        if (plain := plain_number(value)) is not value:
            object.__setattr__(thing, name, plain)


def plain_number(value):
    """An int or float for a number of another type, likewise within a tuple; else `value`."""
    if isinstance(value, tuple):
        items = tuple(map(plain_number, value))
        return value if all(a is b for a, b in zip(items, value, strict=True)) else items
    if type(value) in (bool, int, float) or not isinstance(value, numbers.Real):
        return value
    return int(value) if isinstance(value, numbers.Integral) else float(value)


def as_integer(name, value):
    """Return `value` as an int, or raise TypeError: booleans and 2.0 are none."""
    if not isinstance(value, numbers.Integral) or isinstance(value, bool):
        raise TypeError(f"{name} is {value!r}, expected an integer.")
    return int(value)


def as_count(name, value, *, at_least=1, below=None):
    """Return `value` as an int of at least `at_least` (and below `below`).

    Raises
    ------
    TypeError
        If it is not an integer.
    ValueError
        If it is out of bounds.
    """
    value = as_integer(name, value)
    if value < at_least or (below is not None and value >= below):
        upper = "" if below is None else f" and below {below}"
        raise ValueError(f"{name} is {value}, expected an integer of at least {at_least}{upper}.")
    return value


def as_choice(name, value, choices):
    """Return `value` if it is one of `choices`, else raise a ValueError that lists them."""
    if not isinstance(value, str) or value not in choices:
        raise ValueError(f"{name} is {value!r}, expected one of {', '.join(map(repr, choices))}.")
    return value


def as_callable(name, value):
    """Return `value` if it can be called, else raise TypeError."""
    if not callable(value):
        raise TypeError(f"{name} is {value!r}, expected a function.")
    return value


def as_float_type(name, value):
    """Return `value` as a numpy dtype if it is float32 or float64, else raise ValueError."""
    try:
        dtype = None if value is None else np.dtype(value)
    except TypeError:  # not the name of any type
        dtype = None
    if dtype is None or dtype not in (np.float32, np.float64):
        raise ValueError(f"{name} is {value!r}, expected 'float32' or 'float64'.")
    return dtype


def check_memory(what, entries, cure, itemsize=8):
    """Raise MemoryError, before anything is taken, if arrays need more than the machine has.

    Where the system does not tell how much it has, nothing is checked.

    Parameters
    ----------
    what : str
        What the arrays are; it opens the message.
    entries : int
    cure : str
        The setting that does with less.
    itemsize : int
        Bytes of an entry.
    """
    needed, there = int(entries) * itemsize, physical_memory()
    if there is not None and needed > there:
        raise MemoryError(
            f"{what} would take {in_bytes(needed)}, and this machine has {in_bytes(there)} of "
            f"memory: {cure}."
        )


def physical_memory():
    """Bytes of memory that the machine has, or None where the system does not tell."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):  # Windows has no sysconf
        return None


def in_bytes(number):
    """A number of bytes in MiB, GiB or TiB, as text."""
    for unit, size in [("TiB", 2**40), ("GiB", 2**30)]:
        if number >= size:
            return f"{number / size:,.4g} {unit}"
    return f"{number / 2**20:.4g} MiB"
