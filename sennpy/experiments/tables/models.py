"""What is compared: the estimator, and five others as they come or as cross-validation has them."""

import numpy as np

from ...estimators import SENNClassifier, SENNRegressor

NAMES = ("SENN", "linear", "MLP", "MLP tuned", "SVM", "HGB")
NEURAL = ("SENN", "MLP", "MLP tuned")
MLPS = {"hidden_layer_sizes": [(16,), (64,)], "alpha": [1e-4, 1.0]}
SVMS = {"C": [1, 10, 100], "gamma": ["scale", 0.1, 1.0]}


def model(name, classified, seed):
    """A model that is not trained; all but trees and SENN get standardised inputs."""
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
    from sklearn.linear_model import LogisticRegression, Ridge
    from sklearn.neural_network import MLPClassifier, MLPRegressor
    from sklearn.svm import SVC, SVR

    if name == "SENN":
        return (SENNClassifier if classified else SENNRegressor)(random_state=seed)
    if name == "HGB":
        trees = HistGradientBoostingClassifier if classified else HistGradientBoostingRegressor
        return trees(random_state=seed)
    if name == "linear":
        return scaled(LogisticRegression(max_iter=1000) if classified else Ridge(), classified)
    if name == "SVM":
        return scaled(tuned(SVC() if classified else SVR(), SVMS), classified)
    mlp = (MLPClassifier if classified else MLPRegressor)(max_iter=1000, random_state=seed)
    return scaled(tuned(mlp, MLPS) if name == "MLP tuned" else mlp, classified)


def tuned(machine, grid):
    """A search of three folds inside the training samples."""
    from sklearn.model_selection import GridSearchCV

    return GridSearchCV(machine, grid, cv=3)


def scaled(machine, classified):
    """The machine behind standardised inputs and, if they are numbers, standardised targets."""
    from sklearn.compose import TransformedTargetRegressor
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    if not classified:
        machine = TransformedTargetRegressor(machine, transformer=StandardScaler())
    return make_pipeline(StandardScaler(), machine)


def parameters(name, fitted):
    """How many a network or a linear model has; None of those that have no such number."""
    if name == "SENN":
        return int(fitted.network_.num_parameters)
    if name in ("SVM", "HGB"):
        return None
    machine = fitted[-1]
    machine = getattr(machine, "regressor_", machine)
    machine = getattr(machine, "best_estimator_", machine)
    if name == "linear":
        return int(np.size(machine.coef_) + np.size(machine.intercept_))
    return int(sum(w.size for w in (*machine.coefs_, *machine.intercepts_)))
