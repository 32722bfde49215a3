"""What the commands share: options, seeds, progress, and what they write."""

import argparse
import shlex
import statistics
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

from ..growth.named import PROPOSERS, proposer_named
from ..growth.record import LookRecord
from ..training.history import AdditionRecord, EpochRecord
from ..versions import versions
from ..writing import table, write_json, written_whole
from .reporting import report_option, write_page

PROGRAM = ("python", "-m", "sennpy")
CLASSIFIED = {
    "accuracy": ("test_accuracy", ".4f"),
    "test loss": ("test_loss", ".4f"),
    "train loss": ("train_loss", ".4f"),
}


def add_parser(commands, name, what, examples):
    """A command's parser, with its examples under the options."""
    return commands.add_parser(
        name,
        help=what,
        description=what[0].upper() + what[1:] + ".",
        allow_abbrev=False,  # `command_line` knows --data by its whole name
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="examples:\n" + "\n".join(f"  {line}" for line in examples),
    )


def common(command, presets):
    """Add the options that all experiments share."""
    basic(command)
    command.add_argument("--preset", choices=presets, default="default")
    command.add_argument("--search", choices=PROPOSERS, help="search, instead of the preset's")
    report_option(command)


def basic(command, seeds=1):
    """Add the options of whatever trains, for so many `seeds` unless told otherwise."""
    command.add_argument("--seed", type=natural, default=0, help="first seed (default 0)")
    command.add_argument(
        "--seeds",
        type=positive,
        default=seeds,
        metavar="N",
        help="how many seeds (default %(default)s)",
    )
    command.add_argument("--epochs", type=positive, help="epochs, instead of the preset's")
    command.add_argument(
        "--out", type=Path, default=Path("figures"), help="folder to write to (default figures)"
    )
    command.add_argument(
        "--quick", action="store_true", help="cut short, to see whether everything works"
    )
    add_json(command)


def add_json(command):
    """Add the option that every command has: numbers for machines on stdout, and nothing else."""
    command.add_argument(
        "--json",
        action="store_true",
        help="print the numbers as JSON; what is for people goes to stderr",
    )


def measuring(command, seed="first seed (default 0)", jobs=True):
    """Add the options of a command that measures: seed, processes, folder, a quick look, JSON."""
    command.add_argument("--seed", type=natural, default=0, help=seed)
    if jobs:
        command.add_argument(
            "--jobs", type=positive, metavar="N", help="processes (default: one a core)"
        )
    command.add_argument(
        "--out", type=Path, default=Path("figures"), help="folder to write to (default figures)"
    )
    command.add_argument(
        "--quick", action="store_true", help="cut short, to see whether everything works"
    )
    add_json(command)


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
    from ..experiments.classification import quick

    settings = presets[arguments.preset]
    if arguments.search:
        settings = replace(settings, proposer=arguments.search)
    if arguments.epochs:
        settings = replace(settings, epochs=arguments.epochs)
    return quick(settings) if arguments.quick else settings


def seeds(arguments):
    """The seeds asked for."""
    return range(arguments.seed, arguments.seed + arguments.seeds)


def progress(total):
    """A tqdm bar on a terminal, silent in a pipe and where there is no stderr."""
    from tqdm import tqdm

    silent = True if sys.stderr is None else None
    return tqdm(total=total, disable=silent, leave=False, dynamic_ncols=True)


def say(line):
    """Print a line above the bar, if there is a stdout."""
    from tqdm import tqdm

    if sys.stdout is not None:
        tqdm.write(line, file=sys.stdout)


def run_seed(experiment, settings, seed, watch=None, **options):
    """Run one seed, telling what happens, and `watch` too if given; the experiment's `Run`.

    `options` are for its `run`.
    """
    print(f"seed {seed}")
    with progress(settings.epochs) as bar:

        def tell(network, record):
            if watch is not None:
                watch(network, record)
            if isinstance(record, EpochRecord):
                bar.update()
                bar.set_postfix(loss=f"{record.loss:.3g}", sizes="-".join(map(str, record.sizes)))
            elif is_told(record):
                say(str(record))

        return experiment.run(replace(settings, seed=seed), tell, **options)


def is_told(record):
    """Whether a record gets a line: an addition, or a look that made none."""
    if isinstance(record, LookRecord):
        return not any(candidate.chosen for candidate in record.candidates)
    return isinstance(record, AdditionRecord)


