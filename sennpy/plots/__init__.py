"""Primitives, one function a picture: each takes `ax=None` and returns the axes it drew on.

They draw arrays, a network or the curves of a history; what knows an experiment lives with it.
"""

from ..extras import advised

with advised():
    from .curvature import ellipses, spectra
    from .derivatives import rational_shapes, step_errors
    from .differences import differences
    from .gains import gains
    from .geometry import descent_paths, loss_prediction, projection
    from .growing import how_to_add_figure, new_directions, same_function
    from .kronecker import copies, curvature_matrices, matrix
    from .network import network_diagram
    from .proposals import bound_tightness, proposal_figure, proposal_map, proposed_fit
    from .race import race
    from .regions import decision_regions
    from .regression import fit_curve, score_landscape
    from .sampling import (
        detailed_balance,
        flow,
        histograms,
        histograms_figure,
        walkers,
        walkers_figure,
    )
    from .style import STYLE, axes, save
    from .thresholds import additions_bound, decision_plane, removal
    from .training import (
        accuracy_curve,
        loss_curves,
        mark_additions,
        score_curves,
        size_curves,
    )

__all__ = [
    "STYLE",
    "accuracy_curve",
    "additions_bound",
    "axes",
    "bound_tightness",
    "copies",
    "curvature_matrices",
    "decision_plane",
    "decision_regions",
    "descent_paths",
    "detailed_balance",
    "differences",
    "ellipses",
    "fit_curve",
    "flow",
    "gains",
    "histograms",
    "histograms_figure",
    "how_to_add_figure",
    "loss_curves",
    "loss_prediction",
    "mark_additions",
    "matrix",
    "network_diagram",
    "new_directions",
    "projection",
    "proposal_figure",
    "proposal_map",
    "proposed_fit",
    "race",
    "rational_shapes",
    "removal",
    "same_function",
    "save",
    "score_curves",
    "score_landscape",
    "size_curves",
    "spectra",
    "step_errors",
    "walkers",
    "walkers_figure",
]
