"""Each comparison of the register can fail: with either of its sides a little off, it does.

`PERTURBED` names for each comparison what its left side is computed by and what its right side is.
None stands where a side is written out in the check itself, or is a number such as 0.
"""

from dataclasses import replace

import numpy as np
import pytest
from compare import assert_close
from test_equations import MODULES, spoiled

from sennpy import MLP, Rational, delta_eta, equations, widen
from sennpy.equations import by_hand
from sennpy.equations import where_to_add as where
from sennpy.equations.case import Case, DoesNotApply, Layer, Problem
from sennpy.equations.register import REGISTER, at_most, equal
from sennpy.equations.when_to_add import growing_jacobians

DRAWN = [equations.random_case(np.random.default_rng(seed)) for seed in range(8)]


def off(value, *_):
    """A little too large; a decision the other way round."""
    return [spoiled(part) for part in value] if isinstance(value, list) else spoiled(value)


def more(value, *_):
    return 1e3 * np.asarray(value) + 10.0


def less(value, *_):
    return -1e3 * np.abs(value) - 10.0


def zero(value, *_):
    return 0 * value


def larger(value, *_):
    """Of a complex number, too."""
    return 1.001 * value


def worse(found, *_):
    """The score of the best coefficients is lower than any."""
    return found[0], less(found[1])


def by_the_basis(value, *arguments):
    """Not invariant any more: the second argument, or the first, is added up."""
    return value + 1e-3 * abs(float(np.sum(arguments[1 if len(arguments) > 3 else 0])))


def one_more(net, before, place=0):
    """A unit too many in the layer that is new."""
    n = net.sizes[place]
    return widen(net, place, np.zeros((n + 1, 1)), np.ones((3, 1)))


def of_layer(**changes):
    """A `Layer` of which an array is another."""
    return lambda layer, *_: replace(layer, **{n: f(getattr(layer, n)) for n, f in changes.items()})


