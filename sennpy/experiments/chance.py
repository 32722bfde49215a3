"""What chance brings: the best of a search on pure noise, and the rules that should refuse it."""

from dataclasses import dataclass, replace

import numpy as np

from ..expansion.damped import honest_increase
from ..expansion.layer_score import residual_gradient
from ..growth.change import Change, Widen
from ..growth.crossfit import CrossFitted
from ..growth.insert import Insert
from ..growth.place import Place
from ..growth.rules import HeldOut, InformationCriterion, PermutationNull, numbers_of_neuron
from ..nn.activations import Rational
from ..nn.losses import SoftmaxCrossEntropy, SquaredError
from ..nn.mlp import MLP
from ..training.senn import SENN
from ..training.settings import Settings
from .store import trained as trained_network
from .workers import in_parallel

SEARCH = CrossFitted().search  # what is measured is the default's search
SAMPLES, INPUTS, OUTPUTS = (50, 100, 200, 400, 800, 1600), (1, 2, 5, 10, 20), (1, 3)
FIRST_DRAW = 2000  # seeds of data from here on, on which nothing was tuned
TASKS = ("noise", "noisy labels", "moons 0.3", "friedman1")


@dataclass(frozen=True)
class InSample(CrossFitted):
    """What `CrossFitted` proposes, found on all samples; none are held out."""

    def changes(self, place, rng):
        kind = Widen if place.kind == "neuron" else Insert
        weights, coefficients = self.found(place, np.arange(len(place.inputs)), rng)
        return [
            Change(kind(place.index, weights[:, :k], coefficients[:, :k]), 0.0)
            for k in self.counts
        ]  # fmt: skip


ONCE = CrossFitted(folds=5, held_out=1)
RULES = {
    "thresholds": Settings.by_thresholds(),
    "AIC": Settings(acceptance=InformationCriterion("aic"), proposer=InSample()),
    "BIC": Settings(acceptance=InformationCriterion("bic"), proposer=InSample()),
    "permutation": Settings(acceptance=PermutationNull(proposer=InSample()), proposer=InSample()),
    "validation split": Settings(acceptance=HeldOut(0.2), proposer=ONCE),
    "honest look": Settings(),
}


def by_chance(N, d, m, draws, seed=0):
    """What the best neuron of a search gains on noise, in units of lambda.

    Parameters
    ----------
    N, d, m : int
        Samples, inputs and outputs of a linear layer, trained, whose targets are noise.
    draws : int
        Of noise; the residuals of each are permuted once.
    seed : int

    Returns
    -------
    dict
        `simulated`, `permuted` and `held_out` are means over the draws, each with its standard
        error under its name and "_error". Beside them what they would be for a fixed direction:
        `fixed` = 1 / (N - 1) by (E19), `fixed_given` = 1 / (N - d - 1) where the residuals are
        those of d inputs and a constant; and `numbers` = p / (N m), p of the N m targets, what a
        linear model with the p free numbers of the neuron would explain.
    """
    rng = np.random.default_rng([seed, N, d, m])
    measured = {"simulated": [], "permuted": [], "held_out": []}
    for _ in range(draws):
        place, (inputs, noise) = trained(rng, N, d, m), noisy(rng, N, d, m)
        share, operation = found(place, rng)
        measured["simulated"].append(share)
        others = gain_of_others(place, operation, inputs, noise)
        measured["held_out"].append(others / place.supremum)
        dealt = place.g_r[rng.permutation(N)]
        null = place.with_statistics(place.a_c, dealt, place.G, place.W)
        measured["permuted"].append(found(null, rng)[0])
    row = {"N": N, "d": d, "m": m}
    for name, values in measured.items():
        row[name] = float(np.mean(values))
        row[f"{name}_error"] = float(np.std(values) / np.sqrt(max(draws - 1, 1)))
    fixed = {"fixed": 1 / (N - 1), "fixed_given": 1 / (N - d - 1)}
    return row | fixed | {"numbers": numbers_of_neuron(place) / (N * m)}


def noisy(rng, N, d, m):
    """Inputs with a constant, (N, d + 1), and noise (N, m)."""
    return np.column_stack([rng.standard_normal((N, d)), np.ones(N)]), rng.standard_normal((N, m))


def trained(rng, N, d, m):
    """The `Place` for a neuron beside d inputs of a linear layer, trained on noise."""
    inputs, noise = noisy(rng, N, d, m)
    g = residual_gradient(inputs, noise)
    return Place.of(inputs, inputs, g, np.eye(m), np.zeros((d + 1, m)), Rational())


