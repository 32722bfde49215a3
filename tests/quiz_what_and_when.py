"""Which choices of the quiz hold, computed: notebooks 05 to 08, what to add and when.

A function a question, `q_NN_i`; it returns one truth a choice, in the order of the page.
"""

import numpy as np
from quiz_method import ONE, case, score

from sennpy import (
    Rational,
    SoftmaxCrossEntropy,
    best_coefficients,
    damped_score,
    delta_eta,
    delta_eta_bound,
    kronecker_factors,
    layer_score,
    mala,
    natural_expansion_score,
    removal_costs,
    residual_gradient,
)


def layer(seed=0, N=60, n=3):
    """rng, inputs a_c (N, n + 1) with a constant, a gradient (N, 1), one new activation (N, 1)."""
    rng = np.random.default_rng(seed)
    a_c = np.column_stack([rng.standard_normal((N, n)), np.ones(N)])
    a_p = np.tanh(a_c @ rng.standard_normal((n + 1, 1)))
    return rng, a_c, rng.standard_normal((N, 1)) + a_p, a_p


def both(a_c, a_p, g, G=ONE):
    """Bound and exact increase."""
    return delta_eta_bound(a_p, residual_gradient(a_c, g), G), delta_eta(a_c, a_p, g, G)


def factorises(a, u):
    """Whether A (x) G is E[a a^T (x) u u^T], for rows a (N, n) and u (N, m)."""
    N = len(a)
    block = np.einsum("ni,nj,no,np->iojp", a, a, u, u) / N
    product = np.einsum("ij,op->iojp", a.T @ a / N, u.T @ u / N)
    return np.allclose(block, product)


def q_05_1():
    rng = np.random.default_rng(0)
    a, same = rng.standard_normal((500, 2)), np.ones((500, 1)) @ np.array([[1.0, 2.0]])
    one_sample, same_g = factorises(a[:1], a[:1]), factorises(a, same)
    return [one_sample and not same_g, one_sample and same_g, factorises(a, a)]


def q_05_2():
    rng = np.random.default_rng(0)
    A, G, C = rng.standard_normal((3, 3, 3))
    A, G = A @ A.T, G @ G.T
    given = np.kron(A, G) @ C.ravel()
    return [np.allclose(given, M.ravel()) for M in (A @ C @ G, G @ C @ A, A @ C.T @ G)]


def q_05_3():
    rng = np.random.default_rng(0)
    least, most = [], []
    for pi in (0.3, 1.0, 4.0):
        A, G = (B @ B.T for B in rng.standard_normal((2, 3, 3)))
        d = 0.5
        factored = np.kron(A + pi * d**0.5 * np.eye(3), G + d**0.5 / pi * np.eye(3))
        difference = np.linalg.eigvalsh(factored - np.kron(A, G) - d * np.eye(9))
        least.append(difference[0]), most.append(difference[-1])
    return [np.allclose(most, 0), min(least) > -1e-9 and min(most) > 0.1, max(most) < 0]


def q_05_4():
    rng = np.random.default_rng(0)
    J, g_y = rng.standard_normal((30, 2)), rng.standard_normal(30)

    def by_diagonal(J):
        return float(np.sum((J.T @ g_y / 30) ** 2 / np.mean(J**2, axis=0)))

    alone, copied = by_diagonal(J[:, :1]), by_diagonal(J[:, [0, 0]])
    return [np.isclose(copied, alone), np.isclose(copied, 2 * alone), copied < alone * 0.999]


def sum_of_scores(net, X, t):
    """Of all layers, by Kronecker factors; and lambda, and the dense score."""
    trace = net.forward(X)
    g = net.backward(trace, trace.outputs - t)
    each = zip(trace.inputs, g, kronecker_factors(net, X), strict=True)
    total = sum(layer_score(a, g_l, f.G) for a, g_l, f in each)
    return total, np.mean((trace.outputs - t) ** 2), score(net, X, t)


