"""Section 4. What to add: the lower bound and its maximisation."""

from functools import partial

import numpy as np

from ..expansion.coefficients import best_coefficients
from ..expansion.insertion import inserted_layer_delta_eta, inserted_layer_surrogate
from ..expansion.layer_score import (
    delta_eta,
    delta_eta_bound,
    delta_eta_bound_gradient,
    delta_eta_supremum,
    residual_gradient,
)
from ..expansion.mala import initial_state, mala, step
from ..growth.chains import MalaSearch
from ..growth.objectives import NeuronObjective
from ..growth.place import Place
from . import by_hand
from .case import LARGEST, DoesNotApply
from .register import at_most, equal, equation, invariant

entry = partial(equation, section=4)
TEMPERATURE = 0.7  # of the chains of (E11)


@entry(
    "(E7)",
    "the residual gradient is what a regression of g on a_c leaves",
    r"g_r = g_l - E[g_l a_c^\top] A_c^{-1} a_c",
    implementations=(residual_gradient,),
    notebook="06_the_lower_bound",
)
def e7(case):
    l = case.here
    g_r, rest = residual_gradient(l.a, l.g), by_hand.left_over(l.a, l.g)
    return [equal("g_r", g_r, rest, np.abs(l.g).max(), l.tolerance_of_residual())]


@entry(
    "Lemma A.6",
    "the current inputs explain nothing of g_r, and E[a_p g_r^T] is the residual r of (E5)",
    r"E[a_c g_r^\top] = 0, \qquad E[a_p g_r^\top] = C_p - A_{pc} A_c^{-1} C_c",
    implementations=(residual_gradient,),
    notebook="06_the_lower_bound",
)
def lemma_a6(case):
    l, a_p, N = case.receiver, case.a_p, case.problem.N
    g_r, tolerance = residual_gradient(l.a, l.g), l.tolerance_of_residual()
    new = by_hand.left_over(l.a, a_p).T @ l.g / N  # the part of a_p that is new, with all of g
    size = np.sqrt((l.g**2).mean(axis=0).sum())
    return [
        equal("E[a_c g_r^T] = 0", l.a.T @ g_r / N, 0 * l.W, size * np.abs(l.a).max(), tolerance),
        equal("E[a_p g_r^T] = E[a_r g^T]", a_p.T @ g_r / N, new, size * np.abs(a_p).max(),
              tolerance),
    ]  # fmt: skip


@entry(
    "Theorem 3.2",
    "the bound from g_r and A_p alone never exceeds the exact increase",
    r"\Delta\eta' = \mathrm{Tr}[A_p^{-1} E[a_p g_r^\top] G^{-1} E[g_r a_p^\top]] \le \Delta\eta",
    implementations=(delta_eta_bound,),
    notebook="06_the_lower_bound",
)
def theorem_3_2(case):
    l, a_p, N = case.receiver, case.a_p, case.problem.N
    joint = np.hstack([l.a, a_p])
    bound, tolerance = delta_eta_bound(a_p, residual_gradient(l.a, l.g), l.G), l.tolerance(joint)
    exact = l.eta(joint) - l.eta(l.a)  # two regressions, neither knows of g_r
    return [
        at_most("Delta eta' <= Delta eta", bound, exact, l.most, tolerance),
        at_most("0 <= Delta eta'", 0.0, bound, l.most, tolerance),
        equal("Delta eta' = what a_p explains of g_r", bound,
              by_hand.explained(a_p, l.white_r) / N, l.most, tolerance),
    ]  # fmt: skip


@entry(
    "(E8)",
    "the exact increase, by the Schur complement of A_c in the joint moment",
    r"\Delta\eta = \mathrm{Tr}[\Sigma^{-1} D G^{-1} D^\top], \quad "
    r"\Sigma = A_p - A_{pc} A_c^{-1} A_{cp}, \quad D = E[a_p g_r^\top]",
    implementations=(delta_eta,),
    notebook="06_the_lower_bound",
)
def e8(case):
    l, joint = case.receiver, np.hstack([case.receiver.a, case.a_p])
    exact = delta_eta(l.a, case.a_p, l.g, l.G)
    return [
        equal("Delta eta = eta(a_c, a_p) - eta(a_c)", exact, l.eta(joint) - l.eta(l.a), l.most,
              l.tolerance(joint)),
    ]  # fmt: skip


