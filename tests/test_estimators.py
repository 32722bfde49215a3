"""The estimators, as people use them: in pipelines and grids, with weights, and going on."""

import pickle
import subprocess
import sys
import warnings

import joblib
import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_iris, make_moons
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures

from sennpy import (
    MLP,
    SENN,
    LevenbergMarquardt,
    NaturalGradient,
    SENNClassifier,
    SENNRegressor,
    Settings,
    SoftmaxCrossEntropy,
    SquaredError,
    fisher,
)
from sennpy.estimators.base import settings_for
from sennpy.estimators.weights import WeightedLoss, samples

X, LABELS = make_moons(120, noise=0.2, random_state=0)
TARGETS = np.sin(2 * X[:, 0]) + X[:, 1]
BRIEF = {"max_epochs": 12, "random_state": 0}


def test_importing_the_package_imports_no_scikit_learn():
    code = "import sys, sennpy; assert 'sklearn' not in sys.modules; sennpy.SENNClassifier"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_it_grows_and_tells_so():
    model = SENNClassifier(random_state=0).fit(X, LABELS)
    assert sum(model.network_.sizes[1:-1]) > 0 and model.history_.additions
    assert model.score(X, LABELS) > 0.93
    assert model.stopped_by_ in ("convergence", "max_epochs")
    assert model.n_iter_ == len(model.history_.epochs)
    assert np.allclose(model.predict_proba(X).sum(axis=1), 1)


def test_in_a_pipeline_a_grid_in_two_processes_and_cross_validation():
    pipe = make_pipeline(PolynomialFeatures(2, include_bias=False), SENNClassifier(**BRIEF))
    grid = GridSearchCV(pipe, {"sennclassifier__max_epochs": [1, 12]}, cv=2, n_jobs=2)
    assert grid.fit(X, LABELS).best_score_ > 0.8
    assert cross_val_score(SENNRegressor(**BRIEF), X, TARGETS, cv=3).min() > 0.5


@pytest.mark.parametrize("labels", [
    np.array(["no", "yes"])[LABELS], LABELS.astype(bool), 7 - 3 * LABELS,
    np.array(["no", "yes"], dtype=object)[LABELS],
], ids=["strings", "booleans", "numbers", "objects"])  # fmt: skip
def test_labels_of_each_kind_come_back_as_they_are(labels):
    model = SENNClassifier(**BRIEF).fit(X, labels)
    assert set(model.classes_) == set(labels)
    assert model.predict(X).dtype == labels.dtype and model.score(X, labels) > 0.8


def test_one_class_is_named_always():
    model = SENNClassifier().fit(X, ["only"] * len(X))
    assert set(model.predict(X)) == {"only"} and (model.predict_proba(X) == 1).all()
    assert model.network_ is None and model.stopped_by_ == "one class" and model.n_iter_ == 0


def test_several_targets_in_units_of_their_own():
    t = np.column_stack([1e6 * TARGETS, 1e-6 * X[:, 0] + 5])
    model = SENNRegressor(**BRIEF).fit(X, t)
    assert model.predict(X).shape == t.shape and model.score(X, t) > 0.8
    single = SENNRegressor(**BRIEF).fit(X, TARGETS)
    scaled = SENNRegressor(**BRIEF).fit(1024 * X, 1024 * TARGETS)
    assert np.allclose(1024 * single.predict(X), scaled.predict(1024 * X), rtol=1e-6)


def test_names_of_a_data_frame_are_kept_and_checked():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(X, columns=["east", "north"])
    model = SENNClassifier(**BRIEF).fit(frame, LABELS)
    assert list(model.feature_names_in_) == ["east", "north"] and model.n_features_in_ == 2
    with pytest.raises(ValueError, match="feature names"):
        model.predict(frame.rename(columns={"east": "west"}))


@pytest.mark.parametrize("kind, t", [(SENNClassifier, LABELS), (SENNRegressor, TARGETS)])
def test_copies_files_and_clones_say_the_same(kind, t, tmp_path):
    model = kind(**BRIEF).fit(X, t)
    joblib.dump(model, tmp_path / "model")
    for other in (pickle.loads(pickle.dumps(model)), joblib.load(tmp_path / "model"),
                  clone(model).fit(X, t)):  # fmt: skip
        assert np.array_equal(other.predict(X), model.predict(X))
    other = pickle.loads(pickle.dumps(model)).partial_fit(X, t)
    assert np.array_equal(other.network_.parameters, model.partial_fit(X, t).network_.parameters)