def q_05_5():
    found = [sum_of_scores(*case(seed)[1:]) for seed in range(20)]
    same = [np.isclose(total, eta) for total, _, eta in found]
    above_lam = [total > lam for total, lam, _ in found]
    return [all(same), any(above_lam), all(total <= eta * (1 + 1e-9) for total, _, eta in found)]


def q_06_1():
    pairs = [both(*(lambda r, a_c, g, a_p: (a_c, a_p, g))(*layer(seed))) for seed in range(50)]
    below = [bound <= exact * (1 + 1e-12) for bound, exact in pairs]
    above = [bound >= exact for bound, exact in pairs]
    return [all(below), all(above), any(below) and any(above)]


def q_06_2():
    _, a_c, g, _ = layer()
    bound, exact = both(a_c, a_c[:, :1], g)
    return [abs(bound) < 1e-12 and abs(exact) < 1e-12, bound > 1e-12, bound < -1e-12]


def q_06_3():
    _, a_c, g, a_p = layer()
    trained = both(a_c, a_p, residual_gradient(a_c, g))
    uncorrelated = both(a_c, residual_gradient(a_c, a_p), g)
    one_output = both(a_c, a_p, g)
    return [bool(np.isclose(*pair)) for pair in (trained, uncorrelated, one_output)]


def q_06_4():
    _, a_c, g, a_p = layer()
    ratio = np.divide(both(a_c, 1000 * a_p, g), both(a_c, a_p, g))
    return [bool(np.allclose(ratio, r)) for r in (1e3, 1e6, 1)]


def q_06_5():
    _, a_c, g, a_p = layer()
    bound, exact = both(a_c, a_p, g)
    fresh = np.mean(residual_gradient(a_c, a_p) ** 2) / np.mean(a_p**2)
    x = np.linspace(-1, 1, 60)[:, None]
    bump, line = np.exp(-((x - 0.2) ** 2) / (2 * 0.15**2)), np.hstack([x, np.ones((60, 1))])
    narrow = np.divide(*both(line, bump, np.sin(5 * x)))
    return [np.isclose(bound / exact, 1 - fresh), np.isclose(bound / exact, fresh), narrow > 0.9]


def q_07_1():
    def variance(h, v=1.0):  # of x' = x - h x + sqrt(2 h) noise, once it no longer changes
        for _ in range(2000):
            v = (1 - h) ** 2 * v + 2 * h
        return v

    short, long = variance(0.1), variance(0.5)
    law = np.allclose([short, long], [1 / (1 - 0.05), 1 / (1 - 0.25)])
    return [np.isclose(long, 1), law and abs(long - 1) > abs(short - 1) > 0.01, long < 1e-6]


def log_ratio(x, new, h, slope, log_density):
    """Log of the acceptance ratio of a Langevin step, with both ways and without."""
    way = lambda a, b: -((b - a - h * slope(a)) ** 2) / (4 * h)  # noqa: E731
    there = log_density(new) - log_density(x)
    return there + way(new, x) - way(x, new), there


def q_07_2():
    rng, rates = np.random.default_rng(0), {}
    for h in (1.0, 0.1, 1e-4):
        x = rng.standard_normal(4000)
        new = x - h * x + np.sqrt(2 * h) * rng.standard_normal(4000)
        full, _ = log_ratio(x, new, h, lambda v: -v, lambda v: -(v**2) / 2)
        rates[h] = np.minimum(1, np.exp(full)).mean()
    assert rates[1.0] < rates[0.1] < rates[1e-4]
    return [abs(rates[1e-4] - limit) < 0.01 for limit in (0, 1, 0.574)]


def q_07_3():
    other = lambda v: -(v**4)  # noqa: E731
    gauss = log_ratio(0.3, 1.1, 0.2, lambda v: -v, lambda v: -(v**2) / 2)
    quartic = log_ratio(0.3, 1.1, 0.2, lambda v: -4 * v**3, other)
    cancels = [bool(np.isclose(*pair)) for pair in (gauss, quartic)]
    return [all(cancels), not any(cancels), cancels[0]]


