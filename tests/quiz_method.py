"""Which choices of the quiz hold, computed: notebooks 00 to 04, the method and how to add.

A function a question, `q_NN_i`; it returns one truth a choice, in the order of the page.
"""

import numpy as np

from sennpy import (
    MLP,
    Rational,
    ReLU,
    SoftmaxCrossEntropy,
    SquaredError,
    Tanh,
    decide,
    deepen,
    fisher,
    layer_score,
    natural_expansion_score,
    natural_gradient,
    projected_score,
    widen,
)

LOSS = SquaredError()
ONE = np.eye(1)


def line(x, t):
    """A line fitted to t over x, as a network, and its score and lambda."""
    net = MLP((np.linalg.lstsq(np.column_stack([x, np.ones(len(x))]), t, rcond=None)[0],))
    return net, score(net, x, t), float(np.mean((net(x) - t) ** 2))


def score(net, X, t, loss=LOSS):
    """The dense eta of a network."""
    trace = net.forward(X)
    g = net.vjp(trace, loss.gradient(trace.outputs, t)) / len(X)
    return natural_expansion_score(fisher(net, X), g)


def case(seed=0, sizes=(2, 3, 1), N=40, activation=None):
    """A random network with data that it does not fit."""
    rng = np.random.default_rng(seed)
    net = MLP.random(sizes, activation or Rational(), rng=rng)
    X = rng.standard_normal((N, sizes[0]))
    return rng, net, X, net(X) + rng.standard_normal((N, sizes[-1]))


def q_00_1():
    rng = np.random.default_rng(0)
    x, scores = rng.standard_normal((200, 1)), []
    noise, sine = x + rng.standard_normal((200, 1)), np.sin(3 * x)
    bump = np.column_stack([x, np.ones(200), np.sin(3 * x)])
    for t in (noise, sine):
        net, eta, lam = line(x, t)
        more = layer_score(bump, net(x) - t, ONE) / lam
        scores.append((eta < 1e-12 < lam, more))
    stuck, gains = zip(*scores, strict=True)
    too_small = all(gain > 0.5 for gain in gains)  # of the noise and of the sine
    only_noise = all(gain < 0.1 for gain in gains)
    return [too_small, only_noise, all(stuck) and max(gains) > 0.5 and min(gains) < 0.1]


def q_00_2():
    rng, net, X, t = case()
    g_y = net(X) - t
    lam, everything = np.mean(g_y**2), np.eye(len(X))
    y = rng.standard_normal((40, 3))
    classes, loss = rng.integers(3, size=40), SoftmaxCrossEntropy()
    twice = [
        np.isclose(lam, 2 * LOSS.value(net(X), t)),
        np.isclose((loss.gradient(y, classes) ** 2).sum() / 40, 2 * loss.value(y, classes)),
    ]
    any_J = [projected_score(rng.standard_normal((40, P)), g_y) for P in (1, 5, 30)]
    most = max(any_J) < lam and np.isclose(projected_score(everything, g_y), lam)
    return [all(twice), bool(most), bool(np.isclose(lam, np.linalg.eigvalsh(fisher(net, X))[-1]))]


def q_00_3():
    rng, net, X, t = case()
    new = widen(net, 0, rng.standard_normal((3, 1)), rng.standard_normal((3, 1)))
    outputs = not np.allclose(new(X), net(X))
    loss = not np.isclose(LOSS.value(new(X), t), LOSS.value(net(X), t))
    return [outputs, loss, score(new, X, t) > score(net, X, t) * 1.001]


def q_00_4():
    by_layer = decide(0.048, 0.01, 0.2, 1.0, 0.02).passes
    by_network = decide(0.048, 0.072, 0.2, 1.0, 0.02).passes
    return [not by_layer and not by_network, by_layer and not by_network, 0.048 > 0.2]


def q_00_5():
    _, net, X, t = case()
    W, v = net.weights
    cm, mm = score(net, X, t), score(MLP((W, 10 * v), net.coefficients), X, 10 * t)
    lams = [np.mean((k * (net(X) - t)) ** 2) for k in (1, 10)]
    return [
        bool(np.isclose(mm, cm)), bool(np.isclose(mm, 10 * cm)),
        bool(np.isclose(mm, 100 * cm) and np.isclose(lams[1], 100 * lams[0])),
    ]  # fmt: skip


def q_01_1():
    at, h = 0.7, 1e-100
    complex_step = np.imag(np.exp(at + 1j * h)) / h
    quotient = (np.exp(at + h) - np.exp(at)) / h
    exact, polynomial = np.exp(at), np.imag((at + 1j * h) ** 3) / h
    good = bool(abs(complex_step - exact) < 1e-15 * exact)
    return [
        good,
        abs(quotient - exact) < 1e-9,
        bool(np.isclose(polynomial, 3 * at**2)) and not good,
    ]


