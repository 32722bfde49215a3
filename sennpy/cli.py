"""The command line: `python -m sennpy COMMAND`, or `sennpy COMMAND`."""

import argparse
import statistics
import sys
from dataclasses import replace
from pathlib import Path

from . import __version__
from .expansion.search import SEARCHES
from .history import AdditionRecord, EpochRecord, LookRecord
from .report import table, versions, write_json


def main(argv=None):
    """Run a command; the exit status: 0, or 1 after an error, 2 for words it does not know."""
    argv = sys.argv[1:] if argv is None else list(argv)
    arguments = parser().parse_args(argv)
    try:
        arguments.out.mkdir(parents=True, exist_ok=True)  # if that fails, then before the training
        return arguments.command(arguments, argv)
    except (ValueError, TypeError, OSError, RuntimeError) as error:
        print(f"sennpy: {error}", file=sys.stderr)
        return 1


def parser():
    """The argument parser of all commands."""
    top = argparse.ArgumentParser(prog="sennpy", description=__doc__.splitlines()[0])
    top.add_argument("--version", action="version", version=f"sennpy {__version__}")
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    moons = commands.add_parser(
        "half-moons",
        help="grow a linear classifier on half-moons (the paper's figure 3)",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="examples:\n"
        "  sennpy half-moons\n"
        "  sennpy half-moons --seeds 5\n"
        "  sennpy half-moons --splits 20     beside a cross-validated RBF SVC\n"
        "  sennpy half-moons --preset paper  the authors' settings (minutes, not seconds)",
    )
    common(moons, ["default", "paper"])
    moons.add_argument(
        "--splits", type=positive, metavar="N",
        help="instead: N fresh splits, one network each, beside an RBF SVC",
    )  # fmt: skip
    moons.set_defaults(command=half_moons)
    digits_ = commands.add_parser(
        "digits",
        help="grow a linear classifier on scikit-learn's scanned digits",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="examples:\n  sennpy digits\n  sennpy digits --seeds 5",
    )
    common(digits_, ["default"])
    digits_.set_defaults(command=digits)
    return top


def common(command, presets):
    """Add the options that all experiments share."""
    command.add_argument("--seed", type=natural, default=0, help="first seed (default 0)")
    command.add_argument(
        "--seeds", type=positive, default=1, metavar="N", help="how many seeds (default 1)"
    )
    command.add_argument("--epochs", type=positive, help="epochs, instead of the preset's")
    command.add_argument("--preset", choices=presets, default="default")
    command.add_argument("--search", choices=SEARCHES, help="search, instead of the preset's")
    command.add_argument(
        "--out", type=Path, default=Path("figures"), help="folder to write to (default figures)"
    )
    command.add_argument(
        "--quick", action="store_true", help="cut short, to see whether everything works"
    )


def natural(text):
    """An int of at least 0, for argparse."""
    return bounded(text, 0)


def positive(text):
    """An int of at least 1, for argparse."""
    return bounded(text, 1)


def bounded(text, least):
    """`text` as an int of at least `least`, else argparse's error."""
    try:
        number = int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number") from None
    if number < least:
        raise argparse.ArgumentTypeError(f"{number} is below {least}")
    return number


def chosen_settings(arguments, presets):
    """The preset's settings with what the command line changes."""
    from .experiments.classification import quick

    settings = presets[arguments.preset]
    if arguments.search:
        settings = replace(settings, search=arguments.search)
    if arguments.epochs:
        settings = replace(settings, epochs=arguments.epochs)
    return quick(settings) if arguments.quick else settings


def half_moons(arguments, argv):
    """`sennpy half-moons`."""
    from . import plots
    from .datasets import half_moons as load
    from .experiments import half_moons as experiment

    settings = chosen_settings(arguments, experiment.PRESETS)
    if arguments.splits:
        if arguments.seeds > 1:
            raise ValueError("--splits grows one network a split: it does not go with --seeds.")
        return half_moons_splits(arguments, argv, settings)
    runs = [run_seed(experiment, settings, seed) for seed in seeds(arguments)]
    summarise(runs)
    data = load()
    figure = plots.half_moons_figure(runs[0], data.X, data.t)
    return save("half-moons", arguments, argv, settings, runs, figure)


