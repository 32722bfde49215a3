"""The literature's growth criteria: how they are related to (E8), and what each is known for."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from runs import SQUARED, changed, curve

from sennpy import (
    MLP,
    SENN,
    Change,
    Rational,
    ReLU,
    Schedule,
    Settings,
    Split,
    Tanh,
    View,
    Widen,
    delta_eta,
    delta_eta_bound,
    opened_delta_eta,
)
from sennpy.expansion.moments import moment, residual
from sennpy.growth.criteria import (
    CRITERIA,
    BestDrawn,
    CascadeCorrelation,
    Firefly,
    GradMax,
    GradMaxFanOut,
    NaturalGradMax,
    Nest,
    Net2Net,
    North,
    RandomFanIn,
    RandomFanOut,
    Splitting,
    Tiny,
    per_event,
)
from sennpy.growth.criteria.cascade import covariance_score
from sennpy.growth.criteria.climb import climbed, gradient_norm
from sennpy.growth.criteria.nest import bridge
from sennpy.growth.criteria.north import novelty
from sennpy.growth.criteria.parts import silent_coefficients

SEEDS = st.integers(0, 10_000)


def view(seed=0, sizes=(3, 4, 2), activation=Rational(), N=60):
    rng = np.random.default_rng(seed)
    net, X = MLP.random(sizes, activation, rng), rng.standard_normal((N, sizes[0]))
    return View.of(net, X, rng.standard_normal((N, sizes[-1])), SQUARED)


def place_of(seed=0, metric=True, **how):
    """A place, with a random G unless `metric` is false: then G = I."""
    place, rng = view(seed, **how).place("neuron", 0), np.random.default_rng(seed)
    R = rng.standard_normal((2, 2))
    G = R @ R.T + 0.1 * np.eye(2) if metric else np.eye(2)
    return replace(place.with_statistics(place.a_c, place.g, G, place.W))


def converged(place):
    """The same place once the receiving layer has learnt what it can: g is g_r."""
    return replace(place, g=place.g_r)


def loss_of(at, net):
    return at.loss.value(net(at.X), at.t)


def only(proposer, place, seed=0):
    (change,) = proposer.changes(place, np.random.default_rng(seed))
    return change


# --- What they have in common --------------------------------------------------------------------


@given(SEEDS)
def test_a_duplicate_is_worth_nothing(seed):  # (E8)
    place = place_of(seed)
    twin = Widen(0, place.W_in[:, :1], place.coefficients[:, :1])
    a_p = place.activation(place.inputs @ twin.weights, twin.coefficients)
    assert Change(twin, 0.0).measured(place).exact <= 1e-12 * place.supremum
    assert novelty(place.q, a_p)[0] < 1e-12
    assert only(Net2Net(0.0), place).measured(place).exact == 0


@given(SEEDS)
@settings(max_examples=20)
def test_tiny_is_the_bound_of_its_linear_feature_and_no_other_has_more(seed):  # Theorem 3.2
    place = replace(place_of(seed, metric=False), view=None)
    change = only(Tiny(), place, seed)
    b, g_r = place.inputs, place.g_r
    own = b @ change.operation.weights
    assert delta_eta_bound(own, g_r, np.eye(2)) == pytest.approx(change.score, rel=1e-9)
    W = np.random.default_rng(seed).standard_normal((b.shape[1], 2000))
    D, A_p = moment(b @ W, g_r), ((b @ W) ** 2).mean(axis=0)
    assert ((D**2).sum(axis=1) / A_p).max() <= change.score * (1 + 1e-12)
    assert delta_eta(place.a_c, own, place.g, np.eye(2)) >= change.score * (1 - 1e-9)


@given(SEEDS)
def test_tiny_s_score_is_the_first_order_fall_of_the_loss_where_a_has_converged(seed):
    place = converged(replace(place_of(seed), view=None))
    both = Tiny(2).changes(place, None)[0]
    linear = 5**0.5 * (place.inputs @ both.operation.weights)  # s'(0) = sqrt 5
    fall = -(moment(linear, place.g) * both.operation.outgoing).sum()
    assert fall == pytest.approx(both.score, rel=1e-9)
    assert both.score >= only(Tiny(1), place).score


@given(SEEDS)
def test_natural_gradmax_opens_what_it_scores_and_what_its_dual_linear_unit_brings(seed):  # (E5)
    place = place_of(seed)
    change = only(NaturalGradMax(), place)
    o = change.operation.outgoing[0]
    free = np.tile(o, (place.inputs.shape[1], 1))
    opened, _ = opened_delta_eta(place.a_c, place.inputs, free, place.g, place.G)
    assert opened == pytest.approx(change.score, rel=1e-8)
    left, rng = residual(place.q, place.inputs), np.random.default_rng(seed)
    Sb, M_r = moment(left, left), moment(place.inputs, place.g_r)
    Sb_inverse = np.linalg.pinv(Sb, hermitian=True, rcond=1e-10)
    formula = o @ M_r.T @ Sb_inverse @ M_r @ o / (o @ place.G @ o)
    assert formula == pytest.approx(change.score, rel=1e-7)
    w = Sb_inverse @ M_r @ o
    linear = delta_eta(place.a_c, place.inputs @ w[:, None], place.g, place.G)
    assert linear == pytest.approx(change.score, rel=1e-7)
    for _ in range(20):
        w = rng.standard_normal((len(Sb), 1))
        assert delta_eta(place.a_c, place.inputs @ w, place.g, place.G) <= change.score * (1 + 1e-9)


@given(SEEDS)
@settings(max_examples=10)
def test_natural_gradmax_is_a_dense_projection(seed):  # (E5), dense
    """On the raw parameters: J of the receiving layer beside that of the unit's fan-in."""
    place = place_of(seed, metric=False)
    o = only(NaturalGradMax(), place).operation.outgoing[0]
    J_c = np.einsum("sa,jk->sjak", place.a_c, np.eye(2)).reshape(2 * len(place.g), -1)
    J_p = np.einsum("sb,j->sjb", place.inputs, o).reshape(2 * len(place.g), -1)
    g = place.g.ravel()

    def projected(J):
        return (g @ J) @ np.linalg.lstsq(J, g, rcond=1e-10)[0] / len(place.g)

    increase = projected(np.hstack([J_c, J_p])) - projected(J_c)
    assert increase == pytest.approx(only(NaturalGradMax(), place).score, rel=1e-7)


