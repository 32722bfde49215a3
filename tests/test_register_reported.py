"""What the register reports: strains, draws, order and worst case, each by a route of its own."""

import inspect
import json
import math
import re
from dataclasses import replace

import measured
import numpy as np
import pytest
from compare import assert_close
from pretended import cells

from sennpy import (
    MLP,
    ProfileSearch,
    Rational,
    ReLU,
    SoftmaxCrossEntropy,
    SquaredError,
    Tanh,
    delta_eta,
    delta_eta_bound,
    equations,
    kronecker_factors,
    layer_score,
    natural_expansion_score,
    residual_gradient,
)
from sennpy.equations import by_hand, draws, own, register, results, what_to_add
from sennpy.equations.case import LARGEST, UNCLEAR, Case, DoesNotApply, Problem, clear, columns
from sennpy.equations.register import REGISTER, Sides, at_most, compare, equal
from sennpy.equations.results import Result, evaluate
from sennpy.equations.strain import strains

RNG = np.random.default_rng(0)
X, Y, LABELS = RNG.standard_normal((25, 2)), RNG.standard_normal((25, 2)), RNG.integers(2, size=25)
NET = MLP.random((2, 3, 2), rng=3)
LOSSES = [(SquaredError(), Y), (SoftmaxCrossEntropy(), LABELS)]


def cases_of(net, loss, t, seed=0):
    problem, rng = Problem(net, X, t, loss), np.random.default_rng(seed)
    return [own.proposal_at(problem, place, rng) for place in range(len(net.weights))]


# --- Strains -------------------------------------------------------------------------------------


def conditioned(a):
    """The condition number of a's moment once each column has length 1."""
    M = a.T @ a
    d = np.sqrt(np.diag(M))
    return np.linalg.cond(M / np.outer(d, d))


def hessian(net, loss, t):
    """By differences of the gradient."""
    theta, h, rows = net.parameters, 1e-5, []

    def gradient(at):
        moved = net.replace(at)
        trace = moved.forward(X)
        return moved.vjp(trace, loss.gradient(trace.outputs, t)) / len(X)

    for e in np.eye(len(theta)):
        rows.append((gradient(theta + h * e) - gradient(theta - h * e)) / (2 * h))
    return (np.array(rows) + np.array(rows).T) / 2


