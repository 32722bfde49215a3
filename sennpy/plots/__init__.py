"""One function a picture. Each takes `ax=None` and returns the axes it drew on."""

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
    "axes",
    "decision_regions",
    "growth_figure",
    "half_moons_figure",
    "loss_curves",
    "mark_additions",
    "save",
    "score_curves",
    "size_curves",
]
