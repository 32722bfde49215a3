"""`sennpy chance`: what a search finds on noise, and which rules refuse it."""

import statistics

from ..versions import versions
from ..writing import table
from .keeping import keeping, keeping_options
from .shared import add_parser, command_line, measuring, write_picture

QUICK = {"draws": 2, "samples": (50, 100), "inputs": (1, 2), "trainings": 1,
         "tasks": ("noise", "moons 0.3"), "epochs": 31}  # fmt: skip


def add(commands):
    """Make the parser."""
    command = add_parser(
        commands,
        "chance",
        "measure what a search finds on noise, and which rules for adding refuse it",
        [
            "sennpy chance            some minutes on two cores",
            "sennpy chance --quick    a few seconds: whether everything works",
        ],
    )
    measuring(command, "of all draws (default 0)", jobs=False)
    keeping_options(command)
    command.set_defaults(command=chance)


def chance(arguments, argv):
    """`sennpy chance`."""
    from ..experiments import chance as experiment
    from ..experiments import figures

    name, cut = ("chance-quick", QUICK) if arguments.quick else ("chance", {})
    settings = {rule: chosen.as_dict() for rule, chosen in experiment.RULES.items()}
    with keeping(arguments, name, settings) as store:
        found = experiment.run(arguments.seed, **cut, store=store)
        print(levels_table(found["levels"]))
        print()
        print(trainings_table(found["trainings"]))
        content = {
            "command": command_line(argv), "seed": arguments.seed, "versions": versions(),
            "settings": settings,
        } | found  # fmt: skip
        figure = figures.chance_figure(found["levels"], found["trainings"])
        return write_picture(arguments, name, content, figure)


def levels_table(rows):
    """What the best neuron of a search gains on noise, in units of lambda, a row a setting."""
    shown = ("simulated", "permuted", "held_out", "fixed", "numbers")
    header = ["noise: N, inputs, outputs", *(name.replace("_", " ") for name in shown), "in p/(Nm)"]
    return table(header, [
        [f"{row['N']}, {row['d']}, {row['m']}", *(f"{row[name]:.4f}" for name in shown),
         f"{row['simulated'] / row['numbers']:.2f}"]
        for row in rows
    ])  # fmt: skip


def trainings_table(rows):
    """Neurons added and test figures by rule and task: medians, of neurons the most too."""
    lines = []
    for task, rule in dict.fromkeys((row["task"], row["rule"]) for row in rows):
        mine = [row for row in rows if (row["task"], row["rule"]) == (task, rule)]
        added = [row["neurons"] for row in mine]
        accuracy = [row["accuracy"] for row in mine if row["accuracy"] is not None]
        lines.append([
            f"{task}: {rule}", f"{statistics.median(added):g}", f"{max(added)}",
            f"{sum(neurons > 0 for neurons in added)} of {len(mine)}",
            f"{statistics.median(row['test'] for row in mine):.3f}",
            f"{statistics.median(accuracy):.3f}" if accuracy else "",
        ])  # fmt: skip
    header = ["training: rule", "neurons", "at most", "grew", "test loss", "accuracy"]
    return table(header, lines)