@pytest.mark.parametrize("loss, t", LOSSES)
def test_every_strain_is_the_number_that_it_is_called(loss, t):
    cases = cases_of(NET, loss, t)
    found = {}
    for strain in strains(cases):
        name = strain.what, strain.where
        assert name not in found
        found[name] = strain.value
    trace = NET.forward(X)
    J = NET.jacobian(trace)
    flat = J.reshape(-1, NET.num_parameters)
    g_y = loss.gradient(trace.outputs, t)
    layers, factors = NET.backward(trace, g_y), kronecker_factors(NET, X)

    norms = np.linalg.norm(flat, axis=0)
    s = np.linalg.svd(flat / norms, compute_uv=False)
    counts = s[s > 1e-6 * s[0]]
    assert found["rank F / P", "network"] == len(counts) / NET.num_parameters < 1
    assert found["cond F", "network"] == pytest.approx((counts[0] / counts[-1]) ** 2, rel=1e-4)

    y = trace.outputs
    p = np.exp(y) / np.exp(y).sum(axis=1, keepdims=True)
    identity = np.broadcast_to(np.eye(2), (25, 2, 2))
    own_metric = p[:, :, None] * np.eye(2) - p[:, :, None] * p[:, None]
    metrics = {"euclidean": identity,
               "true": identity if isinstance(loss, SquaredError) else own_metric}  # fmt: skip
    H = hessian(NET, loss, t)
    for kind, M in metrics.items():
        F = np.einsum("nip,nij,njq->pq", J, M, J) / 25
        ratio = np.linalg.norm(H - F) / np.linalg.norm(F)
        assert found["||H - F|| / ||F||", f"F {kind}"] == pytest.approx(ratio, rel=1e-5)

    scores = [layer_score(trace.inputs[l], layers[l], factors[l].G) for l in (0, 1)]
    dense = natural_expansion_score(flat.T @ flat / 25, flat.T @ g_y.ravel() / 25)
    assert found["sum of eta_l / eta", "network"] == pytest.approx(sum(scores) / dense, rel=1e-5)

    for l in (0, 1):
        assert found["cond A_c", f"layer {l}"] == pytest.approx(
            conditioned(trace.inputs[l]), rel=1e-5
        )
        scale = np.sqrt(np.diag(factors[l].G))
        G = factors[l].G / np.outer(scale, scale)
        s = np.linalg.eigvalsh(G)
        counts = s[s > 1e-12 * s[-1]]
        assert found["cond G", f"layer {l}"] == pytest.approx(counts[-1] / counts[0], rel=1e-4)
        assert found["cond A_c", f"layer {l}"] != pytest.approx(found["cond G", f"layer {l}"])

    a_c, g, G = trace.inputs[1], layers[1], factors[1].G
    a_p = Rational()(X @ cases[0].weights[:-1] + cases[0].weights[-1], cases[0].coefficients)
    tight = delta_eta_bound(a_p, residual_gradient(a_c, g), G) / delta_eta(a_c, a_p, g, G)
    assert found["Delta eta' / Delta eta", "neurons in layer 0"] == pytest.approx(tight, rel=1e-5)
    assert 0 < tight < 0.999
    assert list(found) == [
        ("rank F / P", "network"), ("cond F", "network"),
        ("||H - F|| / ||F||", "F euclidean"), ("||H - F|| / ||F||", "F true"),
        ("sum of eta_l / eta", "network"), ("cond A_c", "layer 0"), ("cond G", "layer 0"),
        ("Delta eta' / Delta eta", "neurons in layer 0"), ("cond A_c", "layer 1"),
        ("cond G", "layer 1"),
    ]  # fmt: skip


def test_a_strain_says_what_it_would_like_to_be():
    told = {s.what: s.meaning for s in strains(cases_of(NET, *LOSSES[0]))}
    P = NET.num_parameters
    rank = round(strains(cases_of(NET, *LOSSES[0]))[0].value * P)
    assert told["rank F / P"] == f"{rank} of {P}; F^-1 is a pseudo-inverse below 1"
    assert (
        "assume 0" in told["||H - F|| / ||F||"] and "Theorem 3.2" in told["Delta eta' / Delta eta"]
    )


# --- The worst case ------------------------------------------------------------------------------


def some_cases(number, seed):
    rng = np.random.default_rng(seed)
    return [equations.random_case(rng) for _ in range(number)]


@pytest.mark.parametrize("label", ["Theorem 3.2", "(E3)", "(E14)", "(E12)"])
def test_of_all_cases_the_one_is_shown_that_comes_nearest_to_failing(label):
    cases = some_cases(12, 5)
    (result,) = evaluate([REGISTER[label]], cases)
    excesses, applied, order = {}, 0, []
    for case in cases:
        try:
            sides = REGISTER[label].check(case)
        except DoesNotApply:
            continue
        applied += 1
        for side in sides:
            excesses.setdefault(side.what, []).append(side.excess)
            order += [side.what] if side.what not in order else []
    assert result.cases == applied < 13 and [s.what for s in result.sides] == order
    for side in result.sides:
        assert side.excess == max(excesses[side.what])
    equalities = [s.excess for s in result.sides if s.relation != "<="]
    slacks = [-s.excess for s in result.sides if s.relation == "<="]
    assert result.error == (max(equalities) if equalities else None)
    assert result.slack == (min(slacks) if slacks else None)


def scripted(label, *findings):
    """An entry whose check finds something else on each case (a number)."""
    return register.Equation(
        label, "a statement", "x", 2, (MLP,), "a notebook", lambda case: findings[case](case)
    )


