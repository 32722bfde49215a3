"""The picture of gains where they were found and elsewhere."""

import matplotlib.pyplot as plt
import numpy as np

from sennpy import plots


def test_each_addition_is_a_dot_at_its_two_gains_and_no_gain_is_a_line():
    found, new = np.array([0.1, 0.2, 0.3]), np.array([-0.2, 0.05, -0.4])
    ax = plots.gains(found, new, title="Three")
    (dots,), (line,) = ax.collections, ax.get_lines()
    assert np.array_equal(dots.get_offsets(), np.column_stack([found, new]))
    assert set(line.get_ydata()) == {0} and ax.get_title() == "Three"
    assert "found" in ax.get_xlabel() and "new" in ax.get_ylabel()
    plt.close("all")
