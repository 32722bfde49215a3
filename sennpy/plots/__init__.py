"""One function a picture. Each takes `ax=None` and returns the axes it drew on."""

from .animation import (
    Frame,
    growth_frames,
    growth_pictures,
    growth_strip,
    has_ffmpeg,
    save_gif,
    save_mp4,
)
from .bench import bench_figure, residual_against_products, score_against_time, time_against_sizes
from .curvature import ellipses, spectra
from .derivatives import rational_shapes, step_errors
from .figure4 import (
    accuracy_of_runs,
    mnist_figure,
    sweep_accuracy,
    sweep_figure,
    sweep_width,
    width_of_runs,
)
from .geometry import descent_paths, loss_prediction, projection
from .growing import how_to_add_figure, new_directions, same_function
from .kronecker import copies, curvature_matrices, matrix
from .network import network_diagram
from .proposals import bound_tightness, proposal_figure, proposal_map, proposed_fit
from .regions import decision_regions, half_moons_figure
from .regression import fit_curve, regression_figure, score_landscape
from .sampling import detailed_balance, flow, histograms, histograms_figure, walkers, walkers_figure
from .style import STYLE, axes, save
from .thresholds import additions_bound, decision_plane, removal
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
    "Frame",
    "accuracy_curve",
    "accuracy_of_runs",
    "additions_bound",
    "axes",
    "bench_figure",
    "bound_tightness",
    "copies",
    "curvature_matrices",
    "decision_plane",
    "decision_regions",
    "descent_paths",
    "detailed_balance",
    "ellipses",
    "fit_curve",
    "flow",
    "growth_figure",
    "growth_frames",
    "growth_pictures",
    "growth_strip",
    "half_moons_figure",
    "has_ffmpeg",
    "histograms",
    "histograms_figure",
    "how_to_add_figure",
    "loss_curves",
    "loss_prediction",
    "mark_additions",
    "matrix",
    "mnist_figure",
    "network_diagram",
    "new_directions",
    "projection",
    "proposal_figure",
    "proposal_map",
    "proposed_fit",
    "rational_shapes",
    "regression_figure",
    "removal",
    "residual_against_products",
    "same_function",
    "save",
    "save_gif",
    "save_mp4",
    "score_against_time",
    "score_curves",
    "score_landscape",
    "size_curves",
    "spectra",
    "step_errors",
    "sweep_accuracy",
    "sweep_figure",
    "sweep_width",
    "time_against_sizes",
    "walkers",
    "walkers_figure",
    "width_of_runs",
]
