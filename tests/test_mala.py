"""The sampler obeys the law of its density: pointwise, in its moments, and in its histogram."""

import numpy as np
import places
import pytest
from compare import assert_close
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import trapezoid
from scipy.stats import chi2, kstest, norm
from strategies import seeds

from sennpy import mala
from sennpy.expansion.mala import (
    State,
    draw,
    initial_state,
    log_acceptance_probability,
    log_transition,
    step,
)
from sennpy.growth.objectives import NeuronObjective

PRECISION = np.linalg.inv([[2.0, 0.9, -0.3], [0.9, 1.0, 0.2], [-0.3, 0.2, 0.5]])


class Gaussian:
    """N(mean, precision^{-1}), up to its factor."""

    def __init__(self, mean, precision):
        self.mean, self.precision = np.asarray(mean), np.asarray(precision)
        self.dim = len(self.mean)

    def value(self, x):
        return -((x - self.mean) @ self.precision * (x - self.mean)).sum(axis=-1) / 2

    def gradient(self, x):
        return -(x - self.mean) @ self.precision


class DoubleWell:
    """exp(-(x^2 - 1)^2 + x / 3) in each coordinate: two modes, and not symmetric."""

    dim = 2

    def value(self, x):
        return (-((x**2 - 1) ** 2) + x / 3).sum(axis=-1)

    def gradient(self, x):
        return -4 * x * (x**2 - 1) + 1 / 3


class Location:
    """exp(Delta eta' / (T eta)) N(0, 1) of a neuron's location; scale and coefficients are fixed.

    The neuron is (v, c, l) = (0, 1, 0), a bump 1/(1+z^2) at z = 5 (x - location).
    """

    dim, temperature = 1, 0.1

    def __init__(self):
        x = np.random.default_rng(1).standard_normal((40, 1))
        self.stats = places.regression(x, np.where(abs(x - 1) < 0.4, 2.0, np.sin(4 * x)))
        self.objective = NeuronObjective(self.stats)
        self.unit = self.temperature * self.stats.eta
        self.to_standard = np.linalg.inv(self.objective.inputs.to_weights)

    def score(self, x):
        """Scores (C,) at locations (C, 1), and their slopes (C, 1)."""
        weights = np.hstack([np.full_like(x, 5.0), -5 * x]) @ self.to_standard.T
        theta = np.hstack([weights, np.zeros_like(x), np.ones_like(x), np.zeros_like(x)])
        score, gradient = self.objective.evaluate(theta)
        return score, gradient[:, :2] @ (self.to_standard @ [[0.0], [-5.0]])

    def value(self, x):
        return self.score(x)[0] / self.unit - x[:, 0] ** 2 / 2

    def gradient(self, x):
        return self.score(x)[1] / self.unit - x


NORMAL = Gaussian([0.0], [[1.0]])
SHIFTED = Gaussian([1.5], [[4.0]])
CORRELATED = Gaussian([1.0, -2.0, 0.5], PRECISION)
every_density = pytest.mark.parametrize(
    "density",
    [NORMAL, SHIFTED, CORRELATED, DoubleWell(), Location()],
    ids=lambda d: type(d).__name__,
)
step_sizes = st.floats(1e-3, 2)


def state_at(density, x):
    return State(x, density.value(x), density.gradient(x))


def log_q(to, origin, density, step_size):
    """The Langevin proposal's log-density, coordinate by coordinate."""
    mean = origin + step_size * density.gradient(origin)
    return norm.logpdf(to, mean, (2 * step_size) ** 0.5).sum(axis=-1)


# --- The transition ------------------------------------------------------------------------------


@every_density
@given(seed=seeds, step_size=step_sizes)
def test_detailed_balance_holds_at_every_pair(density, seed, step_size):  # (E11)
    x, y = np.random.default_rng(seed).standard_normal((2, 20, density.dim))
    at_x, at_y = state_at(density, x), state_at(density, y)
    there = density.value(x) + log_q(y, x, density, step_size)
    back = density.value(y) + log_q(x, y, density, step_size)
    scale = np.abs([there, back]).max(axis=0)
    flow = there + log_acceptance_probability(at_x, at_y, step_size)
    counter_flow = back + log_acceptance_probability(at_y, at_x, step_size)
    assert (np.abs(flow - counter_flow) <= 1e-10 * np.maximum(scale, 1)).all()


