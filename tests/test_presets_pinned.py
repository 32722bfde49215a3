"""What is asked for when nothing is: every preset, every row and every constant of an experiment.

Written out, so that none changes by accident. Who means to change one changes it here, too.
"""

import json

import pytest

from sennpy import Settings
from sennpy.commands import chance as chance_command
from sennpy.commands import compare, shared
from sennpy.commands import tradeoff as tradeoff_command
from sennpy.experiments import chance, digits, half_moons, mnist, regression
from sennpy.experiments.battery import anytime, rivals, run, tasks, tradeoff
from sennpy.experiments.battery.rows import GROUPS, METRICS, ROWS

PROFILE = {
    "class": "ProfileSearch", "candidates": 100, "refined": 2, "iterations": 100, "reach": 3.0,
    "tolerance": 1e-07, "ridge": 0.001,
}  # fmt: skip
SEARCH = {name: value for name, value in PROFILE.items() if name != "class"} | {
    "candidates": 40, "refined": 1, "iterations": 15,
}  # fmt: skip
CROSS_FITTED = {
    "class": "CrossFitted", "search": SEARCH, "counts": [1, 2, 4, 8], "folds": 5, "held_out": 500,
    "samples": 2000, "ridge": 0.01,
}  # fmt: skip
CHAINS = {
    "class": "ReleasedSearch", "chains": 100, "bursts": 300, "burst_length": 10,
    "temperature": 1.0, "step_size": 0.3,
}  # fmt: skip
THRESHOLDS = {
    "class": "Thresholds", "tau": 1.0, "alpha": 0.02, "layer_cost": 5.0, "by": "exact",
    "dense": True,
}  # fmt: skip
NATURAL = {
    "class": "NaturalGradient", "solver": "auto",
    "damping": {"value": 0.1, "scale": "absolute", "form": "exact"}, "metric": "euclidean",
    "step_size": 0.1, "weight_decay": 0.0, "cg_iterations": 100, "refresh": 20,
}  # fmt: skip
DEFAULT = {
    "epochs": 200, "proposer": CROSS_FITTED,
    "acceptance": {"class": "HonestLook", "z": 1.25, "price": 1.0, "tau": 0.0},
    "optimiser": {"class": "LevenbergMarquardt", "metric": "true", "solver": "auto",
                  "decay": "evidence", "wait": 5, "cg_iterations": 30},
    "cooldown": 8, "backoff": 2.0, "patience": 3, "tolerance": 0.0001, "keep": "last",
    "layer_cooldown": 1, "max_width": 64, "max_depth": 2, "batch_size": None,
    "look_samples": 10000, "dtype": "float64", "seed": 0,
}  # fmt: skip
BY_THRESHOLDS = DEFAULT | {
    "epochs": 400, "proposer": "profile", "acceptance": THRESHOLDS, "optimiser": NATURAL,
    "cooldown": 30, "backoff": 1.0, "patience": None, "max_depth": 4,
}  # fmt: skip
MNIST = BY_THRESHOLDS | {
    "epochs": 30, "proposer": PROFILE | {"candidates": 20, "refined": 1, "iterations": 30},
    "acceptance": THRESHOLDS | {"tau": 0.1, "alpha": 0.008, "dense": False},
    "optimiser": NATURAL | {"solver": "pcg", "cg_iterations": 3, "step_size": 1.0,
                            "weight_decay": 0.001},
    "cooldown": 1, "max_width": 60, "max_depth": 1, "batch_size": 1024, "look_samples": 5000,
    "dtype": "float32",
}  # fmt: skip
MNIST_PAPER = BY_THRESHOLDS | {
    "epochs": 2000,
    "proposer": {"class": "ReleasedAscent", "rounds": 100, "chains": 100, "steps": 100,
                 "step_size": 0.3},
    "acceptance": THRESHOLDS | {"tau": 0.007, "alpha": 0.25, "layer_cost": 60.0, "by": "own"},
    "optimiser": NATURAL | {"solver": "cg", "weight_decay": 0.001},
    "cooldown": 10, "max_width": 100, "max_depth": 3, "batch_size": 1024, "look_samples": 1024,
    "dtype": "float32",
}  # fmt: skip
IN_SAMPLE = CROSS_FITTED | {"class": "InSample"}
PRESETS = {
    "as they come": (Settings(), DEFAULT),
    "by thresholds": (Settings.by_thresholds(), BY_THRESHOLDS),
    "half-moons": (half_moons.PRESETS["default"], BY_THRESHOLDS),
    "half-moons, paper": (half_moons.PRESETS["paper"], BY_THRESHOLDS | {
        "proposer": CHAINS, "acceptance": THRESHOLDS | {
            "alpha": 0.0025, "layer_cost": 2.0, "by": "own"},
        "optimiser": NATURAL | {"solver": "cg"}, "layer_cooldown": 3, "max_width": 16,
        "max_depth": 3,
    }),
    "regression": (regression.PRESETS["default"], BY_THRESHOLDS | {
        "epochs": 2000, "acceptance": THRESHOLDS | {"layer_cost": 20.0},
        "optimiser": NATURAL | {"step_size": 0.2, "damping": {
            "value": 0.0001, "scale": "relative", "form": "exact"}},
        "layer_cooldown": 3, "max_width": 12, "max_depth": 3,
    }),
    "regression, paper": (regression.PRESETS["paper"], BY_THRESHOLDS | {
        "epochs": 2000, "proposer": CHAINS, "acceptance": THRESHOLDS | {
            "alpha": 0.0025, "layer_cost": 20.0, "by": "own"},
        "optimiser": NATURAL | {"solver": "cg", "step_size": 0.2}, "layer_cooldown": 3,
        "max_width": 16, "max_depth": 3,
    }),
    "digits": (digits.PRESETS["default"], BY_THRESHOLDS | {
        "epochs": 60, "proposer": PROFILE | {"candidates": 20, "refined": 1, "iterations": 20},
        "acceptance": THRESHOLDS | {"alpha": 0.01, "layer_cost": 0.05, "dense": False},
        "optimiser": NATURAL | {"solver": "kfac", "step_size": 0.3}, "cooldown": 10,
        "max_width": 100, "max_depth": 3, "batch_size": 256,
    }),
    "mnist": (mnist.PRESETS["default"], MNIST),
    "mnist, paper": (mnist.PRESETS["paper"], MNIST_PAPER),
    "subsets of mnist": (mnist.SUBSET_PRESETS["default"], MNIST | {"max_width": 100}),
    "subsets of mnist, paper": (mnist.SUBSET_PRESETS["paper"], MNIST_PAPER | {
        "proposer": CHAINS | {"class": "ReleasedSubsetSearch", "temperature": 10.0},
        "acceptance": THRESHOLDS | {
            "tau": 0.03, "alpha": 0.0025, "layer_cost": 20.0, "by": "own"},
        "layer_cooldown": 3,
    }),
    "chance: thresholds": (chance.RULES["thresholds"], BY_THRESHOLDS),
    "chance: AIC": (chance.RULES["AIC"], DEFAULT | {
        "proposer": IN_SAMPLE, "acceptance": {"class": "InformationCriterion", "criterion": "aic"},
    }),
    "chance: BIC": (chance.RULES["BIC"], DEFAULT | {
        "proposer": IN_SAMPLE, "acceptance": {"class": "InformationCriterion", "criterion": "bic"},
    }),
    "chance: permutation": (chance.RULES["permutation"], DEFAULT | {
        "proposer": IN_SAMPLE, "acceptance": {
            "class": "PermutationNull", "draws": 19, "level": 0.05, "seed": 0,
            "proposer": {name: value for name, value in IN_SAMPLE.items() if name != "class"}},
    }),
    "chance: validation split": (chance.RULES["validation split"], DEFAULT | {
        "proposer": CROSS_FITTED | {"held_out": 1},
        "acceptance": {"class": "HeldOut", "share": 0.2},
    }),
    "chance: honest look": (chance.RULES["honest look"], DEFAULT),
}  # fmt: skip


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_what_it_was(name):
    settings, expected = PRESETS[name]
    assert json.loads(json.dumps(settings.as_dict())) == expected


