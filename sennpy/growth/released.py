"""What the authors' released code does otherwise than the paper says, in one place.

Section 9 lists the differences; those that concern the choice of proposals stand here, as one
`Proposer` each that `--preset paper` plugs in. Nothing else in the package depends on this file.
"""

from dataclasses import dataclass, replace

import numpy as np

from ..curvature.natural_gradient import Damping, solve
from ..expansion.mala import State, draw
from ..validation import as_count, as_number, as_rng, keep_plain
from .chains import ChainSettings
from .change import Change, Deepen, Widen
from .compiled import neuron_objective
from .objectives import StandardInputs
from .proposer import Proposer

SEARCH_DAMPING = 0.1  # of G's mean diagonal, while searching
SMALLEST_SINGULAR_VALUE = 1e-3  # of their mean, to which those of W_q are clipped


def released_place(place, g_y=None):
    """A place with the released G and without the bias, for output gradients g_y (N, m).

    G = E[g g^T] from output gradients normalised to length 1 in each sample; a_c, hence A and the
    residual, leave the constant 1 out. The metric's directions are not used. The view's own output
    gradients count unless others are given.
    """
    view = place.view
    g_y = view.g_y if g_y is None else g_y
    size = np.sqrt((g_y**2).sum(axis=1, keepdims=True))
    unit = np.divide(g_y, size, out=np.zeros_like(g_y), where=size > 0)
    receiver = place.index + 1 if place.kind == "neuron" else place.index
    g, g_unit = view.net.backward(view.trace, np.stack([g_y, unit]))[receiver]
    a_c, W = view.trace.inputs[receiver][:, :-1], view.net.weights[receiver][:-1]
    return place.with_statistics(a_c, g, g_unit.T @ g_unit / len(g), W)


class RawInputs(StandardInputs):
    """Weights are theta itself: the prior is N(0, 1) on every weight and bias."""

    def __init__(self, inputs):
        self.to_weights, self.x = np.eye(inputs.shape[1]), inputs


def released_state(evaluate, position):
    """State at a position (C, dim): minus the energy E, and the "gradient".

    E = -score + sum s^2, while the gradient is +1/2 grad score. evaluate(s) gives scores (C,) and
    their gradients (C, dim).
    """
    score, gradient = evaluate(position)
    return State(position, score - (position**2).sum(axis=-1), gradient / 2)


def released_step(evaluate, state, step_size, temperature, xi, log_u):
    """One step of the released kernel from given noise: the next State and the acceptance (C,).

    A midpoint step with the same noise twice, down the score; neither its drift nor its acceptance
    belongs to the density of (E11). With zero score and the N(0, 1) prior its variance is 1/3.

    Parameters
    ----------
    evaluate : callable
        (C, dim) to scores (C,) and their gradients (C, dim).
    state : State
        From `released_state`.
    step_size, temperature : float
        r and T.
    xi : (C, dim) array
        Standard normal.
    log_u : (C,) array
        Logarithms of uniform numbers.

    Notes
    -----
    Paper: (E17).
    """

    def delta(s, g):
        return -step_size * (g / temperature + s) + np.sqrt(2 * step_size) * xi

    s = state.position
    half = s + delta(s, state.gradient) / 2
    proposed = released_state(evaluate, s + delta(half, released_state(evaluate, half).gradient))
    mean = (state.gradient + proposed.gradient) / 2
    expected = -(mean * delta(s, mean)).sum(axis=-1)
    gap = (proposed.log_density - state.log_density - expected) / temperature
    acceptance = np.where(np.isfinite(gap), np.exp(np.minimum(gap, 0)), 0.0)
    accepted = log_u < np.log(np.maximum(acceptance, np.finfo(float).tiny))
    pick = accepted[:, None]
    return State(
        np.where(pick, proposed.position, s),
        np.where(accepted, proposed.log_density, state.log_density),
        np.where(pick, proposed.gradient, state.gradient),
    ), acceptance


def released_residual_place(place):
    """`released_place` for output gradients without their part along the natural gradient.

    With n the damped natural gradient, J n is the change of the outputs that training is about to
    make; what g_y has in common with it is taken off before the layer's residual. eta stays that
    of g_y itself.
    """
    view, g_y = place.view, place.view.g_y
    gradient = view.net.vjp(view.trace, g_y) / len(g_y)
    n = solve(view.trace, view.u, gradient, "cg", Damping(0.1)).direction
    change = view.net.jvp(view.trace, n)
    size = (change**2).sum()
    rest = g_y - change * ((change * g_y).sum() / size) if size > 0 else g_y
    return replace(released_place(place, rest), eta=released_place(place).eta)


def damped(place):
    """The statistics with G as the released search sees it."""
    G = place.G
    return replace(place, G=G + SEARCH_DAMPING * np.trace(G) / len(G) * np.eye(len(G)))


