"""One function a picture. Each takes `ax=None` and returns the axes it drew on."""

from .figure4 import (
    accuracy_of_runs,
    mnist_figure,
    sweep_accuracy,
    sweep_figure,
    sweep_width,
    width_of_runs,
)
from .regions import decision_regions, half_moons_figure
from .style import STYLE, axes, save
from .training import (
    accuracy_curve,
    growth_figure,
    loss_curves,
    mark_additions,
    score_curves,
    size_curves,
)

__all__ = [
    "STYLE",
    "accuracy_curve",
    "accuracy_of_runs",
    "axes",
    "decision_regions",
    "growth_figure",
    "half_moons_figure",
    "loss_curves",
    "mark_additions",
    "mnist_figure",
    "save",
    "score_curves",
    "size_curves",
    "sweep_accuracy",
    "sweep_figure",
    "sweep_width",
    "width_of_runs",
]