@every_density
@given(seed=seeds, step_size=step_sizes)
def test_one_of_the_two_directions_is_always_accepted(density, seed, step_size):
    x, y = np.random.default_rng(seed).standard_normal((2, 20, density.dim))
    at_x, at_y = state_at(density, x), state_at(density, y)
    both = [log_acceptance_probability(*pair, step_size) for pair in [(at_x, at_y), (at_y, at_x)]]
    assert_close(np.max(both, axis=0), np.zeros(20))
    assert np.min(both) <= 0


@every_density
@given(seed=seeds, step_size=step_sizes)
def test_log_transition_is_the_langevin_law(density, seed, step_size):
    x, y = np.random.default_rng(seed).standard_normal((2, 20, density.dim))
    expected = log_q(y, x, density, step_size)
    assert_close(log_transition(y, state_at(density, x), step_size), expected)


@given(st.floats(-2, 2), step_sizes)
def test_log_transition_integrates_to_one(x, step_size):
    origin = state_at(SHIFTED, np.array([x]))
    mean = x + step_size * SHIFTED.gradient(np.array([x]))
    to = mean + (2 * step_size) ** 0.5 * np.linspace(-12, 12, 2001)[:, None]
    density = np.exp(log_transition(to, origin, step_size))
    assert trapezoid(density, to[:, 0]) == pytest.approx(1, rel=1e-12)


@every_density
@given(seed=seeds, step_size=step_sizes)
def test_the_proposals_of_step_have_the_law_of_log_transition(density, seed, step_size):
    """Change of variables: xi is N(0, I), and the proposal is linear in it."""
    rng = np.random.default_rng(seed)
    state = state_at(density, rng.standard_normal((20, density.dim)))
    xi, log_u = draw(state, rng)
    _, info = step(lambda x: (density.value(x), density.gradient(x)), state, step_size, xi, log_u)
    law_of_noise = norm.logpdf(xi).sum(axis=-1) - density.dim / 2 * np.log(2 * step_size)
    assert_close(log_transition(info.proposal, state, step_size), law_of_noise, 1e-10)


def test_the_noise_is_normal_and_the_threshold_uniform():
    state = State(np.zeros((20_000, 2)), np.zeros(20_000), np.zeros((20_000, 2)))
    xi, log_u = draw(state, np.random.default_rng(0))
    assert xi.shape == (20_000, 2) and log_u.shape == (20_000,)
    assert kstest(xi.ravel(), "norm").pvalue > 0.01
    assert kstest(np.exp(log_u), "uniform").pvalue > 0.01
    assert abs(np.corrcoef(np.column_stack([xi, log_u]).T) - np.eye(3)).max() < 4 / 20_000**0.5


@given(seed=seeds, step_size=step_sizes)
def test_a_chain_moves_to_its_proposal_or_stays(seed, step_size):
    density, rng = DoubleWell(), np.random.default_rng(seed)
    state = state_at(density, rng.standard_normal((20, 2)))
    xi, log_u = draw(state, rng)
    new, info = step(lambda x: (density.value(x), density.gradient(x)), state, step_size, xi, log_u)
    assert (info.accepted == (log_u < info.log_acceptance)).all()
    expected = np.where(info.accepted[:, None], info.proposal, state.position)
    assert_close(new.position, expected, 0)
    assert_close(new.log_density, density.value(expected))
    assert_close(new.gradient, density.gradient(expected))


# --- The stationary law --------------------------------------------------------------------------


@pytest.mark.parametrize("density, step_size", [(NORMAL, 0.8), (SHIFTED, 0.3), (CORRELATED, 0.15)])
def test_stationary_moments_are_those_of_the_gaussian(density, step_size):  # (E11)
    """Means over time of 4000 chains, whose scatter gives the standard error of each moment."""
    chains = mala(
        density.value, density.gradient, np.full((4000, density.dim), 2.0), step_size, 300, 0
    )
    assert 0.2 < chains.acceptance_rate < 0.95  # rejections are at work
    x = chains.positions[150:] - density.mean
    second = np.einsum("tci,tcj->cij", x, x) / len(x)
    covariance = np.linalg.inv(density.precision)
    for moments, expected in [(x.mean(axis=0), 0), (second, covariance)]:
        error = moments.std(axis=0) / 4000**0.5
        assert (error < 0.02).all()
        assert (np.abs(moments.mean(axis=0) - expected) < 4 * error).all()


