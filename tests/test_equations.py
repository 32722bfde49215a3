"""The register: complete, true, able to fail, and in step with docstrings, notebooks and README."""

import ast
import inspect
import json
import re
from pathlib import Path

import numpy as np
import pytest
import readme_table
from test_house import CITATION, FILES, imports

import sennpy
from sennpy import MLP, Rational, ReLU, SoftmaxCrossEntropy, SquaredError, Tanh, equations
from sennpy.cli import main
from sennpy.equations import how_to_add, what_to_add, when_it_is_real, when_to_add, when_to_remove
from sennpy.equations import where_to_add as where
from sennpy.equations.register import REGISTER, compare
from sennpy.equations.results import evaluate
from sennpy.growth.objectives import NeuronObjective
from sennpy.nn.mlp import MLP as Network

ROOT = Path(__file__).parents[1]
PAPER = ["eq. (3)", *(f"(E{i})" for i in range(1, 22)), "Lemma A.1", "Lemma A.6", "Theorem 3.1",
         "Theorem 3.2"]  # fmt: skip
ROOMS = ("sennpy.nn", "sennpy.curvature", "sennpy.expansion", "sennpy.growth")
NOTEBOOKS = sorted(ROOT.glob("notebooks/source/[0-9]*.py"))
RNG = np.random.default_rng(0)
X, Y = RNG.standard_normal((30, 2)), RNG.standard_normal((30, 2))
LABELS, NET = RNG.integers(2, size=30), MLP.random((2, 3, 2), rng=0)


@pytest.fixture(scope="module")
def cases():
    rng = np.random.default_rng(1)
    return [equations.random_case(rng) for _ in range(25)]


# --- It is true, and it can fail -----------------------------------------------------------------


@pytest.mark.parametrize("label", REGISTER)
def test_an_equation_holds_on_random_cases(label, cases):
    (result,) = evaluate([REGISTER[label]], cases)
    assert result.cases >= 5 and result.ok, str(result)
    assert all(side.tolerance <= 1e-3 for side in result.sides)


def spoiled(value):
    """A result that is off by a thousandth, or a decision that is turned round."""
    if isinstance(value, Network):
        return value.replace(1.001 * value.parameters)
    if isinstance(value, tuple):
        parts = [spoiled(part) for part in value]
        return type(value)(*parts) if hasattr(value, "_fields") else tuple(parts)
    if isinstance(value, (bool, np.bool_)):
        return not value
    if isinstance(value, (float, np.ndarray)):
        return 1.001 * value + 1e-3
    return value


MODULES = (
    how_to_add, where, what_to_add, when_to_add, when_to_remove, equations.differences,
    when_it_is_real,
)  # fmt: skip
FUNCTIONS = [
    (label, function.__name__)
    for label, entry in REGISTER.items()
    for function in entry.implementations
    if inspect.isfunction(function)
]


@pytest.mark.parametrize("label, name", FUNCTIONS)
def test_a_check_fails_when_an_implementation_is_a_little_off(label, name, cases, monkeypatch):
    for module in MODULES:
        if hasattr(module, name):
            exact = getattr(module, name)
            monkeypatch.setattr(module, name, lambda *a, f=exact, **k: spoiled(f(*a, **k)))
    (result,) = evaluate([REGISTER[label]], cases)
    assert result.cases >= 5 and not result.ok


def test_a_check_fails_when_an_activation_or_a_target_is_a_little_off(cases, monkeypatch):
    value, density = Rational.__call__, NeuronObjective.density
    monkeypatch.setattr(Rational, "__call__", lambda self, z, k: 1.001 * value(self, z, k))
    assert not evaluate([REGISTER["(E3)"]], cases)[0].ok
    monkeypatch.undo()

    monkeypatch.setattr(NeuronObjective, "density", lambda *arguments: spoiled(density(*arguments)))
    assert not evaluate([REGISTER["(E11)"]], cases)[0].ok


def test_the_other_side_knows_nothing_of_the_package():
    assert {name.split(".")[0] for name in imports("equations/by_hand.py")} == {
        "itertools",
        "numpy",
    }