def half_moons_splits(arguments, argv, settings):
    """`sennpy half-moons --splits N`: fresh data each time, beside an RBF SVC."""
    from .experiments import half_moons as experiment

    rows = []
    with progress(arguments.splits) as bar:
        for i in range(arguments.splits):
            split = {"train_seed": 100 + 2 * i, "test_seed": 101 + 2 * i}
            run = experiment.run(replace(settings, seed=arguments.seed + i), **split)
            svc = experiment.rbf_svc_accuracy(**split)
            rows.append(split | run.numbers() | {"svc_accuracy": svc})
            bar.update()
    ours = statistics.fmean(row["test_accuracy"] for row in rows)
    svc = statistics.fmean(row["svc_accuracy"] for row in rows)
    print(
        f"{len(rows)} fresh splits: mean accuracy {ours:.4f} with "
        f"{statistics.fmean(sum(row['hidden']) for row in rows):.1f} hidden neurons; "
        f"cross-validated RBF SVC {svc:.4f}"
    )
    path = arguments.out / f"{stem('half-moons', arguments)}-splits.json"
    content = header(argv, arguments, settings) | {"runs": rows}
    content |= {"mean_accuracy": ours, "mean_svc_accuracy": svc}
    write_json(path, content)
    print(f"wrote {path}")
    return 0


def digits(arguments, argv):
    """`sennpy digits`."""
    from . import plots
    from .experiments import digits as experiment

    settings = chosen_settings(arguments, experiment.PRESETS)
    runs, others = [], []
    for seed in seeds(arguments):
        runs.append(run_seed(experiment, settings, seed))
        others.append(experiment.baselines(seed))
    summarise(runs)
    for name in others[0]:
        accuracy = statistics.median(other[name] for other in others)
        print(f"{name}: test accuracy {accuracy:.4f} on the same split{'s' * (len(runs) > 1)}")
    figure = plots.growth_figure(runs[0])
    return save("digits", arguments, argv, settings, runs, figure, {"baselines": others})


def seeds(arguments):
    """The seeds asked for."""
    return range(arguments.seed, arguments.seed + arguments.seeds)


def progress(total):
    """A tqdm bar on a terminal, silent in a pipe."""
    from tqdm import tqdm

    return tqdm(total=total, disable=None, leave=False, dynamic_ncols=True)


def run_seed(experiment, settings, seed):
    """Run one seed, telling what happens; the experiment's `Run`."""
    from tqdm import tqdm

    print(f"seed {seed}")
    with progress(settings.epochs) as bar:

        def tell(network, record):
            if isinstance(record, EpochRecord):
                bar.update()
                bar.set_postfix(loss=f"{record.loss:.3g}", sizes="-".join(map(str, record.sizes)))
            elif isinstance(record, AdditionRecord) or (
                isinstance(record, LookRecord) and not any(c.chosen for c in record.candidates)
            ):
                tqdm.write(str(record), file=sys.stdout)

        return experiment.run(replace(settings, seed=seed), tell)


def summarise(runs):
    """Print a table of the runs, and their median when there are several."""
    rows = [
        [
            f"seed {run.seed}", f"{run.test_accuracy:.4f}", f"{run.test_loss:.4f}",
            f"{run.train_loss:.4f}", str(run.hidden), f"{run.seconds:.1f} s",
        ]
        for run in runs
    ]  # fmt: skip
    if len(runs) > 1:
        middle = statistics.median
        rows.append(
            [
                "median",
                f"{middle(run.test_accuracy for run in runs):.4f}",
                f"{middle(run.test_loss for run in runs):.4f}",
                f"{middle(run.train_loss for run in runs):.4f}",
                f"{middle(sum(run.hidden) for run in runs):g} neurons",
                f"{middle(run.seconds for run in runs):.1f} s",
            ]
        )
    print(table(["", "accuracy", "test loss", "train loss", "hidden", "time"], rows))


def stem(name, arguments):
    """The file name without its ending: the preset is named unless it is the default."""
    parts = [name, *([arguments.preset] if arguments.preset != "default" else [])]
    return "-".join([*parts, *(["quick"] if arguments.quick else [])])


def header(argv, arguments, settings):
    """What every JSON of an experiment begins with."""
    return {
        "command": " ".join(["python -m sennpy", *argv]),
        "preset": arguments.preset,
        "seed": arguments.seed,
        "settings": replace(settings, seed=arguments.seed).as_dict(),
        "versions": versions(),
    }


def save(name, arguments, argv, settings, runs, figure, more=None):
    """Write the figure of the first run and the JSON of all; the exit status."""
    from . import plots

    path = arguments.out / stem(name, arguments)
    content = header(argv, arguments, settings) | (more or {})
    content |= {"runs": [run.numbers() for run in runs], "history": runs[0].history.as_dict()}
    write_json(path.with_suffix(".json"), content)
    plots.save(figure, path.with_suffix(".png"))
    print(f"wrote {path.with_suffix('.png')} and {path.with_suffix('.json')}")
    return 0