@given(SEEDS)
def test_raw_g_and_g_r_agree_where_the_receiving_layer_has_converged_and_only_there(seed):
    place = replace(place_of(seed), view=None)
    raw, projected = Tiny(projected=False), Tiny()
    assert abs(only(raw, place).score / only(projected, place).score - 1) > 1e-6
    place = converged(place)
    assert only(raw, place).score == pytest.approx(only(projected, place).score, rel=1e-9)
    assert np.abs(moment(place.a_c, place.g)).max() < 1e-12


# --- What each is known for ----------------------------------------------------------------------


@given(SEEDS)
@settings(max_examples=20)
def test_gradmax_s_gradient_by_finite_differences(seed):
    """(d L / d w) / |o| of the born unit, in steps of the real loss."""
    at, h = view(seed), 1e-5
    change = only(GradMax(), at.place("neuron", 0))
    parts, size = change.operation, np.linalg.norm(change.operation.outgoing)

    def loss(w):
        return loss_of(at, Widen(0, w, parts.coefficients, parts.outgoing)(at.net))

    steps = h * np.eye(4)[:, :, None]
    slopes = [(loss(step) - loss(-step)) / (2 * h) for step in steps]
    assert (np.array(slopes) ** 2).sum() / size**2 == pytest.approx(change.score, rel=1e-5)
    assert loss(np.zeros((4, 1))) == pytest.approx(loss_of(at, at.net), rel=1e-14)


def test_gradmax_gives_no_more_units_than_m_has_directions():
    place = place_of()
    changes = GradMax(9).changes(place, None)
    assert changes[0].units == 2
    o = changes[0].operation.outgoing
    assert abs(o[0] @ o[1]) < 1e-12
    assert 5 * (moment(place.inputs, place.g) ** 2).sum() == pytest.approx(changes[0].score)


@given(SEEDS)
@settings(max_examples=10)
def test_splitting_moves_the_loss_by_half_of_eps_squared_lambda(seed):
    at = view(seed)
    for eps in (1e-2, 1e-3):
        for change in Splitting(eps).changes(at.place("neuron", 0), None):
            fall = loss_of(at, at.net) - loss_of(at, change(at.net))
            assert fall == pytest.approx(eps**2 / 2 * change.score, abs=20 * eps**3)


