"""Rules for adding: each refuses noise, accepts a real signal, and is its formula."""

from dataclasses import replace

import numpy as np
import pytest

from sennpy import (
    MLP,
    Change,
    CrossFitted,
    ProfileSearch,
    SoftmaxCrossEntropy,
    SquaredError,
    Widen,
    delta_eta,
    delta_eta_supremum,
    residual_gradient,
)
from sennpy.growth.honest import HonestLook
from sennpy.growth.place import View
from sennpy.growth.rules import HeldOut, InformationCriterion, PermutationNull, numbers_of_neuron

SEARCH = ProfileSearch(candidates=20, refined=1, iterations=10)
ONCE = CrossFitted(search=SEARCH, counts=(1, 2), folds=5, held_out=1)
NULL = PermutationNull(19, 0.05, SEARCH)
N, D = 120, 2


def place_of(signal, seed=0, epoch=0, made=()):
    """A place beside one hidden neuron, the output layer trained; targets a ridge plus noise."""
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((N, D))
    t = signal * np.sin(2 * X.sum(axis=1, keepdims=True)) + rng.standard_normal((N, 1))
    net = MLP.random((D, 1, 1), rng=rng)
    best = np.linalg.lstsq(net.forward(X).inputs[1], t, rcond=None)[0]
    net = MLP((net.weights[0], best), net.coefficients, net.activation)
    return View.of(net, X, t, SquaredError(), epoch=epoch, made=made).place("neuron", 0)


def proposed(place, proposer=ONCE, seed=1):
    changes = proposer.changes(place, np.random.default_rng(seed))
    return [change.measured(place) for change in changes]


RULES = {
    "aic": (InformationCriterion("aic"), ONCE), "bic": (InformationCriterion("bic"), ONCE),
    "permutation": (NULL, SEARCH), "held out": (HeldOut(0.2), ONCE),
}  # fmt: skip
every_rule = pytest.mark.parametrize("rule, proposer", RULES.values(), ids=RULES)


# --- What they do --------------------------------------------------------------------------------


@every_rule
def test_a_real_signal_is_accepted(rule, proposer):
    place = place_of(signal=2.0)
    assert rule.could_pass(place)
    verdict = rule.judge(place, proposed(place, proposer))
    assert verdict.passes and verdict.worth > 0 and not verdict.reason


@every_rule
def test_noise_is_refused_most_of_the_time(rule, proposer):
    """One look in 20 is the permutations' own level; a bare validation split errs much oftener."""
    passed = 0
    for seed in range(12):
        place = place_of(signal=0.0, seed=seed)
        passed += rule.judge(place, proposed(place, proposer)).passes
    assert passed <= (7 if isinstance(rule, HeldOut) else 2)


@every_rule
def test_of_what_passes_that_is_taken_of_which_most_is_left(rule, proposer):
    place = place_of(signal=2.0)
    changes = proposed(place, proposer)
    verdict, lefts = rule.judge(place, changes), rule.lefts(place, changes)
    assert verdict.worth == max(lefts)
    assert verdict.change is changes[int(np.argmax(lefts))]


@every_rule
def test_one_addition_a_look_and_nothing_where_nothing_was_found(rule, proposer):
    again = place_of(signal=2.0, made=("an addition",))
    assert not rule.could_pass(again)
    assert "one addition a look" in rule.judge(again, []).reason
    assert rule.judge(place_of(signal=2.0), []).reason == "nothing was proposed"


@every_rule
def test_the_record_knows_the_rule(rule, proposer):
    assert rule.as_dict()["class"] == type(rule).__name__


# --- Information criteria ------------------------------------------------------------------------


def test_nats_and_price_by_hand():
    """N Delta eta / (2 s^2), s^2 the residual sum of squares over N less the parameters."""
    place = place_of(signal=0.5)
    (change,) = proposed(place, SEARCH)
    view, p = place.view, (D + 1) + 3 + 1
    noise = ((view.net(view.X) - view.t) ** 2).sum() / (N - view.net.num_parameters)
    a_p = place.activation(place.inputs @ change.operation.weights, change.operation.coefficients)
    nats = N * delta_eta(place.a_c, a_p, place.g, place.G) / (2 * noise)
    for rule, each in [(InformationCriterion("aic"), 1), (InformationCriterion(), np.log(N) / 2)]:
        assert rule.price(place) == pytest.approx(p * each)
        assert rule.lefts(place, [change])[0] == pytest.approx(nats - p * each, rel=1e-9)


def test_two_neurons_have_twice_the_price_of_one():
    place = place_of(signal=0.5)
    two = SEARCH.neurons(place, 2, np.random.default_rng(0)).measured(place)
    nats = HonestLook().nats(place, two.exact)
    for rule in (InformationCriterion("aic"), InformationCriterion()):
        assert rule.lefts(place, [two])[0] == pytest.approx(nats - 2 * rule.price(place), rel=1e-9)


def test_a_neurons_numbers_are_the_parameters_that_it_adds():
    place = place_of(signal=0.5)
    (change,) = proposed(place, SEARCH)
    grown = change(place.view.net)
    assert numbers_of_neuron(place) == grown.num_parameters - place.view.net.num_parameters
    pairs = proposed(place, ONCE)[1]
    more = pairs(place.view.net).num_parameters - place.view.net.num_parameters
    assert pairs.units * numbers_of_neuron(place) == more


