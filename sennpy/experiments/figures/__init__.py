"""The pictures of the experiments: what knows a run, its moments or the rows of a sweep."""

from .animation import (
    Frame,
    growth_frames,
    growth_pictures,
    growth_strip,
    has_ffmpeg,
    save_gif,
    save_mp4,
)
from .chance import chance_figure
from .digits import growth_figure
from .half_moons import half_moons_figure
from .mnist import (
    accuracy_of_runs,
    mnist_figure,
    sweep_accuracy,
    sweep_figure,
    sweep_width,
    width_of_runs,
)
from .regression import proposals_made, regression_figure

__all__ = [
    "Frame",
    "accuracy_of_runs",
    "chance_figure",
    "growth_figure",
    "growth_frames",
    "growth_pictures",
    "growth_strip",
    "half_moons_figure",
    "has_ffmpeg",
    "mnist_figure",
    "proposals_made",
    "regression_figure",
    "save_gif",
    "save_mp4",
    "sweep_accuracy",
    "sweep_figure",
    "sweep_width",
    "width_of_runs",
]