@given(SEEDS)
def test_a_pair_of_nest_descends(seed):
    rng = np.random.default_rng(seed)
    M = rng.standard_normal((4, 3))
    w, o = bridge(M, 1e-9, rng)  # one pair
    i, j = np.unravel_index(np.abs(M).argmax(), M.shape)
    assert np.count_nonzero(w) == np.count_nonzero(o) == 1
    assert w[i] * o[j] == pytest.approx(-M[i, j], rel=1e-12)
    place = place_of(seed)
    change = only(Nest(share=1e-9, strength=1e-4), place, seed)  # linear there, and one pair
    assert change.score > 0


@given(SEEDS)
def test_north_s_score_is_one_less_r_squared_the_factor_of_the_bound(seed):  # (E9)
    place = place_of(seed)
    change = only(North(pool=20), place, seed)
    a_p = place.activation(place.inputs @ change.operation.weights, change.operation.coefficients)
    fit = place.a_c @ np.linalg.lstsq(place.a_c, a_p, rcond=None)[0]
    R2 = (fit**2).sum() / (a_p**2).sum()
    assert change.score == pytest.approx(1 - R2, rel=1e-8)
    found = change.measured(place)
    assert found.bound == pytest.approx(change.score * found.exact, rel=1e-8)
    other = replace(place, g=place.g[::-1], g_r=place.g_r[::-1])
    assert only(North(pool=20), other, seed).score == change.score  # no labels


@given(SEEDS)
def test_cascade_correlation_sees_the_residual_where_outputs_are_converged(seed):
    """Centred covariances are moments of the homogeneous residual."""
    place = place_of(seed)
    a_p = np.random.default_rng(seed).standard_normal((60, 3))
    here = converged(place)
    score, _ = covariance_score(a_p, here.g)
    assert score == pytest.approx(np.abs(moment(a_p, place.g_r)).sum(axis=1), rel=1e-9)
    score, slope = covariance_score(a_p, place.g)
    by_hand = [np.abs(np.cov(a, place.g.T, bias=True)[0, 1:]).sum() for a in a_p.T]
    assert score == pytest.approx(by_hand, rel=1e-10)
    step = 1e-6 * np.random.default_rng(seed + 1).standard_normal(a_p.shape)
    moved = covariance_score(a_p + step, place.g)[0] - score
    assert moved == pytest.approx((slope * step).sum(axis=0), rel=1e-5, abs=1e-11)


@given(SEEDS)
def test_kwok_and_yeung_s_first_objective_is_the_bound(seed):  # Theorem 3.2
    place = converged(place_of(seed, metric=False))
    a_p = np.random.default_rng(seed).standard_normal((60, 1))
    first = (moment(a_p, place.g) ** 2).sum() / (a_p**2).mean()
    assert first == pytest.approx(delta_eta_bound(a_p, place.g_r, np.eye(2)), rel=1e-10)


@given(SEEDS)
@settings(max_examples=5)
def test_climbs_end_above_their_start_on_their_sphere(seed):
    place, rng = place_of(seed), np.random.default_rng(seed)
    W, k, s = climbed(place, gradient_norm(place), 2.0, 4, 100, rng)
    first = climbed(place, gradient_norm(place), 2.0, 4, 0, np.random.default_rng(seed))[2]
    assert (s >= first).all() and (s > first * 1.01).any()
    assert np.linalg.norm(W, axis=0) == pytest.approx(np.full(4, 2.0))
    a_p = place.activation(place.inputs @ W, k)
    assert s == pytest.approx((moment(a_p, place.g) ** 2).sum(axis=1), rel=1e-10)


@given(SEEDS)
@settings(max_examples=5, deadline=None)
def test_firefly_s_integrated_gradient_is_the_fall_of_the_loss(seed):
    """The fundamental theorem, but for what four midpoints miss."""
    at = view(seed)
    changes = Firefly(eps=0.05, steps=20).changes(at.place("neuron", 0), np.random.default_rng(0))
    assert changes[-1].kind == "neuron" and changes[-1].score > 0
    for change in changes:
        fall = loss_of(at, at.net) - loss_of(at, change(at.net))
        assert change.score == pytest.approx(fall, rel=1e-2, abs=1e-8)


