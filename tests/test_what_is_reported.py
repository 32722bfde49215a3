"""What an experiment reports is what its network does on data drawn apart, in plain NumPy."""

import statistics
from dataclasses import replace

import drawn
import idx_files
import measured
import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.neural_network import MLPClassifier
from sklearn.svm import SVC

from sennpy import (
    MLP,
    SENN,
    SGD,
    ProfileSearch,
    RandomSearch,
    Settings,
    SoftmaxCrossEntropy,
    Thresholds,
)
from sennpy.datasets import Data, regression_case
from sennpy.experiments import digits, half_moons, mnist, regression, sweep
from sennpy.experiments.classification import quick
from sennpy.growth.chains import MalaSearch
from sennpy.growth.released import ReleasedAscent, ReleasedSearch

# the images that stand in for MNIST's are dark
pytestmark = pytest.mark.filterwarnings("ignore:X has a spread of 0.1:sennpy.DataWarning")
SHORT = Settings.by_thresholds(
    epochs=9, cooldown=3, acceptance=Thresholds(0.01, 1e-4, 0.5), proposer=RandomSearch(20),
    max_width=6, max_depth=2, seed=4,
)  # fmt: skip
WIDE = replace(
    SHORT, max_width=66, acceptance=Thresholds(1e-3, 1e-6, 0.5, dense=False),
    proposer=RandomSearch(5), optimiser=SGD(0.01),
)  # fmt: skip


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A folder with tiny files of MNIST, for as long as the module lasts."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("mnist")
        idx_files.write(folder, patch, train=80, test=30)
        yield folder


def of_mnist(seed, **wish):
    """Tiny images as they are, thinned, and their labels."""
    images, labels, test_images, test_labels = idx_files.arrays(80, 30)
    kept = drawn.few(labels.astype(int), seed, **wish)
    X, X_test = (a.reshape(len(a), -1) / 255 for a in (images[kept], test_images))
    return X, labels[kept].astype(int), X_test, test_labels.astype(int)


CASES = {  # experiment, options, data drawn apart, sizes of the start
    "half-moons": (half_moons, {}, lambda: drawn.moons(0, 1), (2, 2)),
    "another split": (half_moons, {"train_seed": 6, "test_seed": 9}, lambda: drawn.moons(6, 9),
                      (2, 2)),
    "digits": (digits, {"per_class": 9, "limit": 80}, lambda: drawn.digits(4, 9, 80), (64, 10)),
    "mnist": (mnist, {"per_class": 5, "limit": 38, "size": 28},
              lambda: of_mnist(4, per_class=5, limit=38), (784, 10, 10)),
}  # fmt: skip


@pytest.fixture(scope="module", params=CASES)
def case(request, files):
    """A run, its data by another route, what its callback saw, and the sizes of its start."""
    experiment, options, data, sizes = CASES[request.param]
    options = options | ({"folder": files} if experiment is mnist else {})
    seen = []
    settings = WIDE if sizes[-1] == 10 else SHORT
    run = experiment.run(settings, lambda *what: seen.append(what), **options)
    return run, data(), seen, sizes


# --- Classification ------------------------------------------------------------------------------


def test_every_number_of_a_run_is_its_networks(case):
    run, (X, t, X_test, t_test), _, _ = case
    close = {"rel": 1e-6}  # pixels are float32
    assert run.test_accuracy == measured.accuracy(run.network, X_test, t_test)
    assert run.test_loss == pytest.approx(
        measured.cross_entropy(run.network, X_test, t_test), **close
    )
    assert run.train_loss == pytest.approx(measured.cross_entropy(run.network, X, t), **close)
    assert run.samples == len(t)
    assert run.test_loss != pytest.approx(run.train_loss, rel=1e-3)
    assert run.test_accuracy != measured.accuracy(run.network, X, t)  # the two can be told apart


