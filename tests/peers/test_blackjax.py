"""Langevin steps beside blackjax.

Both propose x' = x + r grad log p(x) + sqrt(2 r) xi, and accept if u < exp(log acceptance), so that
nothing is to be turned. The noise is theirs: what a key gives xi and u is drawn again from the key.
The logarithm of a density and its gradient are written out here in NumPy, there in jax, which
differentiates it.
"""

import blackjax
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from agreement import Row
from blackjax.util import generate_gaussian_noise

from sennpy import mala
from sennpy.expansion.mala import initial_state, step

STEPS = 300
NONE = "none: r is their step_size, xi and u are theirs"
PROPOSAL = Row("blackjax", "MALA, proposal", "expansion.mala.step", "diffusions", NONE, 1e-12)
ACCEPTANCE = Row(
    "blackjax", "MALA, acceptance probability", "exp(log_acceptance)", "info.acceptance_rate",
    f"{NONE}; capped at 1; the difference itself, not relative", 1e-12,
)  # fmt: skip
CHAIN = Row(
    "blackjax", f"MALA, {STEPS} steps of one chain", "expansion.mala.step", "blackjax.mala",
    f"{NONE}; rounding grows along a chain", 1e-9,
)  # fmt: skip
STATIONARY = Row(
    "blackjax", "MALA, means and squares at rest", "mala", "blackjax.mala",
    "own noise each; differences in standard errors (from 100 chains each), not relative", 4.5,
)  # fmt: skip


class Target:
    """A density of two numbers up to a factor: for sennpy, for jax, and a step that suits it."""

    def __init__(self, name, log_density, gradient, in_jax, step_size):
        self.name, self.log_density, self.gradient = name, log_density, gradient
        self.in_jax, self.step_size = in_jax, step_size

    def evaluate(self, x):
        return self.log_density(x), self.gradient(x)


P = np.array([[1.3, 0.4], [0.4, 0.7]])


def banana(x, of=np):
    return -(x[..., 0] ** 2) / 2 - (x[..., 1] - x[..., 0] ** 2) ** 2


def banana_slope(x):
    bend = 2 * (x[..., 1] - x[..., 0] ** 2)
    return np.stack([-x[..., 0] + 2 * bend * x[..., 0], -bend], axis=-1)


def wells(x, of=np):
    return -((x[..., 0] ** 2 - 1) ** 2) - x[..., 1] ** 2 + of.log(2 + of.sin(x[..., 1]))


def wells_slope(x):
    a, b = x[..., 0], x[..., 1]
    return np.stack([-4 * a * (a**2 - 1), -2 * b + np.cos(b) / (2 + np.sin(b))], axis=-1)


def normal(x, of=np):
    return -of.einsum("...i,ij,...j->...", x, P, x) / 2


TARGETS = [
    Target("normal", normal, lambda x: -x @ P, normal, 0.5),
    Target("banana", banana, banana_slope, banana, 0.15),
    Target("wells", wells, wells_slope, wells, 0.2),
]
every_target = pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)


def noise(key, position):
    """The xi and u that blackjax draws from a key."""
    for_proposal, for_acceptance = jax.random.split(key)
    xi = generate_gaussian_noise(for_proposal, position)
    return np.asarray(xi), float(jax.random.uniform(for_acceptance))


@every_target
def test_step_by_step(target):
    def log_density(x):
        return target.in_jax(x, jnp)

    theirs = blackjax.mala(log_density, target.step_size)
    their_step = jax.jit(theirs.step)
    start = np.array([0.3, -0.2])
    at, own = theirs.init(jnp.asarray(start)), initial_state(target.evaluate, start)
    rejected = 0
    for key in jax.random.split(jax.random.key(7), STEPS):
        xi, u = noise(key, at.position)
        before = initial_state(target.evaluate, np.asarray(at.position))
        following, info = their_step(key, at)
        _, ours = step(target.evaluate, before, target.step_size, xi, np.log(u))
        ACCEPTANCE.within(abs(float(np.exp(ours.log_acceptance)) - float(info.acceptance_rate)))
        assert bool(ours.accepted) == bool(info.is_accepted)
        if info.is_accepted:
            PROPOSAL.agrees(ours.proposal, following.position)
        rejected += not info.is_accepted
        own, _ = step(target.evaluate, own, target.step_size, xi, np.log(u))
        at = following
        CHAIN.agrees(own.position, at.position)
    assert 0.02 * STEPS < rejected < 0.9 * STEPS, "the comparison has to see both"


CHAINS, LENGTH, BURN = 100, 3000, 500


def moments(positions):
    """Means of x and x^2 in each chain, for (LENGTH, CHAINS, 2): (CHAINS, 4)."""
    return np.concatenate([positions, positions**2], axis=-1)[BURN:].mean(axis=0)


@every_target
def test_what_is_sampled(target):
    rng = np.random.default_rng(1)
    start = rng.standard_normal((CHAINS, 2)) * 0.5
    ours = mala(target.log_density, target.gradient, start, target.step_size, LENGTH, rng)
    theirs = blackjax.mala(lambda x: target.in_jax(x, jnp), target.step_size)

    def along(state, key):
        state, _ = theirs.step(key, state)
        return state, state.position

    def chain(x, key):
        return jax.lax.scan(along, theirs.init(x), jax.random.split(key, LENGTH))[1]

    keys = jax.random.split(jax.random.key(2), CHAINS)
    positions = np.moveaxis(np.asarray(jax.jit(jax.vmap(chain))(jnp.asarray(start), keys)), 0, 1)
    a, b = moments(ours.positions), moments(positions)
    error = np.sqrt((a.var(axis=0, ddof=1) + b.var(axis=0, ddof=1)) / CHAINS)
    STATIONARY.within(np.abs((a.mean(axis=0) - b.mean(axis=0)) / error).max())
