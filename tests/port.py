"""A port of SENN in 200 plain lines: what `tests/data/golden.md` asks for, from the inputs alone.

It knows the formulas of the paper, NumPy's inverse and nothing of the package, and returns what
golden.json holds. Derivatives are complex steps.
"""

import numpy as np

STEP = 1e-200


def sigma(z, k):
    """(E3): k holds v, c and l, a column a neuron."""
    v, c, l = k
    s = np.sqrt(v * v + c * c + l * l)
    return l / s * z + (c / s + 2 * v / s * z) / (1 + z * z)


def with_one(a):
    """Activations and a constant 1."""
    return np.hstack([a, np.ones((len(a), 1))])


def forward(weights, coefficients, X):
    """Inputs and pre-activations of all layers."""
    inputs, zs = [with_one(X)], []
    for W, k in zip(weights, [*coefficients, None], strict=True):
        zs.append(inputs[-1] @ W)
        if k is not None:
            inputs.append(with_one(sigma(zs[-1], k)))
    return inputs, zs


def derivative(function, x):
    """Complex steps in every entry of x; x's axes come last."""
    found = []
    for index in np.ndindex(x.shape):
        moved = x.astype(complex)
        moved[index] += 1j * STEP
        found.append(np.imag(function(moved)) / STEP)
    found = np.array(found)
    return np.moveaxis(found, 0, -1).reshape(*found.shape[1:], *x.shape)


def blocks_of(weights, coefficients):
    """The parameters in the flat order: W_0, k_0, W_1, ..."""
    blocks = []
    for W, k in zip(weights, [*coefficients, None], strict=True):
        blocks += [W] if k is None else [W, k]
    return blocks


def jacobian(weights, coefficients, X):
    """J (N, m, P)."""
    blocks, columns = blocks_of(weights, coefficients), []
    for i, block in enumerate(blocks):

        def outputs(moved, i=i):
            changed = [*blocks[:i], moved, *blocks[i + 1 :]]
            return forward(changed[0::2], changed[1::2], X)[1][-1]

        J = derivative(outputs, block)
        columns.append(J.reshape(*J.shape[:2], -1))
    return np.concatenate(columns, axis=2)


