"""`sennpy compare`: an experiment's two presets side by side, or two trainings on record."""

import argparse
import statistics
from dataclasses import replace
from pathlib import Path

from ..versions import versions
from ..writing import table, write_json, write_text
from .compare_records import compare_records, is_record
from .keeping import keeping, keeping_options
from .shared import add_parser, basic, command_line, conclude, run_kept, seeds

PRESETS = ("default", "paper")
MEASURES = {  # names in a run's numbers, and how they are shown
    "half-moons": (("test_accuracy", "{:.3f}"), ("test_loss", "{:.4f}"), ("train_loss", "{:.4f}")),
    "regression": (("train_error", "{:.1e}"), ("test_error", "{:.1e}")),
}


def add(commands):
    """Make the parser."""
    command = add_parser(
        commands,
        "compare",
        "train with the default and with the paper's settings, and put them side by side",
        [
            "sennpy compare half-moons --seeds 3",
            "sennpy compare regression half-moons    both, in some minutes",
            "sennpy compare figures/digits.json figures/mnist.json --report page.html",
        ],
    )
    command.add_argument("experiments", nargs="+", type=compared, metavar="EXPERIMENT",
                         help=f"one or more of: {', '.join(MEASURES)}; or two records, A.json "
                         "B.json")  # fmt: skip
    command.add_argument("--report", type=Path, metavar="PAGE.html",
                         help="of two records: a page that shows both, look by look")  # fmt: skip
    basic(command, seeds=3)
    keeping_options(command)
    command.set_defaults(command=compare)


def compared(word):
    """An experiment, or the file of a record, for argparse."""
    if word not in MEASURES and not is_record(word):
        raise argparse.ArgumentTypeError(
            f"invalid choice: {word!r} (choose from {', '.join(MEASURES)}, or name two records, "
            "A.json B.json)"
        )
    return word


def compare(arguments, argv):
    """`sennpy compare`: the table goes to stdout and, beside a JSON, into a Markdown file."""
    if any(map(is_record, arguments.experiments)):
        return compare_records(arguments)
    if arguments.report is not None:
        raise ValueError("--report shows two records: name them, as in compare A.json B.json.")
    from ..experiments import half_moons, regression
    from ..experiments.classification import quick

    known = {"half-moons": half_moons, "regression": regression}
    names, settings, runs = list(dict.fromkeys(arguments.experiments)), {}, {}
    for name in names:
        chosen = {preset: known[name].PRESETS[preset] for preset in PRESETS}
        if arguments.epochs:
            chosen = {p: replace(s, epochs=arguments.epochs) for p, s in chosen.items()}
        settings[name] = {p: quick(s) if arguments.quick else s for p, s in chosen.items()}
    plain = {name: {p: s.as_dict() for p, s in found.items()} for name, found in settings.items()}
    path = arguments.out / stem(arguments, names)
    with keeping(arguments, path.name, plain) as store:
        for name in names:
            runs[name] = {
                preset: seeds_of(known[name], name, preset, chosen, arguments, store)
                for preset, chosen in settings[name].items()
            }
        shown = "\n\n".join(side_by_side(name, presets) for name, presets in runs.items())
        print(shown)
        content = {
            "command": command_line(argv), "seed": arguments.seed,
            "settings": plain, "versions": versions(), "runs": runs,
        }  # fmt: skip
        write_json(path.with_suffix(".json"), content)
        write_text(path.with_suffix(".txt"), shown + "\n")
        return conclude(arguments, content, path.with_suffix(".txt"), path.with_suffix(".json"))


def stem(arguments, names):
    """The file name without its ending: which experiments, unless all, and in what cut short."""
    parts = ["compare", *([] if set(names) == set(MEASURES) else names)]
    parts += [f"{arguments.epochs}-epochs"] if arguments.epochs else []
    return "-".join([*parts, *(["quick"] if arguments.quick else [])])


def seeds_of(experiment, name, preset, settings, arguments, store):
    """The numbers of all seeds of an experiment with one preset, kept in a `Store`."""
    print(f"{name}, {preset} preset")
    prefix = f"{name}-{preset}-"
    runs = [run_kept(experiment, settings, seed, store, prefix) for seed in seeds(arguments)]
    return [run.numbers() for run in runs]


def side_by_side(name, presets):
    """A table of one experiment: a row a measure, its median and range over seeds a preset."""
    rows = []
    for measure, form in MEASURES[name]:
        cells = [spread([run[measure] for run in runs], form) for runs in presets.values()]
        rows.append([measure.replace("_", " "), *cells])
    neurons = [[sum(run["hidden"]) for run in runs] for runs in presets.values()]
    rows.append(["hidden neurons", *(spread(counts, "{:g}") for counts in neurons)])
    layers = [[len(run["hidden"]) for run in runs] for runs in presets.values()]
    rows.append(["hidden layers", *(spread(counts, "{:g}") for counts in layers)])
    times = [[run["seconds"] for run in runs] for runs in presets.values()]
    rows.append(["seconds", *(spread(seconds, "{:.1f}") for seconds in times)])
    seeds = len(next(iter(presets.values())))
    title = f"{name}, {seeds} seed{'s' * (seeds > 1)}"
    return table([title, *(f"{preset} preset" for preset in presets)], rows)


def spread(values, form):
    """The median of the values and, where they differ, their range."""
    middle, low, high = (form.format(f(values)) for f in (statistics.median, min, max))
    return middle if low == high else f"{middle} ({low} to {high})"
