"""The list of classic mistakes fits the code; `make mutations` plants them and runs the killers."""

from collections import Counter
from pathlib import Path

import pytest
from mutations import MISTAKES, kill

ROOT = Path(__file__).parents[1]
ROOMS = {
    "nn", "curvature", "expansion", "growth", "kernels", "training", "plots", "experiments",
    "benchmarks", "datasets", "equations", "commands",
}  # fmt: skip
QUICK = {
    "undamped steps in sample space", "half of the additions of a whole training",
    "a step is cut to a third", "half a step of gradient descent", "a fit upside down",
    "a landscape transposed", "starts and ends swapped",
}  # fmt: skip


def test_there_are_many_from_every_room_and_no_two_have_one_name():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert f"`make mutations` plants {len(MISTAKES)} mistakes" in readme
    assert max(Counter(mistake.name for mistake in MISTAKES).values()) == 1
    counts = Counter(mistake.file.split("/")[1] for mistake in MISTAKES)
    assert all(counts[room] >= 5 for room in ROOMS), counts


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.name)
def test_a_mistake_has_one_place_and_a_killer_that_exists(mistake):
    source = (ROOT / mistake.file).read_text(encoding="utf-8")
    assert source.count(mistake.before) == 1 and mistake.before != mistake.after
    file, _, test = mistake.killer.partition("::")
    assert f"def {test.partition('[')[0]}(" in (ROOT / "tests" / file).read_text(encoding="utf-8")


def test_a_few_of_them_are_planted_and_caught():
    """One from most rooms; all others are left to `make mutations`."""
    chosen = [mistake for mistake in MISTAKES if mistake.name in QUICK]
    assert len(chosen) == len(QUICK) and kill(chosen) == []
