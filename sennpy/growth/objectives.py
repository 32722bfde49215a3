"""The score as a function of a proposal's parameters, with its gradient: what a search climbs.

Proposals are described by theta ~ N(0, I), their prior. Incoming weights are theta in *standard
inputs*, (x - mean) / (spread sqrt(n_in)) with a constant 1 and one spread for all columns, so that
pre-activations are of order one whatever the common unit of x; coefficients (v, c, l) are theta
itself. An objective has `dim`, `draw(count, rng)`, `evaluate(theta)` for theta (C, dim), C
proposals at once, and `decode(theta)` for one (dim,).
"""

from typing import NamedTuple

import numpy as np

from ..expansion.coefficients import top_coefficients
from ..expansion.insertion import insertion_score
from ..expansion.mala import State, step
from ..expansion.moments import CUTOFF, solve_spd, whitener
from .ascent import climb, climb_with_vectors

DENSE = 200  # parameters up to which a climb keeps a matrix of their square
LARGEST_CONDITION = 10  # of an inserted layer, times its units


class StandardInputs:
    """The map between theta (n_in + 1, k) and weights (n_in + 1, k) for the inputs themselves."""

    def __init__(self, inputs):
        mean = inputs[:, :-1].mean(axis=0)
        spread = np.sqrt(inputs[:, :-1].var(axis=0).mean())
        if spread <= CUTOFF * np.abs(mean).max():
            spread = 1.0  # the inputs are constant but for rounding
        scale = spread * np.sqrt(len(mean))
        self.to_weights = np.eye(len(mean) + 1)
        self.to_weights[:-1, :-1] /= scale
        self.to_weights[-1, :-1] = -mean / scale
        self.x = inputs @ self.to_weights


class Chains(NamedTuple):
    """Langevin chains side by side, and the best that each has seen.

    Attributes
    ----------
    state : State
        With positions (C, dim).
    best : (C, dim) array
    best_score : (C,) array
    """

    state: State
    best: np.ndarray
    best_score: np.ndarray


class Objective:
    """How an objective is climbed; subclasses give `dim`, `draw`, `evaluate` and `decode`."""

    def density(self, theta, unit):
        """Log of exp(score / unit) N(theta; 0, I), (C,), and its gradient (C, dim); (E11)."""
        scores, gradients = self.evaluate(theta)
        return scores / unit - (theta**2).sum(axis=-1) / 2, gradients / unit - theta

    def burst(self, chains, unit, step_size, xi, log_u):
        """Langevin steps with given noise xi (steps, dim, C) and log_u (steps, C).

        Returns the `Chains` after them and how many proposals were accepted.
        """
        state, best, best_score = chains
        accepted = 0
        for noise, threshold in zip(xi, log_u, strict=True):
            state, info = step(
                lambda theta: self.density(theta, unit), state, step_size, noise.T, threshold
            )
            accepted += info.accepted.sum()
            score = unit * (state.log_density + (state.position**2).sum(axis=-1) / 2)
            better = info.accepted & (score > best_score)
            best = np.where(better[:, None], state.position, best)
            best_score = np.where(better, score, best_score)
        return Chains(state, best, best_score), int(accepted)

    def climb(self, start, reach, iterations, tolerance):
        """The end (dim,) of an ascent from `start` (dim,) in the box |theta_i| <= reach.

        It ends after so many iterations, or when a step gains less than `tolerance` of the score.
        Up to DENSE parameters a matrix of their square is kept, beyond them a few vectors.
        """

        def evaluate(theta):
            scores, gradients = self.evaluate(theta[None])
            return scores[0], gradients[0]

        ascend = climb if self.dim <= DENSE else climb_with_vectors
        return ascend(evaluate, start, reach, iterations, tolerance)


class NeuronObjective(Objective):
    """The bound of k neurons together, in their weights and coefficients.

    Notes
    -----
    Paper: Theorem 3.2, (E10), (E11).
    """

    def __init__(self, place, k=1, inputs=StandardInputs):
        self.activation, self.k = place.activation, k
        self.inputs = inputs(place.inputs)
        self.r = place.g_r @ whitener(place.G)
        self.n_in = place.inputs.shape[1]
        self.dim = (self.n_in + self.activation.num_coefficients) * k

    def draw(self, count, rng):
        """Draws (count, dim) from the prior."""
        return rng.standard_normal((count, self.dim))

    def split(self, theta):
        """theta (C, dim) as weights (C, n_in + 1, k) and coefficients (C, num_coefficients, k)."""
        C, cut = len(theta), self.n_in * self.k
        return (
            theta[:, :cut].reshape(C, self.n_in, self.k),
            theta[:, cut:].reshape(C, self.activation.num_coefficients, self.k),
        )

    def evaluate(self, theta):
        """Scores (C,) and gradients (C, dim)."""
        w, q = self.split(theta)
        C, x, N = len(theta), self.inputs.x, len(self.r)
        z = (x @ w.transpose(1, 0, 2).reshape(self.n_in, -1)).reshape(N, -1)
        q = q.transpose(1, 0, 2).reshape(-1, C * self.k)
        scores, d_a = bound_and_gradient(self.activation(z, q).reshape(N, C, self.k), self.r)
        d_a = d_a.reshape(N, -1)
        d_w = x.T @ (d_a * self.activation.slope(z, q))
        d_q = (d_a * self.activation.coefficient_slopes(z, q)).sum(axis=1)
        parts = [d.reshape(len(d), C, self.k).transpose(1, 0, 2).reshape(C, -1) for d in (d_w, d_q)]
        return scores, np.hstack(parts)

    def decode(self, theta):
        """Weights (n_in + 1, k) and coefficients (num_coefficients, k) of one theta (dim,)."""
        w, q = self.split(theta[None])
        return self.inputs.to_weights @ w[0], q[0]


