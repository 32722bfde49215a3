"""`sennpy regression`: grow a neuron into a network that fits fifty points (figure 2)."""

import statistics
from pathlib import Path

from ..report import table
from .shared import add_parser, chosen_settings, common, natural, run_seed, save, seeds


def add(commands):
    """Make the parser."""
    command = add_parser(
        commands,
        "regression",
        "fit fifty points of a random function, from one hidden neuron (the paper's figure 2)",
        [
            "sennpy regression                  the task that the seed draws",
            "sennpy regression --seeds 5        five tasks",
            "sennpy regression --task tests/data/regression.npz --case 0 --seeds 3",
            "sennpy regression --preset paper   the authors' settings (minutes, not seconds)",
        ],
    )
    common(command, ["default", "paper"])
    command.add_argument(
        "--task", type=Path, metavar="FILE.npz",
        help="arrays x_train_K, y_train_K, x_test_K, y_test_K, instead of a task drawn by the seed",
    )  # fmt: skip
    command.add_argument("--case", type=natural, metavar="K", help="which case of FILE.npz")
    command.set_defaults(command=regression)


def regression(arguments, argv):
    """`sennpy regression`."""
    from .. import plots
    from ..datasets import regression_case
    from ..experiments import regression as experiment

    if arguments.case is not None and arguments.task is None:
        raise ValueError("--case names a case of --task FILE.npz, which is missing.")
    settings, name, data = chosen_settings(arguments, experiment.PRESETS), "regression", None
    if arguments.task is not None:
        case = arguments.case or 0
        data, name = regression_case(arguments.task, case), f"regression-case-{case}"
        if data.X.shape[1] != 1 or data.t.shape[1] != 1:
            raise ValueError(
                f"{arguments.task}: case {case} has {data.X.shape[1]} inputs and "
                f"{data.t.shape[1]} outputs, expected one of each."
            )
    runs = [run_seed(experiment, settings, seed, data=data) for seed in seeds(arguments)]
    summarise(runs)
    figure = plots.regression_figure(runs[0], experiment.landscape)
    return save(name, arguments, argv, settings, runs, figure)


def summarise(runs):
    """Print a table of the runs, and their median when there are several."""
    rows = [
        [
            f"seed {run.seed}", f"{run.train_error:.2e}", f"{run.test_error:.2e}",
            str(run.hidden), f"{run.seconds:.1f} s",
        ]
        for run in runs
    ]  # fmt: skip
    if len(runs) > 1:
        middle = statistics.median
        rows.append(
            [
                "median",
                f"{middle(run.train_error for run in runs):.2e}",
                f"{middle(run.test_error for run in runs):.2e}",
                f"{middle(sum(run.hidden) for run in runs):g} neurons",
                f"{middle(run.seconds for run in runs):.1f} s",
            ]
        )
    print(table(["mean (y - t)^2", "train", "test", "hidden", "time"], rows))