def q_01_2():
    rng, sigma = np.random.default_rng(0), Rational()
    z, k = rng.standard_normal((9, 1)), rng.standard_normal((3, 1))
    value, scaled, slope = sigma(z, k), sigma(z, 3 * k), sigma.slope(z, 3 * k)
    return [
        np.allclose(scaled, 3 * value),
        np.allclose(scaled, value) and np.allclose(slope, sigma.slope(z, k)),
        np.allclose(scaled, value) and np.allclose(slope, 3 * sigma.slope(z, k)),
    ]


def q_01_3():
    k = np.array([[1.0], [2.0], [2.0]])
    far = [float(Rational()(np.array([[z]]), k)[0, 0]) for z in (1e4, 1e6)]
    return [
        far[1] < 10 * far[0], bool(np.isclose(far[1], 1e6 * 2 / 3)),
        bool(np.isclose(far[1] / far[0], 1e4)),
    ]  # fmt: skip


def q_01_4():
    rng, net, X, _ = case(sizes=(2, 3, 2))
    trace, u = net.forward(X), rng.standard_normal((40, 2))
    J = net.jacobian(trace).reshape(-1, net.num_parameters)
    d, given = rng.standard_normal(net.num_parameters), net.vjp(trace, u)
    forward = net.jvp(trace, d)
    return [given.shape == J.shape, np.allclose(given, u.ravel() @ J), given.shape == forward.shape]


def q_01_5():
    _rng, net, X, _ = case(activation=Tanh())
    trace, v = net.forward(X), net.weights[1][:-1]
    z, a = trace.preactivations[0], trace.inputs[1][:, :-1]
    g = net.backward(trace, np.ones((40, 1)))[0]
    return [np.allclose(g, v.T * (1 - np.tanh(s) ** 2)) for s in (a, z)] + [
        np.allclose(g, np.ones((40, 1)) @ v.T)
    ]


def q_02_1():
    _, net, X, _ = case()
    t = net(X)
    true, empirical = (
        np.abs(fisher(net, X, kind, LOSS, t)).max() for kind in ("true", "empirical")
    )
    zero = 1e-12
    return [
        bool(true < zero and empirical < zero), bool(true > zero > empirical),
        bool(empirical > zero > true),
    ]  # fmt: skip


def curvatures(t):
    """Gauss-Newton and the Hessian of half the squared error of sin(w x) in w, at w = 1."""
    x = np.linspace(-2, 2, 9)
    slope, bend, error = x * np.cos(x), -(x**2) * np.sin(x), np.sin(x) - t(x)
    return np.mean(slope**2), np.mean(slope**2 + error * bend)


def q_02_2():
    fitted, not_fitted = curvatures(np.sin), curvatures(lambda x: np.sin(x) + x)
    same, other = np.isclose(*fitted), np.isclose(*not_fitted)
    return [bool(same and other), bool(same and not other), not same]


def q_02_3():
    _, net, X, t = case()
    trace = net.forward(X)
    g, F = net.vjp(trace, trace.outputs - t) / 40, fisher(net, X)
    ratio = natural_expansion_score(40 * F, g) / natural_expansion_score(F, g)
    return [bool(np.isclose(ratio, r)) for r in (1, 40, 1 / 40)]


def q_02_4():
    J = np.random.default_rng(0).standard_normal((10 * 2, 100))
    rank = np.linalg.matrix_rank(J.T @ J / 10)
    return [rank == 100, rank == 20, rank <= 10]


def q_02_5():
    lengths = []
    for y in np.random.default_rng(0).standard_normal((5, 1, 4)):
        (metric,) = SoftmaxCrossEntropy().metric(y)
        lengths.append(np.ones(4) @ metric @ np.ones(4))
    zero = bool(np.max(np.abs(lengths)) < 1e-12)
    return [zero, np.allclose(lengths, 4), np.std(lengths) > 1e-12]


def q_03_1():
    rng = np.random.default_rng(0)
    J, g_y = rng.standard_normal((20, 3)), rng.standard_normal((20, 1))
    q = np.linalg.qr(J)[0]
    eta, within = projected_score(J, g_y), q @ q.T @ g_y
    parts = [np.mean(part**2) for part in (g_y, within, g_y - within)]
    return [bool(np.isclose(eta, part)) for part in parts]


def q_03_2():
    rng = np.random.default_rng(0)
    J, g_y, M = rng.standard_normal((20, 3)), rng.standard_normal(20), rng.standard_normal((3, 3))
    seen = []
    for own in (J, J @ M):
        F, g = own.T @ own / 20, own.T @ g_y / 20
        seen.append((natural_expansion_score(F, g), np.linalg.norm(g), own @ np.linalg.solve(F, g)))
    return [not np.allclose(one, other) for one, other in zip(*seen, strict=True)]