GAIN, HAND = "explained", ("explained", off)
PERTURBED = {  # (label, what): (left, right), each a name with what is done to its value
    ("(E1)", "outputs after = outputs before, by the formulas of the paper"): (
        ("widen", off), ("outputs", off)),
    ("(E2)", "outputs after = outputs before, by the formulas of the paper"): (
        ("deepen", off), ("outputs", off)),
    ("(E3)", "sigma(z) = the formula"): (("Rational.__call__", off), ("rational", off)),
    ("(E3)", "d sigma/dz = its complex step"): (("Rational.slope", off), ("rational", off)),
    ("(E3)", "identity"): (("Rational.identity_coefficients", off), None),
    ("eq. (3)", "g^T F^-1 g = ||P g_y||^2 / N"): (("natural_expansion_score", off), HAND),
    ("eq. (3)", "by J itself"): (("projected_score", off), HAND),
    ("eq. (3)", "other coordinates"): (("projected_score", off), HAND),
    ("eq. (3)", "a parameter twice"): (("projected_score", off), HAND),
    ("Lemma A.1", "0 <= eta"): (None, ("natural_expansion_score", less)),
    ("Lemma A.1", "eta <= lambda"): (
        ("natural_expansion_score", more), ("output_gradients", zero)),
    ("Lemma A.1", "eta = lambda - ||g_y - P g_y||^2 / N"): (
        ("natural_expansion_score", off), ("left_over", off)),
    ("(E4)", "eta/2 = the most that L can drop"): (
        ("natural_expansion_score", off), ("regression", off)),
    ("(E4)", "the drop by the natural gradient"): (
        ("natural_gradient", off), ("regression", off)),
    ("(E4)", "L(t) - L* = eta/2 exp(-2t)"): (("natural_expansion_score", off), ("follow", off)),
    ("(E5)", "r^T S^-1 r = eta_p - eta_c"): (("delta_eta_dense", off), HAND),
    ("(E5)", "r^T F_pp^-1 r <= Delta eta"): ((GAIN, more), ("delta_eta_dense", less)),
    ("(E6)", "eta_l = what a explains of G^-1/2 g"): (("layer_score", off), HAND),
    ("(E6)", "G = E[sum of dy/dz dy/dz^T]"): (
        ("kronecker_factors", off), ("Problem.jacobian_of", off)),
    ("(E6)", "A = E[a a^T]"): (("kronecker_factors", off), ("Case.layer", of_layer(a=off))),
    ("(E6)", "F_l = A (x) G for one sample"): (
        ("kronecker_factors", off), ("Problem.jacobian_of", off)),
    ("(E6)", "empirical G: squared canonical correlations"): (("layer_score", off), HAND),
    ("(E6)", "at most min(n_in, n_out)"): (
        (GAIN, more), ("Case.layer", of_layer(W=lambda W: W[:, :0]))),
    ("(E7)", "g_r"): (("residual_gradient", off), ("left_over", off)),
    ("Lemma A.6", "E[a_c g_r^T] = 0"): (("residual_gradient", off), None),
    ("Lemma A.6", "E[a_p g_r^T] = E[a_r g^T]"): (
        ("residual_gradient", off), ("left_over", off)),
    ("Theorem 3.2", "Delta eta' <= Delta eta"): (("delta_eta_bound", more), (GAIN, zero)),
    ("Theorem 3.2", "0 <= Delta eta'"): (None, ("delta_eta_bound", less)),
    ("Theorem 3.2", "Delta eta' = what a_p explains of g_r"): (("delta_eta_bound", off), HAND),
    ("(E8)", "Delta eta = eta(a_c, a_p) - eta(a_c)"): (("delta_eta", off), HAND),
    ("(E9)", "bound = (1 - R^2) exact"): (("delta_eta_bound", off), HAND),
    ("(E9)", "supremum"): (("delta_eta_supremum", off), ("left_over", off)),
    ("(E9)", "exact <= supremum"): (("delta_eta", more), ("left_over", zero)),
    ("(E9)", "a redundant neuron scores 0"): (("delta_eta", off), None),
    ("(E9)", "exact, a_p Q"): (("delta_eta", by_the_basis), ("delta_eta", by_the_basis)),
    ("(E9)", "bound, a_p Q"): (
        ("delta_eta_bound", by_the_basis), ("delta_eta_bound", by_the_basis)),
    ("(E10)", "directional derivatives = complex steps"): (
        ("delta_eta_bound_gradient", off), ("bound", larger)),
    ("(E11)", "the proposal goes up the log-density"): (("step", off), ("complex_step", off)),
    ("(E11)", "log a(x, y)"): (("step", off), ("complex_step", off)),
    ("(E11)", "a step of the chain"): (("mala", off), ("complex_step", off)),
    **{
        ("(E12)", f"{name}: {what}"): sides
        for name in ("bound", "exact")
        for what, sides in {
            "largest eigenvalue": (("best_coefficients", off), ("span", off)),
            "score of its vector": (("best_coefficients", off), HAND),
            "other coefficients": ((GAIN, more), ("best_coefficients", worse)),
        }.items()
    },
    ("(E13)", "as v1 wrote it: eta_p / eta_c > 1 + tau"): (("decide", off), None),
    ("(E13)", "the bound accepts only what the increase does"): (
        ("decide", off), ("decide", off)),
    ("Theorem 3.1", "N_s < the bound"): (None, ("max_simultaneous_additions", less)),
    ("Theorem 3.1", "ten doublings from alpha to lambda, tau = 1"): (
        ("max_simultaneous_additions", off), None),
    ("(E14)", "Delta eta / 2 = drop of the reachable loss"): (
        ("projected_score", off), ("reachable_loss", off)),
    ("(E14)", "the bound = all increases / alpha"): (
        ("max_total_additions", more), ("reachable_loss", more)),
    ("(E14)", "additions < the bound"): (None, ("max_total_additions", less)),
    ("(E15)", "cost = score of re-enabling"): (("removal_costs", off), HAND),
    ("(E15)", "least change of z"): (("prune", off), ("span", off)),
    ("(E16)", "exact"): (("inserted_layer_delta_eta", off), HAND),
    ("(E16)", "surrogate"): (("inserted_layer_surrogate", off), HAND),
    ("(E17)", "the proposal"): (("released_step", off), None),
    ("(E17)", "log of the ratio of flows"): (("released_step", off), None),
    ("(E18)", "eta_D = lambda - least damped squares"): (
        ("damped_score", off), ("ridge_explained", off)),
    ("(E18)", "eta_D <= eta"): (("damped_score", more), (GAIN, zero)),
    ("(E18)", "Delta eta_D = damped squares of what is left of a_p"): (
        ("damped_delta_eta", off), ("ridge_explained", off)),
    ("(E18)", "Delta eta_D <= Delta eta"): (("damped_delta_eta", more), (GAIN, zero)),
    ("(E18)", "a duplicate brings 0"): (("damped_delta_eta", off), None),
    ("(E19)", "k = 1: the mean over all orders"): (("chance_level", off), ("span", off)),
    ("(E19)", "k = 2: the mean over all orders"): (("chance_level", off), ("span", off)),
    ("(E20)", "in the sample: Delta eta"): (("honest_increase", off), HAND),
    ("(E20)", "sample by sample: two regressions"): (
        ("honest_increase", off), ("predicted", off)),
    ("(E21)", "outputs after = outputs before"): (("insert", off), ("outputs", off)),
    ("(E21)", "units"): (("insert", one_more), None),
}  # fmt: skip
CLASSES = {"Rational": Rational, "Problem": Problem, "Case": Case, "Layer": Layer}


