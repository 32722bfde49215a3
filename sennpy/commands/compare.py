"""`sennpy compare`: an experiment's two presets side by side, ours and the authors'."""

import statistics
from dataclasses import replace

from ..versions import versions
from ..writing import table, write_json, write_text
from .shared import add_parser, basic, command_line, conclude, run_seed, seeds

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
        ],
    )
    command.add_argument("experiments", nargs="+", choices=MEASURES, metavar="EXPERIMENT",
                         help=f"one or more of: {', '.join(MEASURES)}")  # fmt: skip
    basic(command, seeds=3)
    command.set_defaults(command=compare)


def compare(arguments, argv):
    """`sennpy compare`: the table goes to stdout and, beside a JSON, into a Markdown file."""
    from ..experiments import half_moons, regression
    from ..experiments.classification import quick

    known = {"half-moons": half_moons, "regression": regression}
    runs, settings = {}, {}
    for name in dict.fromkeys(arguments.experiments):
        for preset in PRESETS:
            chosen = known[name].PRESETS[preset]
            if arguments.epochs:
                chosen = replace(chosen, epochs=arguments.epochs)
            chosen = quick(chosen) if arguments.quick else chosen
            print(f"{name}, {preset} preset")
            numbers = [run_seed(known[name], chosen, seed).numbers() for seed in seeds(arguments)]
            runs.setdefault(name, {})[preset] = numbers
            settings.setdefault(name, {})[preset] = chosen.as_dict()
    shown = "\n\n".join(side_by_side(name, presets) for name, presets in runs.items())
    print(shown)
    parts = ["compare", *([] if set(runs) == set(MEASURES) else runs)]
    parts += [f"{arguments.epochs}-epochs"] if arguments.epochs else []
    path = arguments.out / "-".join([*parts, *(["quick"] if arguments.quick else [])])
    content = {
        "command": command_line(argv), "seed": arguments.seed,
        "settings": settings, "versions": versions(), "runs": runs,
    }  # fmt: skip
    write_json(path.with_suffix(".json"), content)
    write_text(path.with_suffix(".txt"), shown + "\n")
    return conclude(arguments, content, path.with_suffix(".txt"), path.with_suffix(".json"))


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