def q_07_4():
    p = np.array([1 / 2, 1 / 3, 1 / 6])
    balanced = np.minimum(*np.broadcast_arrays(p[:, None], p)) / 4
    np.fill_diagonal(balanced, 0)
    balanced += np.diag(p - balanced.sum(axis=1))
    round_trip = balanced + 0.02 * np.array([[0, 1, -1], [-1, 0, 1], [1, -1, 0]])
    stays = [np.allclose(flow.sum(axis=0), p) for flow in (balanced, round_trip)]
    mirrored = [np.allclose(flow, flow.T) for flow in (balanced, round_trip)]
    refused = 1 / 4 - balanced[0, 2] / p[0]  # of moves from 0 to 2 that are suggested with 1/4
    follows = all(stays) and mirrored == [True, False]
    return [not follows, np.isclose(refused, 0), follows]


def q_07_5():
    scores = np.array([0.1, 0.5, 1.0, 0.2])

    def density(T):
        p = np.exp(scores / T)
        return p / p.sum()

    warm, cold = density(1.0), density(0.1)
    return [cold.max() < warm.max(), cold.argmax() == 2 and cold.max() > warm.max(),
            np.allclose(cold, warm)]  # fmt: skip


def q_07b_1():
    rng, a_c, g, _ = layer()
    g_r = residual_gradient(a_c, g)
    z = (a_c @ rng.standard_normal((4, 1)))[:, 0]
    _k, best = best_coefficients(z, g_r, ONE)
    phi = np.column_stack([2 * z / (1 + z**2), 1 / (1 + z**2), z])
    D = phi.T @ g_r / len(z)
    by_hand = np.linalg.eigvals(np.linalg.solve(phi.T @ phi / len(z), D @ D.T)).real.max()
    others = [
        delta_eta_bound(Rational()(z[:, None], rng.standard_normal((3, 1))), g_r, ONE)
        for _ in range(200)
    ]
    eigen = bool(np.isclose(best, by_hand) and max(others) <= best * (1 + 1e-9))
    return [max(others) > best, eigen, np.std(others) < 1e-9]


def coefficients_of(z, g_r):
    """The best coefficients (3,) of one neuron, and the bound (scalar) of any coefficients."""
    phi = np.column_stack([2 * z / (1 + z**2), 1 / (1 + z**2), z])
    return best_coefficients(z, g_r, ONE)[0], lambda k: delta_eta_bound(phi @ k[:, None], g_r, ONE)


def q_07b_2():
    rng, a_c, g, _ = layer()
    k, bound = coefficients_of((a_c @ rng.standard_normal((4, 1)))[:, 0], residual_gradient(a_c, g))
    return [np.isclose(bound(3 * k), times * bound(k)) for times in (1, 9, 3)]


def q_07b_3():
    rng, a_c, g, _ = layer()
    w, way, g_r, h = *rng.standard_normal((2, 4)), residual_gradient(a_c, g), 1e-4
    at = [coefficients_of(a_c @ (w + step * way), g_r) for step in (-h, 0, h)]
    total = (at[2][1](at[2][0]) - at[0][1](at[0][0])) / (2 * h)
    partial = (at[2][1](at[1][0]) - at[0][1](at[1][0])) / (2 * h)
    envelope = np.isclose(total, partial, rtol=1e-4)
    second = (at[2][1](at[2][0]) - 2 * at[1][1](at[1][0]) + at[0][1](at[0][0])) / h**2
    return [not envelope, abs(second) * h > abs(total), envelope]


def q_07b_4():
    h, x = 0.01, np.linspace(-6, 6, 1201)
    keep, noise = 1 - h + h**2 / 2, (1 - h / 2) * np.sqrt(2 * h)
    there = np.exp(-((x - keep * x[:, None]) ** 2) / (2 * noise**2))
    there *= 0.01 / np.sqrt(2 * np.pi * noise**2)
    there *= np.exp(np.minimum(0, x[:, None] ** 2 - x**2))
    there += np.diag(1 - there.sum(axis=1))
    balance = [np.exp(-times * x**2 / 2) for times in (1, 3, 2)]
    return [np.abs(p @ there - p)[200:-200].max() < 1e-3 * h**0.5 * p.max() for p in balance]