class Released(Proposer):
    """What the released searches share: how what `sample` draws becomes a proposal.

    A layer is searched and scored as n parallel neurons, and the singular values of the W_q that is
    kept are clipped below. Its own score is what the released code holds against the thresholds:
    `Thresholds(by="own")`.

    Notes
    -----
    Paper: section 9, (E16).
    """

    def sees(self, place):
        return released_place(place)

    def changes(self, place, rng):
        return [self.neurons(place, 1, rng) if place.kind == "neuron" else self.layer(place, rng)]

    def neurons(self, place, k=1, rng=None):
        """The k neurons drawn, a `Change`."""
        weights, coefficients, score = self.sample(place, as_count("k", k), as_rng(rng))
        return Change(Widen(place.index, weights, coefficients), score)

    def layer(self, place, rng=None):
        """The square layer drawn, a `Change`."""
        n = place.inputs.shape[1] - 1
        weights, _, score = self.sample(place, n, as_rng(rng))
        U, s, Vt = np.linalg.svd(weights[:-1])
        clipped = np.vstack([(U * s.clip(SMALLEST_SINGULAR_VALUE * s.mean())) @ Vt, weights[-1:]])
        return Change(Deepen(place.index, clipped), score)

    def sample(self, place, k, rng):
        """Weights and coefficients of k neurons, and the score that is held against tau."""
        raise NotImplementedError


@dataclass(frozen=True)
class ReleasedSearch(ChainSettings, Released):
    """The released proposal search: E17 chains, a draw among their ends, and a mean as the score.

    Each chain adapts its own step size. The proposal is drawn from softmax(score / (T eta)); what
    is held against tau and alpha is the mean of the chains' scores under that softmax.

    Notes
    -----
    Paper: section 7, section 9, (E17).
    """

    def unit(self, place):
        """s of the chains' density exp(score / (T s)): the receiving layer's score."""
        return place.eta or 1.0

    def sample(self, place, k, rng):
        """Weights and coefficients of the proposal drawn, and the mean score."""
        objective = neuron_objective(damped(place), k, RawInputs)
        unit = self.unit(place)

        def evaluate(theta):
            scores, gradients = objective.evaluate(theta)
            return scores / unit, gradients / unit

        state = released_state(evaluate, rng.standard_normal((self.chains, objective.dim)))
        size = np.full((self.chains, 1), self.step_size)
        for _ in range(self.bursts):
            acceptance = 0.0
            for _ in range(self.burst_length):
                xi, log_u = draw(state, rng)
                state, probability = released_step(
                    evaluate, state, size, self.temperature, xi, log_u
                )
                acceptance = acceptance + probability / self.burst_length
            factor = np.where(acceptance > 0.6, 1.3, 1 / 1.3)
            size = size * np.where(abs(acceptance - 0.6) > 0.3, factor, 1.0)[:, None]
        scores = state.log_density + (state.position**2).sum(axis=-1)
        share = np.exp((scores - scores.max()) / self.temperature)
        share = share / share.sum()
        chosen = rng.choice(self.chains, p=share)
        return *objective.decode(state.position[chosen]), unit * float(share @ scores)


@dataclass(frozen=True)
class ReleasedSubsetSearch(ReleasedSearch):
    """The released search of the MNIST subsets: scale 1, and the residual of the third experiment.

    Notes
    -----
    Paper: section 7, section 9.
    """

    def sees(self, place):
        return released_residual_place(place)

    def unit(self, place):
        return 1.0


@dataclass(frozen=True)
class ReleasedAscent(Released):
    """The released search of MNIST: gradient ascent from many draws, the best of which counts.

    `rounds` times `chains` draws from N(0, 1) each go so many `steps` along the gradient of the
    damped score, `step_size` long in the first and shrinking to nothing. (That there is ascent,
    from 10,000 draws, is on record; number and length of its steps are our choice.)

    Notes
    -----
    Paper: section 7, section 9.
    """

    rounds: int = 100
    chains: int = 100
    steps: int = 100
    step_size: float = 0.3

    def sees(self, place):
        return released_residual_place(place)

    def __post_init__(self):
        for name in ("rounds", "chains", "steps"):
            as_count(name, getattr(self, name))
        as_number("step_size", self.step_size, above=0)
        keep_plain(self)

    def sample(self, place, k, rng):
        objective, found = neuron_objective(damped(place), k, RawInputs), []
        for _ in range(self.rounds):
            theta = rng.standard_normal((self.chains, objective.dim))
            for i in range(self.steps):
                gradient = objective.evaluate(theta)[1]
                length = np.sqrt((gradient**2).sum(axis=1, keepdims=True))
                away = np.divide(gradient, length, out=np.zeros_like(gradient), where=length > 0)
                theta = theta + self.step_size * (1 - i / self.steps) * away
            scores = objective.evaluate(theta)[0]
            best = int(np.argmax(scores))
            found.append((float(scores[best]), theta[best]))
        score, theta = max(found, key=lambda pair: pair[0])
        return *objective.decode(theta), score
