"""How arrays are compared, and the complex step: derivatives to the last digits."""

import numpy as np

STEP = 1e-200


def assert_close(actual, expected, tolerance=1e-12, scale=None):
    """Fail unless |actual - expected| <= tolerance * scale; show entries and their ratios.

    The scale is max|expected|, unless given: the size of what cancels in the entries.
    """
    actual, expected = np.asarray(actual), np.asarray(expected)
    assert actual.shape == expected.shape, f"shape {actual.shape}, expected {expected.shape}"
    scale = np.abs(expected).max(initial=0) if scale is None else scale
    off = ~(np.abs(actual - expected) <= tolerance * scale)
    if off.any():
        rows = [
            f"  {tuple(map(int, i))}: {actual[tuple(i)]!s} for {expected[tuple(i)]!s}, ratio "
            + (f"{actual[tuple(i)] / expected[tuple(i)]:.6g}" if expected[tuple(i)] else "-")
            for i in np.argwhere(off)[:10]
        ]
        raise AssertionError("\n".join([f"{off.sum()} of {off.size} entries differ", *rows]))


def complex_step(function, x):
    """Derivatives of function at x, one complex step an entry; the last axis counts x's entries."""
    x = np.asarray(x)
    columns = []
    for k in np.ndindex(x.shape):
        moved = x.astype(complex)
        moved[k] += 1j * STEP
        columns.append(np.imag(function(moved)) / STEP)
    return np.stack(columns, axis=-1)