def q_07b_5():
    taken = []

    def slope(x):
        taken.append(len(x))
        return -x

    start = np.random.default_rng(0).standard_normal((20, 3))
    run = mala(lambda x: -(x**2).sum(axis=-1) / 2, slope, start, 0.5, 30, 0)
    assert 0.1 < run.acceptance_rate < 0.95
    each = sum(taken) / len(start)
    return [each == 31, each == 60, np.isclose(each, 30 * run.acceptance_rate)]


def q_08_1():
    _, a_c, g, a_p = layer()
    gains, own = [delta_eta(a_c, a_p, g, ONE)], [layer_score(a_c, g, ONE)]
    for _ in range(20):
        g = g - 0.3 * a_c @ np.linalg.solve(a_c.T @ a_c, a_c.T @ g)
        gains.append(delta_eta(a_c, a_p, g, ONE)), own.append(layer_score(a_c, g, ONE))
    stays, falls = np.allclose(gains, gains[0]), own[-1] < 1e-3 * own[0]
    grows, half = gains[-1] > 1.01 * gains[0], gains[-1] < 0.5 * gains[0]
    return [stays and falls, grows and not falls, half and falls]


def q_08_2():
    above, dense, classified = [], [], []
    for seed in range(20):
        rng, net, X, _ = case(seed, (2, 4, 4, 1))
        t = rng.standard_normal((40, 1))
        trace = net.forward(X)
        g, lam = net.backward(trace, trace.outputs - t), np.mean((trace.outputs - t) ** 2)
        above.append(layer_score(trace.inputs[1], g[1], kronecker_factors(net, X)[1].G) > lam)
        dense.append(score(net, X, t) <= lam * (1 + 1e-6))
        _, net, X, _ = case(seed, (2, 3, 2))
        loss, labels = SoftmaxCrossEntropy(), rng.integers(2, size=len(X))
        lam = (loss.gradient(net(X), labels) ** 2).sum() / len(X)
        classified.append(score(net, X, labels, loss) <= lam * (1 + 1e-9))
    return [not any(above), sum(above) > 10 and all(dense), not all(classified)]


def q_08_3():
    rng, a_c, _, _ = layer()
    twins = np.column_stack(
        [a_c[:, :1], a_c[:, :1] + 1e-4 * rng.standard_normal((60, 1)), np.ones(60)]
    )
    costs = removal_costs(twins, np.zeros((60, 1)), ONE, np.array([[5.0], [5.0], [0.0]]))[:2]
    together = np.mean((twins[:, :2] @ [5.0, 5.0] - np.mean(twins[:, :2] @ [5.0, 5.0])) ** 2)
    nothing = max(costs) < 1e-5
    return [max(costs) > 1, nothing, bool(np.isclose(costs[0], together / 2))]


def q_08_4():
    rng = np.random.default_rng(0)
    directions = rng.standard_normal((100, 400))
    directions -= directions.mean(axis=0)
    shares = []
    for noise in rng.standard_normal((200, 100)):
        g = noise - noise.mean()
        shares.append((directions.T @ g) ** 2 / (directions**2).sum(axis=0) / (g @ g))
    mean, best = np.mean(shares), np.max(shares, axis=1).mean()
    assert np.isclose(mean, 1 / 99, rtol=0.1)
    return [np.isclose(best, 1 / 99, rtol=0.2), 3 / 99 < best < 30 / 99, best > 1]


def q_08_5():
    F, g = np.array([[2.0]]), np.array([1.0])
    before, after = damped_score(F, g, 0.5), damped_score(np.full((2, 2), 2.0), np.ones(2), 0.5)
    new = natural_expansion_score(np.full((2, 2), 2.0), np.ones(2))
    nothing_new = np.isclose(new, natural_expansion_score(F, g))
    halved = np.isclose(after, damped_score(F, g, 0.25))
    return [
        np.isclose(after, before),
        bool(after > before and nothing_new and halved),
        after < before,
    ]
