"""Worked values for those who port SENN: inputs and everything in between, for three small cases.

    python tests/make_golden.py        writes tests/data/golden.json (`make golden`)

`data/golden.md` explains each field. The Euclidean output metric is used throughout.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np

from sennpy.curvature.fisher import fisher
from sennpy.curvature.kfac import kronecker_factors
from sennpy.expansion.coefficients import best_coefficients
from sennpy.expansion.decide import decide
from sennpy.expansion.eta import natural_expansion_score
from sennpy.expansion.grow import deepen, widen
from sennpy.expansion.insertion import inserted_layer_delta_eta, inserted_layer_surrogate
from sennpy.expansion.layer_score import (
    delta_eta,
    delta_eta_bound,
    delta_eta_bound_gradient,
    delta_eta_supremum,
    layer_score,
    residual_gradient,
)
from sennpy.expansion.mala import initial_state, step
from sennpy.expansion.moments import moment
from sennpy.expansion.removal import removal_costs
from sennpy.growth.chains import MalaSearch
from sennpy.growth.objectives import NeuronObjective
from sennpy.growth.place import View
from sennpy.growth.released import (
    SEARCH_DAMPING,
    RawInputs,
    released_place,
    released_state,
    released_step,
)
from sennpy.nn.losses import SoftmaxCrossEntropy, SquaredError
from sennpy.nn.mlp import MLP
from sennpy.writing import write_text

DATA = Path(__file__).parent / "data"
FORMAT = "sennpy golden values 1"
CASES = {  # name: (seed, sizes, samples, loss, hidden layer that the proposed neuron joins)
    "one neuron": (85, (1, 1, 1), 12, SquaredError(), 0),
    "two classes": (116, (2, 2, 2), 20, SoftmaxCrossEntropy(), 0),
    "two hidden layers": (239, (2, 2, 2, 1), 40, SquaredError(), 0),
}
STEP_SIZE, TEMPERATURE, STEPS = 0.2, 0.5, 4
TAU, ALPHA = 0.5, 0.01


def golden():
    """All worked values: nested dicts and lists of numbers, for JSON."""
    cases = [case(name, *given) for name, given in CASES.items()]
    return {"format": FORMAT, "cases": cases}


def case(name, seed, sizes, N, loss, place):
    """The worked values of one case."""
    net, given = inputs(seed, sizes, N, loss, place)
    X, t, square, chain = (given[key] for key in ("X", "t", "W_q", "chain"))
    weights, coefficients = given["proposal"].values()
    trace = net.forward(X)
    g_y = loss.gradient(trace.outputs, t)
    lam = float((g_y**2).sum() / N)
    wider, deeper = widen(net, place, weights, coefficients), deepen(net, place + 1, square)
    ours = View.of(net, X, t, loss).place("neuron", place)
    theirs = released_place(ours)
    a_p = net.activation(trace.inputs[place] @ weights, coefficients)
    parts = {
        "inputs": given,
        "forward": {
            "preactivations": trace.preactivations, "outputs": trace.outputs,
            "loss": loss.value(trace.outputs, t), "g_y": g_y, "lambda": lam,
        },
        "layers": layers(net, X, trace, g_y),
        "dense": dense(net, wider, X, trace, g_y),
        "neuron": neuron(ours, a_p, lam),
        "layer": layer(ours, trace.inputs[place + 1], net.weights[place + 1], square),
        "removal_costs": removal_costs(ours.a_c, ours.g, ours.G, ours.W),
        "widened": network(wider),
        "deepened": network(deeper),
        "mala": trajectory(ours, chain),
        "released": released(theirs, a_p, chain),
    }  # fmt: skip
    return {"name": name, **plain(parts)}


def inputs(seed, sizes, N, loss, place):
    """The network of a case, and its inputs, drawn and rounded to two digits."""
    rng = np.random.default_rng(seed)

    def draw(*shape):
        return np.round(rng.standard_normal(shape), 2)

    net = MLP.random(sizes, rng=rng)
    net = net.replace(np.round(net.parameters, 2))
    X = draw(N, sizes[0])
    softmax = isinstance(loss, SoftmaxCrossEntropy)
    t = rng.integers(sizes[-1], size=N) if softmax else draw(N, sizes[-1])
    weights, coefficients = draw(sizes[place] + 1, 1), draw(3, 1)
    n = sizes[place + 1]
    square = np.vstack([2 * np.eye(n) + draw(n, n), draw(1, n)])
    dim = sizes[place] + 4
    chain = {
        "step_size": STEP_SIZE, "temperature": TEMPERATURE,
        "start": draw(dim), "xi": draw(STEPS, dim), "u": np.round(rng.uniform(0.1, 0.9, STEPS), 2),
    }  # fmt: skip
    return net, {
        "sizes": sizes, "weights": net.weights, "coefficients": net.coefficients, "X": X, "t": t,
        "loss": "softmax" if softmax else "squared", "place": place,
        "proposal": {"weights": weights, "coefficients": coefficients}, "W_q": square,
        "tau": TAU, "alpha": ALPHA, "chain": chain,
    }  # fmt: skip


def layers(net, X, trace, g_y):
    """Statistics and score of each layer."""
    g, factors = net.backward(trace, g_y), kronecker_factors(net, X)
    return [
        {
            "a_c": a, "g_l": g[l], "A": factors[l].A, "G": factors[l].G, "C": moment(a, g[l]),
            "g_r": residual_gradient(a, g[l]), "eta_l": layer_score(a, g[l], factors[l].G),
        }
        for l, a in enumerate(trace.inputs)
    ]  # fmt: skip


def dense(net, wider, X, trace, g_y):
    """Jacobian, Fisher matrix and gradient, and the score before and after the neuron."""
    eta, eta_wider = dense_score(net, X, g_y), dense_score(wider, X, g_y)
    return {
        "J": net.jacobian(trace), "F": fisher(net, X), "g": net.vjp(trace, g_y) / len(X),
        "eta": eta, "eta_widened": eta_wider, "delta_eta": eta_wider - eta,
    }  # fmt: skip


def dense_score(net, X, g_y):
    """eta of the whole network."""
    return natural_expansion_score(fisher(net, X), net.vjp(net.forward(X), g_y) / len(X))


def neuron(stats, a_p, lam):
    """What the proposed neuron brings."""
    exact, g_r = delta_eta(stats.a_c, a_p, stats.g, stats.G), stats.g_r
    rest = residual_gradient(stats.a_c, a_p)
    decision = decide(exact, stats.eta, lam, TAU, ALPHA)
    z = stats.inputs @ np.ones(stats.inputs.shape[1])
    q, score = best_coefficients(z, g_r, stats.G)
    return {
        "a_p": a_p, "A_p": moment(a_p, a_p), "D": moment(a_p, g_r), "Sigma": moment(rest, rest),
        "delta_eta": exact, "delta_eta_bound": delta_eta_bound(a_p, g_r, stats.G),
        "delta_eta_bound_gradient": delta_eta_bound_gradient(a_p, g_r, stats.G),
        "delta_eta_supremum": delta_eta_supremum(g_r, stats.G),
        "best_coefficients": q * np.sign(q[np.abs(q).argmax()]), "best_score": score,
        "ratio": decision.ratio, "share": decision.share, "passes": decision.passes,
    }  # fmt: skip


def layer(stats, a, W, square):
    """What the proposed layer brings."""
    n, G = square.shape[1], stats.G
    return {
        "delta_eta": inserted_layer_delta_eta(a, square, W, stats.g, G),
        "surrogate": inserted_layer_surrogate(a, square, np.ones((3, n)), stats.g, G),
    }


def trajectory(stats, chain):
    """One Langevin chain of ours, from given noise."""
    objective, unit = NeuronObjective(stats), MalaSearch(temperature=TEMPERATURE).unit(stats)

    def target(s):
        return objective.density(s, unit)

    state, rows = initial_state(target, chain["start"][None]), []
    first = {"log_density": state.log_density[0], "gradient": state.gradient[0]}
    for xi, u in zip(chain["xi"], chain["u"], strict=True):
        state, info = step(target, state, STEP_SIZE, xi[None], np.log([u]))
        rows.append(
            {
                "proposal": info.proposal[0], "acceptance": np.exp(info.log_acceptance[0]),
                "position": state.position[0], "log_density": state.log_density[0],
            }
        )  # fmt: skip
    weights = objective.inputs.to_weights
    return {"to_weights": weights, "unit": unit, "start": first, "steps": rows}


def released(stats, a_p, chain):
    """The same by the released code's conventions: its G, no bias, its kernel."""
    damped = stats.G + SEARCH_DAMPING * np.trace(stats.G) / len(stats.G) * np.eye(len(stats.G))
    objective = NeuronObjective(replace(stats, G=damped), 1, RawInputs)

    def evaluate(s):
        scores, gradients = objective.evaluate(s)
        return scores / stats.eta, gradients / stats.eta

    state, rows = released_state(evaluate, chain["start"][None]), []
    for xi, u in zip(chain["xi"], chain["u"], strict=True):
        state, acceptance = released_step(
            evaluate, state, STEP_SIZE, TEMPERATURE, xi[None], np.log([u])
        )
        energy = -state.log_density[0]
        rows.append({"acceptance": acceptance[0], "position": state.position[0], "energy": energy})
    return {
        "a_c": stats.a_c, "A": moment(stats.a_c, stats.a_c), "G": stats.G,
        "C": moment(stats.a_c, stats.g), "g_r": stats.g_r, "eta_l": stats.eta, "G_damped": damped,
        "delta_eta": delta_eta(stats.a_c, a_p, stats.g, stats.G),
        "delta_eta_bound": delta_eta_bound(a_p, stats.g_r, stats.G),
        "steps": rows,
    }  # fmt: skip


def network(net):
    """The parameters of a network."""
    return {"weights": net.weights, "coefficients": net.coefficients}


def plain(value):
    """Nested dicts and lists of Python numbers."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value.tolist() if isinstance(value, (np.ndarray, np.generic)) else value


def text(value, indent=""):
    """JSON with 17 significant digits, a row of a matrix a line."""
    if isinstance(value, dict):
        rows = [f'{indent} "{key}": {text(item, indent + " ")}' for key, item in value.items()]
        return "{\n" + ",\n".join(rows) + f"\n{indent}}}"
    if isinstance(value, list) and any(isinstance(item, (list, dict)) for item in value):
        rows = [f"{indent} {text(item, indent + ' ')}" for item in value]
        return "[\n" + ",\n".join(rows) + f"\n{indent}]"
    if isinstance(value, list):
        return "[" + ", ".join(text(item) for item in value) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.17g}" if value % 1 else f"{value:.1f}"
    return f'"{value}"' if isinstance(value, str) else str(value)


def main(folder=DATA):
    """Write golden.json into a folder, whole or not at all."""
    path = folder / "golden.json"
    write_text(path, text(golden()) + "\n")
    print(f"wrote {path}")


if __name__ == "__main__":
    main()