def found(place, rng):
    """The share of the supremum that the best neuron explains, and that neuron."""
    change = SEARCH.neurons(place, 1, rng).measured(place)
    return change.exact / place.supremum, change.operation


def gain_of_others(place, operation, inputs, noise):
    """What a neuron, its step fitted at a place, brings to other samples, in the mean (E20)."""
    fitted = np.arange(2 * len(noise)) < len(noise)
    both, g = np.vstack([place.a_c, inputs]), np.vstack([place.g, noise])
    a_p = place.activation(both @ operation.weights, operation.coefficients)
    u = np.broadcast_to(np.eye(g.shape[1])[:, None], (g.shape[1], *g.shape))
    return float(honest_increase(both, a_p, g, u, fitted, 0.0)[~fitted].mean())


def data_of(task, seed):
    """(loss, X, t, X_test, t_test) of a task's draw; standardised by the training data."""
    from sklearn.datasets import make_friedman1, make_moons

    rng = np.random.default_rng(seed)
    X, X_test = rng.standard_normal((100, 5)), rng.standard_normal((1000, 5))
    if task == "noise":
        t, t_test = rng.standard_normal((100, 1)), rng.standard_normal((1000, 1))
        return SquaredError(), X, t, X_test, t_test
    if task == "noisy labels":
        return SoftmaxCrossEntropy(), X, rng.integers(0, 2, 100), X_test, rng.integers(0, 2, 1000)
    if task == "moons 0.3":
        X, t = make_moons(200, noise=0.3, random_state=seed)
        return SoftmaxCrossEntropy(), X, t, *make_moons(1000, noise=0.3, random_state=10_000 + seed)
    X, t = make_friedman1(1300, noise=1.0, random_state=seed)
    X, t = ((v - v[:300].mean(axis=0)) / v[:300].std(axis=0) for v in (X, t[:, None]))
    return SquaredError(), X[:300], t[:300], X[300:], t[300:]


def grown(rule, task, seed, epochs=None, kept=None):
    """One network of one hidden neuron, grown on a draw of a task by a rule; plain values."""
    loss, X, t, X_test, t_test = data_of(task, seed)
    settings = replace(RULES[rule], seed=seed)
    if epochs is not None:
        settings = replace(settings, epochs=epochs)
    start = MLP.random((X.shape[1], 1, t.shape[1] if t.ndim == 2 else 2), rng=seed)
    network, history, _ = trained_network(kept, SENN(loss, settings), start, X, t)
    y = network(X_test)
    labels = isinstance(loss, SoftmaxCrossEntropy)
    return {
        "rule": rule, "task": task, "draw": seed, "hidden": list(network.sizes[1:-1]),
        "additions": len(history.additions), "neurons": sum(network.sizes[1:-1]) - 1,
        "test": float(loss.value(y, t_test) * (1 if labels else 2)),
        "accuracy": loss.accuracy(y, t_test), "epochs": len(history.epochs),
    }  # fmt: skip


def run(seed=0, draws=10, samples=SAMPLES, inputs=INPUTS, trainings=8, tasks=TASKS, epochs=None,
        store=None):  # fmt: skip
    """Both parts, in parallel over what they consist of.

    Parameters
    ----------
    seed : int
        Of the noise; the trainings have draws from FIRST_DRAW + seed on.
    draws : int
        See `by_chance`.
    samples, inputs : sequence of int
        N and d.
    trainings : int
        Draws of each task.
    tasks : sequence of str
    epochs : int, optional
        Instead of each rule's own.
    store : Store, optional
        Keeps each row as it ends, and goes on from what it holds.

    Returns
    -------
    dict
        `levels` and `trainings`, lists of rows.
    """
    cells = [(N, d, m) for m in OUTPUTS for d in inputs for N in samples if d + 2 < N]
    first = FIRST_DRAW + seed
    runs = [(r, t, s) for t in tasks for r in RULES for s in range(first, first + trainings)]
    work = [(by_chance, (*cell, draws, seed)) for cell in cells]
    work += [(grown, (*each, epochs)) for each in runs]
    names = [f"level-{N}-{d}-{m}" for N, d, m in cells]
    names += [f"{rule}-{task}-{draw}" for rule, task, draw in runs]
    rows = in_parallel(part, work, store=store, names=names)
    return {"levels": rows[: len(cells)], "trainings": rows[len(cells) :]}


def part(function, arguments, kept=None):
    """One row; what trains goes on from where it was."""
    return function(*arguments, **({"kept": kept} if function is grown else {}))
