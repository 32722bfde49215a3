"""The quiz: in form, in step with its page, and each choice as true as the key says, computed."""

import importlib.util
import re
from pathlib import Path

import pytest
import quiz_evidence
import quiz_experiments
import quiz_method
import quiz_what_and_when

FOLDER = Path(__file__).parents[1] / "notebooks"
SPEC = importlib.util.spec_from_file_location("teaching", FOLDER / "teaching.py")
TEACHING = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(TEACHING)

QUIZ = TEACHING.quiz()
QUESTIONS = [(name, i) for name, questions in QUIZ.items() for i in range(len(questions))]
CHECKS = {
    name: check
    for module in (quiz_method, quiz_what_and_when, quiz_experiments, quiz_evidence)
    for name, check in vars(module).items()
    if re.fullmatch(r"q_\d\db?_\d", name)
}
each = pytest.mark.parametrize("name, i", QUESTIONS, ids=lambda value: str(value)[:2])


def test_every_notebook_with_a_lesson_has_five_questions():
    assert list(QUIZ) == [path.stem for path in sorted(FOLDER.glob("source/*.py"))]
    assert {len(questions) for questions in QUIZ.values()} == {5}


@each
def test_a_question_has_a_few_choices_one_right_and_a_reason_for_each(name, i):
    question = QUIZ[name][i]
    assert 3 <= len(question.choices) <= 4
    assert sum(choice.right for choice in question.choices) == 1
    assert all(choice.text and choice.reason.endswith(".") for choice in question.choices)
    assert len({choice.text for choice in question.choices}) == len(question.choices)


@each
def test_the_choices_that_hold_are_those_that_the_key_says(name, i):
    holds = CHECKS[f"q_{name.partition('_')[0]}_{i + 1}"]()
    assert [bool(truth) for truth in holds] == [choice.right for choice in QUIZ[name][i].choices]


def test_each_check_belongs_to_a_question():
    assert set(CHECKS) == {f"q_{name.partition('_')[0]}_{i + 1}" for name, i in QUESTIONS}


def test_the_right_choice_is_not_always_at_one_place():
    places = [[c.right for c in q.choices].index(True) for some in QUIZ.values() for q in some]
    assert all(places.count(place) >= 8 for place in (0, 1, 2))


@pytest.mark.parametrize(
    "text, said",
    [
        ("## 1\nWhat?\n\n- [x] This.\n- [ ] That.\n  No.\n", "reason"),
        ("## 2\nWhat?\n\n- [x] This.\n  Yes.\n", "1"),
        ("## 1\n\n- [x] This.\n  Yes.\n", "question"),
    ],
)
def test_what_is_not_in_form_is_refused(text, said):
    with pytest.raises(ValueError, match=said):
        TEACHING.questions(text, "00")


def test_the_page_shows_each_question_and_folds_its_answer():
    page = (FOLDER / "quiz.md").read_text(encoding="utf-8")
    assert page == TEACHING.quiz_page()
    assert page.count("<details") == page.count("</details>") == len(QUESTIONS)
    seen = re.sub(r"<details.*?</details>", "", page, flags=re.S)
    for questions in QUIZ.values():
        for question in questions:
            assert question.text in seen
            for choice in question.choices:
                assert choice.text in seen and choice.reason not in seen and choice.reason in page