class ProfiledNeuronObjective(Objective):
    """The bound of one neuron with its best coefficients, in its weights alone.

    A `ridge` is added to A_p = E[a_p^2]: coefficients of unit norm can cancel, and a neuron whose
    activations are far below its root scores with them what damped training could not use.

    Notes
    -----
    Paper: (E12); the gradient is that of the bound at those coefficients (envelope theorem).
    """

    def __init__(self, place, ridge=0.0):
        self.activation, self.ridge = place.activation, ridge
        self.inputs = StandardInputs(place.inputs)
        self.r = place.g_r @ whitener(place.G)
        self.dim = place.inputs.shape[1]

    def draw(self, count, rng):
        """Draws (count, dim) from the prior."""
        return rng.standard_normal((count, self.dim))

    def evaluate(self, theta):
        """Scores (C,) and gradients (C, dim)."""
        z, r, N = self.inputs.x @ theta.T, self.r, len(self.r)
        phi = self.activation.basis(z)
        q, scores = top_coefficients(phi, r, ridge=self.ridge)
        a = (q[:, None, :] * phi).sum(axis=0)
        size = (a * a).sum(axis=0) + N * self.ridge
        fit = a.T @ r / np.where(size > 0, size, 1)[:, None]  # A_p^{-1} D, one row a proposal
        d_a = 2 / N * (r @ fit.T - a * (fit * fit).sum(axis=1))
        d_z = d_a * (q[:, None, :] * self.activation.basis_slope(z)).sum(axis=0)
        return scores, d_z.T @ self.inputs.x

    def decode(self, theta):
        """Weights (n_in + 1, 1) and coefficients (num_coefficients, 1) of one theta (dim,)."""
        phi = self.activation.basis((self.inputs.x @ theta)[:, None])
        q, _ = top_coefficients(phi, self.r, ridge=self.ridge)
        return self.inputs.to_weights @ theta[:, None], q[: self.activation.num_coefficients]


class LayerObjective(Objective):
    """The exact increase by an inserted square layer, in its weights.

    A W_q with ||W_q|| ||W_q^{-1}|| above LARGEST_CONDITION n (Frobenius norms of its square part; n
    for an orthogonal one) has no score (NaN): the next layer would have to undo it with large
    weights that training then has to live with.

    Notes
    -----
    Paper: (E16).
    """

    def __init__(self, place):
        self.place = place
        self.inputs = StandardInputs(place.inputs)
        self.q, self.n = place.q, place.inputs.shape[1] - 1
        self.dim = (self.n + 1) * self.n
        self.limit = LARGEST_CONDITION * self.n

    def draw(self, count, rng):
        """Starts (count, dim): as large as draws from the prior, the square parts orthogonal."""
        square, _ = np.linalg.qr(rng.standard_normal((count, self.n, self.n)))
        shift = rng.standard_normal((count, 1, self.n))
        return np.concatenate([self.n**0.5 * square, shift], axis=1).reshape(count, -1)

    def evaluate(self, theta):
        """Scores (C,) and gradients (C, dim); NaN where W_q is nearly singular."""
        place, scores = self.place, np.full(len(theta), np.nan)
        gradients = np.full(theta.shape, np.nan)
        for i, one in enumerate(theta):
            weights, _ = self.decode(one)
            if np.linalg.cond(weights[:-1], "fro") < self.limit:
                scores[i], d_weights = insertion_score(
                    place.a_c, self.q, place.g_r, place.G, place.W, weights, place.activation
                )
                gradients[i] = (self.inputs.to_weights.T @ d_weights).ravel()
        return scores, gradients

    def decode(self, theta):
        """Weights (n + 1, n) of one theta (dim,), and None: the new layer is the identity."""
        return self.inputs.to_weights @ theta.reshape(self.n + 1, self.n), None


def bound_and_gradient(a, r):
    """Theorem 3.2 and (E10) for C sets of k neurons: a (N, C, k), whitened residual r (N, n).

    Returns the bounds (C,) and their gradients in a, (N, C, k).
    """
    N = len(a)
    A = np.einsum("ncj,nck->cjk", a, a, optimize=True) / N
    D = np.einsum("ncj,no->cjo", a, r, optimize=True) / N
    fit = solve_spd(A, D)
    error = np.einsum("no,cjo->ncj", r, fit, optimize=True)
    error -= np.einsum("ncj,cjk->nck", a, fit @ fit.transpose(0, 2, 1), optimize=True)
    return (D * fit).sum(axis=(1, 2)), 2 / N * error