def test_it_was_trained_on_the_training_data_from_the_start_of_its_seed(case):
    """The same loop on data drawn apart ends at the same network."""
    run, (X, t, *_), _, sizes = case
    start = MLP.random(sizes, rng=4)
    net, history = SENN(SoftmaxCrossEntropy(), run.settings).fit(start, X, t)
    assert net.sizes == run.network.sizes
    np.testing.assert_allclose(net.parameters, run.network.parameters, rtol=1e-3, atol=1e-4)
    assert len(history.additions) == len(run.history.additions) >= 1
    first = run.history.epochs[0].loss  # as the first step met it
    assert first == pytest.approx(measured.cross_entropy(start, X, t), rel=1e-6)
    last = run.history.epochs[-1]
    assert last.validation_loss == run.test_loss
    assert last.validation_accuracy == run.test_accuracy


def test_the_plain_values_are_those_of_the_run(case):
    run, (_, t, _, _), _, _ = case
    assert run.numbers() == {
        "seed": 4, "samples": len(t), "test_accuracy": run.test_accuracy,
        "test_loss": run.test_loss, "train_loss": run.train_loss,
        "hidden": [W.shape[1] for W in run.network.weights[:-1]],
        "additions": len(run.history.additions), "epochs": 9, "seconds": round(run.seconds, 2),
    }  # fmt: skip
    assert len(run.history.additions) != len(run.history.looks)  # one is not taken for the other
    assert run.seconds >= run.history.epochs[-1].seconds
    assert run.seed == 4 == run.settings.seed


def test_snapshots_are_the_start_each_network_with_a_new_layer_and_the_end(case):
    run, _, seen, sizes = case
    start = MLP.random(sizes, rng=4)
    layers = [(r.epoch, net) for net, r in seen
              if type(r).__name__ == "AdditionRecord" and r.candidate.kind == "layer"]  # fmt: skip
    shown = run.snapshots
    assert [epoch for epoch, _ in shown] == [0, *(epoch for epoch, _ in layers), 9]
    np.testing.assert_array_equal(shown[0][1].parameters, start.astype(np.float64).parameters)
    assert all(one is net for (_, one), (_, net) in zip(shown[1:-1], layers, strict=True))
    assert shown[-1][1] is run.network
    records = (*run.history.epochs, *run.history.looks, *run.history.additions)
    assert len(seen) == len(records)


def test_some_case_has_snapshots_between(files):
    run = half_moons.run(SHORT)
    assert len(run.snapshots) > 2 and run.snapshots[1][1].sizes != run.network.sizes[:1]


def test_a_run_that_ends_before_its_epochs_says_when():
    settings = replace(SHORT, epochs=40, patience=1, tolerance=0.9, max_depth=0)
    for experiment in (half_moons, regression):
        run = experiment.run(replace(settings, max_width=1))
        end = run.snapshots[-1][0] if experiment is half_moons else run.moments[-1].epoch
        assert end == len(run.history.epochs) == run.numbers()["epochs"] < 40


def test_a_callback_can_end_a_run():
    run = half_moons.run(SHORT, lambda net, record: record.epoch == 2)
    assert run.numbers()["epochs"] == 2
    assert regression.run(SHORT, lambda net, record: record.epoch == 2).numbers()["epochs"] == 2


# --- Others on the same data ---------------------------------------------------------------------


def test_the_support_vector_machine_is_chosen_on_training_and_scored_on_test_data():
    X, t, X_test, t_test = drawn.moons(5, 6)
    grid = {"C": [0.1, 1, 10, 100, 1000], "gamma": 10 ** np.linspace(-2, 1.5, 8)}
    best = GridSearchCV(SVC(), grid, cv=5).fit(X, t)
    expected = np.mean(best.predict(X_test) == t_test)
    assert half_moons.rbf_svc_accuracy(5, 6) == expected != np.mean(best.predict(X) == t)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_the_classifiers_beside_the_digits_are_scored_on_the_same_test_images():
    found = digits.baselines(3, per_class=4, limit=35)
    X, t, X_test, t_test = drawn.digits(3, 4, 35)
    models = {
        "logistic regression": LogisticRegression(max_iter=5000),
        "MLPClassifier (100)": MLPClassifier(max_iter=2000, random_state=3),
    }
    expected = {n: np.mean(m.fit(X, t).predict(X_test) == t_test) for n, m in models.items()}
    assert found == expected and max(found.values()) < 1.0


