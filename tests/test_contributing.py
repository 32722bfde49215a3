"""CONTRIBUTING.md: what it names is there, and what it shows works."""

import re
import shlex
from pathlib import Path

import numpy as np
import pytest
from compare import STEP, assert_close
from runs import SQUARED, changed, curve

import sennpy
from sennpy import (
    MLP,
    SENN,
    Acceptance,
    Activation,
    Loss,
    Proposer,
    RandomSearch,
    Schedule,
    Settings,
    View,
    equations,
)
from sennpy.cli import parser
from sennpy.equations import follows, register

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
PARTS = {part.partition("\n")[0]: part for part in re.split(r"^## ", TEXT, flags=re.M)}
RECIPES = {name: part for name, part in PARTS.items() if name.startswith("How to add ")}
BLOCKS = {
    name.split()[-1]: re.search(r"```python\n(.*?)```", part, re.S)[1]
    for name, part in RECIPES.items()
    if "```" in part
}
CODE = re.compile(r"`([^`\n]+)`")
PATH = re.compile(r"[\w./*-]*/[\w./*-]*|[\w-]+\.(?:md|txt|toml|py)")
NAME = re.compile(r"[A-Za-z_][\w.]*")
NAMED = [
    pytest.param((recipe, word), id=f"{recipe.split()[-1]} {word}")
    for recipe, part in RECIPES.items()
    for word in dict.fromkeys(CODE.findall(part))
    if NAME.fullmatch(word) and not PATH.fullmatch(word)
]
KINDS = {"activation": Activation, "loss": Loss, "criterion": Proposer, "rule": Acceptance}
SHORT = Settings.by_thresholds(epochs=31, cooldown=10, max_depth=1)


def paths_of(text):
    """The paths that a text names, NN and NAME as stars."""
    found = [word for word in CODE.findall(text) if PATH.fullmatch(word)]
    found += re.findall(r"\]\(([\w/.-]+)\)", text)
    return [re.sub("NN|NAME", "*", path) for path in found]


def commands_of(text, first):
    """The words of the commands in a text that begin with a word."""
    return [shlex.split(code) for code in CODE.findall(text) if code.split()[0] == first]


def files_of(path):
    """The files of a path, of a folder all of its own."""
    found = list(ROOT.glob(path.rstrip("/")))
    return [file for one in found for file in ([one] if one.is_file() else one.glob("*.*"))]


def targets():
    """The targets of the Makefile, without those that only others call."""
    return set(re.findall(r"^([a-z-]+):", MAKEFILE, re.M)) - {"clean-peers"}


# --- What is named is there ----------------------------------------------------------------------


def test_all_seven_additions_are_told_in_under_ten_lines_each():
    assert [name.removeprefix("How to add ") for name in RECIPES] == [
        "an equation", "an activation", "a loss", "a criterion", "an acceptance rule", "a study",
        "a notebook",
    ]  # fmt: skip
    for part in RECIPES.values():
        prose, _, code = part.partition("```python\n")
        for text in (prose.partition("\n")[2], code.partition("\n```")[0]):
            assert len([line for line in text.splitlines() if line]) < 10
        numbered = re.findall(r"^(\d)\. ", part, re.M)
        assert numbered == [str(i) for i in range(1, len(numbered) + 1)] and len(numbered) > 2


@pytest.mark.parametrize("path", sorted(set(paths_of(TEXT))))
def test_a_path_leads_somewhere(path):
    assert files_of(path), path
    assert path.endswith("/") == (ROOT / path).is_dir()


@pytest.mark.parametrize("name", NAMED)
def test_a_name_stands_in_a_file_of_its_recipe_or_is_public(name):
    recipe, word = name
    first, *rest = word.split(".")
    if first in sennpy.__all__:
        assert not rest or hasattr(getattr(sennpy, first), rest[0])
    else:
        files = {file for path in paths_of(RECIPES[recipe]) for file in files_of(path)}
        code = [file.read_text(encoding="utf-8") for file in files if file.suffix == ".py"]
        assert any(re.search(rf"(def |class |^    |^|import ){word}\b", c, re.M) for c in code)


@pytest.mark.parametrize("words", commands_of(TEXT, "make"), ids=" ".join)
def test_a_target_is_one_of_the_makefile(words):
    assert re.search(rf"^{words[1]}:", MAKEFILE, re.M)
    assert all(word.startswith("ARGS=") for word in words[2:])
    recipe = MAKEFILE.partition(f"\n{words[1]}:")[2].partition("\n\n")[0]
    assert "$(ARGS)" in recipe or len(words) == 2


@pytest.mark.parametrize("words", commands_of(TEXT, "sennpy"), ids=" ".join)
def test_a_command_is_understood(words):
    assert callable(parser().parse_args(words[1:]).command)


def test_the_table_has_every_target():
    told = re.findall(r"^\| `make ([\w-]+)` \|", PARTS["How to run what"], re.M)
    assert set(told) == targets() and len(told) == len(set(told))


def test_the_numbers_of_the_rules_are_those_of_the_tests():
    house = (ROOT / "tests" / "test_house.py").read_text(encoding="utf-8")
    most = re.search(r"at most (\d+) lines; a function has at most (\d+)", TEXT)
    assert f"<= {most[1]}" in house and f"long_functions(TEXTS[file], {most[2]})" in house
    least = re.search(r"fails below (\d+) %", TEXT)[1]
    assert f"fail_under = {least}\n" in (ROOT / "pyproject.toml").read_text(encoding="utf-8")


