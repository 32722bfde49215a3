"""Which choices of the quiz hold, computed: notebooks 09 to 11, 13 and 14.

A function a question, `q_NN_i`; it returns one truth a choice, in the order of the page.
"""

import numpy as np
from quiz_method import LOSS, ONE, case, score
from quiz_what_and_when import both, layer

from sennpy import (
    MLP,
    Change,
    CrossFitted,
    HonestLook,
    Rational,
    ReLU,
    SoftmaxCrossEntropy,
    Tanh,
    View,
    Widen,
    decide,
    deepen,
    delta_eta,
    fisher,
    kronecker_factors,
    layer_score,
    natural_expansion_score,
    residual_gradient,
    widen,
)
from sennpy.nn.activation import Activation


def bump(x, at, width=0.15):
    """A neuron's activation (N, 1) over x (N, 1)."""
    return 1 / (1 + ((x - at) / width) ** 2)


def q_09_1():
    x = np.concatenate([np.linspace(-1, 0.5, 20), np.linspace(0.6, 1, 60)])[:, None]
    line = np.hstack([x, np.ones_like(x)])
    error = 0.6 * bump(x, -0.4) + 0.05 * np.sin(40 * x)
    error[15] += 0.9  # one sample, far off
    at = np.linspace(-1, 1, 81)
    best = at[np.argmax([delta_eta(line, bump(x, c), error, ONE) for c in at])]
    left = residual_gradient(line, error)
    explained = at[
        np.argmax(
            [
                np.corrcoef(residual_gradient(line, bump(x, c))[:, 0], left[:, 0])[0, 1] ** 2
                for c in at
            ]
        )
    ]
    largest, densest = x[np.argmax(np.abs(error)), 0], 0.8
    return [abs(best - largest) < 0.1, best == explained, abs(best - densest) < 0.2]


def q_09_2():
    rng, a_c, g, _a_p = layer()
    others = np.tanh(a_c @ rng.standard_normal((4, 5)))
    ratios, gains, own = [], [], []
    for _ in range(2):
        gains.append([delta_eta(a_c, others[:, [j]], g, ONE) for j in range(5)])
        own.append(layer_score(a_c, g, ONE))
        ratios.append(np.array(gains[-1]) / own[-1])
        g = g - 0.97 * (g - residual_gradient(a_c, g))
    rise = ratios[1] / ratios[0]
    assert (rise > 1000).all()
    return [not np.allclose(*gains), bool(np.allclose(*gains) and own[1] < own[0] / 1000), False]


def q_09_3():
    x = np.linspace(-1, 1, 60)[:, None]
    line = np.hstack([x, np.ones_like(x)])
    far = 1 / (1 + (x - 20) ** 2)
    bound, exact = np.array(both(line, far, x**2)) / np.mean(residual_gradient(line, x**2) ** 2)
    return [max(bound, exact) < 1e-3, bound < 1e-3 and exact > 0.5, bound > 0.5 and exact < 1e-3]


def q_09_4():
    rng, counts = np.random.default_rng(0), []
    numbers = rng.random((200, 3))
    for k in (1, 100):
        counts.append([decide(*(k * row), 1.0, 0.3).passes for row in numbers])
    one, other = counts
    return [sum(other) > sum(one), one == other and 0 < sum(one) < 200, sum(other) < sum(one)]


def q_09_5():
    _, net, X, t = case()
    error = net(X) - t
    t = net(X) - error * np.sqrt(0.04 / np.mean(error**2))
    assert np.isclose(LOSS.value(net(X), t), 0.02)
    lam = View.of(net, X, t, LOSS).lam
    others = [np.isclose(View.of(net, X, 2 * net(X) - t, LOSS).lam, lam)]
    return [np.isclose(lam, 0.02), np.isclose(lam, 0.04), not all(others)]


