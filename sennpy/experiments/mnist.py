"""MNIST: one hidden layer that grows from 10 neurons (the paper's figure 4)."""

from ..curvature.natural_gradient import Damping
from ..datasets import mnist
from ..expansion.search import ProfileSearch
from ..settings import Settings
from .classification import grow_classifier

START = (10,)  # hidden neurons
SIZE = 24  # pixels a side

PRESETS = {
    "default": Settings(
        epochs=30, tau=0.02, alpha=0.005, search=ProfileSearch(100, 1, 10), cooldown=1,
        max_width=60, max_depth=1, solver="pcg", cg_iterations=3, damping=Damping(0.1),
        step_size=1.0, weight_decay=1e-3, batch_size=1024, look_samples=2000, dtype="float32",
    ),
}  # fmt: skip


def run(settings, callback=None, data=None, size=SIZE):
    """Grow one network; a `Run`.

    Parameters
    ----------
    settings : Settings
    callback : callable, optional
        See `SENN.fit`.
    data : Data, optional
        MNIST as `datasets.mnist` gives it; loaded where it is not given.
    size : int
        Pixels a side of images loaded here.

    Notes
    -----
    Paper: section 7.
    """
    data = mnist(size=size) if data is None else data
    return grow_classifier(data, settings, callback, START)
