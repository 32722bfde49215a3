"""What the arrays of a network must look like, and what is said when they do not."""

import numpy as np

from ..validation import as_array


def flat_order(of_weights, of_coefficients):
    """One list in the order of the flat vector: W_0, k_0, W_1, k_1, ..., W_L."""
    pairs = zip(of_weights, of_coefficients, strict=False)
    return [part for pair in pairs for part in pair] + [of_weights[-1]]


def flattened(of_weights, of_coefficients):
    """Blocks of each layer as one vector (P,), in its order."""
    return np.concatenate([block.ravel() for block in flat_order(of_weights, of_coefficients)])


def listed(name, values):
    """`values` as a list, or TypeError if it cannot be one."""
    try:
        return list(values)
    except TypeError:
        raise TypeError(f"{name} is {values!r}, expected a sequence, one entry a layer.") from None


def finite(name, arrays):
    """The arrays checked; those without entries (no coefficients) pass."""
    return [
        as_array(f"{name}[{l}]", array, complex_ok=True, empty_ok=True)
        for l, array in enumerate(listed(name, arrays))
    ]


def frozen(arrays, dtype):
    """Read-only copies, as a tuple."""
    copies = tuple(np.array(a, dtype=dtype) for a in arrays)
    for array in copies:
        array.flags.writeable = False
    return copies


def check_shapes(weights, coefficients, activation):
    """Raise ValueError unless arrays, or what is known of them, have shapes that make a network."""
    if not weights or any(
        len(W.shape) != 2 or min(W.shape[0] - 1, W.shape[1]) < 1 for W in weights
    ):
        raise ValueError(
            f"weights have shapes {[W.shape for W in weights]}, expected (n_in + 1, n_out) for "
            "each of at least one layer, the last row being the bias."
        )
    for l in range(len(weights) - 1):
        if weights[l + 1].shape[0] != weights[l].shape[1] + 1:
            raise ValueError(
                f"weights[{l + 1}] has shape {weights[l + 1].shape}, but layer {l} has "
                f"{weights[l].shape[1]} outputs: {weights[l].shape[1] + 1} rows are expected."
            )
    expected = [(activation.num_coefficients, W.shape[1]) for W in weights[:-1]]
    if [k.shape for k in coefficients] != expected:
        raise ValueError(
            f"coefficients have shapes {[k.shape for k in coefficients]}, expected {expected} for "
            f"{activation} and these weights."
        )


def check_neurons(coefficients, activation):
    """Raise ValueError, with the layer, if the coefficients of a neuron make no function."""
    for l, k in enumerate(coefficients):
        try:
            activation.check(k)
        except ValueError as error:
            error.args = (f"hidden layer {l}: {error}",)
            raise
