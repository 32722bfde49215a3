"""`sennpy digits`: grow a linear classifier on scikit-learn's scanned digits."""

import statistics

from ..nn.losses import SoftmaxCrossEntropy
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
        "digits",
        "grow a linear classifier on scikit-learn's scanned digits",
        [
            "sennpy digits",
            "sennpy digits --seeds 5",
            "sennpy digits --per-class 30",
            "sennpy digits --sweep 3,10,30,100 --seeds 3",
        ],
    )
    common(command, ["default"])
    subsets(command)
    keeping_options(command)
    command.set_defaults(command=digits)


def digits(arguments, argv):
    """`sennpy digits`."""
    from ..datasets import digits as load
    from ..experiments import digits as experiment
    from ..experiments import figures

    settings = chosen_settings(arguments, experiment.PRESETS)
    name = stem("digits", arguments, experiment.PRESETS)
    if arguments.sweep:
        return sweep_sizes(name, arguments, argv, settings, experiment)
    subset = {"per_class": arguments.per_class, "limit": arguments.limit}
    with keeping(arguments, name, settings.as_dict()) as store:
        recorder = recorder_for(arguments)
        runs = run_seeds(experiment, settings, arguments, store, watch=recorder, **subset)
        others = [experiment.baselines(run.seed, **subset) for run in runs]
        for model in others[0]:
            accuracy = statistics.median(other[model] for other in others)
            print(f"{model}: test accuracy {accuracy:.4f} on the same split{'s' * (len(runs) > 1)}")
        figure = figures.growth_figure(runs[0])
        if recorder is not None:
            data = load(runs[0].seed, **subset)
            recorder.samples(data.X, data.t, SoftmaxCrossEntropy())
        return save(name, arguments, argv, runs, figure, {"baselines": others}, recorder)
