"""The burst of Langevin steps. Twins: `Objective` in growth/objectives.py, expansion/mala.py."""

import numpy as np

from . import inlined, jit
from .neurons import neuron_bounds, preactivations, weight_gradients


@inlined
def tempered(theta, scores, unit, gradient, density):
    """score / unit plus the log of the prior N(0, I) in `density` (C,), gradients likewise.

    Twin: `Objective.density`.
    """
    dim, C = theta.shape
    for c in range(C):
        density[c] = scores[c] / unit
    for j in range(dim):
        for c in range(C):
            density[c] -= theta[j, c] * theta[j, c] / 2
            gradient[j, c] = gradient[j, c] / unit - theta[j, c]


@inlined
def propose(theta, gradient, step_size, xi, proposal):
    """The Langevin proposal from given noise; all (dim, C). Twin: `mala.step`."""
    root = np.sqrt(2 * step_size)
    for j in range(len(theta)):
        for c in range(theta.shape[1]):
            proposal[j, c] = theta[j, c] + step_size * gradient[j, c] + root * xi[j, c]


@inlined
def log_transition(to, theta, gradient, step_size, log_q):
    """log q(to | theta) but for its norm, (C,); all else is (dim, C).

    Twin: `mala.log_transition`.
    """
    log_q[:] = 0.0
    for j in range(len(theta)):
        for c in range(theta.shape[1]):
            away = to[j, c] - (theta[j, c] + step_size * gradient[j, c])
            log_q[c] -= away * away / (4 * step_size)


@jit
def accept(chains, proposed, unit, step_size, log_u):
    """Move the chains that accept their proposal, in place; how many did.

    chains are theta (dim, C), density (C,), gradient (dim, C), best (dim, C) and best_score (C,);
    proposed are the first three of the proposals. Where a density, its gradient or the ratio is not
    finite, a chain stays. Twins: `mala.step`, `mala.log_acceptance_probability`,
    `Objective.burst`.
    """
    theta, density, gradient, best, best_score = chains
    proposal, value, slope = proposed
    (dim, C), accepted = theta.shape, 0
    forward, backward, squared = np.empty(C), np.empty(C), np.zeros(C)
    moves, records = np.ones(C, np.bool_), np.zeros(C, np.bool_)
    log_transition(proposal, theta, gradient, step_size, forward)
    log_transition(theta, proposal, slope, step_size, backward)
    for j in range(dim):
        for c in range(C):
            squared[c] += proposal[j, c] * proposal[j, c]
            moves[c] &= np.isfinite(slope[j, c])
    for c in range(C):
        ratio = value[c] + backward[c] - density[c] - forward[c]
        moves[c] &= np.isfinite(ratio) and np.isfinite(value[c]) and log_u[c] < min(ratio, 0.0)
        if moves[c]:
            accepted += 1
            density[c] = value[c]
            score = unit * (value[c] + squared[c] / 2)
            records[c] = score > best_score[c]
            if records[c]:
                best_score[c] = score
    for j in range(dim):
        for c in range(C):
            if moves[c]:
                theta[j, c], gradient[j, c] = proposal[j, c], slope[j, c]
            if records[c]:
                best[j, c] = proposal[j, c]
    return accepted


@jit
def langevin_burst(x, r, k, cutoff, unit, step_size, chains, xi, log_u):
    """Langevin steps with given noise: C chains go on in place; the number of acceptances.

    chains as in `accept`; xi is (steps, dim, C) and log_u (steps, C). Each step takes one gradient,
    that of the proposal. Twin: `Objective.burst`.
    """
    (N, d), theta, gradient, accepted = x.shape, chains[0], chains[2], 0
    C = theta.shape[1]
    z, d_z, a = np.empty((N, k, C)), np.empty((N, k, C)), np.empty((N, k, C))
    scores, density = np.empty(C), np.empty(C)
    proposal, slope = np.empty(theta.shape), np.empty(theta.shape)
    q, d_q = proposal[d * k :].reshape(3, k, C), slope[d * k :].reshape(3, k, C)
    for s in range(len(xi)):
        propose(theta, gradient, step_size, xi[s], proposal)
        preactivations(x, proposal, z)
        neuron_bounds(z, q, r, cutoff, scores, d_z, d_q, a)
        weight_gradients(x, d_z, slope)
        tempered(proposal, scores, unit, slope, density)
        accepted += accept(chains, (proposal, density, slope), unit, step_size, log_u[s])
    return accepted