def test_what_fails_comes_before_what_is_further_off():
    def fails(case):
        return [equal("it", 1 + 1e-3, 1.0, tolerance=1e-6)]

    def loose(case):
        return [equal("it", 2.0, 1.0, tolerance=3.0)]

    (result,) = evaluate([scripted("a", loose, fails, loose)], range(3))
    assert not result.ok and result.sides[0].excess == pytest.approx(1e-3)
    assert result.cases == 3 and result.main is result.sides[0]
    (result,) = evaluate([scripted("a", loose, loose)], range(2))
    assert result.ok and result.error == pytest.approx(1.0)


def test_the_comparison_shown_is_the_first_that_fails():
    good, bad = equal("good", 1.0, 1.0), at_most("bad", 2.0, 1.0)
    entry = scripted("a", lambda case: [good, bad, equal("worse", 9.0, 1.0)])
    (result,) = evaluate([entry], range(1))
    assert result.main is bad and result.ok is False
    assert Result(entry, 1, (good,)).main is good


def test_reasons_are_kept_where_nothing_applied_each_once():
    def never(why):
        def check(case):
            raise DoesNotApply(why)

        return check

    entry = scripted("a", never("one"), never("two"), never("one"))
    (result,) = evaluate([entry], range(3))
    assert (result.cases, result.reason, result.ok) == (0, "one; two", None)
    entry = scripted("a", never("one"), lambda case: [equal("it", 1.0, 1.0)])
    (result,) = evaluate([entry], range(2))
    assert (result.cases, result.reason, result.ok) == (1, "", True)


def test_a_report_fails_when_one_result_does():
    good, bad = equal("it", 1.0, 1.0), equal("it", 2.0, 1.0)
    entry = scripted("a", None)
    held, failed, absent = (
        Result(entry, 1, (good,)), Result(entry, 1, (bad,)), Result(entry, 0, (), "why")
    )  # fmt: skip
    assert equations.Report([held, absent], []).ok
    assert not equations.Report([held, failed, held], []).ok
    shown = str(equations.Report([held, failed, absent], []))
    assert "FAILS" in shown and "a does not apply: why" in shown


def test_an_excess_is_relative_and_of_the_worst_entry():
    left, right = np.array([[1.0, 2.0], [3.0, 7.0]]), np.array([[1.5, 2.0], [3.0, 4.0]])
    both = {"scale": 2.0, "tolerance": 1.4}
    side = compare("=", "it", left, right, **both)
    assert side.excess == 1.5 and not side.ok and side.worst == (7.0, 4.0)
    side = compare("=", "it", right, left, **both)
    assert side.excess == 1.5 and side.worst == (4.0, 7.0)
    side = compare("<=", "it", right, left, **both)
    assert side.excess == 0.25 and side.ok and side.worst == (1.5, 1.0)
    assert compare("<=", "it", 1.0, np.array([2.0, 1.5]), 1.0).excess == -0.5
    assert compare("<=", "it", np.array([2.0, 1.5]), 1.0, 1.0).excess == 1.0
    for relation in ("=", "<=", "invariant", "in the limit"):
        assert compare(relation, "it", np.nan, 1.0).excess == np.inf
        assert compare(relation, "it", np.zeros((0, 2)), np.zeros((0, 2))).excess == 0.0
    assert equal("it", np.ones(2), np.array([1.0, -4.0])).scale == 4.0
    assert equal("it", 0.0, 0.0).scale == 1.0 and equal("it", 1e-10, 0.0).ok
    assert equal("it", 1.0, 1.0).tolerance == 1e-9
    assert Sides("it", "=", np.ones(1), np.ones(1), 1.0, 0.0).ok  # at the edge it holds


# --- Draws and order -----------------------------------------------------------------------------

