"""When an addition is real: damped as training is, beside chance, on samples that were held out."""

from functools import partial
from itertools import permutations

import numpy as np

from ..curvature.fisher import fisher
from ..expansion.damped import chance_level, damped_delta_eta, damped_score, honest_increase
from ..expansion.grow import insert
from . import by_hand
from .case import DoesNotApply, clear
from .register import at_most, equal, equation

entry = partial(equation, section=5)


@entry(
    "(E18)",
    "the damped score, and its increase by directions that are written orthogonal to the old",
    r"\eta_D = g^\top (F + D)^{-1} g, \qquad "
    r"\Delta\eta_D = \mathrm{Tr}[(\Sigma + R)^{-1} D_r G^{-1} D_r^\top] \le \Delta\eta",
    implementations=(damped_score, damped_delta_eta),
    notebook="08_when_to_add_and_when_to_stop",
)
def e18(case):
    p, l, a_p, N = case.problem, case.receiver, case.a_p, case.problem.N
    ridge = 10.0 ** case.rng.uniform(-3, 1)
    D = ridge * (p.J**2).sum(axis=0).mean() / N * case.rng.uniform(0.5, 2, p.J.shape[1])
    eta_D = damped_score(fisher(p.net, p.X), p.gradient, D)
    left, size = by_hand.left_over(l.a, a_p), (a_p**2).mean(axis=0)
    increase = damped_delta_eta(l.a, a_p, l.g, l.G, ridge)
    exact, tolerance = l.eta(np.hstack([l.a, a_p])) - l.eta(l.a), l.tolerance(l.a)
    again = damped_delta_eta(l.a, l.a[:, :1], l.g, l.G, ridge)
    return [
        equal("eta_D = lambda - least damped squares", eta_D,
              by_hand.ridge_explained(p.J, p.g_y.reshape(-1, 1), N * D) / N, p.lam, 1e-9),
        at_most("eta_D <= eta", eta_D, p.eta_c, p.lam, p.tolerance_c),
        equal("Delta eta_D = damped squares of what is left of a_p", increase,
              by_hand.ridge_explained(left, l.white, N * ridge * size) / N, l.most, tolerance),
        at_most("Delta eta_D <= Delta eta", increase, exact, l.most,
                l.tolerance(np.hstack([l.a, a_p]))),
        equal("a duplicate brings 0", again, 0.0, l.most, tolerance),
    ]  # fmt: skip


@entry(
    "(E19)",
    "k fixed directions explain k / (N - 1) of what there is, in the mean over all orders",
    r"\frac{1}{N!} \sum_\pi \mathrm{Tr}[D_\pi^\top A_p^{-1} D_\pi G^{-1}] "
    r"= \frac{k}{N - 1} \mathrm{Tr}[G^{-1} E[g_r g_r^\top]]",
    implementations=(chance_level,),
    notebook="08_when_to_add_and_when_to_stop",
)
def e19(case):
    l, n = case.here, min(case.problem.N, 5)
    if n < 3:
        raise DoesNotApply("fewer than three samples")
    some = l.g[:n] - l.g[:n].mean(axis=0)
    white = some @ l.roots[1]
    directions = by_hand.left_over(np.ones((n, 1)), case.rng.standard_normal((n, 2)))
    orders = list(permutations(range(n)))
    if not white.any():
        raise DoesNotApply("the gradients of the first samples are all the same")
    axes = [by_hand.span(directions[:, :k]) for k in (1, 2)]
    return [
        equal(f"k = {k}: the mean over all orders", chance_level(some, l.G, k),
              np.mean([((Q.T @ white[list(order)]) ** 2).sum() / n for order in orders]),
              l.most, l.tolerance(l.a))
        for k, Q in enumerate(axes, start=1)
    ]  # fmt: skip


@entry(
    "(E20)",
    "what a step that was found on some samples brings to each, them or others",
    r"q_n = -2\, o_n \cdot g_{r,n} - \sum_r (u_{rn} \cdot o_n)^2, \qquad "
    r"o_n = S^\top \tilde a_n, \qquad E_{\text{fitted}}[q] = \Delta\eta \text{ at } R = 0",
    implementations=(honest_increase,),
    notebook="08_when_to_add_and_when_to_stop",
)
def e20(case):
    l, a_p, N = case.receiver, case.a_p, case.problem.N
    joint, u = np.hstack([l.a, a_p]), constant(l.roots[0], N)
    fitted = np.zeros(N, dtype=bool)
    fitted[case.rng.permutation(N)[: (N + 1) // 2]] = True
    if fitted.sum() <= joint.shape[1] + 1:
        raise DoesNotApply("too few samples to fit a step on half of them")
    if by_hand.dependent(joint[fitted]):
        raise DoesNotApply("the fitted samples leave open where a step leads on others")
    everywhere = honest_increase(l.a, a_p, l.g, u, np.ones(N, dtype=bool), 0.0).mean()
    q = honest_increase(l.a, a_p, l.g, u, fitted, 0.0)
    both = [by_hand.predicted(a[fitted], l.white[fitted], a) for a in (joint, l.a)]
    # twice the drop of |white|^2 / 2 from the fit on a_c to that on both, sample by sample
    drops = ((l.white - both[1]) ** 2).sum(axis=1) - ((l.white - both[0]) ** 2).sum(axis=1)
    tolerance = clear_of(l.tolerance(joint), joint[fitted], l.white[fitted])
    return [
        equal("in the sample: Delta eta", everywhere, l.eta(joint) - l.eta(l.a), l.most,
              l.tolerance(joint)),
        equal("sample by sample: two regressions", q, drops, np.abs(drops).max() + l.most,
              tolerance),
    ]  # fmt: skip


def constant(root, N):
    """Output directions (rank, N, n_out), for all samples those of G = root root^T."""
    return np.broadcast_to(root.T[:, None], (root.shape[1], N, root.shape[0]))


def clear_of(tolerance, inputs, targets):
    """The tolerance, or that of a regression on a part of the samples if it is larger."""
    return max(tolerance, clear(1e3 * by_hand.rounding(inputs, targets)))


@entry(
    "(E21)",
    "a linear map of n inputs to n_out outputs passes through min(n, n_out) identity units",
    r"a W = (\sigma_q = \mathrm{id})(a W)\, I_{n_{out}} \text{ or } "
    r"(\sigma_q = \mathrm{id})(a)\, W",
    implementations=(insert,),
    notebook="08_when_to_add_and_when_to_stop",
)
def e21(case):
    case.needs_rational("the identity")
    p, sizes = case.problem, case.problem.net.sizes
    deeper = insert(p.net, case.place)
    between = deeper.sizes[case.place + 1]
    return [
        equal("outputs after = outputs before", deeper(p.X), p.outputs(p.net.parameters),
              tolerance=1e-11),
        equal("units", between, min(sizes[case.place], sizes[case.place + 1]), tolerance=0),
    ]  # fmt: skip