@pytest.mark.parametrize(
    "relation, left, ok",
    [
        ("=", 1.0, True), ("=", 1 + 1e-6, False), ("=", np.nan, False), ("<=", 0.5, True),
        ("<=", 1 + 1e-6, False), ("<=", np.nan, False), ("invariant", 1 - 1e-6, False),
    ],
)  # fmt: skip
def test_a_relation_holds_or_not(relation, left, ok):
    assert compare(relation, "", left, 1.0).ok is ok


def test_sides_of_different_shapes_are_refused():
    with pytest.raises(ValueError, match=r"left has shape \(2,\), right \(3,\)"):
        compare("=", "it", np.ones(2), np.ones(3))


# --- It cannot rot -------------------------------------------------------------------------------


def test_every_label_of_the_paper_has_an_entry_and_there_are_no_others():
    assert sorted(REGISTER) == sorted(PAPER)


@pytest.mark.parametrize("label", REGISTER)
def test_an_entry_is_complete_and_each_implementation_cites_it(label):
    entry = REGISTER[label]
    assert entry.statement and "\n" not in entry.statement and entry.latex and entry.implementations
    for thing in entry.implementations:
        assert label in inspect.getdoc(thing), f"{thing.__name__} does not cite {label}"
        assert thing.__module__.startswith(ROOMS)


@pytest.mark.parametrize("label", REGISTER)
def test_a_check_calls_each_implementation(label):
    """By name, in its own code or that of its module; the two classes through their methods."""
    entry = REGISTER[label]
    tree = ast.parse(inspect.getsource(inspect.getmodule(entry.check)))
    called = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    assert set(entry.names) - {"Rational"} <= called


def cited(path):
    """Labels that a file cites, sections aside."""
    found = set(CITATION.findall(path.read_text(encoding="utf-8")))
    return {label for label in found if not label.lower().startswith("section")}


@pytest.mark.parametrize("path", [*FILES.values(), *NOTEBOOKS], ids=lambda path: path.name)
def test_only_labels_of_the_register_are_cited(path):
    assert cited(path) <= set(REGISTER)


@pytest.mark.parametrize("label", REGISTER)
def test_the_notebook_that_derives_a_label_cites_it(label):
    name = REGISTER[label].notebook
    found = {path.stem: path for path in NOTEBOOKS}
    if name not in found:
        assert len(found) < 9, f"none of the notebooks is {name}"
        pytest.skip(f"notebooks/source/{name}.py is not written yet")
    assert label in cited(found[name])


def test_the_readme_is_in_step():
    text = ROOT.joinpath("README.md").read_text(encoding="utf-8")
    assert readme_table.with_table(text) == text, "run `make equations`"


def test_a_readme_without_a_place_for_the_table_is_refused():
    with pytest.raises(ValueError, match="the README holds no lines"):
        readme_table.with_table("# sennpy\n")


# --- On one's own --------------------------------------------------------------------------------


@pytest.mark.parametrize("sizes", [(2, 2), (2, 3, 2), (2, 2, 3, 2)])
@pytest.mark.parametrize("loss, t", [(SquaredError(), Y), (SoftmaxCrossEntropy(), LABELS)])
def test_the_equations_hold_on_a_network_of_ones_own(sizes, loss, t):
    report = equations.check(MLP.random(sizes, rng=3), X, t, loss)
    assert report.ok, str(report)
    assert sum(result.cases > 0 for result in report.results) >= 12
    measured = {strain.what for strain in report.strains}
    expected = {"cond F", "cond A_c", "cond G", "||H - F|| / ||F||", "sum of eta_l / eta"}
    assert expected | ({"Delta eta' / Delta eta"} if len(sizes) > 2 else set()) <= measured


def test_what_does_not_apply_says_why():
    for activation in (ReLU(), Tanh()):
        report = equations.check(MLP.random((2, 3, 2), activation, 0), X, Y, SquaredError())
        assert report["(E2)"].cases == 0 and report["(E2)"].ok is None
        assert report["(E2)"].reason == f"{activation} cannot be the identity"
        assert "(E2) does not apply" in str(report) and report.ok
    flat = equations.check(MLP.random((2, 1), rng=0), X, Y[:, :1], SquaredError())
    assert flat["Theorem 3.2"].reason == "the last layer is not hidden: no neuron can join it"
    deficient = np.column_stack([X, X.sum(axis=1)])
    report = equations.check(MLP.random((3, 2), rng=0), deficient, LABELS, SoftmaxCrossEntropy())
    assert "mixture of the others" in report["(E15)"].reason and report.ok