def q_10_1():
    _, a_c, g, a_p = layer()
    g = residual_gradient(a_c, g) + 0.01 * a_c[:, :1]  # nearly trained
    before, gain = layer_score(a_c, g, ONE), delta_eta(a_c, a_p, g, ONE)
    assert decide(gain, before, np.mean(g**2), 1.0, 0.0).passes
    after = layer_score(np.hstack([a_c, a_p]), g, ONE)
    return [after > 2 * before, before < after < 2 * before, np.isclose(after, np.mean(g**2))]


def bayes():
    """Share right of the best classifier of half-moons with noise 0.3, on 4000 points."""
    s = np.linspace(0, np.pi, 500)
    arcs = [
        np.column_stack([np.cos(s), np.sin(s)]),
        np.column_stack([1 - np.cos(s), 0.5 - np.sin(s)]),
    ]
    rng, right = np.random.default_rng(0), []
    for label in (0, 1):
        X = arcs[label][rng.integers(500, size=2000)] + 0.3 * rng.standard_normal((2000, 2))
        density = [
            np.exp(-((X[:, None] - arc) ** 2).sum(axis=2) / (2 * 0.3**2)).mean(axis=1)
            for arc in arcs
        ]
        right.append(np.mean(density[label] > density[1 - label]))
    return np.mean(right)


def q_10_2():
    share = bayes()
    return [share >= 0.98, 0.90 < share < 0.93, share < 0.55]


def q_10_3():
    before = np.array([[0.0, 1.0], [0.4, 0.0], [2.0, 0.0]])
    labels, loss = np.array([1, 1, 0]), SoftmaxCrossEntropy()
    after = before * [[1.0], [10.0], [1.0]]
    same = loss.accuracy(before, labels) == loss.accuracy(after, labels)
    rises = loss.value(after, labels) > 1.5 * loss.value(before, labels)
    assert np.isclose(np.log(0.01) / np.log(0.4), 5, atol=0.1)  # many times
    return [not (same and rises), same and rises, False]


def q_10_4():
    loss, ratios = SoftmaxCrossEntropy(), []
    for confident in (0.1, 1.0, 5.0):
        y, label = np.array([[confident, 0.0]]), np.array([1])
        (metric,), g = loss.metric(y), loss.gradient(y, label)[0]
        ratios.append(natural_expansion_score(metric, g) / (g @ g))
    return [max(ratios) <= 1, max(ratios) > 10, 1 < max(ratios) <= 2]


def q_10_5():
    _, net, X, t = case()
    X2, t2 = np.vstack([X, X]), np.vstack([t, t])
    once, twice = View.of(net, X, t, LOSS), View.of(net, X2, t2, LOSS)
    q = np.random.default_rng(0).standard_normal(40)
    error, claimed = q.std() / 40**0.5, np.tile(q, 2).std() / 80**0.5
    return [
        np.isclose(score(net, X2, t2), 2 * score(net, X, t)), np.isclose(twice.lam, 2 * once.lam),
        np.isclose(claimed, error / 2**0.5),
    ]  # fmt: skip


def q_11_1():
    error = (0.97 * 0.03 / 10_000) ** 0.5
    assert round(100 * error, 2) == 0.17
    return [2 * (2 * error**2) ** 0.5 < 0.001, error > 0.001, error == 0]


def q_11_2():
    net = MLP.random((100, 10, 10), rng=0)
    assert net.num_parameters == 1150
    dense = net.num_parameters**2
    factors = sum(f.A.size + f.G.size for f in kronecker_factors(net, np.ones((2, 100))))
    ratio = dense / factors
    return [0.5 < ratio < 2, dense > 1e6 and 10_000 <= factors < 20_000, factors == 1150]


def q_11_3():
    chance = {N: 114 / (N * 10) for N in (500, 60_000)}
    assert round(chance[500], 3) == 0.023 and round(chance[60_000], 4) == 0.0002
    passes = {N: level > 0.02 for N, level in chance.items()}
    return [passes[60_000], passes[500] and not passes[60_000], not any(passes.values())]


