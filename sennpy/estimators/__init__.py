"""Self-expanding networks as estimators of scikit-learn."""

from .classifier import SENNClassifier
from .regressor import SENNRegressor

__all__ = ["SENNClassifier", "SENNRegressor"]