def test_no_preset_is_missing_here():
    known = [settings for settings, _ in PRESETS.values()]
    for module in (half_moons, regression, digits, mnist):
        assert all(settings in known for settings in module.PRESETS.values())
    assert all(settings in known for settings in mnist.SUBSET_PRESETS.values())
    assert [f"chance: {rule}" for rule in chance.RULES] == [n for n in PRESETS if "chance" in n]
    assert list(half_moons.PRESETS) == list(regression.PRESETS) == list(mnist.PRESETS)
    assert list(mnist.SUBSET_PRESETS) == ["default", "paper"] == list(compare.PRESETS)


# --- Rows of the battery -------------------------------------------------------------------------

TABLE = """\
noise-regression-100 | pure noise, regression, N = 100 | noise
    noise_regression samples=100 | neurons | 20 quick
    median neurons <= 1
    worst neurons <= 2
noise-regression-400 | pure noise, regression, N = 400 | noise
    noise_regression samples=400 | neurons | 20
    median neurons <= 1
    worst neurons <= 2
noise-regression-1600 | pure noise, regression, N = 1600 | noise
    noise_regression samples=1600 | neurons | 20
    median neurons <= 1
    worst neurons <= 2
noise-labels-100 | pure noise, labels, N = 100 | noise
    noise_labels samples=100 | neurons | 20 quick
    median neurons <= 1
    worst neurons <= 2
noise-labels-400 | pure noise, labels, N = 400 | noise
    noise_labels samples=400 | neurons | 20
    median neurons <= 1
    worst neurons <= 2
noise-labels-1600 | pure noise, labels, N = 1600 | noise
    noise_labels samples=1600 | neurons | 20
    median neurons <= 1
    worst neurons <= 2
moons-0.1 | moons, noise 0.1 | toy
    moons noise=0.1 | accuracy | 10 rivals
    median accuracy >= 0.999
moons-0.2 | moons, noise 0.2 | toy
    moons noise=0.2 | accuracy | 10 rivals
    median accuracy >= 0.968
moons-0.3 | moons, noise 0.3 | toy
    moons noise=0.3 | accuracy | 10 quick rivals
    median accuracy >= 0.906
moons-0.4 | moons, noise 0.4 | toy
    moons noise=0.4 | accuracy | 10 rivals
    median accuracy >= 0.855
circles | circles | toy
    circles | accuracy | 10 rivals
    median accuracy >= 0.99
blobs | 4 blobs (raw) | toy
    blobs | accuracy | 10 rivals
    median accuracy >= 0.99
spiral-1 | spiral, 1 turn | toy
    spiral turns=1 | accuracy | 10 quick rivals
    median accuracy >= 0.995
    worst accuracy >= 0.9
spiral-1.5 | spiral, 1.5 turns | toy
    spiral turns=1.5 | accuracy | 10 rivals
    median accuracy >= 0.995
    worst accuracy >= 0.9
spiral-2 | spiral, 2 turns | toy
    spiral turns=2 | accuracy | 10 rivals
    median accuracy >= 0.97
    worst accuracy >= 0.9
checkerboard-2 | checkerboard 2 x 2 | toy
    checkerboard squares=2 | accuracy | 10 rivals
    median accuracy >= 0.98
checkerboard-4 | checkerboard 4 x 4 | toy
    checkerboard squares=4 | accuracy | 10 rivals
    median accuracy >= 0.87
wine | wine | real
    wine | log_loss | 10 quick rivals
    median log_loss <= 0.06
breast_cancer | breast cancer | real
    breast_cancer | log_loss | 10 rivals
    median log_loss <= 0.1
iris | iris | real
    iris | log_loss | 10 rivals
    median log_loss <= 0.06
diabetes | diabetes | real
    diabetes | mse | 10 quick rivals
    median mse <= 0.48
friedman1 | friedman1, N = 300 | real
    friedman1 | mse | 10 rivals
    median mse <= 0.09
digits | digits | real
    digits | accuracy | 5 rivals
    median accuracy >= 0.975
    median neurons <= 40
mnist | MNIST, 5,000 at 14 x 14 | real
    small_mnist | accuracy | 1 rivals
    median accuracy >= 0.94
    median times_over_fixed_seconds <= 1.5
moons-of-50 | moons, noise 0.3, N = 50 | sizes
    moons noise=0.3 samples=50 | log_loss | 10 rivals
moons-of-100 | moons, noise 0.3, N = 100 | sizes
    moons noise=0.3 samples=100 | log_loss | 10 rivals
    median neurons >= moons-of-50
    median log_loss < moons-of-50
moons-of-200 | moons, noise 0.3, N = 200 | sizes
    moons noise=0.3 samples=200 | log_loss | 10 rivals
    median neurons >= moons-of-100
    median log_loss < moons-of-100
moons-of-400 | moons, noise 0.3, N = 400 | sizes
    moons noise=0.3 samples=400 | log_loss | 10 rivals
    median neurons >= moons-of-200
    median log_loss < moons-of-200
moons-of-800 | moons, noise 0.3, N = 800 | sizes
    moons noise=0.3 samples=800 | log_loss | 10 rivals
    median neurons >= moons-of-400
    median log_loss < moons-of-400
moons-of-1600 | moons, noise 0.3, N = 1600 | sizes
    moons noise=0.3 samples=1600 | log_loss | 10 rivals
    median neurons >= moons-of-800
    median log_loss < moons-of-800
moons-of-3200 | moons, noise 0.3, N = 3200 | sizes
    moons noise=0.3 samples=3200 | log_loss | 10 rivals
    median neurons >= moons-of-1600
    median log_loss < moons-of-1600
spiral-of-100 | spiral, 1.5 turns, N = 100 | sizes
    spiral turns=1.5 samples=100 | log_loss | 10 rivals
spiral-of-200 | spiral, 1.5 turns, N = 200 | sizes
    spiral turns=1.5 samples=200 | log_loss | 10 rivals
    median neurons >= spiral-of-100
    median log_loss < spiral-of-100
spiral-of-400 | spiral, 1.5 turns, N = 400 | sizes
    spiral turns=1.5 samples=400 | log_loss | 10 rivals
    median neurons >= spiral-of-200
    median log_loss < spiral-of-200
spiral-of-800 | spiral, 1.5 turns, N = 800 | sizes
    spiral turns=1.5 samples=800 | log_loss | 10 rivals
    median neurons >= spiral-of-400
    median log_loss < spiral-of-400
spiral-of-1600 | spiral, 1.5 turns, N = 1600 | sizes
    spiral turns=1.5 samples=1600 | log_loss | 10 rivals
    median neurons >= spiral-of-800
    median log_loss < spiral-of-800
readme-half-moons | half-moons of the README | readme
    readme_half_moons | accuracy | 5 rivals
    median accuracy >= 0.912
    median log_loss <= 0.239
readme-regression | regression of the README | readme
    readme_regression | mse | 5 rivals
    median mse <= 1.2e-05
"""


