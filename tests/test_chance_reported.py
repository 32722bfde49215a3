"""What is told of chance, recomputed: shares by least squares, trainings in plain NumPy."""

from dataclasses import replace

import drawn
import measured
import numpy as np
import pytest

from sennpy import MLP, SENN, Place, Rational, Settings, SoftmaxCrossEntropy, SquaredError
from sennpy.experiments import chance
from sennpy.growth.profile import ProfileSearch


def rest(inputs, targets, at=None, of=None):
    """What the least-squares fit on inputs leaves, of the targets or of others at other inputs."""
    fit = np.linalg.lstsq(inputs, targets, rcond=None)[0]
    return targets - inputs @ fit if at is None else of - at @ fit


@pytest.mark.parametrize("N, d, m", [(40, 2, 3), (30, 1, 1)])
def test_the_levels_of_chance_are_means_over_draws_of_what_regressions_say(N, d, m, monkeypatch):
    quick = ProfileSearch(candidates=6, refined=1, iterations=4)
    monkeypatch.setattr(chance, "SEARCH", quick)
    row = chance.by_chance(N, d, m, draws=3, seed=8)
    rng, found = np.random.default_rng([8, N, d, m]), {"simulated": [], "permuted": [], "held": []}

    def noise():
        return np.column_stack([rng.standard_normal((N, d)), np.ones(N)]), rng.standard_normal(
            (N, m)
        )

    def searched(inputs, g):
        place = Place.of(inputs, inputs, g, np.eye(m), np.zeros((d + 1, m)), Rational())
        neuron = quick.neurons(place, 1, rng).operation
        return lambda x: np.hstack([x, Rational()(x @ neuron.weights, neuron.coefficients)])

    def share(both, inputs, g):
        left = rest(inputs, g)
        return 1 - (rest(both(inputs), g) ** 2).sum() / (left**2).sum()

    for _ in range(3):
        (inputs, first), (others, second) = noise(), noise()
        g = rest(inputs, first)
        both = searched(inputs, g)
        found["simulated"].append(share(both, inputs, g))
        alone = rest(inputs, g, others, second)
        together = rest(both(inputs), g, both(others), second)
        lost = ((alone**2).sum() - (together**2).sum()) / N
        found["held"].append(lost / ((g**2).sum() / N))
        dealt = g[rng.permutation(N)]
        found["permuted"].append(share(searched(inputs, dealt), inputs, dealt))
    assert (row["N"], row["d"], row["m"]) == (N, d, m)
    for name, values in [("simulated", found["simulated"]), ("permuted", found["permuted"]),
                         ("held_out", found["held"])]:  # fmt: skip
        assert row[name] == pytest.approx(np.mean(values), rel=1e-6)
        error = np.std(values, ddof=1) / np.sqrt(3)
        assert row[f"{name}_error"] == pytest.approx(error, rel=1e-6)
    assert row["fixed"] == pytest.approx(1 / (N - 1))
    assert row["fixed_given"] == pytest.approx(1 / (N - 1 - d))
    assert row["numbers"] == pytest.approx((d + 1 + 3 + m) / (N * m))
    assert len(row) == 12


SHORT = {
    rule: Settings.by_thresholds(epochs=5, cooldown=2, proposer="random", max_width=3, **{
        "acceptance": chance.RULES["thresholds"].acceptance})
    for rule in ("one", "two")
}  # fmt: skip


@pytest.mark.parametrize("task", chance.TASKS)
def test_a_training_is_told_by_its_networks_test_figures(task, monkeypatch):
    monkeypatch.setattr(chance, "RULES", SHORT)
    row = chance.grown("one", task, 2003, epochs=4)
    X, t, X_test, t_test = drawn.of_chance(task, 2003)
    labels = t.ndim == 1
    start = MLP.random((X.shape[1], 1, 2 if labels else 1), rng=2003)
    loss = SoftmaxCrossEntropy() if labels else SquaredError()
    settings = replace(SHORT["one"], seed=2003, epochs=4)
    net, history = SENN(loss, settings).fit(start, X, t)
    test = (measured.cross_entropy if labels else measured.mean_square)(net, X_test, t_test)
    assert row == {
        "rule": "one", "task": task, "draw": 2003, "hidden": list(net.sizes[1:-1]),
        "additions": len(history.additions), "neurons": sum(net.sizes[1:-1]) - 1,
        "test": pytest.approx(test, rel=1e-6),
        "accuracy": measured.accuracy(net, X_test, t_test) if labels else None, "epochs": 4,
    }  # fmt: skip
    assert len(history.looks) == 1 + len(history.additions)


def test_a_training_has_its_rules_own_epochs_unless_told_otherwise(monkeypatch):
    monkeypatch.setattr(chance, "RULES", SHORT)
    assert chance.grown("two", "noise", 2000)["epochs"] == 5


def test_rows_are_of_every_cell_and_of_every_rule_task_and_draw(monkeypatch):
    """In their order; and a level needs more samples than the layer and the neuron have inputs."""

    def one_by_one(*_, **__):
        return lambda work: [function(*args, **options) for function, args, options in work]

    monkeypatch.setattr("joblib.Parallel", one_by_one)
    monkeypatch.setattr("joblib.effective_n_jobs", lambda jobs: 1)
    monkeypatch.setattr(chance, "by_chance", lambda N, d, m, draws, seed=0: (N, d, m, draws, seed))
    monkeypatch.setattr(chance, "grown", lambda rule, task, seed, epochs=None, kept=None: (
        rule, task, seed, epochs))  # fmt: skip
    found = chance.run(3, 4, (5, 9), (3, 1), 2, ("noise", "friedman1"), 17)
    assert found["levels"] == [
        (N, d, m, 4, 3) for m in (1, 3) for d in (3, 1) for N in (5, 9) if (N, d) != (5, 3)
    ]  # fmt: skip
    assert found["trainings"] == [
        (rule, task, 2003 + i, 17) for task in ("noise", "friedman1") for rule in chance.RULES
        for i in range(2)
    ]  # fmt: skip
    whole = chance.run()
    assert len(whole["levels"]) == 2 * 5 * 6 and len(whole["trainings"]) == 4 * 6 * 8
    assert {row[3:] for row in whole["levels"]} == {(10, 0)}
    assert {row[2:] for row in whole["trainings"]} == {(2000 + i, None) for i in range(8)}