def test_the_histogram_on_a_landscape_of_scores_is_its_density():  # (E11), Theorem 3.2
    """Ends of 3000 independent chains in 20 bins, chi-square below its 99.9 % point."""
    landscape, grid = Location(), np.linspace(-4, 4, 4001)
    values = np.concatenate([landscape.value(part[:, None]) for part in np.split(grid[:-1], 8)])
    weight = np.exp(values - values.max())
    edges = np.interp(np.linspace(0, 1, 21), np.cumsum(weight) / weight.sum(), grid[1:])
    edges[[0, -1]] = -np.inf, np.inf

    def statistic(x):
        count = np.histogram(x, edges)[0]
        return ((count - len(x) / 20) ** 2 / (len(x) / 20)).sum()

    start = np.random.default_rng(0).standard_normal((3000, 1))
    assert statistic(start) > 10 * chi2.ppf(0.999, 19)  # the prior alone is far from it
    chains = mala(landscape.value, landscape.gradient, start, 0.1, 60, 1)
    assert 0.3 < chains.acceptance_rate < 0.95
    assert statistic(chains.positions[-1]) < chi2.ppf(0.999, 19)


# --- The drift -----------------------------------------------------------------------------------


def shortfall(gradient, step_size):
    """1 - acceptance, from exact draws of a correlated Gaussian."""
    rng = np.random.default_rng(0)
    x = rng.multivariate_normal(CORRELATED.mean, np.linalg.inv(PRECISION), 50_000)
    state = initial_state(lambda x: (CORRELATED.value(x), gradient(x)), x)
    _, info = step(
        lambda x: (CORRELATED.value(x), gradient(x)), state, step_size, *draw(state, rng)
    )
    return -np.expm1(info.log_acceptance).mean()


def test_acceptance_approaches_one_like_step_size_to_the_three_halves():
    sizes = np.array([1e-1, 1e-2, 1e-3, 1e-4])
    short = [shortfall(CORRELATED.gradient, size) for size in sizes]
    slopes = np.diff(np.log(short)) / np.diff(np.log(sizes))
    assert_close(slopes, [1.5] * 3, 0.1)
    assert short[-1] < 1e-5


def test_a_drift_of_the_wrong_sign_costs_acceptance():
    """Still exact, since the ratio knows the drift; but it falls short like the square root."""
    sizes = np.array([1e-2, 1e-3, 1e-4])
    wrong = [shortfall(lambda x: -CORRELATED.gradient(x), size) for size in sizes]
    assert_close(np.diff(np.log(wrong)) / np.diff(np.log(sizes)), [0.5] * 2, 0.1)
    for size, short in zip(sizes, wrong, strict=True):
        assert short > 20 * shortfall(CORRELATED.gradient, size)


def test_a_step_goes_up_the_density_by_the_step_size_times_the_gradient():
    state = state_at(CORRELATED, np.zeros((1, 3)))
    evaluate = lambda x: (CORRELATED.value(x), CORRELATED.gradient(x))  # noqa: E731
    _, info = step(evaluate, state, 1e-3, np.zeros((1, 3)), np.array([-1.0]))
    assert_close(info.proposal, 1e-3 * state.gradient)
    assert CORRELATED.value(info.proposal) > CORRELATED.value(state.position)


