"""Honest looks: what is proposed, how it is measured, what is accepted, and when training ends."""

from dataclasses import replace

import numpy as np
import pytest
from compare import assert_close

from sennpy import (
    MLP,
    SENN,
    Change,
    CrossFitted,
    HonestLook,
    Insert,
    ProfileSearch,
    Schedule,
    Settings,
    SoftmaxCrossEntropy,
    SquaredError,
    Tanh,
    Thresholds,
    View,
    Widen,
    honest_increase,
)
from sennpy.growth.look import Limits, look

QUICK = CrossFitted(ProfileSearch(10, 1, 5), counts=(1, 3), folds=4)


def circle(seed, N=120):
    """Points, and whether they lie within a circle: no linear network knows."""
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((N, 2))
    return X, ((X**2).sum(axis=1) < 1.4).astype(int)


def noise(seed, N=120, d=5):
    rng = np.random.default_rng(seed)
    return rng.standard_normal((N, d)), rng.standard_normal((N, 1))


def linear(X, t, loss):
    """A linear network trained to its end."""
    m = t.shape[1] if t.ndim == 2 else 2
    never = Settings(epochs=40, acceptance=Schedule(()), backoff=1.0)
    return SENN(loss, never).fit(MLP.random((X.shape[1], m), rng=0), X, t).network


def place_of(data, loss, kind="layer"):
    X, t = data
    return View.of(linear(X, t, loss), X, t, loss, "true").place(kind, 0)


# --- The proposer --------------------------------------------------------------------------------


def test_every_sample_is_held_out_once_and_is_strange_to_the_step(monkeypatch):
    """Each q is recomputed from the search that the fold's own samples give."""
    from sennpy.growth import crossfit

    place, calls = place_of(circle(0), SoftmaxCrossEntropy()), []

    def watched(a_c, a_p, g, u, fitted, ridge, counts):
        q = original(a_c, a_p, g, u, fitted, ridge, counts)
        calls.append((a_p, fitted, q))
        return q

    original = crossfit.honest_increases
    monkeypatch.setattr(crossfit, "honest_increases", watched)
    one, three = QUICK.changes(place, np.random.default_rng(0))
    held = np.array([~fitted for _, fitted, _ in calls])
    assert held.shape == (4, 120) and (held.sum(axis=0) == 1).all()
    expected = np.zeros((2, 120))
    for a_p, fitted, _ in calls:
        for row, k in zip(expected, (1, 3), strict=True):
            q = honest_increase(place.a_c, a_p[:, :k], place.g, place.u, fitted, QUICK.ridge)
            row[~fitted] = q[~fitted]
    assert_close(one.gains, expected[0])
    assert_close(three.gains, expected[1])
    assert (one.units, three.units) == (1, 3) and one.score == one.gains.mean()
    assert_close(three.operation.weights[:, :1], one.operation.weights)


def test_a_search_does_not_see_the_samples_that_are_held_out():
    seen = []

    class Watched(ProfileSearch):
        def neurons(self, place, k=1, rng=None):
            seen.append(place.inputs)
            return super().neurons(place, k, rng)

    place = place_of(circle(1), SoftmaxCrossEntropy())
    replace(QUICK, search=Watched(10, 1, 5)).changes(place, np.random.default_rng(0))
    assert [len(x) for x in seen] == [90] * 4 + [120]
    rows = {tuple(row) for row in place.inputs}
    assert all({tuple(row) for row in x} <= rows for x in seen)
    left_out = [rows - {tuple(row) for row in x} for x in seen[:4]]
    assert set.union(*left_out) == rows and sum(map(len, left_out)) == len(rows)


def test_large_data_hold_out_a_part_and_searches_see_a_part():
    place = place_of(circle(2, 400), SoftmaxCrossEntropy())
    changes = replace(QUICK, held_out=150, samples=50).changes(place, np.random.default_rng(0))
    assert [len(change.gains) for change in changes] == [200, 200]  # two folds of four


def test_it_proposes_a_layer_with_its_first_neurons_or_neurons():
    loss, (X, t) = SoftmaxCrossEntropy(), circle(3)
    at_front = QUICK.changes(place_of((X, t), loss), np.random.default_rng(0))
    assert all(isinstance(change.operation, Insert) for change in at_front)
    net = linear(X, t, loss)
    grown = at_front[1](net)
    assert grown.sizes == (2, 5, 2)
    assert_close(grown(X), net(X), 1e-13)
    inside = QUICK.changes(View.of(grown, X, t, loss, "true").place("neuron", 0), 0 or
                           np.random.default_rng(0))  # fmt: skip
    assert all(isinstance(change.operation, Widen) for change in inside)
    measured = at_front[0].measured(place_of((X, t), loss))
    assert 0 < measured.bound <= measured.exact


