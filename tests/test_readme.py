"""The README's example prints what the README says."""

import json
import re
from itertools import pairwise
from pathlib import Path

import pytest

import sennpy

ROOT = Path(__file__).parents[1]
README = ROOT.joinpath("README.md").read_text(encoding="utf-8")


LESSONS = README[README.index("## Ten lines") :]  # what stands before is held by test_micro.py
EXAMPLES = re.findall(r"```python\n(.*?)```\n\n```text\n(.*?)```", LESSONS, re.S)


@pytest.mark.parametrize("code, expected", EXAMPLES, ids=["ten lines", "exchange a part"])
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
    root = Path(__file__).parents[1]
    files = re.findall(r"`((?:sennpy|tests|figures)/[\w/.-]+\.\w+)`|\((figures/[\w.-]+)\)", README)
    assert files and all(root.joinpath(first or second).exists() for first, second in files)


def test_the_command_of_every_figure_is_in_the_readme():
    records = sorted(Path(__file__).parents[1].glob("figures/*.json"))
    assert records
    for file in records:
        command = json.loads(file.read_text(encoding="utf-8"))["command"]
        assert command.removeprefix("python -m ") in README, file.name


# --- What is said of a record --------------------------------------------------------------------


def runs(name):
    return json.loads(ROOT.joinpath("figures", name).read_text(encoding="utf-8"))["runs"]


def lesson(name):
    text = ROOT.joinpath("notebooks", "source", name).read_text(encoding="utf-8")
    return text.replace("\n# ", " ")


def test_what_is_said_of_mnist_is_on_record():
    found = [run["test_accuracy"] for run in runs("mnist.json")]
    assert f"test accuracy {', '.join(f'{value:.4f}' for value in found)}, each with 60" in README
    said = f"reaches {100 * min(found):.1f} to {100 * max(found):.1f} % with 60 hidden neurons"
    assert said in lesson("11_mnist_and_beyond.py")
    assert all(run["hidden"] == [60] for run in runs("mnist.json"))
    seconds = [run["seconds"] for run in runs("mnist.json")]
    assert f"{min(seconds):.0f} to {max(seconds):.0f} s on both cores" in README


def test_what_is_said_of_mnist_over_sizes_is_on_record():
    found = runs("mnist-sweep.json")
    sizes = sorted({run["samples"] for run in found})
    widths, accuracies = [], []
    for size in sizes:
        of_size = [run for run in found if run["samples"] == size]
        widths.append(sorted(run["hidden"][0] for run in of_size)[1])
        accuracies.append(sorted(run["test_accuracy"] for run in of_size)[1])
    assert f"median {', '.join(map(str, widths))} neurons" in README
    assert f"test accuracy {', '.join(f'{value:.3f}' for value in accuracies)};" in README
    factors = [b / a for a, b in pairwise(widths[:-1])]
    assert f"a factor of {min(factors):.1f} to {max(factors):.1f} for three times" in README
    largest = [run["hidden"][0] for run in found if run["samples"] == sizes[-1]]
    assert f"then no further ({min(largest)} to {max(largest)})" in README


def test_what_is_said_of_the_authors_settings_is_on_record():
    (run,) = runs("half-moons-paper.json")
    losses = f"training loss {run['train_loss']:.2f} and test loss {run['test_loss']:.2f}"
    assert f"three hidden layers of three, {losses}" in lesson("10_half_moons.py")
    assert run["hidden"] == [3, 3, 3]
    assert f"test accuracy {run['test_accuracy']:.3f}, test loss {run['test_loss']:.3f}" in README
