"""The README's examples print what the README says, and its numbers are those on record."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from mutations import MISTAKES

import sennpy
from sennpy import HonestLook
from sennpy.experiments.battery import table
from sennpy.studies.duel import GROWN

ROOT = Path(__file__).parents[1]
README = ROOT.joinpath("README.md").read_text(encoding="utf-8")
RESULTS = ROOT.joinpath("notebooks", "results.md").read_text(encoding="utf-8")
TEN = README.split("## Ten numbers")[1].split("\n## ")[0]
NAMED = {6: "six", 15: "fifteen", 16: "Sixteen notebooks lead"}


LESSONS = README[README.index("## Ten lines") :]  # what stands before is held by test_micro.py
EXAMPLES = re.findall(r"```python\n(.*?)```\n\n```text\n(.*?)```", LESSONS, re.S)


@pytest.mark.parametrize(
    "code, expected", EXAMPLES, ids=["ten lines", "with scikit-learn", "exchange a part"]
)
def test_an_example_prints_what_the_readme_says(code, expected, capsys):
    exec(compile(code, "README.md", "exec"), {})
    assert capsys.readouterr().out == expected


def test_the_table_of_labels_names_what_exists():
    rows = README.split("## Where is what in the paper")[1].split("## ")[0]
    named = re.findall(r"`([a-zA-Z_]\w*)`", rows)
    assert len(named) > 15
    implementations = {name for e in sennpy.equations.REGISTER.values() for name in e.names}
    assert not [name for name in named if not hasattr(sennpy, name) | (name in implementations)]


def test_every_file_that_the_readme_names_exists():
    named = re.findall(r"`((?:sennpy|tests|figures)/[\w/.-]+\.\w+)`", README)
    linked = [link for link in re.findall(r"\]\(([^)#]+)\)", README) if "://" not in link]
    assert len(named) > 5 and len(linked) > 10
    assert [file for file in [*named, *linked] if not ROOT.joinpath(file).exists()] == []


def test_the_command_of_every_figure_is_told():
    records = sorted(ROOT.glob("figures/*.json"))
    assert records
    for file in records:
        command = json.loads(file.read_text(encoding="utf-8"))["command"]
        assert command.removeprefix("python -m ") in README + RESULTS, file.name


def test_the_readme_counts_what_there_is():
    assert NAMED[len(list(ROOT.glob("notebooks/*.ipynb")))] in README.split("**You study it.** ")[1]
    assert f"and {NAMED[len(GROWN)]} growth criteria under one schedule" in README


# --- The ten numbers -----------------------------------------------------------------------------


def told(of):
    """What the table of ten numbers says of something."""
    (line,) = [line for line in TEN.splitlines() if line.startswith(f"| {of}")]
    return line


def record(name):
    return json.loads(ROOT.joinpath("figures", name).read_text(encoding="utf-8"))


def column(name, key):
    return [run[key] for run in record(name)["runs"]]


def test_there_are_ten_numbers():
    assert len(re.findall(r"^\| (?!---)\w", TEN, re.M)) == 10


def test_the_number_of_half_moons():
    splits, rivals, hidden = (
        np.array(column("half-moons-splits.json", key))
        for key in ("test_accuracy", "svc_accuracy", "hidden")
    )
    assert len(splits) == 20
    said = f"mean accuracy {splits.mean():.3f} with {hidden.sum(axis=1).mean():.1f} hidden neurons"
    assert f"{said}; a cross-validated RBF SVC has {rivals.mean():.3f} " in told("half-moons")


def test_the_number_of_regression():
    runs = record("compare.json")["runs"]["regression"]
    ours, theirs = sorted(runs, key=lambda name: name != "default")

    def middle(whose, key):
        return np.median([np.sum(run[key]) for run in runs[whose]])

    def short(value):
        mantissa, exponent = f"{value:.1e}".split("e")
        return f"{mantissa}e{int(exponent)}"

    said = [
        f"{short(middle(whose, 'test_error'))} with {middle(whose, 'hidden'):.0f} in "
        for whose in (ours, theirs)
    ]
    assert f"test error median {said[0].replace(' in', ' neurons in')}" in told("regression")
    assert f"{middle(ours, 'seconds'):.1f} s; the authors' settings" in told("regression")
    assert f"{said[1]}{middle(theirs, 'seconds'):.0f} s" in told("regression")


def test_the_number_of_digits():
    accuracy = column("digits.json", "test_accuracy")
    low, middle, high = np.quantile(accuracy, [0, 0.5, 1])
    assert f"median test accuracy {middle:.3f} ({low:.3f} to {high:.3f})" in told("digits")
    rivals = record("digits.json")["baselines"]
    for name, words in (("logistic regression",) * 2, ("MLPClassifier (100)", "MLPClassifier")):
        assert f"{words} {np.median([row[name] for row in rivals]):.3f}" in told("digits")


def test_the_number_of_mnist():
    found = ", ".join(f"{value:.4f}" for value in column("mnist.json", "test_accuracy"))
    assert column("mnist.json", "hidden") == [[60]] * 3
    seconds = column("mnist.json", "seconds")
    said = f"accuracy {found}, each with 60 hidden neurons (the cap); {min(seconds):.0f} to "
    assert f"{said}{max(seconds):.0f} s on both cores" in told("MNIST")


def test_the_number_of_the_battery():
    lines = [line.split(" | ") for line in table.markdown(record("battery.json")).splitlines()]
    words = [line[5] for line in lines if len(line) > 5]
    reached, missed = words.count("reached"), words.count("missed")
    assert f"{reached} of {reached + missed} goals are reached" in told("default settings")


def test_the_number_of_strictness():
    noise = [run for run in record("tradeoff.json")["runs"] if run["row"].startswith("noise")]
    grown = {
        z: np.mean([run["neurons"] > 0 for run in noise if run["z"] == z])
        for z in (0.0, HonestLook().z)
    }
    without, default = grown.values()
    assert f"{default:.2f} with the default's strictness, {without:.2f} without" in told(
        "trainings"
    )


def test_the_numbers_of_speed():
    verdict = record("bench-searches.json")["verdict"]
    score, time = verdict["bound_over_chains"], 1 / verdict["time_over_chains_seconds"]
    assert f"{score:.1f} times the score in 1/{time:.0f} of the time" in told("the profile search")
    timing = record("bench.json")["timings"]["langevin 50 x 1 -> 1"]
    seconds = np.median(timing["seconds"])
    ratio = timing["twin_seconds"] / seconds
    assert f"{seconds:.2f} s, 1/{ratio:.0f} of the NumPy twin" in told("100 Langevin chains")


def test_the_number_of_the_peers():
    rows = record("peers.json")["rows"]
    cases = sum(row["cases"] for row in rows)
    ratios = [row for row in rows if "standard errors" not in row["convention"]]
    assert len(ratios) == len(rows) - 1
    apart = max(row["largest_relative_difference"] for row in ratios)
    assert f"{cases:,} comparisons, none apart by more than {apart:.1e}" in told("the same")
    assert f"by {NAMED[len({row['peer'] for row in rows})]} other packages" in told("the same")


def test_the_number_of_mistakes():
    assert f"| {len(MISTAKES)} |" in told("mistakes")
