"""Half-moons: a linear classifier that grows into one that bends (the paper's figure 3)."""

import numpy as np

from ..datasets import half_moons
from ..growth.acceptance import Thresholds
from ..growth.released import ReleasedSearch
from ..training.optimiser import NaturalGradient
from ..training.settings import Settings
from .classification import grow_classifier

PRESETS = {
    "default": Settings.by_thresholds(),
    "paper": Settings.by_thresholds(
        proposer=ReleasedSearch(), acceptance=Thresholds(1.0, 2.5e-3, 2.0, by="own"),
        optimiser=NaturalGradient("cg"), layer_cooldown=3, max_width=16, max_depth=3,
    ),
}  # fmt: skip


def run(settings, callback=None, train_seed=0, test_seed=1, kept=None):
    """Grow one network on a split of the half-moons; a `Run`.

    Notes
    -----
    Paper: section 7.
    """
    return grow_classifier(half_moons(train_seed, test_seed), settings, callback, kept=kept)


def on_split(settings, train_seed, test_seed, kept=None):
    """Numbers of one network on a split, and the accuracy of an RBF SVC beside it; plain values."""
    split = {"train_seed": train_seed, "test_seed": test_seed}
    numbers = run(settings, **split, kept=kept).numbers()
    return split | numbers | {"svc_accuracy": rbf_svc_accuracy(**split)}


def rbf_svc_accuracy(train_seed, test_seed):
    """Test accuracy of scikit-learn's RBF SVC, C and gamma chosen by 5-fold cross-validation."""
    from sklearn.model_selection import GridSearchCV
    from sklearn.svm import SVC

    data = half_moons(train_seed, test_seed)
    grid = {"C": np.logspace(-1, 3, 5), "gamma": np.logspace(-2, 1.5, 8)}
    best = GridSearchCV(SVC(), grid, cv=5).fit(data.X, data.t)
    return float(best.score(data.X_test, data.t_test))