def test_aic_is_a_likelihood_ratio_against_twice_its_numbers():
    """For a linear model of known noise: AIC falls where 2 log likelihood gained exceeds 2 p."""
    place = place_of(signal=0.5)
    (change,) = proposed(place, SEARCH)
    view, rule = place.view, InformationCriterion("aic")
    noise = view.loss.dispersion(view.net(view.X), view.t, N - view.net.num_parameters)
    a_p = place.activation(place.inputs @ change.operation.weights, change.operation.coefficients)
    r = residual_gradient(np.hstack([place.a_c, a_p]), view.t)
    before = residual_gradient(place.a_c, view.t)
    twice = ((before**2).sum() - (r**2).sum()) / noise
    expected = twice / 2 - numbers_of_neuron(place)
    assert rule.lefts(place, [change])[0] == pytest.approx(expected, rel=1e-8)


def test_where_the_supremum_cannot_pay_for_a_neuron_nothing_is_searched():
    place = place_of(signal=0.0)
    tiny = replace(place, g=1e-3 * place.g, g_r=1e-3 * place.g_r)
    rule = InformationCriterion("bic")
    assert not rule.could_pass(tiny)
    assert "even the supremum is too low" in rule.judge(tiny, []).reason


def test_of_labels_the_noise_is_known():
    rng = np.random.default_rng(0)
    X, t = rng.standard_normal((40, 2)), rng.integers(0, 2, 40)
    view = View.of(MLP.random((2, 1, 2), rng=0), X, t, SoftmaxCrossEntropy())
    place = view.place("neuron", 0)
    (change,) = proposed(place, SEARCH)
    left = 40 * change.exact / 2 - numbers_of_neuron(place)
    assert InformationCriterion("aic").lefts(place, [change])[0] == pytest.approx(left)


# --- Permutations --------------------------------------------------------------------------------


def test_a_permutation_null_is_a_rank_among_searches_on_permuted_residuals():
    place = place_of(signal=0.7, epoch=4)
    changes = proposed(place, SEARCH)
    share = changes[0].exact / delta_eta_supremum(place.g_r, place.G)
    rng = np.random.default_rng([0, 4, 0, 0])
    nulls = []
    for _ in range(19):
        g = residual_gradient(place.a_c, place.g_r[rng.permutation(N)])
        null = replace(place, g=g, g_r=g, directions=None)
        found = SEARCH.neurons(null, 1, rng).operation
        a_p = place.activation(place.inputs @ found.weights, found.coefficients)
        nulls.append(delta_eta(place.a_c, a_p, g, place.G) / delta_eta_supremum(g, place.G))
    for level, rank in [(0.05, 1), (0.1, 2), (0.5, 10)]:
        rule = PermutationNull(19, level, SEARCH)
        p = (1 + sum(null >= share for null in nulls)) / 20
        assert rule.judge(place, changes).passes == (p <= level + 1e-12)
        if share > sorted(nulls)[-rank]:  # no early end
            left = (share - sorted(nulls)[-rank]) * place.supremum
            assert rule.lefts(place, changes)[0] == pytest.approx(left, rel=1e-6)


def test_permutations_end_when_nothing_can_pass():
    place, calls = place_of(signal=0.0), []

    class Counting(ProfileSearch):
        def changes(self, place, rng):
            calls.append(1)
            return super().changes(place, rng)

    rule = PermutationNull(99, 0.01, Counting(candidates=20, refined=1, iterations=10))
    nothing = Change(Widen(0, np.ones((D + 1, 1)), np.ones((3, 1))), 0.0, exact=0.0, bound=0.0)
    assert not rule.judge(place, [nothing]).passes
    assert len(calls) == 1


def test_permutations_are_the_same_each_time_and_others_elsewhere():
    place = place_of(signal=0.7)
    changes = proposed(place, SEARCH)
    assert NULL.lefts(place, changes) == NULL.lefts(place, changes)
    other = replace(NULL, seed=1)
    assert NULL.lefts(place, changes) != other.lefts(place, changes)


# --- A validation split --------------------------------------------------------------------------


def test_held_out_asks_for_a_mean_above_zero():
    place = place_of(signal=0.0)
    change = proposed(place, ONCE)[0]
    for gains, passes in [([-1.0, 1.5], True), ([-1.0, 0.5], False), ([0.0, 0.0], False)]:
        verdict = HeldOut().judge(place, [replace(change, gains=np.array(gains))])
        assert verdict.passes == passes
        assert verdict.worth == pytest.approx(np.mean(gains))


def test_a_validation_split_holds_out_once():
    place = place_of(signal=0.0)
    assert len(proposed(place, ONCE)[0].gains) == N // 5
    real = place_of(signal=2.0)
    with pytest.raises(ValueError, match=r"120 of 120 samples were held out, expected a share"):
        HeldOut(0.2).judge(real, proposed(real, CrossFitted(SEARCH, counts=(1,))))
    with pytest.raises(ValueError, match=r"none of 120.*CrossFitted\(folds=4, held_out=1\)"):
        HeldOut(0.25).judge(place, proposed(place, SEARCH))


# --- Arguments -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "make, error, words",
    [
        (lambda: InformationCriterion("dic"), ValueError, "criterion"),
        (lambda: PermutationNull(draws=0), ValueError, "draws"),
        (lambda: PermutationNull(draws=9, level=0.05), ValueError, "with 9 draws nothing is rarer"),
        (lambda: PermutationNull(level=1.0), ValueError, "level"),
        (lambda: PermutationNull(level=0.0), ValueError, "level"),
        (lambda: PermutationNull(proposer="profile"), TypeError, "expected a Proposer"),
        (lambda: PermutationNull(seed=-1), ValueError, "seed"),
        (lambda: HeldOut(0.0), ValueError, "share"),
        (lambda: HeldOut(0.6), ValueError, "at most 0.5"),
    ],
)
def test_bad_arguments_are_named(make, error, words):
    with pytest.raises(error, match=words):
        make()