def test_where_held_out_samples_lose_the_other_folds_are_spared():
    place, spared = place_of(noise(0), SquaredError()), 0
    for seed in range(5):
        changes = QUICK.changes(place, np.random.default_rng(seed))
        (seen,) = {len(change.gains) for change in changes}
        assert seen in (30, 60, 90, 120)
        if seen < 120:  # so that no rule that goes by them would take any
            spared += 1
            errors = [change.gains.std() / seen**0.5 for change in changes]
            assert all(c.gains.mean() + 2 * e < 0 for c, e in zip(changes, errors, strict=True))
    assert spared >= 2


def test_too_few_samples_to_hold_out_any_propose_nothing():
    place = place_of(circle(0, 7), SoftmaxCrossEntropy())
    assert QUICK.changes(place, np.random.default_rng(0)) == []


def test_without_directions_a_place_takes_those_of_g():
    place = place_of(circle(0), SoftmaxCrossEntropy())
    bare = replace(place, directions=None)
    assert_close(np.einsum("rno,rnp->op", bare.u, bare.u) / len(bare.g), place.G, 1e-10)


# --- The rule ------------------------------------------------------------------------------------


def with_gains(place, gains, k=1):
    rng = np.random.default_rng(0)
    operation = Widen(0, rng.standard_normal((3, k)), rng.standard_normal((3, k)))
    return Change(operation, 0.0, 1.0, 0.5, gains=np.asarray(gains, dtype=float))


def test_nats_are_log_likelihood():
    """A gain of q a sample is N q / 2 nats for a log likelihood, N q / (2 s^2) for squares."""
    labels = place_of(circle(0), SoftmaxCrossEntropy())
    assert_close(HonestLook().nats(labels, 0.3), 120 * 0.3 / 2)
    squares = place_of(noise(0), SquaredError())
    residuals = squares.view.trace.outputs - squares.view.t
    s2 = (residuals**2).sum() / (120 - 6)
    assert_close(HonestLook().nats(squares, 0.3), 120 * 0.3 / (2 * s2))


def test_the_mean_less_z_errors_is_held_against_the_price():
    place = place_of(circle(0), SoftmaxCrossEntropy())
    gains = np.r_[np.full(60, 0.2), np.full(60, 0.1)]
    low = gains.mean() - 2 * gains.std() / 120**0.5
    rule = HonestLook(z=2.0, price=1.5)
    verdict = rule.judge(place, [with_gains(place, gains, k=2)])
    assert verdict.passes and verdict.reason == ""
    assert_close(verdict.worth, 60 * low - 3.0)
    assert (
        not replace(rule, price=30 * low + 1e-9).judge(place, [with_gains(place, gains, 2)]).passes
    )
    assert replace(rule, price=30 * low - 1e-9).judge(place, [with_gains(place, gains, 2)]).passes


def test_the_change_with_most_left_is_made():
    place = place_of(circle(0), SoftmaxCrossEntropy())
    one, two = with_gains(place, np.full(120, 0.1)), with_gains(place, np.full(120, 0.12), 2)
    assert HonestLook(price=1.0).judge(place, [one, two]).change is two
    assert HonestLook(price=2.0).judge(place, [one, two]).change is one
    low = HonestLook(price=7.0).judge(place, [one, two])
    assert not low.passes and low.change is one and low.reason == "1 nats short of its price"


def test_tau_asks_for_more_than_the_layer_could_do_itself():
    X, t = circle(0)
    loss = SoftmaxCrossEntropy()
    place = View.of(MLP.random((2, 2), rng=3), X, t, loss, "true").place("layer", 0)
    change = with_gains(place, np.full(120, place.eta / 2))
    assert HonestLook(tau=0.4).judge(place, [change]).passes
    verdict = HonestLook(tau=0.6).judge(place, [change])
    assert not verdict.passes and "at most tau eta" in verdict.reason


def test_what_is_not_measured_is_refused_with_the_cure():
    place = place_of(circle(0), SoftmaxCrossEntropy())
    change = replace(with_gains(place, [0.0]), gains=None)
    with pytest.raises(TypeError, match=r"HonestLook needs .*Change.gains.*CrossFitted\(\)"):
        HonestLook().judge(place, [change])


