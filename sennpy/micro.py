"""The whole method on one page: a network that grows while it trains, in NumPy and nothing else.

A network is a list [W_0, k_0, W_1, k_1, ..., W_L]. Layer l takes a (N, n_in + 1), a row a sample,
the last column 1, to z = a W_l (N, n_out); all but the last have rational units, k_l (3, n_out).
"""

import numpy as np


def rational(z, k):
    """(E3) with k = (v, c, l): sigma(z) (N, n), its slopes in z (N, n) and in k (N, 3, n)."""
    size, w = np.linalg.norm(k, axis=0), 1 / (1 + z**2)
    q, phi = k / size, np.stack([2 * z * w, w, z], axis=1)
    sigma = (q * phi).sum(axis=1)
    slope = 2 * (q[0] * (1 - z**2) - q[1] * z) * w**2 + q[2]
    return sigma, slope, (phi - q * sigma[:, None]) / size


def forward(net, X):
    """Outputs y (N, m), the inputs a of every layer, the slopes of every hidden one in z and k."""
    a, slopes = [np.column_stack([X, np.ones(len(X))])], []
    for W, k in zip(net[:-1:2], net[1::2], strict=True):
        sigma, *both = rational(a[-1] @ W, k)
        a.append(np.column_stack([sigma, np.ones(len(X))]))
        slopes.append(both)
    return a[-1] @ net[-1], a, slopes


def backward(net, X):
    """Backpropagation: y, a, dy/dz (N, m, n_out) of every layer, and J = dy/dtheta (N m, P)."""
    y, a, slopes = forward(net, X)
    dy_dz = [np.tile(np.eye(y.shape[1]), (len(y), 1, 1))]
    J = [a[-1][:, None, :, None] * dy_dz[0][:, :, None]]
    for W, a_l, (slope, k_slope) in zip(net[:0:-2], a[-2::-1], slopes[::-1], strict=True):
        dy_da = dy_dz[0] @ W[:-1].T
        dy_dz.insert(0, dy_da * slope[:, None])
        J = [a_l[:, None, :, None] * dy_dz[0][:, :, None], dy_da[:, :, None] * k_slope[:, None], *J]
    return y, a, dy_dz, np.hstack([block.reshape(y.size, -1) for block in J])


def cross_entropy(y, t):
    """The loss of outputs y (N, m) for classes t (N,), and its gradient g_y (N, m) per sample."""
    log_p = y - np.logaddexp.reduce(y, axis=1, keepdims=True)
    return -log_p[np.arange(len(t)), t].mean(), np.exp(log_p) - np.eye(y.shape[1])[t]


def fisher(net, X, t):
    """F = J^T J / N (P, P), and the gradient of the loss, g = J^T g_y / N (P,)."""
    y, _, _, J = backward(net, X)
    _, g_y = cross_entropy(y, t)
    return J.T @ J / len(X), J.T @ g_y.ravel() / len(X)


def E(a, b):
    """E[a b^T], the mean over samples: (N, n) and (N, k) to (n, k)."""
    return a.T @ b / len(a)


def inv(S):
    """S^{-1} for a symmetric S >= 0; directions that are absent but for rounding stay absent."""
    return np.linalg.pinv(S, rcond=1e-12, hermitian=True)


def natural_expansion_score(F, g):
    """eq. (3): eta = g^T F^{-1} g, the part of lambda that the parameters can act on."""
    return g @ inv(F) @ g


def layer_score(A, C, G):
    """(E6): eta_l = Tr[A^{-1} C G^{-1} C^T], with A = E[a a^T] and C = E[a g^T]."""
    return np.trace(inv(A) @ C @ inv(G) @ C.T)


def residual_gradient(a_c, g):
    """Lemma A.6: g_r = g - E[g a_c^T] A_c^{-1} a_c, what the current inputs leave unexplained."""
    return g - a_c @ inv(E(a_c, a_c)) @ E(a_c, g)


def delta_eta(a_c, a_p, g_r, G):
    """What proposed neurons a_p (N, k) add to eta_l: at least Theorem 3.2, exactly (E8)."""
    A_c, A_cp, A_p, D = E(a_c, a_c), E(a_c, a_p), E(a_p, a_p), E(a_p, g_r)
    Sigma = A_p - A_cp.T @ inv(A_c) @ A_cp
    return layer_score(A_p, D, G), layer_score(Sigma, D, G)