# --- Regression ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def fitted():
    return regression.run(SHORT)


def test_the_task_the_start_and_the_errors_of_a_regression_are_its_seeds(fitted):
    X, t, X_test, t_test = drawn.rational(4)
    for one, other in zip(fitted.data, (X, t, X_test, t_test), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-10)
    assert fitted.train_error == pytest.approx(measured.mean_square(fitted.network, X, t), rel=1e-9)
    error = measured.mean_square(fitted.network, X_test, t_test)
    assert fitted.test_error == pytest.approx(error, rel=1e-9) != pytest.approx(fitted.train_error)
    start = MLP.random((1, 1, 1), rng=4)
    first, last = fitted.history.epochs[0], fitted.history.epochs[-1]
    assert first.loss == pytest.approx(measured.mean_square(start, X, t) / 2, rel=1e-9)
    assert last.validation_loss == pytest.approx(error / 2, rel=1e-9)
    numbers = fitted.numbers()
    assert list(numbers) == [
        "seed", "train_error", "test_error", "hidden", "additions", "epochs", "seconds",
    ]  # fmt: skip
    assert (numbers["train_error"], numbers["test_error"]) == (fitted.train_error, error) or (
        numbers["test_error"] == fitted.test_error
    )
    assert numbers["hidden"] == list(fitted.network.sizes[1:-1]) and numbers["seed"] == 4


def test_another_seed_is_another_task_and_data_given_are_those_taken():
    data = Data(*drawn.rational(1))
    given = regression.run(SHORT, data=data)
    assert given.data is data
    assert given.train_error == pytest.approx(
        measured.mean_square(given.network, data.X, data.t), rel=1e-9
    )
    other = regression.run(replace(SHORT, seed=1))
    np.testing.assert_array_equal(other.data.X, data.X)
    assert other.history.epochs[0].loss != given.history.epochs[0].loss  # the start is its seed's


def test_two_inputs_and_two_outputs_are_taken_from_the_data(tmp_path):
    rng = np.random.default_rng(0)
    arrays = {f"{name}_0": rng.standard_normal((n, 2)) for name, n in
              [("x_train", 12), ("y_train", 12), ("x_test", 7), ("y_test", 7)]}  # fmt: skip
    np.savez(tmp_path / "two.npz", **arrays)
    run = regression.run(replace(SHORT, epochs=4), data=regression_case(tmp_path / "two.npz"))
    assert (run.network.sizes[0], run.network.sizes[-1]) == (2, 2)
    assert len(run.moments) == 1  # no picture of neurons over two inputs
    error = measured.mean_square(run.network, arrays["x_test_0"], arrays["y_test_0"])
    assert run.test_error == pytest.approx(error, rel=1e-9)


def test_moments_hold_the_networks_around_each_addition():
    seen, before = [], [MLP.random((1, 1, 1), rng=4)]

    def watch(net, record):
        if type(record).__name__ == "AdditionRecord":
            chosen = record.candidate
            if (chosen.kind, chosen.place) == ("neuron", 0):
                seen.append((record.epoch, before[0], net, chosen.change))
        before[0] = net

    again = regression.run(replace(SHORT, proposer=ProfileSearch(8, 2, 5)), watch)
    *pairs, end = again.moments
    assert len(pairs) == 2 * len(seen) > 0 and end.what == "end"
    for i, (epoch, last, net, change) in enumerate(seen):
        one, other = pairs[2 * i : 2 * i + 2]
        assert (one.epoch, one.what, other.epoch, other.what) == (
            epoch, "before an addition", epoch, "right after it",
        )  # fmt: skip
        assert other.network is net and (i == 0 or one.network is last)
        np.testing.assert_array_equal(one.accepted, net.weights[0][:, -1])
        trail = change.trail
        np.testing.assert_allclose(one.starts, trail.starts[:, :2] @ trail.to_weights.T)
        np.testing.assert_allclose(one.ends, trail.ends[:, :2] @ trail.to_weights.T)
        assert not np.allclose(one.starts, one.ends)