def q_11_4():
    net = MLP.random((4, 6, 5), rng=0)  # smaller: 9 samples, 5 classes, 63 or more parameters
    X = np.random.default_rng(0).standard_normal((9, 4))
    labels, P = np.zeros(9, dtype=int), net.num_parameters
    F = fisher(net, X, "true", SoftmaxCrossEntropy(), labels)
    rank = np.linalg.matrix_rank(F, tol=1e-10 * np.trace(F))
    assert P > 9 * 5
    return [rank == P, rank == 9 * 5, rank == 9 * 4]


def q_11_5():
    wins = [outcome for outcome in np.ndindex(2, 2, 2) if sum(outcome) == 3]
    return [len(wins) / 8 == share for share in (1 / 20, 1 / 8, 1 / 3)]


def q_13_1():
    _, net, X, _ = case()
    outgoing, silent = np.array([[2.0]]), np.zeros((3, 1))
    stays = {}
    for name, k in {"odd": [[1.0], [0.0], [1.0]], "bell": [[0.0], [1.0], [0.0]]}.items():
        at_zero = float(Rational()(np.zeros((1, 1)), np.array(k))[0, 0])
        new = widen(net, 0, silent, np.array(k), outgoing)
        stays[name] = (np.allclose(new(X), net(X)), at_zero == 0)
    by_rule = all(same == zero for same, zero in stays.values())
    kept = [same for same, _ in stays.values()]
    return [all(kept), by_rule and any(kept) and not all(kept), not any(kept)]


def gradmax(place):
    """Its score and its change, as notebook 13 writes them."""
    M = place.inputs.T @ place.g / len(place.g)
    _, s, Vt = np.linalg.svd(M)
    identity = np.array([[0.0], [0.0], [1.0]])
    operation = Widen(place.index, np.zeros((len(M), 1)), identity, Vt[:1])
    return s[0] ** 2, Change(operation, s[0] ** 2), Vt[0], M


def place_of(seed=0):
    _, net, X, t = case(seed, (2, 3, 2))
    return View.of(net, X, t, LOSS).place("neuron", 0)


def q_13_2():
    place = place_of()
    reachable = place.a_c @ np.random.default_rng(1).standard_normal((4, 2))
    followed = place.with_statistics(place.a_c, reachable, place.G, place.W)
    score_, change, *_ = gradmax(followed)
    idle = change.measured(followed).exact < 1e-9
    return [score_ < 1e-9, score_ > 0.1 and idle, score_ < 0]


def q_13_3():
    place = place_of()
    _, change, o, M = gradmax(place)
    operation = change.operation
    double = Change(
        Widen(place.index, operation.weights, operation.coefficients, 2 * operation.outgoing), 0.0
    )
    own = np.sum((M @ (2 * o)) ** 2) / np.sum((M @ o) ** 2)
    exact = double.measured(place).exact / change.measured(place).exact
    return [
        np.allclose([own, exact], 4),
        np.allclose([own, exact], [4, 1]),
        np.allclose([own, exact], 1),
    ]


class Slope(Activation):
    """max(z, 0) + k min(z, 0)."""

    num_coefficients = 1

    def __call__(self, z, k):
        return np.where(z > 0, z, k[0] * z)

    def slope(self, z, k):
        return np.where(z > 0, 1.0, k[0])

    def coefficient_slopes(self, z, k):
        return np.where(z > 0, 0.0, z)[None]

    def identity_coefficients(self, n):
        return np.ones((1, n))

    def identity_directions(self, z):
        return np.where(z > 0, 0.0, z)[None], np.where(z > 0, 0.0, 1.0)[None]


def q_13_4():
    X, found = np.random.default_rng(0).standard_normal((20, 2)), []
    for activation in (Tanh(), ReLU(), Slope()):
        net = MLP.random((2, 3, 1), activation, rng=0)
        try:
            found.append(np.allclose(deepen(net, 0, np.eye(3, 2))(X), net(X)))
        except ValueError:
            found.append(False)
    return found


