"""The Fisher matrix F = (1/N) sum_n J_n^T M_n J_n, in four kinds that differ in M_n alone.

Every kind writes the output metric as a sum over *output directions*, M_n = sum_r u_rn u_rn^T:

    euclidean  M_n = I                    the unit vectors (the paper's choice)
    true       M_n = Hessian of the loss  the columns of its root
    sampled    M_n -> true                output gradients for targets drawn from the model
    empirical  M_n = g_y g_y^T            the output gradients of the data's own targets

so that backpropagating the directions gives the dense F here and the factor G in `kfac`.
"""

import numpy as np

from ..nn.backprop import backpropagate, jvp, per_sample_gradients, vjp
from ..nn.losses import as_loss, as_outputs
from ..nn.mlp import as_network
from ..nn.shapes import flat_order
from ..validation import as_choice, as_count, as_rng, check_memory

KINDS = ("euclidean", "true", "sampled", "empirical")
CHUNK = 1_000_000  # entries of per-sample gradients (8 MB) that F is added up from at a time


def output_directions(y, kind="euclidean", loss=None, targets=None, rng=None, samples=1):
    """Directions u whose outer products sum to the output metric.

    Parameters
    ----------
    y : (N, m) array
        Outputs of the network.
    kind : "euclidean", "true", "sampled" or "empirical"
    loss : SquaredError or SoftmaxCrossEntropy
        Needed by all kinds but "euclidean".
    targets : array
        Needed by "empirical".
    rng : None, int or numpy.random.Generator
        Used by "sampled".
    samples : int
        Draws a sample, used by "sampled".

    Returns
    -------
    (R, N, m) array
        M_n = sum_r u[r, n] u[r, n]^T; R is m, m, `samples` and 1 for the four kinds.

    Raises
    ------
    TypeError, ValueError
        For an unknown kind, or when loss or targets are missing or do not fit.
    MemoryError
        Before it is taken, if they need more than the machine has.

    Notes
    -----
    Paper: section 1.
    """
    as_choice("kind", kind, KINDS)
    y = as_outputs(y)
    (N, m), samples = y.shape, as_count("samples", samples)
    check_directions(kind, N, m, samples, y.itemsize)
    if kind == "euclidean":
        return np.broadcast_to(np.eye(m, dtype=y.dtype)[:, None, :], (m, N, m))
    if loss is None:
        raise ValueError(f"kind {kind!r} needs a loss; only 'euclidean' does without.")
    as_loss(loss)
    if kind == "empirical" and targets is None:
        raise ValueError("kind 'empirical' needs the targets.")
    weights = loss.weights(targets)
    root = 1.0 if weights is None else np.sqrt(weights)[:, None]
    if kind == "true":
        return root * np.moveaxis(loss.metric_root(y), 2, 0)
    if kind == "sampled":
        rng = as_rng(rng)
        u = np.stack([loss.sample_gradient(y, rng) for _ in range(samples)]) / samples**0.5
        return root * u
    return loss.gradient(y, targets)[None] / root


def check_directions(kind, N, m, samples, itemsize):
    """Raise MemoryError if the output directions, as they are sent back, are too many."""
    R = {"empirical": 1, "sampled": samples}.get(kind, m)
    if kind == "sampled":
        cure = "draw fewer samples"
    else:
        cure = (
            "take fewer samples at a time, as with Settings(batch_size=, look_samples=), or "
            "NaturalGradient(metric='sampled'), which has one direction a sample, or SGD()"
        )
    check_memory(f"{R} output directions of {m} entries for {N} samples", R * N * m, cure, itemsize)


def fisher(net, X, kind="euclidean", loss=None, targets=None, rng=None, samples=1):
    """The dense Fisher matrix of the network on X.

    Parameters
    ----------
    net : MLP
    X : (N, n_in) array
    kind, loss, targets, rng, samples
        As in `output_directions`.

    Returns
    -------
    (P, P) array
        Symmetric and positive semi-definite, in the flat parameter order.

    Notes
    -----
    Paper: section 1. F itself takes P^2 entries, whatever N is; `fisher_product` does without it.
    MemoryError comes first where it, or the directions (R, N, m), are more than the machine has.
    """
    trace = as_network(net).forward(X)
    u = output_directions(trace.outputs, kind, loss, targets, rng, samples)
    return fisher_matrix(trace, u)


def fisher_matrix(trace, u):
    """F (P, P) from the output directions u (R, N, m) at a trace, a chunk of samples at a time.

    How many samples make a chunk does not matter but for rounding.
    """
    N, P = len(trace.outputs), trace.network.num_parameters
    check_memory(
        f"the dense F of {P} parameters, with what adding it up takes,", 3 * P * P,
        "use solver 'pcg', 'cg' or 'kfac', or 'auto', which is dense only where that is small",
        trace.outputs.itemsize,
    )  # fmt: skip
    F, samples = np.zeros((P, P), trace.outputs.dtype), max(1, CHUNK // (len(u) * P))
    for start in range(0, N, samples):
        some = slice(start, start + samples)
        part = trace if samples >= N else trace.take(some)
        gradients = per_sample_gradients(part, u[:, some]).reshape(-1, P)
        F += gradients.T @ gradients
    return F / N


def fisher_product(trace, u, v):
    """F v (P,) without F: J^T M J v / N, for v (P,) and output directions u (R, N, m)."""
    Jv = jvp(trace, *trace.network.split(v))
    MJv = (u * (u * Jv).sum(axis=-1, keepdims=True)).sum(axis=0)
    return vjp(trace, MJv) / len(Jv)


def fisher_trace(trace, u):
    """Tr F, a float, from the output directions u (R, N, m) without forming F."""
    g, h = backpropagate(trace, u)
    of_weights = [
        ((a**2).sum(axis=1) * (g_l**2).sum(axis=-1)).sum()
        for a, g_l in zip(trace.inputs, g, strict=True)
    ]
    of_coefficients = [
        ((slopes**2).sum(axis=0) * h_l**2).sum()
        for slopes, h_l in zip(trace.coefficient_slopes, h, strict=True)
    ]
    return float(sum(flat_order(of_weights, of_coefficients)) / len(trace.outputs))
