"""Self-Expanding Neural Networks, from scratch in NumPy: read, check and run the mathematics.

Reading order: `micro` (all of it on one page), `nn` (the network by hand), `curvature` (what it can
change), `expansion` (where, how, what and when to add), `growth` (how additions are found and
judged), `training` (the loop); `equations` runs and checks every equation.
"""

from importlib import import_module

from . import export
from .curvature.fisher import fisher
from .curvature.kfac import kronecker_factors
from .curvature.natural_gradient import Damping, natural_gradient
from .curvature.solvers import SingularCurvature
from .expansion.coefficients import best_coefficients
from .expansion.damped import chance_level, damped_delta_eta, damped_score, honest_increase
from .expansion.decide import decide, max_simultaneous_additions, max_total_additions
from .expansion.eta import delta_eta_dense, natural_expansion_score, projected_score
from .expansion.grow import deepen, insert, widen
from .expansion.insertion import (
    inserted_layer_delta_eta,
    inserted_layer_surrogate,
    opened_delta_eta,
)
from .expansion.layer_score import (
    delta_eta,
    delta_eta_bound,
    delta_eta_bound_gradient,
    delta_eta_supremum,
    layer_score,
    residual_gradient,
)
from .expansion.mala import mala
from .expansion.removal import prune, removal_costs
from .export import to_numpy_source, to_onnx
from .growth.acceptance import Acceptance, Schedule, Thresholds, Verdict
from .growth.chains import MalaSearch
from .growth.change import Change, Deepen, Prune, Split, Widen
from .growth.crossfit import CrossFitted
from .growth.honest import HonestLook
from .growth.insert import Insert
from .growth.place import Place, View
from .growth.profile import ProfileSearch
from .growth.proposer import Proposer
from .growth.random import RandomSearch
from .nn.activation import Activation, register_activation
from .nn.activations import Rational, ReLU, Tanh
from .nn.losses import Loss, SoftmaxCrossEntropy, SquaredError
from .nn.mlp import MLP
from .training.callbacks import (
    Callbacks,
    Checkpoint,
    EarlyStop,
    LogLines,
    Print,
    Progress,
    TimeLimit,
)
from .training.checkpoint import load, save
from .training.errors import DataWarning, FunctionChanged, TrainingDiverged, TrainingWarning
from .training.history import History
from .training.levenberg import LevenbergMarquardt
from .training.optimiser import SGD, Measured, NaturalGradient, Optimiser, StepNotFinite
from .training.senn import SENN
from .training.settings import Settings
from .training.state import State
from .version import __version__ as __version__

ON_DEMAND = {
    "LiveView": ".report",
    "Recorder": ".report",
    "SENNClassifier": ".estimators",  # they need scikit-learn
    "SENNRegressor": ".estimators",
    "write_report": ".report",
}
MLP._exports = export
History._page = staticmethod(lambda: import_module(".report", __name__).write_report)


def __getattr__(name):
    """The register, the estimators and the report, imported when they are first asked for."""
    if name == "equations":
        return import_module(".equations", __name__)
    if name in ON_DEMAND:
        return getattr(import_module(ON_DEMAND[name], __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = [
    "MLP",
    "SENN",
    "SGD",
    "Acceptance",
    "Activation",
    "Callbacks",
    "Change",
    "Checkpoint",
    "CrossFitted",
    "Damping",
    "DataWarning",
    "Deepen",
    "EarlyStop",
    "FunctionChanged",
    "History",
    "HonestLook",
    "Insert",
    "LevenbergMarquardt",
    "LiveView",
    "LogLines",
    "Loss",
    "MalaSearch",
    "Measured",
    "NaturalGradient",
    "Optimiser",
    "Place",
    "Print",
    "ProfileSearch",
    "Progress",
    "Proposer",
    "Prune",
    "RandomSearch",
    "Rational",
    "Recorder",
    "ReLU",
    "Schedule",
    "SENNClassifier",
    "SENNRegressor",
    "Settings",
    "SingularCurvature",
    "SoftmaxCrossEntropy",
    "Split",
    "SquaredError",
    "State",
    "StepNotFinite",
    "Tanh",
    "Thresholds",
    "TimeLimit",
    "TrainingDiverged",
    "TrainingWarning",
    "Verdict",
    "View",
    "Widen",
    "best_coefficients",
    "chance_level",
    "damped_delta_eta",
    "damped_score",
    "decide",
    "deepen",
    "delta_eta",
    "delta_eta_bound",
    "delta_eta_bound_gradient",
    "delta_eta_dense",
    "delta_eta_supremum",
    "equations",
    "fisher",
    "honest_increase",
    "insert",
    "inserted_layer_delta_eta",
    "inserted_layer_surrogate",
    "kronecker_factors",
    "layer_score",
    "load",
    "mala",
    "max_simultaneous_additions",
    "max_total_additions",
    "natural_expansion_score",
    "natural_gradient",
    "opened_delta_eta",
    "projected_score",
    "prune",
    "register_activation",
    "removal_costs",
    "residual_gradient",
    "save",
    "to_numpy_source",
    "to_onnx",
    "widen",
    "write_report",
]