def q_13_5():
    rng = np.random.default_rng(0)
    luck = rng.standard_normal((4000, 10))  # of a seed, the same for both
    own = 0.3 * rng.standard_normal((2, 4000, 10))  # of the criterion
    paired = ((luck + own[0]) - (luck + own[1])).mean(axis=1).std()
    apart = ((luck + own[0]) - (rng.standard_normal((4000, 10)) + own[1])).mean(axis=1).std()
    wide = 3 * rng.standard_normal((4000, 10))  # no better in the mean
    best_of_each = (wide.max(axis=1) > luck.max(axis=1)).mean()
    return [paired < 0.5 * apart, best_of_each < 0.6, apart <= paired]


def noise_gains(n, draws=300, N=60):
    """Mean best gain of n neurons on noise, in units of its variance, and on new samples."""
    rng, seen, held = np.random.default_rng([n]), [], []
    a, a_new = rng.standard_normal((2, N, n))
    for _ in range(draws):
        g, g_new = rng.standard_normal((2, N))
        o = a.T @ g / (a**2).sum(axis=0)
        gains = o**2 * np.mean(a**2, axis=0)
        j = np.argmax(gains)
        seen.append(gains[j])
        held.append(np.mean(g_new**2 - (g_new - a_new[:, j] * o[j]) ** 2))
    return np.mean(seen), np.mean(held), np.std(held) / draws**0.5


def q_14_1():
    seen, held, error = noise_gains(100)
    assert seen > 0
    return [held > 2 * error, abs(held) < 2 * error, held < -2 * error]


def q_14_2():
    best = [noise_gains(n)[0] for n in (50, 100, 200, 400)]
    steps = np.divide(best[1:], best[:-1])
    return [np.allclose(steps, 2, rtol=0.1), (steps > 1.01).all() and (steps < 1.5).all(),
            np.allclose(steps, 1, rtol=0.01)]  # fmt: skip


def q_14_3():
    rng, errors = np.random.default_rng(0), []
    for _ in range(300):
        X, X_new = rng.standard_normal((2, 50, 10))
        t, t_new = rng.standard_normal((2, 50))
        w = np.linalg.lstsq(X, t, rcond=None)[0]
        errors.append([np.mean((X @ w - t) ** 2), np.mean((X_new @ w - t_new) ** 2)])
    trained, new = np.mean(errors, axis=0)
    assert new > 1 + 10 / 50 * 0.9
    close = np.isclose(trained, 1 - 10 / 50, rtol=0.05)
    return [
        np.isclose(trained, 1, rtol=0.05),
        close and np.isclose(new, 1, rtol=0.05),
        close and new > 1.1,
    ]


def q_14_4():
    rng, anew, once = np.random.default_rng(0), [], []
    a = rng.standard_normal((60, 200))
    for _ in range(200):
        g, held = rng.standard_normal(60), np.arange(60) < 12
        for choose, gains in ((~held, anew), (np.ones(60, dtype=bool), once)):
            j = np.argmax((a[choose].T @ g[choose]) ** 2 / (a[choose] ** 2).sum(axis=0))
            o = a[~held, j] @ g[~held] / (a[~held, j] ** 2).sum()  # weights from the others alone
            gains.append(np.mean(g[held] ** 2 - (g[held] - a[held, j] * o) ** 2))
    optimistic = np.mean(once) > np.mean(anew) + 3 * np.std(anew) / 200**0.5
    return [np.mean(anew) > np.mean(once), optimistic, False]


def asked(N, strength):
    """Whether the honest look adds to a line on N samples of strength sin(2 x) plus noise."""
    rng = np.random.default_rng([N, 7])
    X = rng.standard_normal((N, 2))
    t = strength * np.sin(2 * X[:, :1]) + rng.standard_normal((N, 1))
    net = MLP((np.linalg.lstsq(np.column_stack([X, np.ones(N)]), t, rcond=None)[0],))
    place = View.of(net, X, t, LOSS).place("layer", 0)
    proposer = CrossFitted(counts=(1,), samples=500)
    return HonestLook().judge(place, proposer.changes(place, np.random.default_rng(0))).passes


def q_14_5():
    assert not asked(50, 0.4)
    with_signal, without = asked(5000, 0.4), asked(5000, 0.0)
    return [not with_signal, with_signal and not without, with_signal and without]
