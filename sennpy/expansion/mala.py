"""The Metropolis-adjusted Langevin algorithm, for any log-density with a gradient."""

from typing import NamedTuple

import numpy as np

from ..validation import (
    as_array,
    as_callable,
    as_count,
    as_number,
    as_numbers,
    as_rng,
    check_memory,
)


class State(NamedTuple):
    """Where the chains are: position (..., dim), log_density (...), gradient (..., dim)."""

    position: np.ndarray
    log_density: np.ndarray
    gradient: np.ndarray


class Info(NamedTuple):
    """What a step did: proposal (..., dim), log_acceptance (...) at most 0, accepted (...) bool."""

    proposal: np.ndarray
    log_acceptance: np.ndarray
    accepted: np.ndarray


class Chain(NamedTuple):
    """Outcome of `mala`.

    Attributes
    ----------
    positions : (num_steps, ..., dim) array
        Position after each step; a rejected proposal repeats the one before.
    log_densities : (num_steps, ...) array
    acceptance_rate : float
    """

    positions: np.ndarray
    log_densities: np.ndarray
    acceptance_rate: float


def mala(log_density, gradient, start, step_size, num_steps, rng):
    """Sample from a density known up to a factor.

    Parameters
    ----------
    log_density : callable
        Positions (..., dim) to values (...). NaN or infinite values are never accepted.
    gradient : callable
        Positions (..., dim) to gradients (..., dim) of the log-density.
    start : (..., dim) array
        One chain (dim,), or several side by side (chains, dim).
    step_size : float
        r in x' = x + r grad log p(x) + sqrt(2 r) xi, xi ~ N(0, I).
    num_steps : int
    rng : None, int or numpy.random.Generator

    Returns
    -------
    Chain

    Raises
    ------
    TypeError, ValueError
        If the step size is not positive, or the log-density at the start is not finite.
    MemoryError
        Before it is taken, if the positions need more than the machine has.

    Notes
    -----
    Paper: (E11).
    """
    rng, num_steps = as_rng(rng), as_count("num_steps", num_steps)
    as_number("step_size", step_size, above=0)
    as_callable("log_density", log_density)
    as_callable("gradient", gradient)

    def evaluate(x):
        return log_density(x), gradient(x)

    state = initial_state(evaluate, start)
    size = state.position.size
    what = f"{num_steps} positions of {size} entries"
    check_memory(what, num_steps * size, "take fewer steps, or go on from the last position")
    positions = np.empty((num_steps, *state.position.shape))
    log_densities = np.empty((num_steps, *np.shape(state.log_density)))
    accepted = 0.0
    for i in range(num_steps):
        state, info = step(evaluate, state, step_size, *draw(state, rng))
        positions[i], log_densities[i] = state.position, state.log_density
        accepted += np.mean(info.accepted)
    return Chain(positions, log_densities, float(accepted / num_steps))


def initial_state(evaluate, start):
    """The state at `start` (..., dim), for evaluate(x) -> (log-density, gradient)."""
    start = np.array(as_array("start", start), dtype=np.float64)
    if start.ndim == 0:
        raise ValueError("start is a number, expected an array (dim,) or (chains, dim).")
    log_density, gradient = evaluate(start)
    log_density = as_numbers("the log-density at the start", log_density)
    state = State(start, log_density, as_numbers("the gradient at the start", gradient))
    if state.gradient.shape != start.shape or state.log_density.shape != start.shape[:-1]:
        raise ValueError(
            f"at a start of shape {start.shape} the log-density has shape "
            f"{state.log_density.shape} and its gradient {state.gradient.shape}; expected "
            f"{start.shape[:-1]} and {start.shape}."
        )
    if not (np.isfinite(state.log_density).all() and np.isfinite(state.gradient).all()):
        raise ValueError(
            "the log-density or its gradient is not finite at the start, expected a start where "
            "the density is positive and smooth."
        )
    return state


def draw(state, rng):
    """The noise of one step: xi (..., dim) standard normal, log u (...) with u uniform."""
    return rng.standard_normal(state.position.shape), np.log1p(-rng.random(state.log_density.shape))


def step(evaluate, state, step_size, xi, log_u):
    """One step from given noise (see `draw`): the next `State`, and `Info` on how it came about."""
    proposal = state.position + step_size * state.gradient + np.sqrt(2 * step_size) * xi
    proposed = State(proposal, *map(np.asarray, evaluate(proposal)))
    log_acceptance = log_acceptance_probability(state, proposed, step_size)
    accepted = log_u < log_acceptance
    pick = accepted[..., None]
    following = State(
        np.where(pick, proposed.position, state.position),
        np.where(accepted, proposed.log_density, state.log_density),
        np.where(pick, proposed.gradient, state.gradient),
    )
    return following, Info(proposal, log_acceptance, accepted)


def log_transition(to, origin, step_size):
    """log q(to | origin) of the Langevin proposal, normalised; shape (...).

    `to` is a position (..., dim), `origin` a `State`.
    """
    mean = origin.position + step_size * origin.gradient
    dim = mean.shape[-1]
    distance = ((to - mean) ** 2).sum(axis=-1)
    return -distance / (4 * step_size) - dim / 2 * np.log(4 * np.pi * step_size)


def log_acceptance_probability(state, proposed, step_size):
    """min(0, log [p(y) q(x | y)] - log [p(x) q(y | x)]) from x to y; -inf if p(y) is not finite."""
    with np.errstate(invalid="ignore", over="ignore"):
        forward = log_transition(proposed.position, state, step_size)
        backward = log_transition(state.position, proposed, step_size)
        ratio = proposed.log_density + backward - state.log_density - forward
    finite = np.isfinite(proposed.log_density) & np.isfinite(proposed.gradient).all(axis=-1)
    return np.where(finite & np.isfinite(ratio), np.minimum(ratio, 0), -np.inf)
