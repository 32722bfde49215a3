"""Others on the same data, from scikit-learn: a kernel machine, a network, boosted trees."""

import time
import warnings

import numpy as np

SMALL = 1000  # samples, above which the kernel machine's grid is coarse
FINE = {"C": (0.1, 1, 10, 100, 1000), "times": (0.1, 0.3, 1, 3, 10, 30), "folds": 5}
COARSE = {"C": (1, 10, 100), "times": (0.3, 1, 3), "folds": 3}
NAMES = ("SVM", "MLP", "HGB")


def rivals(task, metric, seed):
    """What others reach, in the metric of a row.

    Parameters
    ----------
    task : Task
    metric : "accuracy", "log_loss" or "mse"
    seed : int

    Returns
    -------
    dict
        Names to dicts with the metric and seconds: "SVM" (RBF kernel, C and gamma by
        cross-validation; for the log-loss its margins are calibrated), "MLP" (scikit-learn's, as it
        comes, at most 1,000 epochs), "HGB" (its boosted trees, as they come).
    """
    found = {}
    for name in NAMES:
        begun = time.perf_counter()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model = machine(name, task, metric, seed).fit(task.X, labels_or_column(task.t))
            value = score(model, task, metric)
        found[name] = {metric: value, "seconds": round(time.perf_counter() - begun, 2)}
    return found


def labels_or_column(t):
    """Targets as scikit-learn takes them: one target as a vector."""
    return t.ravel() if t.ndim == 2 and t.shape[1] == 1 else t


def machine(name, task, metric, seed):
    """A rival that is not trained yet; of the kernel machine, one whose grid is chosen."""
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
    from sklearn.neural_network import MLPClassifier, MLPRegressor

    labels = task.t.ndim == 1
    if name == "MLP":
        return (MLPClassifier if labels else MLPRegressor)(max_iter=1000, random_state=seed)
    if name == "HGB":
        kind = HistGradientBoostingClassifier if labels else HistGradientBoostingRegressor
        return kind(random_state=seed)
    return kernel_machine(task, metric, seed)


def kernel_machine(task, metric, seed):
    """An RBF machine with C and gamma by cross-validation, calibrated where the log-loss counts."""
    from sklearn.calibration import CalibratedClassifierCV
    from sklearn.model_selection import GridSearchCV, KFold, StratifiedKFold
    from sklearn.svm import SVC, SVR

    labels = task.t.ndim == 1
    grid = FINE if len(task.X) <= SMALL else COARSE
    gammas = np.array(grid["times"]) / (task.X.shape[1] * task.X.var())
    splits = (StratifiedKFold if labels else KFold)(grid["folds"], shuffle=True, random_state=seed)
    search = GridSearchCV(
        SVC() if labels else SVR(), {"C": grid["C"], "gamma": gammas}, cv=splits
    )  # fmt: skip
    if metric != "log_loss":
        return search
    best = search.fit(task.X, task.t).best_estimator_
    return CalibratedClassifierCV(best, cv=splits, ensemble=False)


def score(model, task, metric):
    """A trained rival's test figure."""
    if metric == "accuracy":
        return float(model.score(task.X_test, task.t_test))
    if metric == "mse":
        t = labels_or_column(task.t_test)
        return float(((model.predict(task.X_test) - t) ** 2).mean())
    shares = model.predict_proba(task.X_test)[np.arange(len(task.t_test)), task.t_test]
    return float(-np.log(np.clip(shares, 1e-15, 1)).mean())