def test_where_rounding_decides_nothing_is_claimed():
    """Two inputs that differ by 1e-8: whether they are one or two depends on the route."""
    close = np.column_stack([X[:, 0], X[:, 0] + 1e-8 * X[:, 1]])
    report = equations.check(MLP.random((2, 2), rng=0), close, Y, SquaredError())
    assert "too ill-conditioned: rounding alone may change it by" in report["eq. (3)"].reason
    assert report["eq. (3)"].ok is None and report.ok


def test_a_network_too_large_for_its_jacobian_is_checked_layer_by_layer():
    net, rng = MLP.random((30, 20, 10), rng=0), np.random.default_rng(0)
    many = rng.standard_normal((300, 30))
    report = equations.check(net, many, rng.integers(10, size=300), SoftmaxCrossEntropy())
    assert report["eq. (3)"].reason.startswith("J is 3000 by 890, too large for this")
    assert report.ok and all(report[label].cases for label in ("(E1)", "(E6)", "(E8)", "(E15)"))


def test_a_linear_network_with_squared_error_has_its_fisher_matrix_as_hessian():  # (E4)
    strains = equations.check(MLP.random((2, 2), rng=0), X, Y, SquaredError(), ["E4"]).strains
    ratios = [strain.value for strain in strains if strain.what == "||H - F|| / ||F||"]
    assert len(ratios) == 2 and max(ratios) < 1e-12


def test_the_hessian_is_that_of_differences_of_the_gradient():
    problem = equations.Problem(NET, X, LABELS, SoftmaxCrossEntropy())
    trace, theta, h = NET.forward(X), NET.parameters, 1e-5
    H = equations.strain.hessian(problem)

    def gradient(moved):
        at = NET.replace(moved)
        trace = at.forward(X)
        return at.vjp(trace, SoftmaxCrossEntropy().gradient(trace.outputs, LABELS)) / len(X)

    v = np.random.default_rng(0).standard_normal(len(theta))
    difference = (gradient(theta + h * v) - gradient(theta - h * v)) / (2 * h)
    assert np.abs(H @ v - difference).max() < 1e-8 * np.abs(difference).max() + 1e-9
    assert trace.outputs.shape == (30, 2)


@pytest.mark.parametrize(
    "arguments, error, message",
    [
        ((None, X, Y, SquaredError()), TypeError, "net is of type NoneType, expected an MLP"),
        ((NET, X[:, :1], Y, SquaredError()), ValueError, "X has 1 columns, but the network takes"),
        ((NET, X, Y[:, :1], SquaredError()), ValueError, r"t has shape \(30, 1\)"),
        ((NET, X, Y, None), TypeError, "loss is None, expected a Loss: SquaredError"),
        ((NET, X, Y, SquaredError(), ["(E22)"]), ValueError, r"no equation '\(E22\)'; labels are"),
    ],
)
def test_what_cannot_be_checked_is_refused(arguments, error, message):
    with pytest.raises(error, match=message):
        equations.check(*arguments)


# --- What is shown -------------------------------------------------------------------------------


def test_an_entry_renders_as_its_formula_with_two_numbers():
    shown = REGISTER["Theorem 3.2"]._repr_markdown_()
    assert f"$${REGISTER['Theorem 3.2'].latex}$$" in shown
    assert re.search(r"Delta eta' <= Delta eta: \d\S* and \d\S* \(<=; ok on \d+ cases\)", shown)


def test_a_report_renders_as_a_table_with_a_row_for_each_label():
    shown = equations.check(NET, X, Y, SquaredError())._repr_markdown_()
    assert all(f"| {label} | " in shown for label in REGISTER) and "cond F" in shown


