"""`check` and `hint`: right answers pass, classic mistakes are known, nothing is given away."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from sennpy import MLP, deepen, delta_eta
from sennpy.course import Exercise, Mistake, check, exercise, hint, numbers
from sennpy.course.answer import agree, slip
from sennpy.studies.statistics import bootstrap, rank_correlation, spearman

ANSWER = np.array([[1.0, 2.0], [4.0, 8.0]])
ALL = [exercise(number) for number in numbers()]
WITH_ANSWER = [one for one in ALL if one.answer is not None]
NOTEBOOKS = {
    path.stem: json.loads(path.read_text(encoding="utf-8"))["cells"]
    for path in sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))
}


def of(answer, **more):
    return Exercise("99.1", "a thing", ("look there", "do that"), lambda: answer, **more)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (-ANSWER, "sign"),
        (2 * ANSWER, "twice"),
        (ANSWER / 2, "half"),
        (10 * ANSWER, "sum where a mean"),
        (ANSWER / 10, "once too often"),
        (ANSWER**2, "square of"),
        (ANSWER**0.5, "square root"),
        (ANSWER.T, "transposed"),
        (ANSWER[::-1], "order"),
        (ANSWER.ravel(), "the numbers are right"),
        (ANSWER * np.nan, "finite"),
        (ANSWER[:1], "shape"),
        (ANSWER + 1, "none of the usual"),
        ("four", "str"),
        ([[1.0], [2.0, 3.0]], "list"),
    ],
)
def test_a_slip_is_told_by_its_numbers(value, said):
    verdict = of(ANSWER, samples=10).judged(value)
    assert not verdict and said in verdict.text


def test_a_slip_of_shape_is_transposition_where_it_is():
    assert "transposed" in slip(
        np.ones((2, 3)) * [1, 2, 3], (np.ones((2, 3)) * [1, 2, 3]).T, None, 1e-6
    )


@pytest.mark.parametrize("value", [ANSWER, ANSWER.tolist(), ANSWER * (1 + 1e-4)])
def test_right_is_right_in_any_dress(value):
    verdict = of(ANSWER).judged(value)
    assert verdict and repr(verdict) == "99.1: right."


def test_what_is_close_but_not_close_enough_is_wrong():
    assert not of(ANSWER).judged(ANSWER + 0.01 * ANSWER.max())


def test_of_several_values_the_wrong_one_is_named():
    verdict = of((1.0, ANSWER, "smaller")).judged([1.0, -ANSWER, "larger"])
    assert "second of 3" in verdict.text and "sign" in verdict.text and "third" in verdict.text
    assert "first" not in verdict.text
    assert "3 values" in of((1.0, 2.0, 3.0)).judged(1.0).text


def test_a_known_mistake_comes_before_the_usual_slips():
    one = of(1.0, mistakes=(Mistake(lambda: 2.0, "the metric was left out"),))
    assert one.judged(2.0).text == "99.1: the metric was left out."


def test_words_and_truth_values_are_answers_too():
    assert of("depth").judged(" Depth ") and not of("depth").judged("width")
    assert of(True).judged(np.bool_(True)) and not of(True).judged(False)


def test_a_judge_that_cannot_read_a_value_says_what_is_asked_for():
    one = Exercise("99.1", "two pairs", ("a", "b"), judge=lambda value: "" if value[1] else "no")
    assert one.judged([0, 1]) and "two pairs" in one.judged(3).text


def test_an_exercise_has_an_answer_or_a_judge_and_two_hints():
    with pytest.raises(TypeError, match="either an answer or a judge"):
        Exercise("99.1", "a thing", ("a", "b"))
    with pytest.raises(ValueError, match="expected two"):
        Exercise("99.1", "a thing", ("a",), lambda: 1.0)


def test_hints_come_one_after_the_other_and_the_last_stays():
    first, second, third = (repr(hint("06.2")) for _ in range(3))
    assert first.startswith("Hint 1 of 2") and second.startswith("Hint 2 of 2") and third == second


@pytest.mark.parametrize("number", ["06.99", "99.1", "6.1", "", 6.1, None])
def test_an_unknown_number_is_told_which_there_are(number):
    with pytest.raises(ValueError, match=r"there is no exercise"):
        check(number, 1.0)


# --- The exercises that there are ----------------------------------------------------------------


@pytest.mark.parametrize("one", WITH_ANSWER, ids=lambda one: one.number)
def test_the_answer_is_right_and_its_mistakes_are_not(one):
    assert one.judged(one.answer())
    for mistake in one.mistakes:
        verdict = one.judged(mistake.value())
        assert not verdict and mistake.text in verdict.text


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.number)
def test_nonsense_is_answered_in_words(one):
    for value in (None, "x", [], np.zeros((7, 5)), [[1], [2, 3]], object(), float("nan"), {}):
        verdict = one.judged(value)
        assert not verdict and len(verdict.text) > 10


@pytest.mark.parametrize("one", WITH_ANSWER, ids=lambda one: one.number)
def test_nothing_that_is_said_gives_the_answer_away(one):
    answer = one.answer()
    parts = answer if isinstance(answer, tuple) else (answer,)
    told = " ".join(
        [*one.hints, *(m.text for m in one.mistakes), one.judged(0.1234).text, one.asks]
    )
    for number in re.findall(r"-?\d+\.\d{2,}", told):
        assert not any(
            agree(float(number), part, 1e-3) for part in parts if not isinstance(part, str)
        )


# --- Exercises with many right answers -----------------------------------------------------------

RNG = np.random.default_rng(0)
A, G_Y = np.column_stack([RNG.standard_normal((30, 2)), np.ones(30)]), RNG.standard_normal((30, 1))
FIT = A @ np.linalg.lstsq(A, G_Y, rcond=None)[0]
ETA = float(np.mean(FIT**2))
SHAPES = np.column_stack([A, A**2 + 1])
PAIR = np.column_stack([s @ np.linalg.lstsq(s, G_Y, rcond=None)[0] for s in (A, SHAPES[:, 3:])])
LIMIT, TOGETHER = (
    float(np.mean((c @ np.linalg.lstsq(c, G_Y, rcond=None)[0]) ** 2)) for c in (SHAPES, PAIR)
)
RHO = float(np.mean(A[:, 0] * G_Y[:, 0]) / np.sqrt(np.mean(A[:, 0] ** 2) * np.mean(G_Y**2)))
NET = MLP.random((2, 3, 1), rng=0)
W0, W1, K = *NET.weights, NET.coefficients[0]


def named(value):
    """How a case is called: by what is text in it."""
    return value if isinstance(value, str) else ""


def copied(share):
    """NET with its first neuron copied; the copy sends on a share, the original the rest."""
    rest = np.vstack([(1 - share) * W1[:1], W1[1:3], share * W1[:1], W1[3:]])
    return MLP((np.column_stack([W0, W0[:, 0]]), rest), (np.column_stack([K, K[:, 0]]),))


def loud():
    """The same, but both send on all of it."""
    twice = np.vstack([W1[:3], W1[:1], W1[3:]])
    return MLP((np.column_stack([W0, W0[:, 0]]), twice), (np.column_stack([K, K[:, 0]]),))


def between(ins, new, g, G, ridge):
    return 0.0, delta_eta(ins, new, g, G)


ROUND = np.array([[0.66, 0.24, 0.1], [0.21, 0.52, 0.27], [0.6, 0.24, 0.16]])  # p = (1/2, 1/3, 1/6)
SHARES = np.random.default_rng(2).exponential(size=1000) / 94
GROWN = [(noise, N, hidden) for noise in (0.1, 0.2, 0.4) for N, hidden in ((10, 0), (400, 3))]
SIX = np.array([0, -2, -4, -1, -1, 2.0])  # differences of sizes
PAIRED = np.array([3.0, 1, 2, 5, 4, 6]), np.array([2.5, 1.1, 1.7, 4.2, 4.1, 5.2])
LOST = np.array([0.4, 0.1, -0.3, 0.5, 0.8, 0.3, 0.2, 0.4, 0.0, 0.1, 0.3, 0.4])  # of ln of the loss


def widths(first, second, i, j):
    """Of 95 % of the differences of means, in pairs by i and with indices of their own."""
    drawn = first[i].mean(axis=1) - np.array([second[i].mean(axis=1), second[j].mean(axis=1)])
    return np.ptp(np.quantile(drawn, [0.025, 0.975], axis=1), axis=0)


IN_PAIRS, OWN = widths(*PAIRED, *np.random.default_rng(3).integers(6, size=(2, 10_000, 6)))
ENOUGH = next(n for n in range(99) if bootstrap([*LOST, *[0] * n]).high <= np.log(1.1))
SCORES, GAINS = np.exp(np.random.default_rng(4).standard_normal((2, 50, 8)))
LOSSES = np.exp(2 * np.random.default_rng(5).standard_normal(50))
MASKED = spearman((SCORES / LOSSES[:, None]).ravel(), (GAINS / LOSSES[:, None]).ravel()).estimate
BARE = np.mean(rank_correlation(SCORES, GAINS))
DEEP = deepen(NET, 0, np.vstack([np.eye(2), [0, 0]]))
MINUS = np.hstack([np.eye(2), -np.eye(2)])


@pytest.mark.parametrize(
    ("number", "value"),
    [
        ("04.1", (NET, copied(0.5))),
        ("04.3", (MINUS, MINUS.T)),
        ("05.4", (A, G_Y, ETA)),
        ("06.4", (A[:, 0], G_Y, RHO, RHO**2 * np.mean(G_Y**2))),
        ("07.2", 0.58),
        ("07.3", ROUND),
        ("07b.2", (SHAPES, G_Y, TOGETHER, LIMIT)),
        ("08.4", lambda start, end, alpha: np.log(start / end) / -np.log(1 - alpha)),
        ("10.3", (NET, DEEP)),
        ("12.1", (SIX, *bootstrap(SIX, rng=9)[1:])),
        ("12.2", (*PAIRED, IN_PAIRS, OWN)),
        ("12.3", (LOST, ENOUGH)),
        ("12.4", (SCORES, GAINS, LOSSES, MASKED, BARE)),
        ("14.1", (SHARES, SHARES.reshape(-1, 100).max(axis=1).mean(), SHARES.max())),
        ("14.2", (-0.27, -0.08)),
        ("14.3", (6, 0)),
        ("14.4", GROWN),
    ],
    ids=named,
)
def test_a_right_answer_of_many_is_right(number, value):
    assert check(number, value)


@pytest.mark.parametrize(
    ("number", "value", "said"),
    [
        ("04.1", (NET, loud()), "function does not stay"),
        ("04.1", (NET, NET), "one hidden neuron more"),
        ("04.3", (MINUS, np.abs(MINUS.T)), "this gives |a|"),
        ("04.4", (MLP.random((2, 1), rng=0), A[:, :2], G_Y, 1e-9 * np.eye(3, 2)), "90% are asked"),
        ("04.4", (MLP.random((2, 1), rng=0), A[:, :2], G_Y, np.eye(2)), "shift is its last row"),
        ("05.4", (A, G_Y, np.mean(G_Y**2) - ETA), "do not explain"),
        ("05.4", (A, G_Y, 30 * ETA), "sum over the samples"),
        ("05.5", (NET, A[:, :2], G_Y, 0.1, 1.2), "are to be (0.1, 0.1, 1)"),
        ("06.4", (A[:, 0], G_Y, RHO, RHO * np.mean(G_Y**2)), "rho^2 E"),
        ("06.5", (A[:, 0], G_Y, 80, 90), "percent"),
        ("06.5", (A[:, 0], G_Y, 0.9, 0.8), "changed places"),
        ("07.2", 0.99, "too short"),
        ("07.2", 0.1, "too long"),
        ("07.3", ROUND[:2], "from place"),
        ("07.3", ROUND - 0.01 * np.eye(3), "none below 0"),
        ("07.3", np.full((3, 3), 1 / 3), "does not keep p"),
        ("07.3", np.eye(3), "detailed balance"),
        ("07b.2", (SHAPES, G_Y, np.mean(PAIR**2, axis=0).sum(), LIMIT), "counted twice"),
        ("07b.2", (SHAPES, G_Y, TOGETHER, 2 * LIMIT), "limit is not"),
        ("08.4", lambda start, end, alpha: np.log(start / end) / alpha, "loose"),
        ("08.4", lambda start, end, alpha: np.log(start / end) / -np.log(1 - alpha / 2), "half"),
        ("08.6", between, "better"),
        ("08.6", lambda *given: between(*given)[::-1], "is not between"),
        ("08.7", (NET, NET, A[:, :2], G_Y), "not become smaller"),
        ("09.3", (A, G_Y, G_Y + 1, (0.1, 0.1)), "noise of deviation 0.1"),
        ("09.4", (NET, A[:, :2], 0 * G_Y), "mean squared error"),
        ("10.3", (NET, NET), "one layer more"),
        ("10.3", (NET, MLP.random((2, 2, 3, 1), rng=0)), "outputs move"),
        ("12.1", (-SIX, *bootstrap(-SIX)[1:]), "subtract those without"),
        ("12.1", (SIX, *bootstrap(SIX, np.mean)[1:]), "interval of the mean"),
        ("12.1", (SIX, *np.quantile(SIX, [0.025, 0.975])), "where the pairs lie"),
        ("12.1", (SIX[:5], -4, 1), "six differences"),
        ("12.1", (SIX, -9, 9), "drawn with replacement"),
        ("12.2", (*PAIRED, OWN, IN_PAIRS), "changed places"),
        ("12.2", (*PAIRED, IN_PAIRS, IN_PAIRS), "indices of its own"),
        ("12.2", (*PAIRED, IN_PAIRS, 9 * OWN), "second width"),
        ("12.2", (*PAIRED, 9 * OWN, OWN), "first width"),
        ("12.3", (LOST, ENOUGH - 4), "more zeros"),
        ("12.3", (LOST, ENOUGH + 9), "fewer zeros"),
        ("12.3", (LOST, 0.5), "whole one"),
        ("12.3", (np.zeros(12), 0), "losses of the spiral"),
        ("12.4", (SCORES, SCORES, LOSSES, 1, 1), "not independent"),
        ("12.4", (SCORES, GAINS, LOSSES, BARE, BARE), "Spearman's of the quotients"),
        ("12.4", (SCORES, GAINS, LOSSES, MASKED, MASKED), "mean, over states"),
        ("12.4", (SCORES, GAINS, LOSSES**0.01, BARE, BARE), "differ more"),
        ("14.1", (SHARES, SHARES.max(), SHARES.max()), "best of all"),
        ("14.1", (SHARES, SHARES[:100].max(), SHARES.max()), "one hundred of a hundred"),
        ("14.1", (SHARES, SHARES.mean(), SHARES.mean()), "nobody chose"),
        ("14.2", (0.3, 0.1), "samples of the search"),
        ("14.2", (-0.08, -0.27), "changed places"),
        ("14.2", (-0.09, -0.08), "difference is larger"),
        ("14.3", (0, 6), "changed places"),
        ("14.3", (9, 6), "hardly ever"),
        ("14.3", (0, 0), "more often"),
        ("14.3", (0.4, 0), "whole numbers"),
        ("14.4", GROWN[2:], "noises 0.1, 0.2 and 0.4"),
        ("14.4", [row for row in GROWN if row[2]], "take fewer points"),
        ("14.4", [row for row in GROWN if row[:2] != (0.4, 400)], "take more points"),
        ("14.4", [*GROWN, (0.2, 800, 0)], "most points"),
    ],
    ids=named,
)
def test_a_wrong_answer_of_many_is_told_what_is_wrong(number, value, said):
    verdict = check(number, value)
    assert not verdict and said in verdict.text, verdict


def test_an_answer_of_zero_is_met_by_zero():
    assert of(1e-17).judged(0) and of(0).judged(1e-17) and not of(1e-17).judged(0.1)


# --- In step with the notebooks ------------------------------------------------------------------


def asked():
    """{number: (text of the exercise, code of its solution)} of all notebooks, in order."""
    found, number = {}, None
    for name, cells in NOTEBOOKS.items():
        for cell in cells:
            text, tags = "".join(cell["source"]), cell["metadata"].get("tags", [])
            title = re.search(r"^### Exercise (\d+)", text, re.M)
            if title and "solution" not in tags:
                number = f"{name.partition('_')[0]}.{title.group(1)}"
                found[number] = (text, [])
            elif number and "solution" in tags and cell["cell_type"] == "code":
                found[number][1].append(text)
    return found


ASKED = asked()


def test_the_course_has_the_exercises_that_its_checker_knows():
    assert sorted(ASKED) == sorted(numbers())


@pytest.mark.parametrize("number", ASKED)
def test_an_exercise_ends_with_what_to_hand_in(number):
    last = ASKED[number][0].rstrip("\n").split("\n")[-1]
    assert re.fullmatch(rf'\*Check:\* `check\("{number}", .+\)`: .+\.', last), last


@pytest.mark.parametrize("number", ASKED)
def test_a_solution_asks_the_checker(number):
    assert any(f'check("{number}", ' in code for code in ASKED[number][1])


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_has_the_checker_at_hand(name):
    first = next(c for c in NOTEBOOKS[name] if c["cell_type"] == "code")
    assert "from sennpy.course import check" in "".join(first["source"])