def test_a_look_makes_one_addition_and_records_what_was_held_out():
    X, t = circle(4)
    loss = SoftmaxCrossEntropy()
    view = View.of(linear(X, t, loss), X, t, loss, "true")
    rng = np.random.default_rng(0)
    record, change = look(view, QUICK, HonestLook(), Limits(64, 2), rng)
    (chosen,) = record.candidates
    assert chosen.chosen and change is chosen.change
    assert_close(chosen.honest, change.gains.mean())
    assert_close(chosen.error, change.gains.std() / len(change.gains) ** 0.5)
    assert chosen.ratio is None and chosen.share is None and "held out" in str(chosen)
    again = replace(view, made=(change,))
    (second,) = look(again, QUICK, HonestLook(), Limits(64, 2), rng)[0].candidates
    assert second.score is None and "one addition a look" in second.reason


def test_where_not_even_the_supremum_pays_nothing_is_searched():
    X, t = circle(4)
    loss = SoftmaxCrossEntropy()
    view = View.of(linear(X, t, loss), X, t, loss, "true")
    (candidate,) = look(view, QUICK, HonestLook(price=1e4), Limits(64, 2), None)[0].candidates
    assert candidate.score is None and candidate.reason.startswith("even the supremum is too low")


def test_caps_hold_for_layers_with_their_neurons():
    X, t = circle(4)
    loss = SoftmaxCrossEntropy()
    view = View.of(linear(X, t, loss), X, t, loss, "true")
    for width, most in ((3, 1), (5, 3)):
        _, change = look(view, QUICK, HonestLook(), Limits(width, 1), np.random.default_rng(0))
        assert change.units == most
    (candidate,) = look(view, QUICK, HonestLook(), Limits(1, 1), None)[0].candidates
    assert candidate.reason == "a narrow layer would have 2 neurons (max_width = 1)"


def test_an_activation_without_identity_grows_wider_only():
    X, t = circle(4)
    net, history = SENN(SoftmaxCrossEntropy(), Settings(epochs=30)).fit(
        MLP.random((2, 1, 2), Tanh(), rng=0), X, t
    )
    assert len(net.sizes) == 3 and net.sizes[1] > 1
    assert any("cannot be the identity" in c.reason for c in history.looks[0].candidates)


# --- The schedule --------------------------------------------------------------------------------


def epochs_of_looks(history):
    return sorted({record.epoch for record in history.looks})


def test_looks_back_off_where_nothing_passes():
    X, t = circle(0)
    settings = Settings(epochs=60, cooldown=3, patience=None, acceptance=HonestLook(price=1e5))
    net, history = SENN(SoftmaxCrossEntropy(), settings).fit(MLP.random((2, 2), rng=0), X, t)
    assert epochs_of_looks(history) == [3, 9, 21, 45] and net.sizes == (2, 2)
    steady = replace(settings, backoff=1.0)
    _, history = SENN(SoftmaxCrossEntropy(), steady).fit(MLP.random((2, 2), rng=0), X, t)
    assert epochs_of_looks(history) == list(range(3, 60, 3))


def test_an_addition_brings_the_next_look_near_again():
    X, t = circle(0, 200)
    _, history = SENN(SoftmaxCrossEntropy(), Settings(cooldown=4)).fit(
        MLP.random((2, 2), rng=0), X, t
    )
    looks, added = epochs_of_looks(history), [a.epoch for a in history.additions]
    assert added and all(epoch + 4 in looks for epoch in added if epoch + 4 < looks[-1])


def test_training_ends_when_the_loss_stands_still_and_a_look_adds_nothing():
    X, t = noise(0)
    _, history = SENN(SquaredError(), Settings()).fit(MLP.random((5, 1), rng=0), X, t)
    losses = history.column("loss")
    assert len(losses) < 60 and not history.additions
    looks = epochs_of_looks(history)
    assert looks[-1] == len(losses) and looks[-2] == len(losses) - 1  # the last are at the end
    assert all(abs(a - b) < 1e-4 * b for a, b in zip(losses[-4:-1], losses[-3:], strict=True))
    _, whole = SENN(SquaredError(), Settings(patience=None, epochs=60)).fit(
        MLP.random((5, 1), rng=0), X, t
    )
    assert len(whole.epochs) == 60


def test_a_finished_training_goes_on_where_it_is_told_to():
    X, t = noise(0)
    fit = SENN(SquaredError(), Settings()).fit(MLP.random((5, 1), rng=0), X, t)
    more = SENN(SquaredError(), Settings()).fit(None, *noise(1), state=fit.state, epochs=7)
    assert 1 <= more.state.epoch - fit.state.epoch <= 7