def q_03_3():
    rng = np.random.default_rng(0)
    J, g_y = rng.standard_normal((20, 3)), rng.standard_normal((20, 1))
    once, twice = projected_score(J, g_y), projected_score(np.hstack([J, J[:, :1]]), g_y)
    return [
        bool(np.isclose(twice, 2 * once)),
        bool(np.isclose(twice, once)),
        not np.isfinite(twice),
    ]


def q_03_4():
    rng = np.random.default_rng(0)
    J, g = rng.standard_normal((20, 3)), rng.standard_normal(3)
    F = J.T @ J / 20
    s = -np.linalg.solve(F, g)
    lower, eta = -(g @ s + s @ F @ s / 2), natural_expansion_score(F, g)
    return [bool(np.isclose(lower, k * eta)) for k in (1, 0.5, 2)]


def fall(net, X, t, loss, kind):
    """What a full natural-gradient step does to the loss, over eta / 2."""
    trace = net.forward(X)
    g = net.vjp(trace, loss.gradient(trace.outputs, t)) / len(X)
    F = fisher(net, X, kind, loss, t) if kind == "true" else fisher(net, X)
    moved = net.replace(net.parameters - np.linalg.pinv(F, hermitian=True, rcond=1e-9) @ g)
    return (
        2 * (loss.value(trace.outputs, t) - loss.value(moved(X), t)) / natural_expansion_score(F, g)
    )


def q_03_5():
    rng, net, X, t = case()
    linear = MLP.random((2, 1), rng=rng)
    classifier, classes = MLP.random((2, 2), rng=rng), rng.integers(2, size=40)
    near = net
    for _ in range(30):
        near = near.replace(near.parameters - 0.3 * natural_gradient(near, X, t, LOSS).direction)
    falls = [
        fall(linear, X, t, LOSS, "euclidean"),
        fall(classifier, X, classes, SoftmaxCrossEntropy(), "true"),
        fall(near, X, t, LOSS, "euclidean"),
    ]
    return [bool(np.isclose(f, 1, rtol=1e-6)) for f in falls]


def gradients_of_new(new, X, t):
    """Largest gradient of the last hidden neuron's incoming and outgoing weights."""
    trace = new.forward(X)
    weights, _ = new.split(new.vjp(trace, trace.outputs - t))
    return [np.abs(weights[0][:, -1]).max() > 1e-12, np.abs(weights[1][-2]).max() > 1e-12]


def q_04_1():
    rng, net, X, t = case()
    new = widen(net, 0, rng.standard_normal((3, 1)), rng.standard_normal((3, 1)))
    incoming, outgoing = map(bool, gradients_of_new(new, X, t))
    return [incoming and not outgoing, outgoing and not incoming, incoming and outgoing]


def q_04_2():
    _, net, X, t = case(activation=Tanh())
    new = widen(net, 0, np.zeros((3, 1)), np.zeros((0, 1)))
    incoming, outgoing = map(bool, gradients_of_new(new, X, t))
    return [outgoing, not incoming and not outgoing, incoming]


def q_04_3():
    z = np.linspace(-2, 2, 9)[:, None]
    sigma = ReLU()
    no_coefficients = np.zeros((0, 1))
    one = sigma(z, no_coefficients)
    pair = one - sigma(-z, no_coefficients)
    return [not np.allclose(pair, z), np.allclose(one, z), np.allclose(pair, z)]


def q_04_4():
    _rng, net, _, _ = case(sizes=(2, 2))
    singular = np.array([[1.0, 2.0], [2.0, 4.0], [0.0, 0.0]])
    U = np.linalg.lstsq(singular[:-1], net.weights[0][:-1], rcond=None)[0]
    lost = not np.allclose(singular[:-1] @ U, net.weights[0][:-1])
    try:
        kept = deepen(net, 0, singular) is not None
    except ValueError:
        kept = False
    return [singular.shape[1] != 2, lost and not kept, kept]


def q_04_5():
    rng, net, X, _ = case(sizes=(2, 1))
    deeper = deepen(net, 0, rng.standard_normal((3, 2)))
    old = net.jacobian(net.forward(X)).reshape(40, -1)
    J = deeper.jacobian(deeper.forward(X)).reshape(40, -1)
    places = deeper.split(np.arange(deeper.num_parameters))
    weights = np.concatenate([w.ravel() for w in places[0]]).astype(int)
    coefficients = np.concatenate([k.ravel() for k in places[1]]).astype(int)

    def opens(columns):
        rank = np.linalg.matrix_rank
        return bool(rank(np.hstack([old, J[:, columns]]), tol=1e-8) > rank(old))

    return [opens(weights), opens(coefficients), not opens(weights) and not opens(coefficients)]