# --- Weights -------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind, t", [(SENNClassifier, LABELS), (SENNRegressor, TARGETS)])
def test_whole_weights_are_repeated_rows_and_none_is_no_row(kind, t, rng=0):
    w = np.random.default_rng(rng).integers(0, 3, len(X))
    weighted = kind(**BRIEF).fit(X, t, sample_weight=w)
    repeated = kind(**BRIEF).fit(X.repeat(w, axis=0), t.repeat(w))
    assert np.array_equal(weighted.network_.parameters, repeated.network_.parameters)


def test_the_order_of_the_rows_changes_nothing():
    order = np.random.default_rng(0).permutation(len(X))
    one, other = (SENNClassifier(**BRIEF).fit(X[i], LABELS[i]) for i in (slice(None), order))
    assert np.array_equal(one.network_.parameters, other.network_.parameters)


@pytest.mark.parametrize("base, t", [(SquaredError(), TARGETS[:40, None]),
                                     (SoftmaxCrossEntropy(), LABELS[:40])])  # fmt: skip
@pytest.mark.parametrize("metric", ["true", "empirical"])
def test_a_dense_step_with_weights_is_that_of_repeated_rows(base, t, metric):
    w = np.random.default_rng(0).integers(1, 4, len(t))
    net = MLP.random((2, 3, 2 if t.ndim == 1 else 1), rng=0)
    both = WeightedLoss(base), np.column_stack([t, w / w.mean()])
    again = X[:40].repeat(w, axis=0), t.repeat(w, axis=0)
    F = fisher(net, X[:40], metric, *both)
    assert np.allclose(F, fisher(net, again[0], metric, base, again[1]), rtol=1e-12, atol=1e-15)
    fixed = Settings.by_thresholds(
        epochs=5, optimiser=NaturalGradient(solver="dense", metric=metric)
    )
    one = SENN(both[0], fixed).fit(net, X[:40], both[1])
    other = SENN(base, fixed).fit(net, *again)
    assert np.allclose(one.network.parameters, other.network.parameters, rtol=1e-9)
    assert np.isclose(one.history.epochs[-1].loss, other.history.epochs[-1].loss)


@pytest.mark.parametrize("kind, t", [(SENNClassifier, LABELS), (SENNRegressor, TARGETS)])
def test_weights_that_are_no_counts_only_have_ratios(kind, t):
    w = np.random.default_rng(0).uniform(0.5, 2, len(X))
    one, other = (kind(**BRIEF).fit(X, t, sample_weight=s * w) for s in (1, 4))
    assert np.array_equal(one.network_.parameters, other.network_.parameters)
    plain = kind(**BRIEF).fit(X, t)
    assert not np.allclose(one.predict(X), plain.predict(X)) or kind is SENNClassifier
    assert one.score(X, t, w) > 0.8


def test_classes_weigh_what_is_said():
    few = np.concatenate([np.flatnonzero(LABELS == 0), np.flatnonzero(LABELS == 1)[:8]])
    plain, balanced = (
        SENNClassifier(class_weight=w, max_epochs=6, random_state=0).fit(X[few], LABELS[few])
        for w in (None, "balanced")
    )
    assert balanced.predict(X).mean() > plain.predict(X).mean()
    doubled = SENNClassifier(class_weight={0: 1, 1: 2}, **BRIEF).fit(X, LABELS)
    repeated = SENNClassifier(**BRIEF).fit(X, LABELS, sample_weight=1 + LABELS)
    assert np.array_equal(doubled.network_.parameters, repeated.network_.parameters)


# --- Going on ------------------------------------------------------------------------------------


def test_partial_fits_are_one_training_that_goes_on_by_its_state():
    model = SENNClassifier(random_state=0)
    for _ in range(20):
        model.partial_fit(X, LABELS)
    rows = samples(X, LABELS)
    X_in, settings = model.input_units_.into(rows.X), model.settings_
    fit = SENN(SoftmaxCrossEntropy(), settings).fit(
        MLP.random((2, 2), rng=settings.seed), X_in, rows.t, epochs=20
    )
    assert model.n_iter_ == 20 and model.history_.additions
    assert np.array_equal(model.network_.parameters, fit.network.parameters)