def written(row):
    """A row of the battery on two or more lines."""
    goals = [f"    {g.statistic} {g.metric} {g.direction} {g.threshold}" for g in row.goals]
    options = "".join(f" {name}={value}" for name, value in row.options.items())
    more = f"{row.seeds}{' quick' * row.quick}{' rivals' * row.rivals}"
    what = (
        f"{row.name} | {row.title} | {row.group}\n    {row.task}{options} | {row.metric} | {more}"
    )
    return "\n".join([what, *goals])


def test_every_row_of_the_battery_is_what_it_was():
    assert "\n".join(map(written, ROWS.values())).splitlines() == TABLE.splitlines()
    assert all(name == row.name for name, row in ROWS.items())
    assert GROUPS == ("noise", "toy", "real", "sizes", "readme", "anytime")


# --- Constants -----------------------------------------------------------------------------------


def test_how_numbers_of_the_battery_are_shown():
    assert {name: tuple(metric) for name, metric in METRICS.items()} == {
        "accuracy": ("accuracy", "{:.3f}", True), "log_loss": ("log-loss", "{:.3g}", False),
        "mse": ("MSE", "{:.3g}", False), "neurons": ("neurons", "{:g}", False),
        "times_over_fixed_seconds": ("time / fixed width's", "{:.2g}", False),
    }  # fmt: skip


