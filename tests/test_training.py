"""One step by hand, every solver and type, and how a training fails."""

from dataclasses import replace

import numpy as np
import pytest
from compare import assert_close
from runs import QUICK, SOFTMAX, SQUARED, Run, changed, curve, moons, sightings
from threadpoolctl import threadpool_info, threadpool_limits

from sennpy import (
    MLP,
    SENN,
    Damping,
    FunctionChanged,
    RandomSearch,
    Settings,
    State,
    Widen,
    fisher,
    natural_gradient,
)
from sennpy.training.epoch import batches, outputs_moved
from sennpy.training.jacobian import outputs_and_jacobian

# The networks are kept small by caps of a few units, which they meet: that is told, and is meant.
pytestmark = pytest.mark.filterwarnings("ignore:.* at max_:sennpy.TrainingWarning")
PLAIN = Settings.by_thresholds(epochs=3, cooldown=1000)


# --- A step --------------------------------------------------------------------------------------


@pytest.mark.parametrize("decay", [0.0, 0.25])
@pytest.mark.parametrize(
    "loss, data, metric",
    [
        (SQUARED, curve(), "euclidean"),
        (SOFTMAX, moons(), "euclidean"),
        (SOFTMAX, moons(), "true"),
        (SOFTMAX, moons(), "empirical"),
    ],
)
def test_one_step_is_that_of_the_authors(loss, data, metric, decay):  # section 7
    """theta <- theta - step_size [n/(1+wd) + theta wd/(1+wd)] with (F + d I) n = g."""
    X, t = data
    start = MLP.random((X.shape[1], 2, 1 if loss is SQUARED else 2), rng=0)
    settings = changed(
        PLAIN, epochs=1, step_size=0.3, weight_decay=decay, damping=Damping(0.2), metric=metric
    )
    net, history = SENN(loss, settings).fit(start, X, t)
    trace = start.forward(X)
    g_y = loss.gradient(trace.outputs, t)
    g = start.vjp(trace, g_y) / len(X)
    F = fisher(start, X, metric, loss, t)
    n = np.linalg.solve(F + 0.2 * np.eye(len(F)), g)
    theta = start.parameters
    theta = theta - 0.3 * (n / (1 + decay) + theta * decay / (1 + decay))
    assert_close(net.parameters, theta, 1e-10)
    (record,) = history.epochs
    assert record.loss == pytest.approx(loss.value(start(X), t), rel=1e-12)
    assert record.eta == pytest.approx(g @ n, rel=1e-10)
    assert record.lam == pytest.approx((g_y**2).sum() / len(X), rel=1e-12)
    assert record.eta <= record.lam


def test_weight_decay_alone_shrinks_every_parameter_by_the_same_factor():  # section 7
    """Where the data are fitted, n = 0."""
    X, _ = curve()
    start = MLP.random((1, 2, 1), rng=0)
    net = SENN(SQUARED, changed(PLAIN, epochs=1, weight_decay=0.5)).fit(start, X, start(X)).network
    assert_close(net.parameters, start.parameters * (1 - 0.1 * 0.5 / 1.5))


def test_a_loss_of_zero_is_no_obstacle():
    X, _ = curve()
    start = MLP.random((1, 2, 1), rng=0)
    y, _ = outputs_and_jacobian(start, X)  # as the training computes them, to the last bit
    net, history = SENN(SQUARED, changed(PLAIN, cooldown=1)).fit(start, X, y)
    assert history.column("loss") == history.column("progress") == [0.0] * 3
    assert net.parameters.tobytes() == start.parameters.tobytes()


def test_no_epochs_leave_the_network_as_it_is():
    start = MLP.random((1, 2, 1), rng=0)
    net, history = SENN(SQUARED, Settings.by_thresholds(epochs=0)).fit(start, *curve())
    assert net.parameters.tobytes() == start.parameters.tobytes()
    assert history.epochs == history.looks == history.additions == ()


@pytest.mark.parametrize("N, size, lengths", [
    (10, None, {10}), (10, 10, {10}), (10, 99, {10}), (10, 4, {3, 4}), (9, 3, {3}), (5, 1, {1}),
])  # fmt: skip
def test_batches_go_through_the_data_once(N, size, lengths):
    parts = batches(N, size, np.random.default_rng(0))
    assert sorted(np.concatenate(parts)) == list(range(N))
    assert {len(part) for part in parts} == lengths