def test_a_place_leads_to_the_function():
    file, line = REGISTER["Theorem 3.2"].places[0].split(":")
    text = ROOT.joinpath(file).read_text(encoding="utf-8").splitlines()
    assert text[int(line) - 1].startswith("def delta_eta_bound(")


def test_labels_are_found_by_their_short_names():
    for text, label in [("3.2", "Theorem 3.2"), ("E5", "(E5)"), ("(E5)", "(E5)"), ("3", "eq. (3)"),
                        ("a.6", "Lemma A.6"), ("theorem 3.1", "Theorem 3.1")]:  # fmt: skip
        assert equations.find(text).label == label


def test_equal_seeds_give_equal_tables():
    assert str(equations.run(draws=5, seed=4)) == str(equations.run(draws=5, seed=4))
    assert str(equations.run(draws=5, seed=4)) != str(equations.run(draws=5, seed=5))


def test_the_register_is_imported_when_it_is_asked_for():
    assert sennpy.equations is equations
    with pytest.raises(AttributeError, match="has no attribute 'equation'"):
        _ = sennpy.equation


# --- The command ---------------------------------------------------------------------------------


def test_the_command_prints_a_row_for_each_equation(capsys):
    assert main(["equations", "--draws", "8"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 1 + len(REGISTER)
    assert all(line.startswith(label) for line, label in zip(lines[1:], REGISTER, strict=True))


def test_the_command_shows_one_equation_with_both_sides(capsys):
    assert main(["equations", "Theorem 3.2", "--draws", "8"]) == 0
    shown = capsys.readouterr().out
    entry = REGISTER["Theorem 3.2"]
    for expected in (entry.statement, entry.latex, entry.places[0], "left/right"):
        assert expected in shown


def test_the_command_prints_json_and_writes_it(capsys, tmp_path):
    assert main(["equations", "--draws", "5", "--json", "--out", str(tmp_path / "new")]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed == json.loads((tmp_path / "new" / "equations.json").read_text())
    assert printed["ok"] and [row["label"] for row in printed["equations"]] == list(REGISTER)


def test_the_exit_status_is_1_when_an_equation_fails(capsys, monkeypatch):
    monkeypatch.setattr(what_to_add, "delta_eta", lambda *arguments: 1.0)
    assert main(["equations", "E8", "--draws", "8"]) == 1
    assert "FAILS" in capsys.readouterr().out


def test_the_command_checks_a_network_and_data_of_ones_own(capsys, tmp_path):
    sennpy.save(NET, tmp_path / "net.npz")
    np.savez(tmp_path / "data.npz", X=X, t=LABELS)
    files = ["--model", str(tmp_path / "net.npz"), "--data", str(tmp_path / "data.npz")]
    assert main(["equations", *files]) == 0
    printed = capsys.readouterr().out
    assert printed.rstrip() == str(equations.check(NET, X, LABELS, SoftmaxCrossEntropy()))
    assert main(["equations", *files, "--loss", "squared"]) == 1
    assert "t has shape (30,), but the outputs have shape (30, 2)" in capsys.readouterr().err


@pytest.mark.parametrize(
    "change, message",
    [
        (["--model", "net.npz"], "--model and --data go together"),
        (["--model", "none.npz", "--data", "data.npz"], "there is no file none.npz"),
        (["--model", "net.npz", "--data", "none.npz"], "there is no file none.npz"),
        (["--model", "net.npz", "--data", "text.npz"], "text.npz is no .npz file of plain arrays"),
        (["--model", "net.npz", "--data", "net.npz"], "net.npz holds format, * expected X (N, n"),
        (["--model", "data.npz", "--data", "data.npz"], "data.npz has the format 'none', expected"),
        (["E99"], "there is no equation 'E99'; labels are (E1), (E2)"),
    ],
)
def test_the_command_refuses_in_words_that_help(change, message, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    sennpy.save(NET, "net.npz")
    np.savez("data.npz", X=X, t=Y)
    Path("text.npz").write_text("no archive")
    assert main(["equations", *change]) == 1
    pattern = ".*".join(map(re.escape, message.split("*")))
    assert re.search(pattern, capsys.readouterr().err)