# --- Cut short, and longer -----------------------------------------------------------------------


def test_a_quick_run_has_few_epochs_and_a_short_search():
    short = quick(Settings.by_thresholds())
    assert (short.epochs, short.cooldown) == (120, 30)
    assert quick(Settings.by_thresholds(epochs=7)).epochs == 7
    assert quick(Settings.by_thresholds(proposer="mala")).proposer == MalaSearch(20, 10)
    chains = ReleasedSearch(temperature=3.0)
    assert quick(replace(SHORT, proposer=chains)).proposer == ReleasedSearch(20, 10, 10, 3.0)
    assert quick(replace(SHORT, proposer=ReleasedAscent())).proposer == ReleasedAscent(1, 20)
    assert quick(SHORT).proposer == SHORT.proposer


@pytest.mark.parametrize("samples, factor", [(38, 50), (100, 25), (330, 7), (5000, 1)])
def test_few_images_are_trained_on_for_as_many_steps(samples, factor):
    settings = Settings.by_thresholds(epochs=6, cooldown=2, batch_size=50)
    longer = mnist.steps_kept(settings, samples)
    assert (longer.epochs, longer.cooldown) == (6 * factor, 2 * factor)
    assert replace(longer, epochs=6, cooldown=2) == settings
    whole = mnist.steps_kept(replace(settings, batch_size=None), samples)
    assert (whole.epochs, whole.cooldown) == (300, 100)


def test_steps_are_kept_only_where_that_is_asked_for(files, monkeypatch):
    monkeypatch.setattr(mnist, "LEAST_STEPS", 12)
    for keep, epochs in [(False, 2), (True, 12)]:
        settings = replace(SHORT, epochs=2, cooldown=1)
        run = mnist.run(settings, folder=files, size=14, per_class=2, keep_steps=keep)
        assert run.numbers()["epochs"] == epochs and run.samples == 20


# --- Sweeps --------------------------------------------------------------------------------------


def test_each_row_of_a_sweep_is_that_run_and_in_its_place():
    settings = replace(SHORT, epochs=2, cooldown=1, seed=77)
    rows = sweep.sweep(digits, settings, [2, 6], [5, 3], jobs=1)
    assert [(row["per_class"], row["seed"]) for row in rows] == [(2, 5), (2, 3), (6, 5), (6, 3)]
    for row in rows:
        per_class, seed = row["per_class"], row["seed"]
        X, t, X_test, t_test = drawn.digits(seed, per_class)
        start = MLP.random((64, 10), rng=seed)
        net = SENN(SoftmaxCrossEntropy(), replace(settings, seed=seed)).fit(start, X, t).network
        assert row["samples"] == 10 * per_class == len(t)
        assert row["hidden"] == list(net.sizes[1:-1])
        assert row["test_accuracy"] == measured.accuracy(net, X_test, t_test)
        assert row["test_loss"] == pytest.approx(measured.cross_entropy(net, X_test, t_test))
        assert row["train_loss"] == pytest.approx(measured.cross_entropy(net, X, t))
        assert (row["epochs"], row["cooldown"]) == (2, 1)
    assert len({row["test_loss"] for row in rows}) == 4


def test_bands_are_recomputed():
    rng = np.random.default_rng(0)
    rows = [
        {"per_class": n, "samples": 10 * n, "value": float(rng.integers(50))}
        for n in (30, 3, 7) for _ in range(4)
    ]  # fmt: skip
    for size, (samples, least, middle, most) in zip(
        (30, 3, 7), sweep.bands(rows, lambda row: row["value"]), strict=True
    ):
        values = [row["value"] for row in rows if row["per_class"] == size]
        assert samples == 10 * size
        assert (least, middle, most) == (min(values), statistics.median(values), max(values))
        assert middle == np.sort(values)[1:3].mean()