def patched(monkeypatch, name, how):
    """Let what has a name, wherever the register finds it, give another value."""
    owner, _, method = name.rpartition(".")
    holders = [CLASSES[owner]] if owner else [*MODULES, by_hand]
    found = [holder for holder in holders if method in vars(holder)]
    assert found, f"the register knows no {name}"
    exact = getattr(found[0], method)

    def perturbed(*arguments, **options):
        return how(exact(*arguments, **options), *arguments)

    for holder in found:
        monkeypatch.setattr(holder, method, perturbed)


def fresh(case):
    """The same case, of which nothing is computed yet."""
    return replace(case, problem=replace(case.problem))


def sides_of(label):
    """All comparisons with a label, on the cases to which it applies."""
    for case in DRAWN:
        try:
            yield from REGISTER[label].check(fresh(case))
        except DoesNotApply:
            continue
        except (ValueError, np.linalg.LinAlgError):  # what was perturbed is nothing to go on with
            continue


def test_every_comparison_has_an_entry():
    known = {(label, side.what) for label in REGISTER for side in sides_of(label)}
    assert known == set(PERTURBED)


ENTRIES = [
    (label, what, side)
    for (label, what), sides in PERTURBED.items()
    for side in (0, 1)
    if sides[side] is not None
]


@pytest.mark.parametrize("label, what, side", ENTRIES, ids=lambda value: str(value))
def test_a_comparison_fails_when_a_side_is_off(label, what, side, monkeypatch):
    patched(monkeypatch, *PERTURBED[label, what][side])
    found = [comparison for comparison in sides_of(label) if comparison.what == what]
    assert found and any(not comparison.ok for comparison in found)


@pytest.mark.parametrize("label", REGISTER)
def test_a_comparison_holds_and_knows_a_side_that_is_moved(label):
    """By a hundredth of its scale: up or down, in one entry; of an inequality to the wrong side."""
    for comparison in sides_of(label):
        assert comparison.ok, comparison.what
        assert comparison.tolerance <= 1e-2 and np.isfinite(comparison.scale)
        step = 2e-2 * comparison.scale
        if comparison.relation == "<=":
            gap = comparison.right - comparison.left
            left = comparison.left + gap.min() + step
            assert not replace(comparison, left=left).ok, comparison.what
            assert replace(comparison, left=comparison.left - step).ok
            continue
        for sign in (1, -1):
            for name in ("left", "right"):
                moved = np.array(getattr(comparison, name))
                moved[(-1,) * moved.ndim] += sign * step
                assert not replace(comparison, **{name: moved}).ok, comparison.what


def named(label, case):
    """The comparisons of a label on a case, by their names; none where it does not apply."""
    try:
        return {side.what: side for side in REGISTER[label].check(fresh(case))}
    except DoesNotApply:
        return {}


