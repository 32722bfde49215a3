"""The battery's table: for the terminal, and for the README."""

import statistics

from ...writing import table
from . import anytime, rivals
from .rows import METRICS, MISSED, OPEN, REACHED, ROWS, statistic, verdict

HEADER = ("row", "median", "worst", "neurons", "epochs", "seconds", "looks", "goal", "verdict",
          "best rival")  # fmt: skip
README_HEADER = ("task", "median (worst)", "neurons", "seconds", "to reach", "", "best rival")


def by_row(runs):
    """Runs grouped: names of rows to lists, in the order of `ROWS`."""
    return {name: found for name in ROWS if (found := [run for run in runs if run["row"] == name])}


def figures_of(name, runs):
    """The cells of one row as strings, {heading: cell}.

    Parameters
    ----------
    name : str
    runs : dict
        Of all rows, from `by_row`.
    """
    row, here = ROWS[name], runs[name]
    metric = METRICS[row.metric]
    median, worst = (
        metric.form.format(statistic(here, row.metric, which)) for which in ("median", "worst")
    )
    seconds = statistics.median(run["seconds"] for run in here)
    looks = sum(run["look_seconds"] for run in here) / max(1e-9, sum(r["seconds"] for r in here))
    return {
        "row": row.title, "metric": metric.title, "median": median, "worst": worst,
        "neurons": f"{statistics.median(run['neurons'] for run in here):g}",
        "epochs": f"{statistics.median(run['epochs'] for run in here):g}",
        "seconds": f"{seconds:.1f}", "looks": f"{100 * looks:.0f} %",
        "goal": "; ".join(map(str, row.goals)) or OPEN, "verdict": verdict(row, runs),
        "best rival": best_rival(row, here),
    }  # fmt: skip


def best_rival(row, runs):
    """The best of the rivals by its median, with its name; "-" where there are none."""
    found = {
        name: statistics.median(run["rivals"][name][row.metric] for run in runs)
        for name in rivals.NAMES
        if all(name in run.get("rivals", {}) for run in runs)
    }
    if not found:
        return OPEN
    metric = METRICS[row.metric]
    best = (max if metric.more_is_better else min)(found, key=found.get)
    return f"{metric.form.format(found[best])} {best}"


def anytime_cells(pairs):
    """Cells of the lines about areas over time: a line a task, and the verdict in the last."""
    for name, (width, grown, still) in anytime.medians(pairs).items():
        yield ROWS[name].title, f"{grown:.3f}", f"{still:.3f}", f"{width}"


def anytime_verdict(pairs):
    """(in how many of how many tasks ahead or equal, verdict); as strings."""
    kept, tasks = anytime.kept(pairs), len(anytime.medians(pairs))
    told = REACHED if kept >= anytime.AHEAD_IN else MISSED
    return f"{kept} of {tasks}", told if tasks == len(anytime.TASKS) else OPEN


def printed(content):
    """The table of a record for the terminal."""
    runs, parts = by_row(content["runs"]), []
    if runs:
        lines = [figures_of(name, runs) for name in runs]
        parts.append(table(HEADER, [[line[cell] for cell in HEADER] for line in lines]))
    pairs = content["areas_over_seconds"]
    if pairs:
        header = ("accuracy, mean over time", "grown", "fixed", "its width")
        kept, told = anytime_verdict(pairs)
        parts.append(table(header, list(anytime_cells(pairs))))
        parts.append(f"ahead or equal in {kept}, to reach {anytime.AHEAD_IN}: {told}")
    parts += [f"{name}: skipped, {reason}" for name, reason in content["skipped"].items()]
    return "\n\n".join(parts)


def markdown(content):
    """The table of a record as it stands in the README, in Markdown."""
    runs = by_row(content["runs"])
    lines = [marked(README_HEADER), marked(["---"] * len(README_HEADER))]
    for name in runs:
        cell = figures_of(name, runs)
        reached = f"{cell['metric']} {cell['median']} ({cell['worst']})"
        lines.append(marked([cell["row"], reached, cell["neurons"], cell["seconds"], cell["goal"],
                             cell["verdict"], cell["best rival"]]))  # fmt: skip
    pairs = content["areas_over_seconds"]
    for title, grown, still, width in anytime_cells(pairs):
        lines.append(marked([f"area over time: {title}", f"mean accuracy {grown}", "", "", "", "",
                             f"{still} with fixed {width}"]))  # fmt: skip
    if pairs:
        kept, told = anytime_verdict(pairs)
        lines.append(marked(["area over time, together", f"ahead or equal in {kept}", "", "",
                             f"{anytime.AHEAD_IN} of {len(anytime.TASKS)}", told, ""]))  # fmt: skip
    return "\n".join(lines) + "\n"


def marked(cells):
    """One row of a table in Markdown."""
    return f"| {' | '.join(cells)} |"


def verdicts(content):
    """Rows to their verdicts, as numbers of a record tell; the areas over time under "anytime"."""
    runs = by_row(content["runs"])
    found = {name: verdict(ROWS[name], runs) for name in runs}
    pairs = content["areas_over_seconds"]
    return found | ({"anytime": anytime_verdict(pairs)[1]} if pairs else {})
