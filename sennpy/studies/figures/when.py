"""Neurons and test loss by rule, a column a task; sizes known by hindsight beside them."""

import matplotlib.pyplot as plt

from ...plots.style import in_style
from ..runs import groups
from .dots import dots


@in_style
def draw(rows):
    """Neurons that each rule adds, and the test loss, over samples; every run a dot.

    Parameters
    ----------
    rows : list of dict

    Returns
    -------
    matplotlib figure
    """
    kinds = groups(rows, "task")
    figure, axes = plt.subplots(2, len(kinds), figsize=(7 * len(kinds), 10), squeeze=False,
                                layout="constrained", sharex="col")  # fmt: skip
    for i, ((task,), mine) in enumerate(kinds.items()):
        series = {
            rule: {place(row[0]): row for row in groups(chosen, "samples", "inputs").values()}
            for (rule,), chosen in groups(mine, "rule").items() if not rule.startswith("fixed")
        }  # fmt: skip
        dots(axes[0, i], series, "neurons")
        axes[0, i].set_yscale("symlog", linthresh=1)
        axes[0, i].set(title=task, ylim=(-0.2, None))
        dots(axes[1, i], series, "test")
        axes[1, i].set(xlabel="samples, inputs", yscale="log")
    axes[0, 0].set_ylabel("hidden neurons")
    axes[1, 0].set_ylabel("test loss")
    handles, labels = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=6)
    return figure


def place(row):
    """The samples and inputs of a row, as a label."""
    return f"{row['samples']}, {row['inputs']}"