@pytest.mark.parametrize("stops", [3, 8, 9, 16, 17, 25])
def test_a_training_in_two_parts_is_the_training(stops):
    X, t = circle(5)
    whole = SENN(SoftmaxCrossEntropy(), Settings(epochs=32)).fit(MLP.random((2, 2), rng=0), X, t)
    senn = SENN(SoftmaxCrossEntropy(), Settings(epochs=32))
    part = senn.fit(MLP.random((2, 2), rng=0), X, t, epochs=None if stops > 32 else stops)
    rest = senn.fit(None, X, t, state=part.state)
    assert rest.network.parameters.tobytes() == whole.network.parameters.tobytes()
    assert rest.history.column("loss") == whole.history.column("loss")
    assert epochs_of_looks(rest.history) == epochs_of_looks(whole.history)


def test_a_last_look_that_was_put_off_is_made_and_nothing_else():
    (X, t), start = noise(0), MLP.random((5, 1), rng=0)
    whole = SENN(SquaredError()).fit(start, X, t)
    end = whole.state.epoch
    part = SENN(SquaredError(), Settings(epochs=end)).fit(start, X, t)
    assert part.history.looks[-1].epoch < end
    rest = SENN(SquaredError()).fit(None, X, t, state=part.state)
    assert rest.state.epoch == end and rest.history.looks == whole.history.looks
    assert rest.network.parameters.tobytes() == whole.network.parameters.tobytes()


def test_the_best_network_on_validation_data_can_be_kept():
    (X, t), (X_v, t_v) = noise(0, N=30, d=8), noise(1, d=8)
    settings = Settings(keep="best", patience=None, epochs=30)
    net, history = SENN(SquaredError(), settings).fit(MLP.random((8, 1), rng=0), X, t, (X_v, t_v))
    losses = history.column("validation_loss")
    assert_close(SquaredError().value(net(X_v), t_v), min(losses))
    assert min(losses) < losses[-1]  # the last is not the best
    last = SENN(SquaredError(), replace(settings, keep="last"))
    net, _ = last.fit(MLP.random((8, 1), rng=0), X, t, (X_v, t_v))
    assert_close(SquaredError().value(net(X_v), t_v), losses[-1])
    with pytest.raises(ValueError, match="keep is 'best', but there is no validation data"):
        SENN(SquaredError(), settings).fit(MLP.random((8, 1), rng=0), X, t)


def test_a_schedule_needs_even_looks():
    with pytest.raises(ValueError, match=r"backoff is 2.0; use Settings\(backoff=1.0"):
        Settings(acceptance=Schedule((8,)))
    Settings(acceptance=Schedule((8,)), backoff=1.0)


def test_the_papers_rule_on_its_schedule_is_one_call_away():
    settings = Settings.by_thresholds(seed=3, cooldown=10)
    assert settings.acceptance == Thresholds() and settings.proposer == "profile"
    assert (settings.epochs, settings.cooldown, settings.seed) == (400, 10, 3)
    assert (settings.patience, settings.backoff) == (None, 1.0)


# --- What it is for ------------------------------------------------------------------------------


@pytest.mark.parametrize("labels", [False, True])
def test_on_noise_it_adds_nothing(labels):
    for seed in range(6):
        X, t = noise(seed, N=100)
        loss, t = (SoftmaxCrossEntropy(), (t[:, 0] > 0).astype(int)) if labels else (
            SquaredError(), t)  # fmt: skip
        start = MLP.random((5, 2 if labels else 1), rng=seed)
        net, _ = SENN(loss, Settings(seed=seed)).fit(start, X, t)
        assert net.sizes == start.sizes


def test_where_there_is_something_to_learn_it_grows_and_learns():
    (X, t), (X_test, t_test) = circle(0, 200), circle(1, 2000)
    net, _ = SENN(SoftmaxCrossEntropy()).fit(MLP.random((2, 2), rng=0), X, t)
    assert (net(X_test).argmax(axis=1) == t_test).mean() > 0.95
    assert 3 <= sum(net.sizes[1:-1]) <= 20


def test_the_error_of_a_gain_is_that_of_a_mean():
    gains = np.array([1.0, -1.0, 3.0, 5.0])
    change = Change(Widen(0, np.ones((2, 1))), 0.0, gains=gains)
    assert change.gain == 2.0 and change.error == pytest.approx(np.sqrt(5.0) / 2)
    assert Change(change.operation, 0.0).error is None