def loss_and_gradient(loss, y, t):
    """The mean loss, and d l_n / d y_n."""
    if loss == "squared":
        return ((y - t) ** 2).sum() / 2 / len(y), y - t
    p = np.exp(y - y.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    chosen = np.eye(y.shape[1])[t]
    return -np.log((p * chosen).sum(axis=1)).mean(), p - chosen


def moment(a, b):
    return a.T @ b / len(a)


def residual(a, b):
    """What a regression of b on a leaves (E7)."""
    return b - a @ np.linalg.solve(moment(a, a), moment(a, b))


def inverse(S):
    """A pseudo-inverse: the directions that S has."""
    return np.linalg.pinv(S, rcond=1e-12, hermitian=True)


def score(a, g, G):
    """Tr[A^-1 C G^-1 C^T] (E6); with g_r for g, the bound of Theorem 3.2."""
    C = moment(a, g)
    return np.trace(np.linalg.solve(moment(a, a), C) @ inverse(G) @ C.T)


def dense(weights, coefficients, X, g_y):
    """J, F, g and eta, with a pseudo-inverse: k counts up to its length only."""
    J = jacobian(weights, coefficients, X)
    flat = J.reshape(-1, J.shape[2])
    F, g = flat.T @ flat / len(X), flat.T @ g_y.ravel() / len(X)
    return J, F, g, g @ inverse(F) @ g


def backpropagate(weights, coefficients, X, u, l):
    """Gradients at the pre-activations of layer l: a complex step in its bias, sample by sample."""
    zs = forward(weights, coefficients, X)[1]

    def outputs(shift):
        a = zs[l] + shift
        for W, k in zip(weights[l + 1 :], coefficients[l:], strict=True):
            a = with_one(sigma(a, k)) @ W
        return a

    J = derivative(outputs, np.zeros(zs[l].shape[1]))  # (N, m, n_out)
    return np.einsum("nm,nmj->nj", u, J), J


def widened(weights, coefficients, place, new):
    """(E1)."""
    weights, coefficients = list(weights), list(coefficients)
    following = weights[place + 1]
    silent = np.zeros((1, following.shape[1]))
    weights[place] = np.hstack([weights[place], new["weights"]])
    coefficients[place] = np.hstack([coefficients[place], new["coefficients"]])
    weights[place + 1] = np.vstack([following[:-1], silent, following[-1:]])
    return weights, coefficients


def deepened(weights, coefficients, position, W_q):
    """(E2)."""
    W, identity = weights[position], np.array([[0.0], [0.0], [1.0]]) * np.ones(W_q.shape[1])
    u = np.linalg.inv(W_q[:-1]) @ W[:-1]
    following = np.vstack([u, W[-1] - W_q[-1] @ u])
    return (
        [*weights[:position], W_q, following, *weights[position + 1 :]],
        [*coefficients[:position], identity, *coefficients[position:]],
    )


def inserted(a_c, W_q, W, g, G):
    """(E16), which is (E5) with F_cc = A (x) G written out."""
    n = W_q.shape[1]
    z, u = a_c @ W_q, np.linalg.inv(W_q[:-1]) @ W[:-1]
    phi, both = np.hstack([2 * z / (1 + z**2), 1 / (1 + z**2)]), np.vstack([u, u])
    A_cp = moment(a_c, phi)
    F_cc = np.kron(moment(a_c, a_c), G)
    F_cp = np.column_stack([np.kron(A_cp[:, i], G @ both[i]) for i in range(2 * n)])
    S = moment(phi, phi) * (both @ G @ both.T) - F_cp.T @ np.linalg.solve(F_cc, F_cp)
    g_c, g_p = moment(a_c, g).ravel(), (moment(phi, g) * both).sum(axis=1)
    r = g_p - F_cp.T @ np.linalg.solve(F_cc, g_c)
    return r @ np.linalg.solve(S, r)


def port(inputs):
    """Everything that a case of golden.json holds beside its name and inputs."""
    i = {key: arrays(value) for key, value in inputs.items()}
    weights, coefficients, X, place = i["weights"], i["coefficients"], i["X"], i["place"]
    a, zs = forward(weights, coefficients, X)
    value, g_y = loss_and_gradient(i["loss"], zs[-1], i["t"])
    lam, layers = (g_y**2).sum() / len(X), []
    for l in range(len(weights)):
        g, J_z = backpropagate(weights, coefficients, X, g_y, l)
        G = np.einsum("nmi,nmj->ij", J_z, J_z) / len(X)
        layers.append(
            {"a_c": a[l], "g_l": g, "A": moment(a[l], a[l]), "G": G, "C": moment(a[l], g),
             "g_r": residual(a[l], g), "eta_l": score(a[l], g, G)}
        )  # fmt: skip
    J, F, gradient, eta = dense(weights, coefficients, X, g_y)
    wider = widened(weights, coefficients, place, i["proposal"])
    deeper = deepened(weights, coefficients, place + 1, i["W_q"])
    eta_wider = dense(*wider, X, g_y)[3]
    at, W = layers[place + 1], weights[place + 1]
    a_p = sigma(a[place] @ i["proposal"]["weights"], i["proposal"]["coefficients"])
    z = a[place + 1] @ i["W_q"]
    features = sigma(z, np.ones((3, z.shape[1])))
    return {
        "forward": {"preactivations": zs, "outputs": zs[-1], "loss": value, "g_y": g_y,
                    "lambda": lam},
        "layers": layers,
        "dense": {"J": J, "F": F, "g": gradient, "eta": eta, "eta_widened": eta_wider,
                  "delta_eta": eta_wider - eta},
        "neuron": neuron(i, at, a[place], a_p, lam),
        "layer": {"delta_eta": inserted(at["a_c"], i["W_q"], W, at["g_l"], at["G"]),
                  "surrogate": score(features, at["g_r"], at["G"])},
        "removal_costs": removal_costs(at["a_c"], at["g_l"], at["G"], W),
        "widened": dict(zip(("weights", "coefficients"), wider, strict=True)),
        "deepened": dict(zip(("weights", "coefficients"), deeper, strict=True)),
        "mala": langevin(i["chain"], a[place], at),
        "released": released(i, weights, coefficients, a, g_y, a_p),
    }  # fmt: skip


def neuron(i, at, x, a_p, lam):
    """Scores of the proposed neuron, and the decision."""
    g_r, G, joint = at["g_r"], at["G"], np.hstack([at["a_c"], a_p])
    exact = score(joint, at["g_l"], G) - at["eta_l"]
    bound, rest = score(a_p, g_r, G), residual(at["a_c"], a_p)
    slope = derivative(lambda moved: complex_score(moved, g_r, G), a_p)
    z = x.sum(axis=1, keepdims=True)
    phi = np.hstack([2 * z / (1 + z**2), 1 / (1 + z**2), z])
    B = moment(phi, g_r)
    values, vectors = np.linalg.eig(np.linalg.solve(moment(phi, phi), B @ np.linalg.inv(G) @ B.T))
    q = np.real(vectors[:, np.argmax(values.real)])
    q = q / np.linalg.norm(q) * np.sign(q[np.abs(q).argmax()])
    return {
        "a_p": a_p, "A_p": moment(a_p, a_p), "D": moment(a_p, g_r), "Sigma": moment(rest, rest),
        "delta_eta": exact, "delta_eta_bound": bound, "delta_eta_bound_gradient": slope,
        "delta_eta_supremum": np.trace(np.linalg.solve(G, moment(g_r, g_r))),
        "best_coefficients": q, "best_score": values.real.max(), "ratio": exact / at["eta_l"],
        "share": exact / lam,
        "passes": bool(exact / at["eta_l"] > i["tau"] and exact / lam > i["alpha"]),
    }  # fmt: skip


def complex_score(a_p, g_r, G):
    """Theorem 3.2 for one neuron, for a complex step."""
    D = moment(a_p, g_r)
    return (D @ inverse(G) @ D.T)[0, 0] / moment(a_p, a_p)[0, 0]


def removal_costs(a, g, G, W):
    """(E15), as it is written."""
    A_inv, (values, V) = np.linalg.inv(moment(a, a)), np.linalg.eigh(G)
    root = V * np.sqrt(values) @ V.T
    n, w = A_inv @ moment(a, g) @ np.linalg.inv(root), W @ root
    return ((n - w) ** 2).sum(axis=1) / np.diag(A_inv)


def langevin(chain, x, at):
    """(E11), the proposal's weights being those for inputs of order one."""
    n, r = x.shape[1], chain["step_size"]
    mean, spread = x[:, :-1].mean(axis=0), np.sqrt(x[:, :-1].var(axis=0).mean() * (n - 1))
    to_weights = np.eye(n)
    to_weights[:-1, :-1] /= spread
    to_weights[-1, :-1] = -mean / spread
    unit = chain["temperature"] * at["eta_l"]

    def log_p(s):
        a_p = sigma(x @ to_weights @ s[:n, None], s[n:, None])
        return complex_score(a_p, at["g_r"], at["G"]) / unit - s @ s / 2

    def gradient(s):
        return derivative(log_p, s)

    def log_q(to, origin):
        return -((to - origin - r * gradient(origin)) ** 2).sum() / (4 * r)

    s, steps = chain["start"], []
    first = {"log_density": log_p(s), "gradient": gradient(s)}
    for xi, u in zip(chain["xi"], chain["u"], strict=True):
        proposal = s + r * gradient(s) + np.sqrt(2 * r) * xi
        ratio = log_p(proposal) + log_q(s, proposal) - log_p(s) - log_q(proposal, s)
        acceptance = min(1.0, np.exp(ratio))
        s = proposal if u < acceptance else s
        steps.append(
            {"proposal": proposal, "acceptance": acceptance, "position": s, "log_density": log_p(s)}
        )
    return {"to_weights": to_weights, "unit": unit, "start": first, "steps": steps}


def released(i, weights, coefficients, a, g_y, a_p):
    """Section 9 and (E17)."""
    chain, place, X = i["chain"], i["place"], i["X"]
    unit_g_y = g_y / np.sqrt((g_y**2).sum(axis=1, keepdims=True))
    g, _ = backpropagate(weights, coefficients, X, g_y, place + 1)
    g_unit, _ = backpropagate(weights, coefficients, X, unit_g_y, place + 1)
    a_c, G = a[place + 1][:, :-1], moment(g_unit, g_unit)
    g_r, eta = residual(a_c, g), score(a_c, g, G)
    damped = G + 0.1 * np.trace(G) / len(G) * np.eye(len(G))
    x, r, T = a[place], chain["step_size"], chain["temperature"]
    n = x.shape[1]

    def score_of(s):
        a_p = sigma(x @ s[:n, None], s[n:, None])
        return complex_score(a_p, g_r, damped) / eta

    def energy(s):
        return s @ s - score_of(s)

    def half_slope(s):
        return derivative(score_of, s) / 2

    s, steps = chain["start"], []
    for xi, u in zip(chain["xi"], chain["u"], strict=True):

        def delta(s, g, xi=xi):
            return -r * (g / T + s) + np.sqrt(2 * r) * xi

        half = s + delta(s, half_slope(s)) / 2
        proposal = s + delta(half, half_slope(half))
        g_mean = (half_slope(s) + half_slope(proposal)) / 2
        gain = energy(s) - energy(proposal) + g_mean @ delta(s, g_mean)
        acceptance = min(1.0, np.exp(gain / T))
        s = proposal if u < acceptance else s
        steps.append({"acceptance": acceptance, "position": s, "energy": energy(s)})
    exact = score(np.hstack([a_c, a_p]), g, G) - eta
    return {
        "a_c": a_c, "A": moment(a_c, a_c), "G": G, "C": moment(a_c, g), "g_r": g_r, "eta_l": eta,
        "G_damped": damped, "delta_eta": exact, "delta_eta_bound": score(a_p, g_r, G),
        "steps": steps,
    }  # fmt: skip


def arrays(value):
    """Lists of numbers as arrays, lists of matrices as lists of arrays."""
    if isinstance(value, dict):
        return {key: arrays(item) for key, item in value.items()}
    if isinstance(value, list) and isinstance(value[0], list) and isinstance(value[0][0], list):
        return [np.array(item) for item in value]
    return np.array(value) if isinstance(value, list) else value