@entry(
    "(E9)",
    "one neuron's bound is 1 - R^2 of its increase; no proposal exceeds the supremum",
    r"\Delta\eta' = (1 - R^2)\, \Delta\eta, \qquad "
    r"\Delta\eta \le \mathrm{Tr}[G^{-1} E[g_r g_r^\top]]",
    implementations=(delta_eta, delta_eta_bound, delta_eta_supremum),
    notebook="06_the_lower_bound",
)
def e9(case):
    l, one, rng = case.receiver, case.a_p[:, :1], case.rng
    joint, g_r = np.hstack([l.a, case.a_p]), residual_gradient(l.a, l.g)
    same = {"scale": l.most, "tolerance": l.tolerance(joint)}
    R2 = by_hand.explained(l.a, one) / (one**2).sum()
    increase = by_hand.explained(by_hand.left_over(l.a, one), l.white) / len(one)
    exact, supremum = delta_eta(l.a, case.a_p, l.g, l.G), delta_eta_supremum(g_r, l.G)
    bound, mix = delta_eta_bound(case.a_p, g_r, l.G), well_mixed(case.a_p.shape[1], rng)
    redundant = l.a @ rng.standard_normal((l.a.shape[1], 1))
    return [
        equal("bound = (1 - R^2) exact", delta_eta_bound(one, g_r, l.G), (1 - R2) * increase,
              **same),
        equal("supremum", supremum, (l.white_r**2).sum() / len(one), **same),
        at_most("exact <= supremum", exact, (l.white_r**2).sum() / len(one), **same),
        equal("a redundant neuron scores 0", delta_eta(l.a, redundant, l.g, l.G), 0.0, **same),
        invariant("exact, a_p Q", delta_eta(l.a, case.a_p @ mix, l.g, l.G), exact, **same),
        invariant("bound, a_p Q", delta_eta_bound(case.a_p @ mix, g_r, l.G), bound, **same),
    ]  # fmt: skip


def well_mixed(k, rng):
    """An invertible matrix (k, k) that is neither symmetric nor orthogonal."""
    return np.linalg.qr(rng.standard_normal((k, k)))[0] * rng.uniform(0.5, 2, k)


@entry(
    "(E10)",
    "gradient of the bound in the proposed activations",
    r"\frac{\partial \Delta\eta'}{\partial a_p(x_n)} = "
    r"\tfrac2N A_p^{-1} D G^{-1} \bigl(g_r(x_n) - D^\top A_p^{-1} a_p(x_n)\bigr)",
    implementations=(delta_eta_bound_gradient,),
    notebook="06_the_lower_bound",
)
def e10(case):
    l, a_p = case.receiver, case.a_p
    if by_hand.dependent(a_p):
        raise DoesNotApply("proposed neurons are mixtures of others: the bound has no gradient")
    gradient = delta_eta_bound_gradient(a_p, residual_gradient(l.a, l.g), l.G)
    size = np.sqrt((a_p**2).mean(axis=0))
    V = case.rng.standard_normal((5, *a_p.shape)) * size  # along five directions
    steps = [np.imag(by_hand.bound(a_p + 1j * by_hand.STEP * v, l.white_r)) for v in V]
    tolerance = l.tolerance(l.a, a_p) * by_hand.condition(a_p) ** 2
    return [
        equal("directional derivatives = complex steps", (V * gradient).sum(axis=(1, 2)),
              np.array(steps) / by_hand.STEP, l.most, tolerance),
    ]  # fmt: skip


@entry(
    "(E11)",
    "Langevin proposals: up the score, and in detailed balance with their target",
    r"p(\theta) \propto \exp\Bigl(\frac{\Delta\eta'}{T s}\Bigr)\, N(\theta; 0, I), \qquad "
    r"p(x)\, q(y|x)\, a(x, y) = p(y)\, q(x|y)\, a(y, x)",
    implementations=(mala, MalaSearch),
    notebook="07_langevin_proposals",
)
def e11(case):
    l, p, rng, r = case.receiver, case.problem, case.rng, 0.05
    place = Place.of(p.trace.inputs[case.place], l.a, l.g, l.G, l.W, p.net.activation)
    objective = NeuronObjective(place)
    if objective.dim > 100:
        raise DoesNotApply(f"a proposal has {objective.dim} parameters; at most 100 are checked")
    unit = MalaSearch(temperature=TEMPERATURE).unit(place)
    theta, noise = rng.standard_normal(objective.dim), np.random.default_rng(case.seed)
    xi, log_u = noise.standard_normal((1, objective.dim)), np.log1p(-noise.random(1))

    def target(s):
        return objective.density(s, unit)

    _, info = step(target, initial_state(target, theta[None]), r, xi, log_u)
    parts = (lambda s: target(s)[0]), (lambda s: target(s)[1])
    chain = mala(*parts, theta[None], r, 1, np.random.default_rng(case.seed))
    log_p = log_density(case)

    def log_q(to, origin, up):  # N(to; origin + r grad log p, 2 r I)
        return -((to - origin - r * up) ** 2).sum() / (4 * r)

    up = by_hand.complex_step(log_p, theta)
    proposed = theta + r * up + np.sqrt(2 * r) * xi[0]
    back = by_hand.complex_step(log_p, proposed)
    gain = log_p(proposed) - log_p(theta)
    ratio = gain + log_q(theta, proposed, back) - log_q(proposed, theta, up)
    tolerance = 1e-8 + 100 * l.tolerance(l.a) * l.most / l.eta(l.a)
    size = 1 + np.abs(up).max() + np.abs(back).max()
    return [
        equal("the proposal goes up the log-density", info.proposal[0], proposed, size, tolerance),
        equal("log a(x, y)", info.log_acceptance[0], min(ratio, 0.0), size**2, tolerance),
        equal("a step of the chain", chain.positions[0, 0],
              proposed if log_u[0] < ratio else theta, size, tolerance),
    ]  # fmt: skip