ORDER = ["(E1)", "(E2)", "(E3)", "eq. (3)", "Lemma A.1", "(E4)", "(E5)", "(E6)", "(E7)",
         "Lemma A.6", "Theorem 3.2", "(E8)", "(E9)", "(E10)", "(E11)", "(E12)", "(E16)", "(E13)",
         "Theorem 3.1", "(E14)", "(E15)", "(E17)", "(E18)", "(E19)", "(E20)", "(E21)"]  # fmt: skip


def test_all_equations_are_run_in_the_order_of_the_paper_or_those_asked_for_in_theirs():
    assert list(REGISTER) == ORDER
    report = equations.run(draws=1)
    assert [r.equation.label for r in report.results] == ORDER and report.strains == []
    asked = equations.run(["E5", "3.2", "(E1)"], draws=1)
    assert [r.equation.label for r in asked.results] == ["(E5)", "Theorem 3.2", "(E1)"]
    assert asked["(E1)"] is asked.results[2]
    with pytest.raises(KeyError, match=r"'\(E2\)' was not run"):
        asked["(E2)"]
    sections = [REGISTER[label].section for label in ORDER]
    assert sections == [2] * 3 + [3] * 5 + [4] * 9 + [5] * 3 + [6, 9] + [5] * 4


def test_a_run_draws_as_many_cases_as_it_is_told_from_its_seed(monkeypatch):
    assert inspect.signature(equations.run).parameters["draws"].default == 200
    label = "Lemma A.1"
    for number, seed in [(3, 0), (5, 7)]:
        found = equations.run([label], number, seed)[label]
        assert found.cases == number
        (direct,) = evaluate([REGISTER[label]], some_cases(number, seed))
        assert found.as_dict() == direct.as_dict()


def test_on_ones_own_each_place_is_a_case_from_the_seed():
    net = MLP.random((2, 2, 3, 2), rng=1)
    for seed in (0, 4):
        report = equations.check(net, X, Y, SquaredError(), ["E1", "E7", "E15"], seed)
        assert [report[n].cases for n in ("(E1)", "(E7)", "(E15)")] == [2, 3, 3]
        rng, problem = np.random.default_rng(seed), Problem(net, X, Y, SquaredError())
        cases = [own.proposal_at(problem, place, rng) for place in range(3)]
        assert report["(E15)"].as_dict() == evaluate([REGISTER["(E15)"]], cases)[0].as_dict()
        assert [s.as_dict() for s in report.strains] == [s.as_dict() for s in strains(cases)]
        for place, case in enumerate(cases):
            square = case.square[:-1]
            assert case.place == place and case.square.shape == (net.sizes[place] + 1,
                                                                 net.sizes[place])  # fmt: skip
            assert_close(square @ square.T, np.eye(len(square)))


def test_the_neuron_proposed_on_ones_own_is_one_that_was_searched_for():
    """A hundred draws score less, as a rule; what is proposed scores more than any."""
    case = cases_of(NET, *LOSSES[0])[0]
    receiver, rng = case.receiver, np.random.default_rng(9)
    inputs = np.column_stack([X, np.ones(25)])

    def score(weights, k):
        return by_hand.explained(Rational()(inputs @ weights, k), receiver.white_r)

    rivals = [score(rng.standard_normal((3, 1)), rng.standard_normal((3, 1))) for _ in range(100)]
    assert score(case.weights, case.coefficients) > max(rivals)


def drawn(rng):
    """A problem and a proposal, drawn again."""
    depth = rng.choice(3, p=[0.05, 0.65, 0.3])
    sizes = [int(n) for n in rng.integers(1, 4, depth + 2)]
    activation = (Rational(), Tanh(), ReLU())[rng.choice(3, p=[0.8, 0.15, 0.05])]
    net = MLP.random(sizes, activation, rng)
    N = int(rng.integers(15, 40))
    inputs = rng.standard_normal((N, sizes[0]))
    labels = sizes[-1] > 1 and rng.random() < 0.4
    t = rng.integers(sizes[-1], size=N) if labels else rng.standard_normal((N, sizes[-1]))
    return net, inputs, t


