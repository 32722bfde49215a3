"""What the experiments that can be run on fewer samples share: the options, and `--sweep`."""

from ..writing import table
from .keeping import keeping
from .reporting import refuse_report
from .shared import header, positive, seeds, write_picture


def subsets(command):
    """Add the options of the experiments that can be run on fewer samples."""
    command.add_argument(
        "--per-class", type=positive, metavar="N", help="train on so many samples of each class"
    )
    command.add_argument("--limit", type=positive, metavar="N", help="train on so many samples")
    command.add_argument(
        "--sweep",
        type=positives,
        metavar="N,N,...",
        help="instead: one network for each number of samples a class and each seed, in parallel",
    )
    command.add_argument(
        "--jobs", type=positive, metavar="N", help="processes of a sweep (default: one a core)"
    )


def positives(text):
    """Ints of at least 1 separated by commas, for argparse."""
    return [positive(word) for word in text.split(",")]


def sweep_sizes(name, arguments, argv, settings, experiment, more=None, **options):
    """`--sweep`: train, print, draw and write `name`-sweep; the exit status.

    `options` are for `run`.
    """
    from ..experiments import figures
    from ..experiments.sweep import bands, sweep

    if arguments.per_class or arguments.limit:
        raise ValueError("--sweep sets the number of samples: leave out --per-class and --limit.")
    refuse_report(arguments, "--sweep")
    jobs, name = arguments.jobs or -1, f"{name}-sweep"
    with keeping(arguments, name, settings.as_dict(), more) as store:
        rows = sweep(
            experiment, settings, arguments.sweep, seeds(arguments), jobs, store, **options
        )
        widths = bands(rows, lambda row: sum(row["hidden"]))
        accuracies = bands(rows, lambda row: row["test_accuracy"])
        print(sizes_table(widths, accuracies))
        content = header(argv, arguments, settings) | (more or {}) | {"runs": rows}
        figure = figures.sweep_figure(widths, accuracies)
        return write_picture(arguments, name, content, figure)


def sizes_table(widths, accuracies):
    """A line a number of samples: median and range of neurons and of accuracies."""
    return table(["", "neurons", "range", "accuracy", "range"], [
        [f"{samples} samples", f"{width:g}", f"{least:g} to {most:g}",
         f"{accuracy:.4f}", f"{worst:.4f} to {best:.4f}"]
        for (samples, least, width, most), (_, worst, accuracy, best) in zip(
            widths, accuracies, strict=True
        )
    ])  # fmt: skip
