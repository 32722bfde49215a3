"""The picture of differences of pairs and their intervals."""

import numpy as np
import pytest

from sennpy import plots


def test_each_pair_is_a_dot_beside_its_group_and_each_interval_a_bar_with_its_estimate():
    groups = {"a": [0.0, 2.0, 4.0], "b": [1.0]}
    ax = plots.differences(groups, {"a": (2.0, 0.5, 4.0), "b": (1.0, -1.0, 3.0)}, label="neurons")
    dots, bar, estimate, single, *_, zero = ax.lines
    assert list(dots.get_ydata()) == groups["a"] and len(set(dots.get_xdata())) == 3
    assert list(bar.get_ydata()) == [0.5, 4.0] and list(estimate.get_ydata()) == [2.0]
    assert bar.get_xdata()[0] > dots.get_xdata().max() and estimate.get_xdata() < single.get_xdata()
    assert np.all(np.equal(zero.get_ydata(), 0)) and ax.get_ylabel() == "neurons"
    assert [text.get_text() for text in ax.get_xticklabels()] == ["a", "b"]


def test_an_interval_belongs_to_a_group():
    with pytest.raises(ValueError, match="intervals of"):
        plots.differences({"a": [0.0]}, {"b": (0.0, 0.0, 0.0)})
