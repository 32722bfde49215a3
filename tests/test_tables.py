"""The table of estimators: its folds, its numbers by another route, and what it calls a loss."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.preprocessing import StandardScaler

from sennpy import SENNClassifier
from sennpy.experiments.tables import data, figures, models, run


def made(scores, sizes=(10, 5, 100, 50, None, None), name="iris"):
    """Rows of folds with given scores (folds, models)."""
    return [
        {"data": name, "repeat": 0, "fold": i, "models": {
            kind: {"score": s, "parameters": p, "fit_seconds": 1.0, "predict_seconds": 0.1}
            for kind, s, p in zip(models.NAMES, row, sizes, strict=True)}}
        for i, row in enumerate(scores)
    ]  # fmt: skip


@pytest.mark.parametrize("name", data.NAMES)
def test_each_sample_is_held_out_once_and_folds_are_the_same_again(name):
    _, y = data.data(name)
    folds = data.folds(name, 3, y)
    assert sorted(np.concatenate([test for _, test in folds])) == list(range(len(y)))
    assert all(not set(train) & set(test) for train, test in folds)
    again = data.folds(name, 3, y)
    assert all(np.array_equal(a[1], b[1]) for a, b in zip(folds, again, strict=True))


def test_a_fold_s_numbers_are_those_of_the_models_by_hand(monkeypatch):
    monkeypatch.setattr(models, "NAMES", ("SENN", "linear"))
    found = run.one_fold("iris", 2, 1)["models"]
    X, y = data.data("iris")
    train, test = list(StratifiedKFold(5, shuffle=True, random_state=2).split(X, y))[1]
    senn = SENNClassifier(random_state=2).fit(X[train], y[train])
    assert found["SENN"]["score"] == (senn.predict(X[test]) == y[test]).mean()
    assert found["SENN"]["parameters"] == len(senn.network_.parameters)
    units = StandardScaler().fit(X[train])
    linear = LogisticRegression(max_iter=1000).fit(units.transform(X[train]), y[train])
    assert found["linear"]["score"] == (linear.predict(units.transform(X[test])) == y[test]).mean()
    assert found["linear"]["parameters"] == 15


@pytest.mark.parametrize("kind", ["MLP", "MLP tuned"])
def test_parameters_of_the_other_networks_are_counted(kind, monkeypatch):
    monkeypatch.setattr(models, "MLPS", {"hidden_layer_sizes": [(100,)]})
    X, y = data.data("diabetes")
    machine = models.model(kind, False, 0)
    for step in machine.named_steps.values():
        if hasattr(step, "regressor"):
            inner = getattr(step.regressor, "estimator", step.regressor)
            inner.set_params(max_iter=2)
    with pytest.warns(match="Maximum iterations"):
        machine.fit(X[:60], y[:60])
    assert models.parameters(kind, machine) == 11 * 100 + 101


def test_wins_and_losses_are_those_whose_interval_says_so():
    noise = np.linspace(-0.02, 0.02, 20)[:, None]
    scores = 0.8 + noise + np.array([0.0, -0.1, 0.05, 0.0, -0.1, -0.1])
    lines = run.table(made(scores))
    (told,) = run.verdicts(lines)
    assert told["best"] == "MLP" and not told["among_the_best"]
    assert told["wins"] == ["linear", "SVM", "HGB"] and told["losses"] == ["MLP"]
    assert told["fewest_parameters"] and not told["near_mlp"]
    mlp = next(line for line in lines if line["model"] == "MLP")
    assert np.isclose(mlp["senn_ahead"], -0.05) and np.isclose(mlp["score"], 0.85)
    assert "behind MLP" in run.printed(lines)


def test_an_interval_is_near_that_of_the_normal_law():
    numbers = np.random.default_rng(1).standard_normal(400)
    half = 1.96 * numbers.std() / 20
    assert np.allclose(run.interval(numbers), numbers.mean() + np.array([-half, half]), atol=0.01)


def test_the_picture_has_a_dot_a_fold_and_the_means():
    scores = np.random.default_rng(0).uniform(0.5, 1, (5, len(models.NAMES)))
    rows = made(scores)
    ax = figures.tables_figure(rows, run.table(rows)).axes[0]
    dots = [line.get_xdata() for line in ax.lines if line.get_marker() == "o"]
    marks = [line.get_xdata()[0] for line in ax.lines if line.get_marker() == "D"]
    assert np.allclose(dots, scores.T) and np.allclose(marks, scores.mean(axis=0))