def test_problems_are_drawn_as_they_are_said_to_be():
    one, other = np.random.default_rng(3), np.random.default_rng(3)
    seen = []
    for _ in range(60):
        problem, (net, inputs, t) = draws.random_problem(one), drawn(other)
        np.testing.assert_array_equal(problem.net.parameters, net.parameters)
        np.testing.assert_array_equal(problem.X, inputs)
        np.testing.assert_array_equal(problem.t, t)
        assert type(problem.net.activation) is type(net.activation)
        softmax = isinstance(problem.loss, SoftmaxCrossEntropy)
        assert softmax == (t.dtype.kind == "i")
        seen.append((len(net.sizes), type(net.activation).__name__, softmax))
    depths, activations, losses = (set(column) for column in zip(*seen, strict=True))
    assert {3, 4} <= depths and activations == {"Rational", "Tanh", "ReLU"} and len(losses) == 2


def test_places_are_hidden_layers_five_times_in_six():
    net, rng = MLP.random((2, 2, 2, 2), rng=0), np.random.default_rng(0)
    places = [draws.random_place(net, rng) for _ in range(3000)]
    shares = np.bincount(places, minlength=3) / 3000
    np.testing.assert_allclose(shares, [5 / 12, 5 / 12, 1 / 6], atol=0.04)
    assert draws.random_place(MLP.random((2, 2), rng=0), rng) == 0


def test_proposals_are_one_or_two_neurons_and_a_layer_that_can_be_undone():
    rng, counts = np.random.default_rng(0), []
    problem = Problem(NET, X, Y, SquaredError())
    for _ in range(200):
        case = draws.with_proposal(problem, 1, rng)
        counts.append(case.weights.shape[1])
        assert case.weights.shape[0] == 4 and case.coefficients.shape == (3, counts[-1])
        singular = np.linalg.svd(case.square[:-1], compute_uv=False)
        assert singular.min() >= 0.5 and singular.max() <= 2 and case.square.shape == (4, 3)
    assert 60 < counts.count(1) < 140 and set(counts) == {1, 2}
    assert len({draws.with_proposal(problem, 1, rng).seed for _ in range(9)}) == 9


def test_cases_are_well_conditioned():
    for case in some_cases(10, 2):
        problem = case.problem
        assert problem.tolerance_c < 1e-7 and case.here.tolerance(case.here.a) < 1e-7
        if case.place < len(problem.net.weights) - 1:
            joint = np.hstack([case.receiver.a, case.a_p])
            assert case.receiver.tolerance(joint) < 1e-7


# --- What is shown of it -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def report():
    return equations.check(NET, X, LABELS, SoftmaxCrossEntropy())


def number(value):
    """As the tables show it."""
    if value is None:
        return "-"
    small = not math.isfinite(value) or abs(value) < 1e-3
    return f"{value:.2g}" if small else f"{value:.3g}"


def test_the_printed_table_is_the_json(report):
    plain = json.loads(json.dumps(report.as_dict()))
    lines = str(report).splitlines()
    rows = {cells(line)[0]: cells(line) for line in lines}
    for entry in plain["equations"]:
        if not entry["cases"]:
            assert f"{entry['label']} does not apply: {entry['reason']}" in lines
            continue
        *_, error, slack, count, told = rows[entry["label"]]
        assert (error, slack) == (number(entry["error"]), number(entry["slack"]))
        assert (count, told) == (str(entry["cases"]), "ok" if entry["ok"] else "FAILS")
    below = lines[[cells(line)[0] for line in lines].index("strain") + 1 :]
    assert len(below) == len(plain["strains"])
    for line, strain in zip(below, plain["strains"], strict=True):
        expected = [strain["what"], strain["where"], number(strain["value"]), strain["meaning"]]
        assert re.split(" {2,}", line.strip()) == expected
    shown = report._repr_markdown_().splitlines()
    for entry in plain["equations"]:
        (line,) = [line for line in shown if line.startswith(f"| {entry['label']} |")]
        if entry["cases"]:
            numbers = [number(entry["error"]), number(entry["slack"]), str(entry["cases"])]
            assert line.endswith(" | ".join([*numbers, "ok" if entry["ok"] else "FAILS"]) + " |")
        else:
            assert line.endswith(f"| 0 | does not apply: {entry['reason']} |")
    for strain in plain["strains"]:
        assert (f"| {strain['what']} | {strain['where']} | {number(strain['value'])} | "
                f"{strain['meaning']} |") in shown  # fmt: skip