# --- What is shown works -------------------------------------------------------------------------


def made(what):
    """What the class in the block of a recipe makes."""
    names = {}
    exec(compile(BLOCKS[what], f"CONTRIBUTING.md, {what}", "exec"), names)
    (kind,) = [
        thing for thing in names.values()
        if isinstance(thing, type) and issubclass(thing, KINDS[what]) and thing is not KINDS[what]
        and thing.__module__ != KINDS[what].__module__
    ]  # fmt: skip
    return kind()


def fitted(sizes=(1, 2, 1), activation=None, loss=SQUARED, **settings):
    """A short fit, and the loss before and after."""
    X, t = curve()
    start = MLP.random(sizes, activation or sennpy.Rational(), rng=1)
    net, history = SENN(loss, changed(SHORT, **settings)).fit(start, X, t)
    return net, history, loss.value(start(X), t), loss.value(net(X), t)


def test_every_recipe_of_a_seam_and_of_the_register_shows_code():
    assert set(BLOCKS) == {*KINDS, "equation"}


def test_the_activation_has_its_slope_and_grows():
    own, z = made("activation"), np.linspace(-5, 5, 40)[:, None]
    assert_close(own.slope(z, None), own(z + 1j * STEP, None).imag / STEP)
    net, history, before, after = fitted(activation=own, acceptance=Schedule((10, 20)))
    assert net.activation is own and net.sizes == (1, 4, 1)
    assert all(a.moved < 1e-12 for a in history.additions) and after < before / 2


def test_the_loss_has_its_gradient_and_trains():
    own, y = made("loss"), np.linspace(-4, 4, 12).reshape(6, 2)
    t, step = np.zeros((6, 2)), 1e-6
    moved = [(own.value(y + e, t) - own.value(y - e, t)) / (2 * step) * len(y)
             for e in step * np.eye(12).reshape(12, 6, 2)]  # fmt: skip
    assert_close(own.gradient(y, t).ravel(), np.array(moved), 1e-7)
    assert np.isfinite(own.value(1e6 * y, t))
    _, history, before, after = fitted(loss=own, acceptance=Schedule((10,)))
    assert history.additions and after < before / 2
    with pytest.raises(ValueError, match="LogCosh has no metric_root"):  # as its recipe says
        SENN(own).fit(MLP.random((1, 1), rng=0), *curve())


def test_the_criterion_proposes_neurons_that_disturb_nothing():
    own, X = made("criterion"), np.random.default_rng(0).standard_normal((40, 2))
    view = View.of(MLP.random((2, 3, 2), rng=0), X, X[:, ::-1] ** 2, SQUARED)
    place, rng = view.place("neuron", 0), np.random.default_rng(0)
    (change,) = own.changes(place, rng)
    assert own.changes(view.place("layer", 0), rng) == []
    w = change.operation.weights[:, 0]
    M = place.inputs.T @ place.g_r / len(X)
    assert np.linalg.norm(w @ M) == pytest.approx(change.score, rel=1e-12)
    others = rng.standard_normal((500, 3))
    lengths = np.linalg.norm(others @ M, axis=1) / np.linalg.norm(others, axis=1)
    assert (lengths <= change.score * (1 + 1e-12)).all()
    net, history, before, after = fitted(proposer=own, acceptance=Schedule((10, 20)))
    assert net.sizes == (1, 4, 1) and all(a.moved < 1e-12 for a in history.additions)
    assert after < before / 2


def test_the_rule_accepts_what_brings_a_hundredth_and_says_why_not():
    _, history, *_ = fitted(acceptance=made("rule"), proposer=RandomSearch(20), max_width=6)
    candidates = [(c, look.lam) for look in history.looks for c in look.candidates]
    refused = [(c, lam) for c, lam in candidates if "less than a hundredth" in c.reason]
    assert history.additions and refused
    assert all(c.exact >= 0.01 * lam for c, lam in candidates if c.chosen)
    assert all(c.exact < 0.01 * lam for c, lam in refused if c.exact is not None)


def test_all_four_go_together():
    _, history, before, after = fitted(
        activation=made("activation"), loss=made("loss"), proposer=made("criterion"),
        acceptance=made("rule"), epochs=61, max_width=5,
    )  # fmt: skip
    assert history.additions and after < before / 2
    look = history.looks[0]
    assert (look.proposer["class"], look.acceptance["class"]) == ("AlongResidual", "Hundredth")


def test_the_equation_holds_and_can_fail(monkeypatch):
    monkeypatch.setattr(register, "REGISTER", dict(register.REGISTER))
    monkeypatch.setitem(follows.FOLLOWS_FROM, "(E99)", ("Lemma A.6",))
    names = {}
    exec(compile(BLOCKS["equation"], "CONTRIBUTING.md, equation", "exec"), names)
    entry, rng = register.REGISTER["(E99)"], np.random.default_rng(0)
    cases = [equations.random_case(rng) for _ in range(20)]
    sides = [side for case in cases for side in entry.check(case)]
    assert all(side.ok for side in sides) and entry.follows_from == ("Lemma A.6",)
    off = names["residual_gradient"]
    names["residual_gradient"] = lambda a, g: off(a, g) + 1e-3 * np.abs(g).max()
    assert not any(side.ok for case in cases for side in entry.check(case))