def run_seeds(
    experiment, settings, arguments, store, title="", measures=CLASSIFIED, watch=None, **options
):
    """Run all seeds asked for, and print a table of them, see `summarise`; the experiment's runs.

    `options` are for its `run`. A `Store` keeps each run. `watch` is told of the first.
    """
    first, *others = seeds(arguments)
    runs = [run_kept(experiment, settings, first, store, watch=watch, **options)]
    runs += [run_kept(experiment, settings, s, store, **options) for s in others]
    summarise(runs, title, measures)
    return runs


def run_kept(experiment, settings, seed, store, prefix="", watch=None, **options):
    """Run one seed from where a `Store` has it, and put its numbers there; the `Run`."""
    name = f"{prefix}seed-{seed}"
    run = run_seed(experiment, settings, seed, watch, kept=store.run(name), **options)
    store.put(name, run.numbers(), whole=True)
    return run


def summarise(runs, title="", measures=CLASSIFIED):
    """Print a table of the runs, and their median when there are several.

    `measures` maps the heading of a column to the attribute that it shows, and how.
    """

    def row(name, value, hidden):
        numbers = [f"{value(attribute):{form}}" for attribute, form in measures.values()]
        return [name, *numbers, hidden, f"{value('seconds'):.1f} s"]

    def middle(name):
        return statistics.median(getattr(run, name) for run in runs)

    rows = [row(f"seed {run.seed}", partial(getattr, run), str(run.hidden)) for run in runs]
    if len(runs) > 1:
        neurons = statistics.median(sum(run.hidden) for run in runs)
        rows.append(row("median", middle, f"{neurons:g} neurons"))
    print(table([title, *measures, "hidden", "time"], rows))


def stem(name, arguments, presets):
    """The file name without its ending: it tells in what a run is not the default preset's.

    Seeds, jobs and folders have no part in it.
    """
    preset, parts = presets[arguments.preset], [name]
    if arguments.preset != "default":
        parts.append(arguments.preset)
    if arguments.search and proposer_named(arguments.search) != proposer_named(preset.proposer):
        parts.append(arguments.search)
    given = {option: getattr(arguments, option, None) for option in ("per_class", "limit", "sweep")}
    fewer = any(given.values())  # without --epochs these may train for more than the preset's
    if arguments.epochs and (fewer or arguments.epochs != preset.epochs):
        parts.append(f"{arguments.epochs}-epochs")
    if given["per_class"]:
        parts.append(f"{given['per_class']}-per-class")
    if given["limit"]:
        parts.append(f"limit-{given['limit']}")
    return "-".join([*parts, *(["quick"] if arguments.quick else [])])


def header(argv, arguments, settings):
    """What every JSON of an experiment begins with."""
    return {
        "command": command_line(argv),
        "preset": arguments.preset,
        "seed": arguments.seed,
        "settings": replace(settings, seed=arguments.seed).as_dict(),
        "versions": versions(),
    }


def command_line(argv):
    """The command as `replay` reads it, without what is each user's own: where files lie (--data),
    by how many starts the numbers came (--checkpoint, --every, --resume, --store), and on which
    cluster (--dask).
    """
    words = without(argv, "--data", "--checkpoint", "--every", "--store", "--dask")
    return shlex.join([*PROGRAM, *(word for word in words if word != "--resume")])


def without(words, *options):
    """The words of a command without some options that take a value each."""
    words = [word for word in words if not word.startswith(tuple(f"{o}=" for o in options))]
    for option in options:
        while option in words:
            at = words.index(option)
            del words[at : at + 2]
    return words


def save(name, arguments, argv, runs, figure, more=None, recorder=None):
    """Write the figure of the first run and the JSON of all under a name; the exit status.

    With its `Recorder` the page of the first run, too.

    The settings on record are those that the runs had, which few data may have made longer.
    """
    content = header(argv, arguments, runs[0].settings) | (more or {})
    content |= {"runs": [run.numbers() for run in runs], "history": runs[0].history.as_dict()}
    pages = write_page(arguments, name, content, runs[0], recorder)
    return write_picture(arguments, name, content, figure, *pages)


def write_picture(arguments, name, content, figure, *pages):
    """Write a JSON and the picture of it under a name, pages being written; the exit status."""
    from .. import plots

    path = arguments.out / name
    numbers, picture = path.with_suffix(".json"), path.with_suffix(".png")
    write_json(numbers, content)
    with written_whole(picture) as file:
        plots.save(figure, file)
    return conclude(arguments, content, picture, numbers, *pages)


def conclude(arguments, content, *files):
    """Tell which files were written, and leave for `--json` what they hold; the exit status.

    The summary is `content` and the names of the files, without the history, which is long.
    """
    print(f"wrote {' and '.join(map(str, files))}")
    short = {key: value for key, value in content.items() if key != "history"}
    arguments.summary = short | {"files": [str(file) for file in files]}
    return 0