def test_a_warm_start_goes_on_by_the_state_and_a_cold_one_begins_anew():
    model = SENNRegressor(max_epochs=8, random_state=0, warm_start=True).fit(X, TARGETS)
    rows = samples(X, TARGETS[:, None])
    data = model.input_units_.into(rows.X), model.target_units_.into(rows.t)
    on = SENN(SquaredError(), model.settings_).fit(None, *data, state=model.state_, epochs=8)
    model.fit(X, TARGETS)
    assert model.n_iter_ == 16
    assert np.array_equal(model.network_.parameters, on.network.parameters)
    assert model.set_params(warm_start=False).fit(X, TARGETS).n_iter_ == 8


def test_all_classes_are_to_be_named_first():
    model = SENNClassifier(random_state=0)
    model.partial_fit(X[:60], LABELS[:60], classes=[0, 1, 2])
    assert model.predict_proba(X).shape == (len(X), 3)
    with pytest.raises(ValueError, match="none of the classes"):
        model.partial_fit(X, LABELS + 2)
    with pytest.raises(ValueError, match="at the first call they were"):
        model.partial_fit(X, LABELS, classes=[0, 1])


def test_time_ends_a_training():
    model = SENNClassifier(max_time=0, random_state=0).fit(X, LABELS)
    assert model.n_iter_ == 1 and model.stopped_by_ == "max_time"


def test_what_is_held_out_chooses_the_network():
    draw = np.random.default_rng(0)
    noise = draw.standard_normal((80, 10)), draw.integers(0, 2, 80)
    model = SENNClassifier(
        Settings(optimiser=LevenbergMarquardt(decay=0.0)), early_stopping=True,
        n_iter_no_change=4, validation_fraction=0.25, random_state=0,
    ).fit(*noise)  # fmt: skip
    losses = model.history_.column("validation_loss")
    assert model.stopped_by_ == "early_stopping" and len(losses) - np.argmin(losses) == 5
    assert model.state_.best[1] is model.network_


def test_a_bar_is_drawn_if_asked_for(capsys):
    SENNRegressor(verbose=True, **BRIEF).fit(X, TARGETS)
    assert "epoch" in capsys.readouterr().err
    SENNRegressor(**BRIEF).fit(X, TARGETS)
    assert capsys.readouterr().err == ""


def test_beyond_5000_samples_epochs_and_looks_are_fewer():
    assert settings_for(5000) == Settings()
    assert settings_for(5001) == Settings(epochs=30, look_samples=2000)
    data = np.random.default_rng(0).standard_normal((5001, 2))
    model = SENNRegressor(random_state=0, max_time=0).fit(data, data[:, 0])
    assert (model.settings_.epochs, model.settings_.look_samples) == (30, 2000)


def test_noise_under_a_penalty_is_no_warning():
    draw = np.random.default_rng(0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        SENNRegressor(random_state=0).fit(draw.standard_normal((6, 8)), draw.standard_normal(6))


@pytest.mark.parametrize("wrong, said", [
    ({"settings": 3}, "expected Settings"), ({"max_epochs": 0}, "an int of at least 1"),
    ({"max_time": -1}, "seconds of at least 0"), ({"validation_fraction": 1}, "between 0 and 1"),
    ({"n_iter_no_change": 0}, "an int of at least 1"),
])  # fmt: skip
def test_a_parameter_out_of_its_range_is_named(wrong, said):
    with pytest.raises((TypeError, ValueError), match=f"{next(iter(wrong))} is .*{said}"):
        SENNRegressor(**wrong).fit(X, TARGETS)


@pytest.mark.parametrize("weights, said", [(-np.ones(len(X)), "at least 0"),
                                           (np.zeros(len(X)), "at least one")])  # fmt: skip
def test_weights_that_are_none_are_named(weights, said):
    with pytest.raises(ValueError, match=said):
        SENNRegressor().fit(X, TARGETS, sample_weight=weights)


def test_balanced_weights_cannot_be_known_of_data_to_come():
    with pytest.raises(ValueError, match="give a dict of weights"):
        SENNClassifier(class_weight="balanced").partial_fit(X, LABELS)


def test_too_few_to_hold_out_is_said():
    with pytest.raises(ValueError, match="early_stopping cannot hold out"):
        SENNClassifier(early_stopping=True).fit(X[:3], [0, 0, 1])


def test_three_classes():
    flowers, kinds = load_iris(return_X_y=True)
    assert SENNClassifier(random_state=0).fit(flowers, kinds).score(flowers, kinds) > 0.95