def test_minibatches_are_shuffled_anew_and_measured_by_their_size():
    """With steps too small to matter, the epoch's averages are those of the data."""
    X, t = curve(N=33)
    settings = changed(PLAIN, epochs=2, batch_size=8, step_size=1e-13)
    small = SENN(SQUARED, settings).fit(MLP.random((1, 2, 1), rng=0), X, t).history
    whole = SENN(SQUARED, changed(settings, batch_size=None)).fit(
        MLP.random((1, 2, 1), rng=0), X, t
    ).history  # fmt: skip
    assert_close(small.column("loss"), whole.column("loss"), 1e-9)
    assert_close(small.column("lam"), whole.column("lam"), 1e-9)
    rng = np.random.default_rng(0)
    assert not (np.concatenate(batches(33, 8, rng)) == np.concatenate(batches(33, 8, rng))).all()


# --- Every setting trains ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changes",
    [
        {"solver": "cg"},
        {"solver": "kfac"},
        {"solver": "kfac", "damping": Damping(0.1, "relative", "factored")},
        {"solver": "cg", "cg_iterations": 5},
        {"damping": Damping(0.1, "relative")},
        {"metric": "true"},
        {"metric": "sampled"},
        {"metric": "empirical", "tau": 0.0},
        {"batch_size": 16, "step_size": 0.05},
        {"weight_decay": 1e-3},
        {"dtype": "float32"},
        {"dtype": "float32", "solver": "cg", "batch_size": 16, "step_size": 0.05},
    ],
    ids=str,
)
@pytest.mark.parametrize("loss", [SQUARED, SOFTMAX], ids=repr)
def test_every_solver_metric_and_type_trains(loss, changes):
    data, sizes = (curve(), (1, 1, 1)) if loss is SQUARED else (moons(), (2, 2, 2))
    settings = changed(QUICK, epochs=31, proposer=RandomSearch(20), max_width=3, **changes)
    run = Run(loss, settings, sizes, data)
    value = [loss.value(net(run.X), run.t) for net in (run.start, run.net)]
    assert value[1] < 0.7 * value[0]
    assert run.net.dtype == np.dtype(settings.dtype)
    assert all(a.moved <= 1e-8 for a in run.history.additions)
    assert {type(x) for name in ("loss", "eta", "lam") for x in run.history.column(name)} == {float}


@pytest.mark.parametrize(
    "changes",
    [
        {"solver": "cg", "cg_iterations": 3},
        {"solver": "pcg", "cg_iterations": 3},
        {"solver": "kfac"},
        {"solver": "kfac", "damping": Damping(0.3, "relative", "factored")},
        {"damping": Damping(0.3, "relative")},
        {"solver": "dense", "metric": "sampled"},
        {"solver": "cg", "metric": "sampled", "cg_iterations": 50},
        {"solver": "kfac", "metric": "empirical"},
        {"solver": "dense", "metric": "true", "weight_decay": 0.2, "damping": Damping(2.0)},
    ],
    ids=str,
)
@pytest.mark.parametrize("loss", [SQUARED, SOFTMAX], ids=repr)
def test_every_solver_metric_and_damping_takes_its_own_steps(loss, changes):
    """Three epochs are three of `natural_gradient`'s steps; the draws are the training's."""
    (X, t), sizes = (curve(), (1, 3, 1)) if loss is SQUARED else (moons(), (2, 3, 2))
    settings = changed(PLAIN, **changes)
    start = MLP.random(sizes, rng=0)
    found, _ = SENN(loss, settings).fit(start, X, t)
    own, net, rng = settings.optimiser, start, State.at_start(start, settings.seed).rng()
    for _ in range(3):
        solver = "dense" if own.solver == "auto" else own.solver
        n = natural_gradient(
            net, X, t, loss, solver, own.metric, own.damping, rng, own.cg_iterations
        ).direction
        decay, theta = own.weight_decay, net.parameters
        net = net.replace(theta - 0.1 * (n / (1 + decay) + theta * decay / (1 + decay)))
        if solver == "pcg":
            break  # the next steps keep the preconditioner
    if own.solver == "pcg":
        found, _ = SENN(loss, replace(settings, epochs=1)).fit(start, X, t)
    assert_close(found.parameters, net.parameters, 1e-9)
    plain, _ = SENN(loss, replace(PLAIN, epochs=1 if own.solver == "pcg" else 3)).fit(start, X, t)
    assert np.abs(plain.parameters - found.parameters).max() > 1e-6


def test_float32_follows_float64():
    runs = [
        Run(SQUARED, changed(PLAIN, dtype=d), (1, 3, 1), curve()) for d in ("float32", "float64")
    ]
    assert_close(runs[0].net.parameters, runs[1].net.parameters, 1e-4)


