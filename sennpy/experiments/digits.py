"""Scanned digits: the same loop on real input, from no hidden layer."""

from ..curvature.natural_gradient import Damping
from ..datasets import digits
from ..growth.acceptance import Thresholds
from ..growth.profile import ProfileSearch
from ..training.optimiser import NaturalGradient
from ..training.settings import Settings
from .classification import grow_classifier

PRESETS = {
    "default": Settings.by_thresholds(
        epochs=60, proposer=ProfileSearch(candidates=20, refined=1, iterations=20),
        acceptance=Thresholds(alpha=0.01, layer_cost=0.05, dense=False),
        optimiser=NaturalGradient("kfac", Damping(0.1), step_size=0.3),
        cooldown=10, max_width=100, max_depth=3, batch_size=256,
    ),
}  # fmt: skip


def run(settings, callback=None, per_class=None, limit=None, kept=None):
    """Grow one network on the split that `settings.seed` draws; a `Run`."""
    return grow_classifier(digits(settings.seed, per_class, limit), settings, callback, kept=kept)


def baselines(split_seed, per_class=None, limit=None):
    """Test accuracy of scikit-learn's logistic regression and MLPClassifier on the same split.

    Returns
    -------
    dict
        Names to accuracies; both with their default settings, and iterations enough to converge.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.neural_network import MLPClassifier

    data = digits(split_seed, per_class, limit)
    models = {
        "logistic regression": LogisticRegression(max_iter=5000),
        "MLPClassifier (100)": MLPClassifier(max_iter=2000, random_state=split_seed),
    }
    return {
        name: float(model.fit(data.X, data.t).score(data.X_test, data.t_test))
        for name, model in models.items()
    }