def widen(net, l, w, k):
    """(E1): a neuron w (n_in + 1, 1), k (3, 1) joins hidden layer l; nothing listens to it yet."""
    W, K, W_next = net[2 * l : 2 * l + 3]
    wider = [np.hstack([W, w]), np.hstack([K, k]), np.insert(W_next, -1, 0, axis=0)]
    return [*net[: 2 * l], *wider, *net[2 * l + 3 :]]


def deepen(net, l, W_q):
    """(E2): W_q (n + 1, n) and the identity go in front of layer l, which undoes W_q."""
    W, identity = net[2 * l], np.outer([0.0, 0.0, 1.0], np.ones(len(W_q) - 1))
    u = np.linalg.solve(W_q[:-1], W[:-1])
    return [*net[: 2 * l], W_q, identity, np.vstack([u, W[-1] - W_q[-1] @ u]), *net[2 * l + 1 :]]


def look(net, X, t, rng):
    """For each place the best of 100 neurons by Theorem 3.2, the best of 10 layers by eq. (3)."""
    y, a, dy_dz, _ = backward(net, X)
    _, g_y = cross_entropy(y, t)
    eta, lam = natural_expansion_score(*fisher(net, X, t)), (g_y**2).sum() / len(X)
    for l, (a_c, dz) in enumerate(zip(a[1:], dy_dz[1:], strict=True)):  # in hidden layer l
        g, G = np.einsum("no,noi->ni", g_y, dz), np.einsum("noi,noj->ij", dz, dz) / len(X)
        eta_c, g_r = layer_score(E(a_c, a_c), E(a_c, g), G), residual_gradient(a_c, g)
        w, k = rng.standard_normal((100, a[l].shape[1], 1)), rng.standard_normal((100, 3, 1))
        scores = [delta_eta(a_c, rational(a[l] @ w[i], k[i])[0], g_r, G) for i in range(100)]
        (bound, exact), i = max((scores[i], i) for i in range(100))
        name = f"neuron in layer {l}, bound {bound:.4f}, exact"
        yield exact, eta_c, lam, name, widen(net, l, w[i], k[i])
    for l in range(len(a)):  # in front of layer l; what n units bring counts for each of them
        n = a[l].shape[1] - 1
        nets = [deepen(net, l, W_q) for W_q in rng.standard_normal((10, n + 1, n))]
        etas = [natural_expansion_score(*fisher(deeper, X, t)) for deeper in nets]
        yield (max(etas) - eta) / n, eta, lam, f"layer {l}, per unit", nets[np.argmax(etas)]


def decide(additions, tau=1.0, alpha=0.02):
    """(E13): the best (increase, eta_c, lambda, ...) above both tau eta_c and alpha lambda."""
    passing = [new for new in additions if new[0] > tau * new[1] and new[0] > alpha * new[2]]
    return max(passing, key=lambda new: new[0], default=None)


def grow(net, X, t, rng):
    """Train by damped natural-gradient steps; after every 30, look and add until nothing passes."""
    for epoch in range(1, 401):
        F, g = fisher(net, X, t)
        n = np.linalg.solve(F + 0.1 * np.eye(len(g)), g)
        parts = np.split(n, np.cumsum([block.size for block in net])[:-1])
        net = [block - 0.1 * d.reshape(block.shape) for block, d in zip(net, parts, strict=True)]
        while epoch % 30 == 0 and (accepted := decide(look(net, X, t, rng))):
            increase, eta_c, lam, name, net = accepted
            print(f"epoch {epoch}: + {name} {increase:.4f}, eta_c {eta_c:.4f}, lambda {lam:.4f}")
    return net


def half_moons(N, seed):
    """Points (N, 2) on two interleaving half-circles, with noise 0.3, and their classes (N,)."""
    s, noise = np.linspace(0, np.pi, N // 2), np.random.default_rng(seed).standard_normal((N, 2))
    X = np.hstack([[np.cos(s), np.sin(s)], [1 - np.cos(s), 0.5 - np.sin(s)]]).T
    return X + 0.3 * noise, np.repeat([0, 1], N // 2)


if __name__ == "__main__":
    (X, t), (X_test, t_test) = half_moons(200, seed=0), half_moons(500, seed=1)
    net = grow([np.zeros((3, 2))], X, t, np.random.default_rng(0))
    correct = forward(net, X_test)[0].argmax(axis=1) == t_test
    print(f"accuracy on 500 new points: {correct.mean():.3f}")
