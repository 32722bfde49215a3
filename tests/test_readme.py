"""The README's example prints what the README says."""

import json
import re
from pathlib import Path

import pytest

import sennpy

README = Path(__file__).parents[1].joinpath("README.md").read_text(encoding="utf-8")


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
