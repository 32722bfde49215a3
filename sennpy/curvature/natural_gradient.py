"""The natural gradient F^{-1} g, damped, by four solvers."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ..nn.backprop import vjp
from ..nn.losses import as_loss
from ..nn.mlp import as_network
from ..nn.shapes import flattened
from ..validation import as_choice, as_count, as_number, keep_plain
from .fisher import fisher_matrix, fisher_product, fisher_trace, output_directions
from .kfac import factors
from .preconditioner import preconditioner
from .solvers import conjugate_gradient, solve_damped, solve_factored, solve_kronecker

SOLVERS = ("dense", "cg", "pcg", "kfac", "auto")
LARGEST_DENSE = 4_000_000  # entries of a Jacobian or F (32 MB) up to which "auto" is "dense"


@dataclass(frozen=True)
class Damping:
    """What is added to the curvature before it is inverted.

    Parameters
    ----------
    value : float
        At least 0.
    scale : "absolute" or "relative"
        Relative is in units of F's mean diagonal Tr F / P, so that it has no units.
    form : "exact" or "factored"
        Exact solves with F + d I. Factored (K-FAC only) adds pi sqrt(d) to A and sqrt(d) / pi to
        G, pi^2 being the ratio of their mean diagonals; that is not the same matrix.
    """

    value: float = 0.1
    scale: str = "absolute"
    form: str = "exact"

    def __post_init__(self):
        as_number("damping value", self.value, at_least=0)
        as_choice("damping scale", self.scale, ("absolute", "relative"))
        as_choice("damping form", self.form, ("exact", "factored"))
        keep_plain(self)

    def amount(self, trace, u):
        """d as it stands in F + d I, a float."""
        if self.scale == "absolute":
            return float(self.value)
        return self.value * fisher_trace(trace, u) / trace.network.num_parameters


class NaturalStep(NamedTuple):
    """Outcome of `natural_gradient`.

    Attributes
    ----------
    direction : (P,) array
        Approximates (F + d I)^{-1} g.
    gradient : (P,) array
        g = J^T g_y / N.
    damping : float
        d.
    iterations : int
        Conjugate-gradient steps taken; 0 for the direct solvers.
    residual : float
        ||(F + d I) direction - g|| / ||g|| as the solver sees F; 0 for the direct solvers.
    """

    direction: np.ndarray
    gradient: np.ndarray
    damping: float
    iterations: int = 0
    residual: float = 0.0


def natural_gradient(
    net,
    X,
    t,
    loss,
    solver="dense",
    kind="euclidean",
    damping=Damping(),
    rng=None,
    max_iterations=100,
    tolerance=1e-10,
):
    """The damped natural gradient of the loss at the network.

    Parameters
    ----------
    net : MLP
    X : (N, n_in) array
    t : array
        Targets, as the loss takes them.
    loss : SquaredError or SoftmaxCrossEntropy
    solver : "dense", "cg", "pcg", "kfac" or "auto"
        Cholesky of the (P, P) matrix; conjugate gradients on products J v and J^T u (any P); the
        same preconditioned by Kronecker factors, which takes fewer steps; those factors alone, with
        the exact block for the activation's coefficients. Or by size, see `chosen_solver`.
    kind : str
        Kind of Fisher matrix, see `output_directions`.
    damping : Damping
    rng : None, int or numpy.random.Generator
        For kind "sampled".
    max_iterations, tolerance : int, float
        Conjugate gradients end at either; tolerance is on the relative residual.

    Returns
    -------
    NaturalStep

    Raises
    ------
    TypeError, ValueError
        For unknown names, for arguments of another kind, for factored damping outside "kfac".
    SingularCurvature
        When the matrix is singular and undamped, or not finite.

    Notes
    -----
    Paper: section 7 (the optimiser's n); at no damping g^T n is eq. (3), and theta - n the minimum
    of the quadratic model of (E4).
    """
    if loss is None:
        raise ValueError("natural_gradient needs a loss, for the gradient (SquaredError()).")
    trace, loss = as_network(net).forward(X), as_loss(loss)
    as_choice("solver", solver, SOLVERS)
    as_count("max_iterations", max_iterations)
    as_number("tolerance", tolerance, at_least=0)
    if not isinstance(damping, Damping):
        raise TypeError(f"damping is {damping!r}, expected a Damping, as Damping(0.1).")
    if damping.form == "factored" and solver != "kfac":
        raise ValueError(f"factored damping needs solver 'kfac', not {solver!r}; use form 'exact'.")
    u = output_directions(trace.outputs, kind, loss, t, rng)
    gradient = vjp(trace, loss.gradient(trace.outputs, t)) / len(trace.outputs)
    return solve(trace, u, gradient, solver, damping, max_iterations, tolerance)


def solve(
    trace, u, gradient, solver, damping, max_iterations=100, tolerance=1e-10, precondition=None
):
    """`natural_gradient` at a trace, for output directions u (R, N, m) and a gradient (P,).

    With solver "pcg", `precondition` is a `Preconditioner` to be used instead of one made here.
    """
    net, P = trace.network, len(gradient)
    d = damping.amount(trace, u)
    solver = chosen_solver(solver, max(len(u) * len(trace.outputs), P), P)
    if solver == "dense":
        return NaturalStep(solve_damped(fisher_matrix(trace, u), gradient, d), gradient, d)
    if solver == "kfac":
        direction = kfac_direction(net, factors(trace, u), gradient, d, damping.form)
        return NaturalStep(direction, gradient, d)
    if solver == "pcg" and precondition is None:
        precondition = preconditioner(trace, u, d)
    direction, steps, residual = conjugate_gradient(
        lambda v: fisher_product(trace, u, v) + d * v,
        gradient,
        d,
        max_iterations,
        tolerance,
        (lambda v: precondition(net, v)) if solver == "pcg" else np.copy,
    )
    return NaturalStep(direction, gradient, d, steps, residual)


def chosen_solver(solver, rows, num_parameters):
    """The solver that "auto" stands for, by the size of J (rows, P); any other is itself.

    "dense" up to LARGEST_DENSE entries, beyond them "pcg", which keeps vectors alone. For a solver
    that makes F, `rows` is at least P.
    """
    if solver != "auto":
        return solver
    return "dense" if rows * num_parameters <= LARGEST_DENSE else "pcg"


def gauss_newton(J, g_y, damping):
    """The damped natural gradient for the Euclidean metric, from J (N, m, P) and g_y (N, m).

    Decomposes J^T J (P, P) or J J^T (N m, N m), see `cholesky_space`: for d > 0
    (J^T J / N + d I)^{-1} J^T = J^T (J J^T / N + d I)^{-1}.

    Returns
    -------
    NaturalStep
    """
    N, g_y, J = len(J), g_y.ravel(), J.reshape(-1, J.shape[-1])
    gradient = J.T @ g_y / N
    d = float(damping.value)
    if damping.scale == "relative":
        d *= float((J * J).sum()) / N / J.shape[1]
    if cholesky_space(*J.shape, damping) == "sample":
        return NaturalStep(J.T @ solve_damped(J @ J.T / N, g_y / N, d), gradient, d)
    return NaturalStep(solve_damped(J.T @ J / N, gradient, d), gradient, d)


def cholesky_space(rows, num_parameters, damping):
    """Where `gauss_newton` decomposes, for J with so many rows: "sample" or "parameter" space."""
    return "sample" if rows < num_parameters and damping.value > 0 else "parameter"


def kfac_direction(net, layers, gradient, d, form):
    """Solve block by block with Kronecker factors, gradient (P,); returns (P,)."""
    d_weights, d_coefficients = net.split(gradient)
    solve_layer = solve_factored if form == "factored" else solve_kronecker
    weights = [solve_layer(A, G, C, d) for (A, G, _), C in zip(layers, d_weights, strict=True)]
    coefficients = [
        solve_damped(K, k.ravel(), d) if k.size else k
        for (_, _, K), k in zip(layers[:-1], d_coefficients, strict=True)
    ]
    return flattened(weights, coefficients)