def log_density(case):
    """The log-density of (E11) without its constant, by hand; its argument may be complex."""
    l, p = case.receiver, case.problem
    x = standard(p.trace.inputs[case.place])
    activation = by_hand.ACTIVATIONS[type(p.net.activation).__name__]

    def log_p(s):
        a = activation(x @ s[: x.shape[1], None], s[x.shape[1] :, None])
        if not a.any():
            raise DoesNotApply("a proposed neuron is silent on all samples")
        return by_hand.bound(a, l.white_r) / (TEMPERATURE * l.eta(l.a)) - (s @ s) / 2

    return log_p


def standard(inputs):
    """Inputs shifted and scaled as a whole to order one, and the constant 1 (see `objectives`)."""
    x, ones = inputs[:, :-1], inputs[:, -1:]
    spread = np.sqrt(x.var(axis=0).mean() * x.shape[1])
    if spread <= 1e-9 * np.abs(x).max():
        raise DoesNotApply("the inputs of the proposed neurons are constant")
    return np.hstack([(x - x.mean(axis=0)) / spread, ones])


@entry(
    "(E12)",
    "for given input weights the best coefficients are a top eigenvector, its value their score",
    r"B B^\top q = \mu M q, \qquad B = E[\phi\, r^\top],\; M = E[\phi \phi^\top], \qquad "
    r"\max_{v, c, l} \Delta\eta' = \mu_{\max}",
    implementations=(best_coefficients,),
    notebook="07b_closed_form_and_twins",
)
def e12(case):
    case.needs_rational("varied by coefficients")
    l, N = case.receiver, case.problem.N
    z = (case.problem.trace.inputs[case.place] @ case.weights)[:, 0]
    phi = np.column_stack([2 * z / (1 + z**2), 1 / (1 + z**2), z])
    g_r, others = residual_gradient(l.a, l.g), case.rng.standard_normal((10, 3))
    both = np.hstack([l.a, phi])
    tolerance, sides = l.tolerance(l.a, both, both, phi), []  # to find what is new, and its score

    def score(k, features):
        return by_hand.explained(features @ k[:, None], l.white_r) / N

    new = by_hand.new_part(l.a, phi)
    for name, features, a_c in [("bound", phi, None), ("exact", new, l.a)]:
        q, best = best_coefficients(z, g_r, l.G, a_c)
        reached = by_hand.span(features).T @ l.white_r
        top = np.linalg.svd(reached, compute_uv=False).max(initial=0.0) ** 2 / N
        rest = [score(k, features) for k in others]
        sides += [
            equal(f"{name}: largest eigenvalue", best, top, l.most, tolerance),
            equal(f"{name}: score of its vector", best, score(q, features), l.most, tolerance),
            at_most(f"{name}: other coefficients", rest, best, l.most, tolerance),
        ]
    return sides


@entry(
    "(E16)",
    "an inserted layer adds the coefficients v and c of its units, and nothing else",
    r"\Delta\eta = r^\top S^{-1} r \text{ for the directions } \phi_v(z_k) u_k, \phi_c(z_k) u_k; "
    r"\quad \phi_v = \tfrac{2z}{1+z^2},\; \phi_c = \tfrac{1}{1+z^2}",
    implementations=(inserted_layer_delta_eta, inserted_layer_surrogate),
    notebook="04_how_to_add",
)
def e16(case):
    case.needs_rational("inserted as a layer")
    l, weights, N = case.here, case.square, case.problem.N
    T, rank, n = l.roots[0], l.roots[0].shape[1], weights.shape[1]
    if N * rank * (rank * l.a.shape[1] + 2 * n) ** 2 > LARGEST:
        raise DoesNotApply("the layer is too large for its directions to be written out")
    u, z = np.linalg.inv(weights[:-1]) @ l.W[:-1], l.a @ weights
    phi = np.hstack([2 * z / (1 + z**2), 1 / (1 + z**2)])
    new = np.einsum("nk,kr->nrk", phi, np.vstack([u, u]) @ T).reshape(N * rank, -1)
    old = np.kron(l.a, np.eye(rank))  # directions at the pre-activations, whitened by G
    target = l.white.ravel()
    exact = inserted_layer_delta_eta(l.a, weights, l.W, l.g, l.G)
    both, score = np.hstack([old, new]), partial(by_hand.explained, b=target)
    k = case.rng.standard_normal((3, n))
    features = k[0] * phi[:, :n] + k[1] * phi[:, n:] + k[2] * z
    surrogate = inserted_layer_surrogate(l.a, weights, k, l.g, l.G)
    tolerance = l.tolerance(l.a, features) + by_hand.rounding(both, target)
    return [
        equal("exact", exact, (score(both) - score(old)) / N, l.most, tolerance),
        equal("surrogate", surrogate, by_hand.explained(features, l.white_r) / N, l.most,
              tolerance),
    ]  # fmt: skip