INEQUALITIES = {  # (label, what): left and right, as other comparisons of that label know them
    ("Lemma A.1", "0 <= eta"): lambda of, case: (
        0.0, of["eta = lambda - ||g_y - P g_y||^2 / N"].left),
    ("Lemma A.1", "eta <= lambda"): lambda of, case: (
        of["eta = lambda - ||g_y - P g_y||^2 / N"].left, lam(case)),
    ("(E5)", "r^T F_pp^-1 r <= Delta eta"): lambda of, case: (
        None, of["r^T S^-1 r = eta_p - eta_c"].left),
    ("(E6)", "at most min(n_in, n_out)"): lambda of, case: (
        of["empirical G: squared canonical correlations"].right, min(case.here.W.shape)),
    ("Theorem 3.2", "Delta eta' <= Delta eta"): lambda of, case: (
        of["Delta eta' = what a_p explains of g_r"].left, increase(case)),
    ("Theorem 3.2", "0 <= Delta eta'"): lambda of, case: (
        0.0, of["Delta eta' = what a_p explains of g_r"].left),
    ("(E9)", "exact <= supremum"): lambda of, case: (increase(case), of["supremum"].left),
    ("(E12)", "bound: other coefficients"): lambda of, case: (
        None, of["bound: largest eigenvalue"].left),
    ("(E12)", "exact: other coefficients"): lambda of, case: (
        None, of["exact: largest eigenvalue"].left),
    ("(E13)", "the bound accepts only what the increase does"): lambda of, case: (
        None, of["as v1 wrote it: eta_p / eta_c > 1 + tau"].left),
    ("Theorem 3.1", "N_s < the bound"): lambda of, case: (
        len(growing_jacobians(case)) - 1, None),
    ("(E14)", "additions < the bound"): lambda of, case: (
        len(of["Delta eta / 2 = drop of the reachable loss"].left),
        of["the bound = all increases / alpha"].left),
    ("(E18)", "eta_D <= eta"): lambda of, case: (
        of["eta_D = lambda - least damped squares"].left, case.problem.eta_c),
    ("(E18)", "Delta eta_D <= Delta eta"): lambda of, case: (
        of["Delta eta_D = damped squares of what is left of a_p"].left, increase(case)),
}  # fmt: skip


def lam(case):
    """lambda, by the package."""
    p = case.problem
    return (p.loss.gradient(p.net(p.X), p.t) ** 2).sum() / len(p.X)


def increase(case):
    """The exact increase by the proposed neurons, by the package."""
    return delta_eta(case.receiver.a, case.a_p, case.receiver.g, case.receiver.G)


def test_every_inequality_has_its_two_sides_written_down():
    found = {(label, s.what) for label in REGISTER for s in sides_of(label) if s.relation == "<="}
    assert found == set(INEQUALITIES)


@pytest.mark.parametrize("label, what", INEQUALITIES, ids=str)
def test_an_inequality_is_between_the_numbers_that_it_names(label, what):
    """A side that is larger than it should be would leave it true, and say nothing."""
    checked = 0
    for case in DRAWN:
        of = named(label, case)
        if what not in of:
            continue
        checked += 1
        for found, expected in zip(
            (of[what].left, of[what].right), INEQUALITIES[label, what](of, case), strict=True
        ):
            if expected is not None:
                np.testing.assert_allclose(found, np.broadcast_to(expected, found.shape),
                                           rtol=1e-6, atol=1e-9)  # fmt: skip
        assert np.ptp(of[what].left) > 0 or of[what].left.size < 10 or label == "(E13)"
    assert checked >= 3


def test_a_score_is_told_for_other_coordinates_and_for_a_parameter_twice(monkeypatch):
    asked, score = [], where.projected_score

    def listening(J, g_y):
        asked.append(J)
        return score(J, g_y)

    monkeypatch.setattr(where, "projected_score", listening)
    case = DRAWN[0]
    named("eq. (3)", case)
    J, mixed, twice = asked
    np.testing.assert_allclose(J, case.problem.J)
    assert mixed.shape == J.shape and not np.allclose(mixed, J)
    size = np.sqrt((J**2).sum(axis=0))
    units = J[:, size > 0] / size[size > 0]
    assert_close(mixed @ mixed.T, units @ units.T, 1e-10)  # turned, in units of its columns
    np.testing.assert_array_equal(twice, np.hstack([J, J[:, :1]]))


@pytest.mark.parametrize("scale", [3.0, -3.0])
def test_what_differences_are_relative_to_has_no_sign(scale):
    """Else a bound that is computed below 0 would hold for whatever is above it."""
    side = at_most("4 <= a bound", 4.0, scale, scale)
    assert side.scale == 3.0 and not side.ok and side.excess == pytest.approx((4 - scale) / 3)
    assert not equal("4 = another", 4.0, scale, scale).ok


def test_a_perturbed_network_is_no_network_of_before():
    net = MLP.random((2, 2), rng=0)
    assert not equal("outputs", off(net)(np.eye(2)), net(np.eye(2))).ok