def test_the_plain_values_of_a_result_are_its_sides(report):
    for result, plain in zip(report.results, report.as_dict()["equations"], strict=True):
        entry = result.equation
        assert plain["label"] == entry.label and plain["notebook"] == entry.notebook
        assert plain["section"] == entry.section and plain["statement"] == entry.statement
        assert plain["implementations"] == [thing.__name__ for thing in entry.implementations]
        for side, told in zip(result.sides, plain["comparisons"], strict=True):
            left, right = side.worst
            assert (told["left"], told["right"]) == (left, right)
            assert told["ratio"] == (left / right if right else None)
            assert (told["excess"], told["tolerance"]) == (side.excess, side.tolerance)
            assert (told["what"], told["relation"], told["ok"]) == (
                side.what, side.relation, side.ok,
            )  # fmt: skip


def test_one_result_is_printed_with_both_sides_of_each_comparison(report):
    result = report["Theorem 3.2"]
    lines = str(result).splitlines()
    (at,) = [i for i, line in enumerate(lines) if line.startswith("of 1 case ")]
    assert cells(lines[at]) == ["of 1 case", "relation", "left", "right", "left/right", "error",
                                "allowed"]  # fmt: skip
    for line, side in zip(lines[at + 1 :], result.sides, strict=True):
        left, right = side.worst
        assert re.split(" {2,}", line) == [
            side.what, side.relation, f"{left:.10g}", f"{right:.10g}",
            f"{left / right:.10g}" if right else "-", number(side.excess), number(side.tolerance),
            "ok",
        ]  # fmt: skip
    places = [line.strip() for line in lines[3 : at - 1] if line.strip()]
    assert places[-1].endswith("(the check)") and len(places) == len(result.equation.places)
    assert results.plural(2, "case") == "2 cases" and results.verdict(False) == "FAILS"
    assert results.number(float("inf")) == "inf" and results.number(0.0123456) == "0.0123"


# --- By hand -------------------------------------------------------------------------------------


def test_the_tools_by_hand_are_what_they_are_called():
    rng = np.random.default_rng(0)
    a, b = rng.standard_normal((20, 3)), rng.standard_normal((20, 2))
    fit = np.linalg.inv(a.T @ a) @ a.T @ b
    assert by_hand.explained(a, b) == pytest.approx(((a @ fit) ** 2).sum())
    assert_close(by_hand.left_over(a, b), b - a @ fit, 1e-12)
    assert_close(by_hand.regression(a, b[:, 0]), fit[:, 0], 1e-12)
    assert_close(by_hand.predicted(a, b, b @ fit.T), b @ fit.T @ fit, 1e-12)
    d = np.array([0.5, 2.0, 7.0])
    ridge = np.linalg.solve(a.T @ a + np.diag(d), a.T @ b)
    least = ((b - a @ ridge) ** 2).sum() + (d[:, None] * ridge**2).sum()
    assert by_hand.ridge_explained(a, b, d) == pytest.approx((b**2).sum() - least)
    T, inverse = by_hand.roots(a, 20)
    assert_close(T @ T.T, a.T @ a / 20)
    assert_close(inverse.T @ T, np.eye(3))
    scaled = a / np.linalg.norm(a, axis=0)
    assert by_hand.condition(a) == pytest.approx(np.linalg.cond(scaled))
    assert by_hand.condition(a * [1e-9, 1.0, 1e9]) == pytest.approx(np.linalg.cond(scaled))
    twice = np.hstack([a, a[:, :1]])
    assert by_hand.span(twice).shape == (20, 3) and by_hand.condition(twice) < 100
    assert by_hand.spread(np.zeros(2)) == 1.0
    assert_close(by_hand.complex_step(lambda x: np.sin(x[0] * x[1]), np.array([0.3, 2.0])),
                 np.cos(0.6) * np.array([2.0, 0.3]))  # fmt: skip


