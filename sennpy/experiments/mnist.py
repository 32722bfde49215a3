"""MNIST: one hidden layer that grows from 10 neurons (the paper's figure 4)."""

from dataclasses import replace

from ..datasets import mnist
from ..growth.acceptance import Thresholds
from ..growth.profile import ProfileSearch
from ..growth.released import ReleasedAscent, ReleasedSubsetSearch
from ..training.optimiser import NaturalGradient
from ..training.settings import Settings
from .classification import grow_classifier

START = (10,)  # hidden neurons
LEAST_STEPS = 300  # of a training, however few its samples

DEFAULT = Settings.by_thresholds(
    epochs=30, proposer=ProfileSearch(20, 1, 30), acceptance=Thresholds(0.1, 0.008, dense=False),
    optimiser=NaturalGradient("pcg", cg_iterations=3, step_size=1.0, weight_decay=1e-3),
    cooldown=1, max_width=60, max_depth=1, batch_size=1024, look_samples=5000, dtype="float32",
)  # fmt: skip
PAPER = Settings.by_thresholds(
    epochs=2000, proposer=ReleasedAscent(), acceptance=Thresholds(0.007, 0.25, 60.0, by="own"),
    optimiser=NaturalGradient("cg", weight_decay=1e-3), cooldown=10, max_width=100, max_depth=3,
    batch_size=1024, look_samples=1024, dtype="float32",
)  # fmt: skip
PRESETS = {"default": DEFAULT, "paper": PAPER}
SUBSET_PRESETS = {
    "default": replace(DEFAULT, max_width=100),
    "paper": replace(
        PAPER, proposer=ReleasedSubsetSearch(temperature=10.0),
        acceptance=Thresholds(0.03, 2.5e-3, 20.0, by="own"), layer_cooldown=3,
    ),
}  # fmt: skip


def image_size(preset, subset):
    """Pixels a side, unless the user says: the paper's subsets keep all 28."""
    return 28 if preset == "paper" and subset else 24


def run(
    settings, callback=None, folder=None, size=24, per_class=None, limit=None, keep_steps=False,
    kept=None,
):  # fmt: skip
    """Grow one network; a `Run`.

    Parameters
    ----------
    settings : Settings
        Its seed also draws the subset.
    callback : callable, optional
        See `SENN.fit`.
    folder, size, per_class, limit
        See `datasets.mnist`.
    keep_steps : bool
        Whether few samples are trained for more epochs, see `steps_kept`.
    kept : Kept, optional
        Where the training goes on from, if it has begun.

    Notes
    -----
    Paper: section 7.
    """
    data = mnist(folder, size, per_class, limit, settings.seed)
    if keep_steps:
        settings = steps_kept(settings, len(data.t))
    return grow_classifier(data, settings, callback, START, kept)


def steps_kept(settings, samples):
    """The settings with more epochs where so few samples would make fewer than LEAST_STEPS steps.

    There are as many looks as before, more epochs apart.
    """
    batches = -(-samples // (settings.batch_size or samples))
    factor = max(1, round(LEAST_STEPS / (batches * settings.epochs)))
    return replace(settings, epochs=factor * settings.epochs, cooldown=factor * settings.cooldown)