@pytest.mark.parametrize("loss", [SQUARED, SOFTMAX], ids=repr)
def test_validation_is_measured_after_the_epoch_and_influences_nothing(loss):
    train, test = (curve(), curve(seed=1)) if loss is SQUARED else (moons(), moons(seed=1))
    settings, nets = changed(QUICK, epochs=21, batch_size=20), []
    start = MLP.random((1, 1, 1) if loss is SQUARED else (2, 2), rng=0)
    blind, blind_history = SENN(loss, settings).fit(start, *train)
    net, history = SENN(loss, settings).fit(
        start, *train, validation=test, callback=lambda net, record: nets.append((net, record))
    )
    assert net.parameters.tobytes() == blind.parameters.tobytes()
    measured = history.epochs
    unseen = tuple(replace(r, validation_loss=None, validation_accuracy=None) for r in measured)
    assert sightings(replace(history, epochs=unseen)) == sightings(blind_history)
    at_epoch = {record.epoch: net for net, record in nets if record in measured}
    for record in measured:
        y = at_epoch[record.epoch](test[0])
        assert record.validation_loss == pytest.approx(loss.value(y, test[1]), rel=1e-12)
        if loss is SOFTMAX:
            assert record.validation_accuracy == (y.argmax(axis=1) == test[1]).mean()
        else:
            assert record.validation_accuracy is None


# --- How it fails --------------------------------------------------------------------------------


class Careless(Widen):
    """Says that it keeps the function, and does not quite."""

    def __call__(self, net):
        grown = super().__call__(net)
        return grown.replace(grown.parameters * (1 + 1e-7))


class Slipping(RandomSearch):
    def changes(self, place, rng):
        return [
            replace(change, operation=Careless(**vars(change.operation)))
            for change in super().changes(place, rng)
            if change.kind == "neuron"
        ]


def test_an_addition_that_moves_the_outputs_is_an_error():  # (E1)
    X, t = curve()
    settings = changed(QUICK, epochs=11, max_depth=1, tau=0.0, alpha=0.0, proposer=Slipping(5))
    with pytest.raises(
        FunctionChanged, match=r"a neuron at place 0 in epoch 10 moved the outputs by"
    ) as caught:
        SENN(SQUARED, settings).fit(MLP.random((1, 1, 1), rng=0), X, t)
    assert caught.value.state.epoch == 10 and caught.value.state.network.sizes == (1, 1, 1)


def test_moved_is_the_largest_change_relative_to_the_largest_output():
    before, after = np.array([[1.0, -4.0], [0.5, 2.0]]), np.array([[1.0, -4.0], [0.7, 2.1]])
    assert outputs_moved(before, after) == pytest.approx(0.05)
    assert outputs_moved(0 * before, 0 * before) == 0
    assert outputs_moved(0 * before, after) > 1


@pytest.mark.parametrize(
    "make, error, message",
    [
        (lambda: SENN("mse"), TypeError, r"loss is 'mse', expected"),
        (lambda: SENN(SQUARED, {"tau": 1}), TypeError, r"settings is \{'tau': 1\}, expected"),
        (lambda: SENN(SQUARED).fit("net", *curve()), TypeError, r"'net'|str"),
        (lambda: Run(SQUARED, PLAIN, (1, 1), moons()), ValueError, r"X has 2 columns"),
        (lambda: Run(SQUARED, PLAIN, (2, 1), moons()), ValueError, r"t has shape \(60,\)"),
        (lambda: Run(SOFTMAX, PLAIN, (1, 2), curve()), (TypeError, ValueError), r"t has shape"),
        (
            lambda: SENN(SQUARED, PLAIN).fit(MLP.random((1, 1)), *curve(), validation=moons()),
            ValueError,
            r"X has 2 columns",
        ),
    ],
)
def test_bad_input_is_refused_in_words_that_help(make, error, message):
    with pytest.raises(error, match=message):
        make()


def test_a_small_training_takes_one_thread_for_its_linear_algebra():
    """More of them would wait for one another longer than they compute."""

    def threads():
        return [lib["num_threads"] for lib in threadpool_info() if lib["user_api"] == "blas"]

    (X, t), before, seen = curve(), threads(), []
    start = MLP.random((1, 2, 1), rng=0)
    with threadpool_limits(2, user_api="blas"):
        SENN(SQUARED, PLAIN).fit(start, X, t, callback=lambda net, record: seen.append(threads()))
        assert set(seen[0]) == {1} and set(threads()) <= {1, 2}
    assert threads() == before
