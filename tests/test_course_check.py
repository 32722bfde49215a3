"""`check` and `hint`: right answers pass, classic mistakes are known, nothing is given away."""

import re

import numpy as np
import pytest

from sennpy.course import Exercise, Mistake, check, exercise, hint, numbers
from sennpy.course.answer import agree, slip

ANSWER = np.array([[1.0, 2.0], [4.0, 8.0]])
ALL = [exercise(number) for number in numbers()]
WITH_ANSWER = [one for one in ALL if one.answer is not None]


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
