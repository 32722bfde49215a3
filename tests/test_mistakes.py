"""The list of classic mistakes fits the code; `make mutations` plants them and runs the killers."""

from collections import Counter
from pathlib import Path

import pytest
from mistakes import MISTAKES

ROOT = Path(__file__).parents[1]


def test_there_are_forty_and_no_two_have_one_name():
    assert len(MISTAKES) >= 40
    assert max(Counter(mistake.name for mistake in MISTAKES).values()) == 1


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.name)
def test_a_mistake_has_one_place_and_a_killer_that_exists(mistake):
    source = (ROOT / mistake.file).read_text(encoding="utf-8")
    assert source.count(mistake.before) == 1 and mistake.before != mistake.after
    file, _, test = mistake.killer.partition("::")
    assert f"def {test.partition('[')[0]}(" in (ROOT / "tests" / file).read_text(encoding="utf-8")
