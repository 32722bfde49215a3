"""Sentences of the course that a number could refute, each held against that number.

Most stand in the notebooks, beside their sentence. Here are those about a picture (computed from
what it draws), about a record in figures/, and about pages that are not executed.
"""

import importlib.util
import json
import re
from functools import reduce
from pathlib import Path
from types import SimpleNamespace

import matplotlib.pyplot as plt
import numpy as np
import pytest

from sennpy import SoftmaxCrossEntropy, plots
from sennpy.equations import REGISTER
from sennpy.experiments.figures import accuracy_of_runs

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "notebooks"
SOURCES = {path.stem: path.read_text(encoding="utf-8") for path in FOLDER.glob("source/*.py")}


LESSON_9 = "09_regression"


def prose(name):
    """All that a notebook says, in one line."""
    (source,) = (text for stem, text in SOURCES.items() if stem.startswith(f"{name}_"))
    return re.sub(r"\s+", " ", re.sub(r"^# ?", "", source, flags=re.M))


def load(name):
    """A module of the folder notebooks."""
    spec = importlib.util.spec_from_file_location(name, FOLDER / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


SHEETS = load("sheets")


@pytest.fixture(autouse=True)
def no_pictures_left():
    yield
    plt.close("all")


# --- Pictures ------------------------------------------------------------------------------------


def drawn(ax, label):
    """What a line of a picture shows."""
    (line,) = (line for line in ax.get_lines() if line.get_label() == label)
    return line.get_xdata(), line.get_ydata()


def test_the_difference_quotient_gives_half_of_the_digits_and_the_complex_step_all():
    said = "about $h = 10^{-8}$, then its rounding takes over: about half of the digits"
    assert said in prose("01")
    ax = plots.step_errors(np.exp, np.exp, 1.0)
    steps, quotient = drawn(ax, "difference quotient")
    _, complex_step = drawn(ax, "complex step")
    assert 1e-9 < steps[quotient.argmin()] < 1e-7
    assert 1e-10 < quotient.min() < 1e-7 and quotient[steps < 1e-16].min() > 0.9
    assert complex_step[steps < 1e-8].max() < 1e-15


@pytest.mark.parametrize("name", ["00", "09", "10"])
def test_the_terms_in_a_legend_of_scores_are_explained(name):
    if name == "00":
        assert "*Damped*" in prose(name) and "*of its layer*" in prose(name)
    else:
        assert "08_when_to_add_and_when_to_stop.ipynb" in prose(name)


def test_no_dashed_line_is_spoken_of_where_none_is_drawn():
    columns = {"epoch": [1, 2], "validation_accuracy": [0.5, 0.98]}
    run = SimpleNamespace(seed=0, history=SimpleNamespace(column=columns.get))
    ax = accuracy_of_runs([run])
    dashed = [line for line in ax.get_lines() if line.get_linestyle() in ("--", ":")]
    assert bool(dashed) == ("dashed line" in prose("11"))


def test_a_landscape_in_units_of_the_loss_is_not_labelled_as_one_of_eta():
    values = np.ones((121, 121))
    for label, wanted in [({}, r"$\Delta\eta' / \eta_c$"), ({"label": "loss"}, "loss")]:
        ax = plots.score_landscape(values, **label)
        assert ax.figure.axes[1].get_ylabel() == wanted
    assert "units of the loss" in re.search(r"score_landscape\(absolute.*", SOURCES[LESSON_9])[0]


def test_a_step_far_up_the_softmax_changes_little():
    assert "moving a score from 8 to 9 hardly changes its probabilities" in prose("02")

    def probability(y):  # of the first of two classes, whose outputs are y and 0
        return np.exp(-SoftmaxCrossEntropy().value(np.array([[y, 0.0]]), np.array([0])))

    assert probability(9.0) - probability(8.0) < 1e-3
    assert probability(1.0) - probability(0.0) > 0.2


# --- Records -------------------------------------------------------------------------------------


def of_record(name):
    return json.loads((ROOT / "figures" / name).read_text(encoding="utf-8"))


def test_what_lesson_10_says_of_the_authors_settings_is_on_record():
    (run,) = of_record("half-moons-paper.json")["runs"]
    assert run["hidden"] == [3, 3, 3] and "three hidden layers of three" in prose("10")
    said = f"training loss {run['train_loss']:.2f} and test loss {run['test_loss']:.2f}"
    assert said in prose("10")


def test_what_lesson_10_says_of_twenty_splits_is_on_record():
    record = of_record("half-moons-splits.json")
    neurons = np.mean([sum(run["hidden"]) for run in record["runs"]])
    said = f"mean accuracy of {record['mean_accuracy']:.3f} with {neurons:.1f} neurons"
    assert said in prose("10")
    (svc,) = re.findall(r"cross-validated kernel (0\.\d+)", prose("10"))
    assert abs(float(svc) - record["mean_svc_accuracy"]) < 0.00051  # 0.9045 rounds either way


def test_what_lesson_11_says_of_the_one_run_beside_ours_is_on_record():
    (theirs,) = of_record("half-moons-paper.json")["runs"]
    ours = of_record("half-moons.json")["runs"][0]
    more = round(500 * (ours["test_accuracy"] - theirs["test_accuracy"]))
    said = f"{theirs['test_accuracy']:.2f}, ours {ours['test_accuracy']:.2f} ({more} of 500 points)"
    assert said in prose("11")


def test_what_lesson_11_says_of_all_of_mnist_is_on_record():
    runs = of_record("mnist.json")["runs"]
    low, high = (f(run["test_accuracy"] for run in runs) for f in (min, max))
    assert f"{100 * low:.1f} to {100 * high:.1f} % with 60 hidden neurons" in prose("11")
    assert all(sum(run["hidden"]) == 60 for run in runs)


def test_on_all_of_mnist_the_width_outgrows_a_logarithm_and_then_stops():
    said = "the width grows faster than that up to 30,000 images, and then no further"
    assert said in prose("11")
    runs = of_record("mnist-sweep.json")["runs"]
    sizes = sorted({run["per_class"] for run in runs})
    of_size = [[sum(run["hidden"]) for run in runs if run["per_class"] == size] for size in sizes]
    widths = np.median(of_size, axis=1)
    more = np.diff(widths)[:-1] / np.diff(np.log(sizes))[:-1]  # neurons for each factor e of data
    assert np.all(np.diff(more) > 0) and widths[-1] <= widths[-2]


def test_the_chance_that_lesson_8_speaks_of_is_on_record():
    shares = [row["simulated"] / row["numbers"] for row in of_record("chance.json")["levels"]]
    said = f"measured, {min(shares):.1f} to {max(shares):.0f} times $p/(N m)$"
    assert said in prose("08")


# --- One meaning a letter ------------------------------------------------------------------------

FORBIDDEN = {  # what stood there for a second meaning
    "01": [r"\bJv\b", r"h = g_y", r"\\frac\{\\partial l"],
    "02": [r"e_t\b", r"\\sqrt\{S\}", r"\bD d\b", r"errors shrink by a factor \$s"],
    "03": [r"\\phi\b", r"F_phi"],
    "05": [r"^pi, ", r"With \$\\pi", r"^v = np.kron", r"\\alpha_i", r"\bK = A"],
    "06": [r"P\^\{1/2\}", r"^p, one"],
    "07": [r"T\(y\|x\)", r"\\alpha\(x", r"\bq_here\b", r"^v = sigma", r"p\)\^n"],
    "07b": [r"T\(y\|x\)", r"q\^\\top", r"\\alpha\(x", r"^v = sigma"],
    "08": [r"\$r = \\min", r"\bD_c\b", r"\bE_A\b", r"\\sigma_2", r"z \\to z", r"t\^\*"],
    "11": [r"s_i\b", r"\\alpha = l/s", r"\bFv\b"],
}


@pytest.mark.parametrize("name", FORBIDDEN)
def test_a_letter_has_no_second_meaning_that_it_once_had(name):
    (source,) = (text for stem, text in SOURCES.items() if stem.startswith(f"{name}_"))
    for pattern in FORBIDDEN[name]:
        assert not re.search(pattern, source, re.M), pattern


SYMBOLS = (FOLDER / "symbols.md").read_text(encoding="utf-8")
TABLES = [
    [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
    for line in SYMBOLS.splitlines()
    if line.startswith("| ") and "---" not in line
]
EVERYWHERE = [row for row in TABLES if len(row) == 5 and row[0] != "symbol"]
OF_ONE = [row for row in TABLES if len(row) == 3 and row[0] != "notebook"]


def found(place):
    """The thing that a dotted name means; AttributeError if there is none."""
    parts = place.split(".")
    module = importlib.import_module(".".join(parts[:3]))
    if parts[-1] in getattr(reduce(getattr, parts[3:-1], module), "__annotations__", {}):
        return parts[-1]  # a field without a default is no attribute of its class
    return reduce(getattr, parts[3:], module)


@pytest.mark.parametrize("row", EVERYWHERE, ids=lambda row: row[0])
def test_a_symbol_is_where_its_page_says(row):
    symbol, name, _, defined, code = row
    assert name
    for place in re.findall(r"`(sennpy[.\w]+)`", code):
        found(place)
    for notebook in re.findall(r"\((\w+)\.ipynb\)", defined):
        letter = re.match(r"\\?[A-Za-z']+", re.findall(r"\$([^$]+)\$", symbol)[0])[0]
        assert letter.strip("\\") in SOURCES[notebook]


def test_a_place_that_is_not_there_is_seen():
    with pytest.raises(AttributeError):
        found("sennpy.nn.mlp.MLP.nothing")


@pytest.mark.parametrize("notebook, letter, meaning", OF_ONE, ids=lambda cell: str(cell)[:30])
def test_a_letter_of_one_notebook_is_used_there_and_listed_once(notebook, letter, meaning):
    letters = re.findall(r"\$([^$]+)\$", letter)
    for one in letters:
        assert one in SOURCES[notebook]
        listed = [row for row in OF_ONE if row[0] == notebook and f"${one}$" in row[1]]
        assert len(listed) == 1
    assert meaning


# --- The sheets ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SHEETS.SHEETS)
def test_a_sheet_is_what_its_source_makes(name):
    assert (FOLDER / name).read_text(encoding="utf-8") == SHEETS.SHEETS[name]()


@pytest.mark.parametrize("label", REGISTER)
def test_an_equation_follows_from_what_is_derived_before(label):
    e = REGISTER[label]
    for other in e.follows_from:
        assert SHEETS.depth(other) < SHEETS.depth(label)  # no circle
        assert REGISTER[other].notebook <= e.notebook


@pytest.mark.parametrize("section", range(1, 10))
def test_each_section_that_is_spoken_of_ships(section):
    text = (FOLDER / "sections.md").read_text(encoding="utf-8")
    assert re.search(rf"^## section {section}: ", text, re.M)


@pytest.mark.parametrize("name", ["symbols", "sections", "cheat_sheet", "fishers", "references"])
def test_links_of_a_page_resolve(name):
    text = (FOLDER / f"{name}.md").read_text(encoding="utf-8")
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        assert link.startswith("https://") or (FOLDER / link).exists(), link


def test_the_three_fishers_have_the_factors_that_their_page_says():
    m = SHEETS.example()
    for reduction, factor in (("mean", 2), ("sum", 4)):
        whole = factor * m["true"]
        assert np.allclose(np.kron(m[f"tutorial A {reduction}"], m["tutorial B"]), whole)
        assert np.allclose(np.kron(m["mean A"], m[f"curvlinops G {reduction}"]), whole)
        assert np.allclose(np.kron(m[f"backpack G {reduction}"], m["backpack A"]), whole[:1, :1])
    assert np.allclose(np.kron(m["A"], m["G"]), m["true"])
    assert len({tuple(m[kind].ravel()) for kind in ("true", "sampled", "empirical")}) == 3


# --- The references ------------------------------------------------------------------------------

ENTRIES, (CITED_IN, CITATIONS) = SHEETS.bibliography(), SHEETS.citations()


def test_each_entry_is_cited_and_each_citation_has_its_entry():
    assert set(ENTRIES) == set(CITED_IN) and len(ENTRIES) >= 10


@pytest.mark.parametrize("text, address, key", CITATIONS, ids=lambda part: part[:40])
def test_a_citation_names_its_entry_and_leads_to_it(text, address, key):
    assert text == SHEETS.named(ENTRIES[key])
    assert address == SHEETS.address(ENTRIES[key])


@pytest.mark.parametrize("key", ENTRIES)
def test_an_entry_is_whole(key):
    entry = ENTRIES[key]
    assert {"author", "title", "year"} <= set(entry)
    assert {"doi", "eprint", "url"} & set(entry) and entry["year"] in key