def test_the_constants_of_the_experiments_are_what_they_were():
    assert (mnist.START, mnist.LEAST_STEPS) == ((10,), 300)
    sizes = [mnist.image_size(p, s) for p in ("default", "paper") for s in (False, True)]
    assert sizes == [24, 24, 24, 28]
    assert (run.LEVEL, run.WIDTHS) == (0.94, (16, 32))
    assert (tasks.FOLDS, tasks.TEST_SAMPLES, list(tasks.CHOSEN_ON)) == (
        5, 4000, list(range(1000, 1008)),
    )  # fmt: skip
    assert (rivals.SMALL, rivals.NAMES) == (1000, ("SVM", "MLP", "HGB"))
    assert rivals.FINE == {
        "C": (0.1, 1, 10, 100, 1000), "times": (0.1, 0.3, 1, 3, 10, 30), "folds": 5,
    }  # fmt: skip
    assert rivals.COARSE == {"C": (1, 10, 100), "times": (0.3, 1, 3), "folds": 3}
    assert anytime.TASKS == {
        "moons-0.3": 5, "spiral-1.5": 5, "spiral-2": 5, "checkerboard-4": 5, "digits": 3,
    }  # fmt: skip
    assert (anytime.WIDTHS, anytime.CHOSEN_ON) == ((2, 4, 8, 16, 32), (1000, 1001, 1002))
    assert (anytime.EQUAL, anytime.AHEAD_IN) == (0.005, 4)
    assert tradeoff.Z == (0.0, 0.5, 1.0, 1.25, 1.5, 2.0, 3.0)
    assert tradeoff.NOISE == ("noise-regression-400", "noise-labels-400")
    assert tradeoff.OTHERS == (
        "moons-0.2", "moons-0.4", "circles", "checkerboard-2", "wine", "iris", "diabetes",
    )  # fmt: skip
    assert chance.SAMPLES == (50, 100, 200, 400, 800, 1600)
    assert (chance.INPUTS, chance.OUTPUTS, chance.FIRST_DRAW) == ((1, 2, 5, 10, 20), (1, 3), 2000)
    assert chance.TASKS == ("noise", "noisy labels", "moons 0.3", "friedman1")
    assert chance.run.__defaults__[:7] == (
        0, 10, chance.SAMPLES, chance.INPUTS, 8, chance.TASKS, None,
    )  # fmt: skip


def test_what_a_command_shows_and_how_it_is_cut_short():
    assert shared.CLASSIFIED == {
        "accuracy": ("test_accuracy", ".4f"), "test loss": ("test_loss", ".4f"),
        "train loss": ("train_loss", ".4f"),
    }  # fmt: skip
    assert compare.MEASURES == {
        "half-moons": (("test_accuracy", "{:.3f}"), ("test_loss", "{:.4f}"),
                       ("train_loss", "{:.4f}")),
        "regression": (("train_error", "{:.1e}"), ("test_error", "{:.1e}")),
    }  # fmt: skip
    assert chance_command.QUICK == {
        "draws": 2, "samples": (50, 100), "inputs": (1, 2), "trainings": 1,
        "tasks": ("noise", "moons 0.3"), "epochs": 31,
    }  # fmt: skip
    assert tradeoff_command.QUICK == {"levels": (0.0, 1.25), "names": ("noise-labels-400", "iris")}
