"""`sennpy regression`: grow a neuron into a network that fits fifty points (figure 2)."""

from pathlib import Path

from ..nn.losses import SquaredError
from .keeping import keeping, keeping_options
from .reporting import recorder_for
from .shared import (
    add_parser,
    chosen_settings,
    common,
    natural,
    run_seeds,
    save,
    stem,
)

REFERENCE = Path("tests/data/regression.npz")  # its cases need no name of a file
ERRORS = {"train": ("train_error", ".2e"), "test": ("test_error", ".2e")}


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
    keeping_options(command)
    command.set_defaults(command=regression)


def regression(arguments, argv):
    """`sennpy regression`."""
    from ..datasets import regression_case
    from ..experiments import figures
    from ..experiments import regression as experiment

    if arguments.case is not None and arguments.task is None:
        raise ValueError("--case names a case of --task FILE.npz, which is missing.")
    settings, name, data = chosen_settings(arguments, experiment.PRESETS), "regression", None
    if arguments.task is not None:
        case = arguments.case or 0
        data = regression_case(arguments.task, case)
        if arguments.task.resolve().parts[-3:] != REFERENCE.parts:
            name += f"-{arguments.task.stem.replace('.', '-')}"  # a dot would begin an ending
        name += f"-case-{case}"
        if data.X.shape[1] != 1 or data.t.shape[1] != 1:
            raise ValueError(
                f"{arguments.task}: case {case} has {data.X.shape[1]} inputs and "
                f"{data.t.shape[1]} outputs, expected one of each."
            )
    name = stem(name, arguments, experiment.PRESETS)
    with keeping(arguments, name, settings.as_dict(), fingerprints(data)) as store:
        recorder = recorder_for(arguments)
        runs = run_seeds(
            experiment, settings, arguments, store, "mean (y - t)^2", ERRORS, recorder, data=data
        )
        figure = figures.regression_figure(runs[0], experiment.landscape)
        if recorder is not None:
            recorder.samples(runs[0].data.X, runs[0].data.t, SquaredError())
        return save(name, arguments, argv, runs, figure, recorder=recorder)


def fingerprints(data):
    """What tells a `Data` from others, in plain values; None for None."""
    from ..training.resuming import fingerprint

    return data and {name: fingerprint(array) for name, array in data._asdict().items()}