@given(SEEDS)
@settings(max_examples=10)
def test_the_best_of_draws_is_the_best_by_its_own_yardstick(seed):  # (E8), Theorem 3.2
    place = place_of(seed)
    by_exact, by_bound = BestDrawn(1, pool=20), BestDrawn(1, pool=20, exact=False)
    exact, bound = only(by_exact, place), only(by_bound, place)
    assert exact.measured(place).exact == pytest.approx(exact.score, rel=1e-9)
    assert bound.measured(place).bound == pytest.approx(bound.score, rel=1e-9)
    assert exact.measured(place).exact >= bound.measured(place).exact * (1 - 1e-12)
    three = only(BestDrawn(3, pool=5), place)
    assert three.score == pytest.approx(three.measured(place).exact, rel=1e-7)


# --- Activations, places, and trainings ----------------------------------------------------------


def test_silent_units_are_silent_and_as_steep_as_can_be():
    k, slope = silent_coefficients(Rational(), 2)
    assert slope == pytest.approx(5**0.5) and (Rational()(np.zeros((1, 2)), k) == 0).all()
    drawn = np.random.default_rng(0).standard_normal((3, 500))
    drawn[1] = 0
    assert Rational().slope(np.zeros((1, 500)), drawn).max() <= slope
    assert silent_coefficients(Tanh(), 1)[1] == 1


@pytest.mark.parametrize("proposer", [GradMax(), NaturalGradMax(), Tiny(), Nest(), RandomFanIn()])
def test_an_activation_that_is_flat_at_zero_is_refused(proposer):
    place = view(activation=ReLU()).place("neuron", 0)
    with pytest.raises(ValueError, match=r"needs s\(0\) = 0 and s'\(0\) != 0; use Rational"):
        proposer.changes(place, np.random.default_rng(0))


@pytest.mark.parametrize("bad", [
    lambda: GradMax(0), lambda: GradMax(scale=0), lambda: Splitting(-1.0), lambda: Net2Net(-0.1),
    lambda: Nest(share=0), lambda: North(pool=0), lambda: GradMaxFanOut(steps=0),
    lambda: per_event("grad max"), lambda: per_event("gradmax", 0),
])  # fmt: skip
def test_bad_parameters_are_refused(bad):
    with pytest.raises(ValueError, match="expected"):
        bad()


def test_a_place_whose_inputs_are_explained_gives_linear_units_no_more_than_what_is_left():
    """Three units of two inputs at the identity leave nothing of them."""
    at = view(sizes=(2, 2, 2))
    net = at.net
    identity = MLP(net.weights, (np.array([[0.0, 0], [0, 0], [1, 1]]),), net.activation)
    place = View.of(identity, at.X, at.t, SQUARED).place("neuron", 0)
    for proposer in (NaturalGradMax(2), Tiny(2)):
        assert proposer.changes(place, None) == []


def test_firefly_needs_the_network():
    place = replace(place_of(), view=None)
    with pytest.raises(ValueError, match=r"View\.place"):
        Firefly().changes(place, np.random.default_rng(0))


@pytest.mark.parametrize("name", CRITERIA)
def test_each_criterion_adds_its_units_on_a_schedule(name):
    X, t = curve()
    X, targets = np.hstack([X, np.cos(2 * X)]), np.hstack([t, -(t**2)])
    proposer, changes = per_event(name, 2)
    plan = changed(Settings.by_thresholds(epochs=21, cooldown=10, max_depth=1),
                   proposer=proposer, acceptance=Schedule((10, 20), changes))  # fmt: skip
    start = MLP.random((2, 3, 2), rng=1)
    net, history = SENN(SQUARED, plan).fit(start, X, targets)
    assert net.sizes == (2, 7, 2)
    assert proposer.changes(view().place("layer", 0), np.random.default_rng(0)) == [] or name in (
        "senn mala", "senn profile"
    )  # fmt: skip
    told = {a.candidate.preserves for a in history.additions}
    free = ("tiny", "tiny unprojected", "nest", "splitting", "firefly", "net2net")
    assert (told == {"exactly"}) == (name not in free)


def test_controls_have_the_sizes_of_what_they_control():
    place = place_of()
    o = only(RandomFanIn(2), place).operation
    norm = np.linalg.norm(GradMax(2).changes(place, None)[0].operation.outgoing, axis=1)
    assert not o.weights.any() and np.linalg.norm(o.outgoing, axis=1) == pytest.approx(norm)
    w = only(RandomFanOut(400), place).operation
    assert w.outgoing is None and w.weights.std() == pytest.approx(0.5, rel=0.1)  # 1 / sqrt 4
    assert only(CascadeCorrelation(3), place).units == 3
    assert isinstance(only(Net2Net(), place).operation, Split)