def test_the_moments_can_see_a_drift_of_the_wrong_sign():
    """Proposals against the gradient, judged as if they followed it."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((4000, 1))
    for _ in range(60):
        state = state_at(NORMAL, x)
        xi, log_u = draw(state, rng)
        proposed = state_at(NORMAL, x - 0.3 * state.gradient + 0.6**0.5 * xi)
        accepted = log_u < log_acceptance_probability(state, proposed, 0.3)
        x = np.where(accepted[:, None], proposed.position, x)
    assert abs(x.var() - 1) > 10 * (2 / 4000) ** 0.5


# --- Edges ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("where", ["log_density", "gradient"])
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_rejected(bad, where):  # (E11)
    """Outside |x| < 1 the value, or the gradient, is bad: no chain ever gets there."""

    def value(x):
        out = (np.abs(x) >= 1).any(axis=-1) & (where == "log_density")
        return np.where(out, bad, -(x**2).sum(axis=-1))

    def gradient(x):
        return np.where((np.abs(x) >= 1) & (where == "gradient"), bad, -2 * x)

    chains = mala(value, gradient, np.full((50, 2), 0.5), 0.5, 100, 0)
    assert (np.abs(chains.positions) < 1).all()
    assert np.isfinite(chains.log_densities).all()
    assert 0.05 < chains.acceptance_rate < 0.6


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_start_without_a_finite_density_is_refused(bad):
    start = np.array([[0.0], [1.0]])
    with pytest.raises(ValueError, match="not finite at the start"):
        mala(lambda x: np.where(x[:, 0] > 0.5, bad, 0.0), lambda x: 0 * x, start, 0.1, 5, 0)
    with pytest.raises(ValueError, match="not finite at the start"):
        mala(lambda x: 0 * x[:, 0], lambda x: np.where(x > 0.5, bad, 0.0), start, 0.1, 5, 0)


@pytest.mark.parametrize("shape", [(3,), (4, 3), (2, 4, 3)])
def test_one_chain_and_several_obey_the_same_shape_rules(shape):
    chains = mala(CORRELATED.value, CORRELATED.gradient, np.zeros(shape), 0.1, 7, 0)
    assert chains.positions.shape == (7, *shape)
    assert chains.log_densities.shape == (7, *shape[:-1])
    assert_close(chains.log_densities, CORRELATED.value(chains.positions))
    assert isinstance(chains.acceptance_rate, float) and 0 <= chains.acceptance_rate <= 1


def test_the_acceptance_rate_is_the_share_of_steps_that_moved():
    chains = mala(NORMAL.value, NORMAL.gradient, np.zeros((30, 1)), 1.0, 200, 0)
    moved = np.diff(np.concatenate([np.zeros((1, 30, 1)), chains.positions]), axis=0) != 0
    assert chains.acceptance_rate == pytest.approx(moved.mean(), rel=1e-12)


def test_equal_seeds_give_equal_bytes_and_the_start_stays_as_it_is():
    start = np.full((4, 3), 0.25)
    runs = [mala(CORRELATED.value, CORRELATED.gradient, start, 0.1, 9, seed) for seed in (5, 5, 6)]
    assert (start == 0.25).all()
    assert runs[0].positions.tobytes() == runs[1].positions.tobytes() != runs[2].positions.tobytes()
    assert runs[0].log_densities.tobytes() == runs[1].log_densities.tobytes()


@pytest.mark.parametrize(
    "changes, error, message",
    [
        ({"gradient": lambda x: x[:, :1]}, ValueError, r"its gradient \(2, 1\); expected \(2,\)"),
        ({"log_density": lambda x: x}, ValueError, r"has shape \(2, 3\) and its gradient"),
        ({"start": 1.0}, ValueError, r"start is a number, expected an array \(dim,\)"),
        ({"start": [[np.nan] * 3]}, ValueError, r"start must be finite"),
        ({"step_size": 0.0}, ValueError, r"step_size is 0.0, expected a number above 0"),
        ({"step_size": "big"}, TypeError, r"step_size is 'big', expected a number"),
        ({"num_steps": 0}, ValueError, r"num_steps is 0, expected an integer of at least 1"),
        ({"rng": np.random.RandomState(0)}, TypeError, r"expected None, an int or a numpy"),
    ],
)
def test_bad_input_is_refused_in_words_that_help(changes, error, message):
    arguments = {
        "log_density": CORRELATED.value, "gradient": CORRELATED.gradient,
        "start": np.zeros((2, 3)), "step_size": 0.1, "num_steps": 3, "rng": 0,
    }  # fmt: skip
    with pytest.raises(error, match=message):
        mala(**(arguments | changes))
