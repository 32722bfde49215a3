"""The page of results: what the records in figures/ hold, made from them and from nothing else.

book/results.txt is its text; each <<name>> in it is a number or a table of `values`.
"""

import json
import re
from pathlib import Path
from statistics import median

from sennpy.experiments.battery import table, tradeoff
from sennpy.experiments.battery.rows import ROWS

HERE = Path(__file__).parent
FIGURES = HERE.parent / "figures"
TRAININGS = (
    "half-moons", "half-moons-splits", "regression", "regression-case-0", "regression-case-1",
    "regression-case-2", "digits", "mnist", "half-moons-paper",
)  # fmt: skip
SWEEP = "mnist-sweep"


def record(name):
    """The JSON of figures/NAME.json."""
    return json.loads((FIGURES / f"{name}.json").read_text(encoding="utf-8"))


def results():
    """The page, in Markdown."""
    text = (HERE / "book" / "results.txt").read_text(encoding="utf-8")
    found = values() | {"made": "<!-- made by `python notebooks/sheets.py` -->\n"}
    return re.sub("<<(.*?)>>", lambda match: found[match[1]], text)


def values():
    """Every number and table of the page, by the name that the text gives it."""
    return {
        "trainings": trainings(),
        "sweep": sweep(),
        "compare": (FIGURES / "compare.txt").read_text(encoding="utf-8").rstrip("\n"),
        "bench": bench(),
        **of_searches(),
        **of_the_battery(),
        **of_strictness(),
        **of_chance(),
    }


def rows(header, lines):
    """A table in Markdown."""
    return "\n".join(table.marked(cells) for cells in [header, ["---"] * len(header), *lines])


def short(value):
    """A number with two figures, or an accuracy with four digits: 7.7e-8, 0.9120."""
    if value >= 0.01:
        return f"{value:.4f}"
    mantissa, exponent = f"{value:.1e}".split("e")
    return f"{mantissa}e{int(exponent)}"


def spread(values, told=short):
    """The median with the range: "0.912 (0.906 to 0.914)"; of one value, itself."""
    middle, low, high = told(median(values)), told(min(values)), told(max(values))
    return middle if len(values) == 1 else f"{middle} ({low} to {high})"


# --- Experiments ---------------------------------------------------------------------------------


def trainings():
    """One line a record of an experiment: command, runs, what was reached, size, seconds."""
    lines = []
    for name in TRAININGS:
        content = record(name)
        runs = content["runs"]
        test, train = (measure(runs, part) for part in ("test", "train"))
        others = [f"{told}: {spread(of)}" for told, of in baselines(content).items()]
        lines.append([
            f"`{content['command'].removeprefix('python -m ')}`", str(len(runs)), test, train,
            spread([sum(run["hidden"]) for run in runs], whole),
            spread([run["seconds"] for run in runs], "{:.1f}".format), "; ".join(others) or "-",
        ])  # fmt: skip
    header = ["command", "runs", "test", "training", "hidden neurons", "seconds", "beside it"]
    return rows(header, lines)


def whole(value):
    """A count, or the middle of two."""
    return f"{value:g}"


def measure(runs, part):
    """What was reached on a part of the data, "test" or "train"."""
    names = {f"{part}_accuracy": "accuracy", f"{part}_error": "error", f"{part}_loss": "loss"}
    found = [
        f"{told} {spread([run[name] for run in runs])}"
        for name, told in names.items()
        if name in runs[0]
    ]
    return ", ".join(found)


def baselines(content):
    """Name to the accuracies of what stands beside the networks."""
    if "svc_accuracy" in content["runs"][0]:
        return {"RBF SVC, cross-validated": [run["svc_accuracy"] for run in content["runs"]]}
    beside = content.get("baselines", [])
    return {name: [row[name] for row in beside] for name in (beside[0] if beside else ())}


def sweep():
    """MNIST over the number of training images."""
    runs, lines = record(SWEEP)["runs"], []
    for samples in sorted({run["samples"] for run in runs}):
        of_size = [run for run in runs if run["samples"] == samples]
        lines.append([
            f"{samples:,}", str(len(of_size)),
            spread([sum(run["hidden"]) for run in of_size], whole),
            spread([run["test_accuracy"] for run in of_size]),
        ])  # fmt: skip
    return rows(["training images", "runs", "hidden neurons", "test accuracy"], lines)


# --- The default settings ------------------------------------------------------------------------


def of_the_battery():
    """The table of the battery, how many goals are reached, and what is said of the misses."""
    content = record("battery")
    runs = content["runs"]
    told = list(table.verdicts(content).values())
    of_row = {}
    for run in runs:
        of_row.setdefault(run["row"], []).append(run)
    shares = [
        median(run["look_seconds"] / run["seconds"] for run in found) for found in of_row.values()
    ]
    looks, all_of_it = (sum(run[name] for run in runs) for name in ("look_seconds", "seconds"))
    epochs = [
        (run["seconds"] - run["look_seconds"]) / run["epochs"]
        for run in runs
        if ROWS[run["row"]].group == "toy"
    ]
    loss = {n: median(run["log_loss"] for run in of_row[f"moons-of-{n}"]) for n in (400, 800)}
    return {
        "battery": table.markdown(content).rstrip("\n"),
        "reached": str(told.count("reached")),
        "goals": str(told.count("reached") + told.count("missed")),
        "least share": f"{100 * min(shares):.0f}",
        "most share": f"{100 * max(shares):.0f}",
        "share": f"{100 * looks / all_of_it:.0f}",
        "epoch": f"{1000 * median(epochs):.1f}",
        "rise": f"{loss[800] - loss[400]:.3f}",
    }


def of_strictness():
    """How many trainings on noise grow, over the standard errors that are asked for."""
    levels, shares = tradeoff.false_additions(record("tradeoff")["runs"])
    lines = [[f"{z:g}", f"{share:.2f}"] for z, share in zip(levels, shares, strict=True)]
    return {"strictness": rows(["standard errors", "trainings on noise that grow"], lines)}


def of_chance():
    """What the best of a search finds on noise, and what each rule makes of it."""
    content = record("chance")
    shares = [row["simulated"] / row["numbers"] for row in content["levels"]]
    found = {}
    for row in content["trainings"]:
        found.setdefault((row["task"], row["rule"]), []).append(row["neurons"])
    tasks = list(dict.fromkeys(task for task, _ in found))
    rules = list(dict.fromkeys(rule for _, rule in found))
    lines = [[rule, *(spread(found[task, rule], whole) for task in tasks)] for rule in rules]
    return {
        "least chance": f"{min(shares):.1f}",
        "most chance": f"{max(shares):.1f}",
        "rules": rows(["rule", *tasks], lines),
    }


# --- Speed ---------------------------------------------------------------------------------------


def bench():
    """The lines of the bench: how each compares with its twin or its floor, and its seconds."""
    lines = []
    for timing in record("bench")["timings"].values():
        middle, against = median(timing["seconds"]), "-"
        if timing["twin_seconds"]:
            against = f"1/{timing['twin_seconds'] / middle:.3g} of the twin"
        if timing["floor_seconds"]:
            against = f"{middle / timing['floor_seconds']:.2g} times {timing['floor']}"
        lines.append([timing["name"], timing["what"], against, f"{middle:.2g}"])
    return rows(["line", "what", "ratio", "seconds"], lines)


def of_searches():
    """How the profile search compares with Langevin chains."""
    verdict = record("bench-searches")["verdict"]
    return {
        "score": f"{verdict['bound_over_chains']:.1f}",
        "time": f"{1 / verdict['time_over_chains_seconds']:.0f}",
    }