@pytest.mark.parametrize("near, unclear", [(1e-9, True), (2.9e-6, True), (3.5e-6, False),
                                           (1e-15, False)])  # fmt: skip
def test_a_direction_that_is_neither_there_nor_absent_is_unclear(near, unclear):
    """Singular values from 1e-14 to 3e-6 of the largest: all that they explain is in doubt."""
    U = np.linalg.qr(np.random.default_rng(0).standard_normal((30, 2)))[0]
    a = U @ np.array([[1.0, 1.0], [near, -near]]) / np.sqrt(1 + near**2)
    b = U[:, 1]
    found = by_hand.rounding(a, b)
    assert bool(found > 0.1) is unclear
    if near > 3e-6:  # moments square the condition number
        assert found == pytest.approx(10 * np.finfo(float).eps / near**2, rel=1e-2)


@pytest.mark.parametrize("sizes", [(2, 2), (2, 3, 2), (1, 2, 3, 2)])
def test_outputs_by_hand_are_the_formulas(sizes):
    rng = np.random.default_rng(1)
    net, inputs = MLP.random(sizes, rng=rng), rng.standard_normal((7, sizes[0]))
    y = by_hand.outputs(net.parameters, net.sizes, "Rational", inputs)
    assert_close(y, measured.outputs(net, inputs), 1e-12)
    t = np.arange(7) % 2
    losses = by_hand.sample_losses("SoftmaxCrossEntropy", y, t)
    assert losses.mean() == pytest.approx(measured.cross_entropy(net, inputs, t))
    squares = by_hand.sample_losses("SquaredError", y, 0 * y + 1)
    assert_close(squares, ((y - 1) ** 2).sum(axis=1) / 2)
    assert_close(by_hand.output_gradients("SquaredError", y, 0 * y + 1), y - 1)


def test_where_the_parameters_of_a_layer_stand():
    net = MLP.random((2, 3, 2), rng=0)
    for l in (0, 1):
        biases, weights = columns(net, l)
        assert_close(net.parameters[weights], net.weights[l].ravel(), 0)
        assert_close(net.parameters[biases], net.weights[l][-1], 0)


def test_what_rounding_decides_is_not_claimed():
    assert clear(0.0) == 1e-9 and clear(1e-4) == pytest.approx(1e-4 + 1e-9)
    with pytest.raises(DoesNotApply, match="rounding alone may change it by 1e-04"):
        clear(1.1e-4)


def test_what_counts_as_absent_unclear_or_too_large_is_what_it_was():
    assert (by_hand.STEP, by_hand.CUT, by_hand.ABSENT) == (1e-200, 1e-6, 1e-14)
    assert {LARGEST, UNCLEAR} == {5e8, 1e-4}
    assert (register.DRAWS, what_to_add.TEMPERATURE) == (20, 0.7)
    assert ProfileSearch(candidates=100, refined=2, iterations=50) == own.SEARCH


def test_the_generator_of_a_case_is_the_same_for_each_check():
    one = some_cases(1, 0)[0]
    assert one.rng.random() == one.rng.random() != replace(one, seed=1).rng.random()
    assert isinstance(one, Case)
