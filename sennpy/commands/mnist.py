"""`sennpy mnist`: grow one hidden layer on handwritten digits (the paper's figure 4)."""

from pathlib import Path

from .keeping import keeping, keeping_options
from .reporting import recorder_for
from .shared import (
    add_parser,
    chosen_settings,
    common,
    run_seeds,
    save,
    stem,
)
from .sweeping import subsets, sweep_sizes


def add(commands):
    """Make the parser."""
    command = add_parser(
        commands,
        "mnist",
        "grow one hidden layer on MNIST (the paper's figure 4)",
        [
            "sennpy mnist",
            "sennpy mnist --seeds 3 --data DIR    DIR holds the four .gz files",
            "sennpy mnist --size 14               smaller images, a third of the time",
            "sennpy mnist --per-class 100",
            "sennpy mnist --sweep 10,30,100,300,1000,3000,6000 --seeds 3",
            "sennpy mnist --preset paper          the authors' settings (days, not minutes)",
        ],
    )
    common(command, ["default", "paper"])
    subsets(command)
    command.add_argument(
        "--data",
        type=Path,
        metavar="DIR",
        help="folder of the four .gz files; else $SENNPY_DATA, else downloaded into the cache",
    )
    command.add_argument(
        "--size", type=int, choices=(28, 24, 14), help="pixels a side (default 24; paper's "
        "subsets 28)",
    )  # fmt: skip
    keeping_options(command)
    command.set_defaults(command=mnist)


def mnist(arguments, argv):
    """`sennpy mnist`."""
    from ..datasets.idx import FILES, load
    from ..experiments import figures
    from ..experiments import mnist as experiment

    load(arguments.data)  # what is wrong with the files is told before the training
    subset = bool(arguments.sweep or arguments.per_class)
    presets = experiment.SUBSET_PRESETS if subset else experiment.PRESETS
    settings = chosen_settings(arguments, presets)
    usual = experiment.image_size(arguments.preset, subset)
    size = arguments.size or usual
    name = stem("mnist" if size == usual else f"mnist-{size}x{size}", arguments, presets)
    data = {"size": size, "md5": {name: file.md5 for name, file in FILES.items()}}
    keep_steps = not (arguments.epochs or arguments.quick)
    options = {"folder": arguments.data, "size": size, "keep_steps": keep_steps}
    if arguments.sweep:
        more = {"data": data}
        return sweep_sizes(name, arguments, argv, settings, experiment, more, **options)
    options |= {"per_class": arguments.per_class, "limit": arguments.limit}
    with keeping(arguments, name, settings.as_dict(), data) as store:
        recorder = recorder_for(arguments)
        runs = run_seeds(experiment, settings, arguments, store, watch=recorder, **options)
        figure = figures.mnist_figure(runs)
        return save(name, arguments, argv, runs, figure, {"data": data}, recorder)
