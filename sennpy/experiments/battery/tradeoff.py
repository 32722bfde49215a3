"""How strict a rule is to be: what a standard error more or less costs on noise and elsewhere."""

import statistics
from dataclasses import replace

from ..workers import in_parallel
from .rows import ROWS
from .run import one_run

Z = (0.0, 0.5, 1.0, 1.25, 1.5, 2.0, 3.0)  # standard errors that a gain must exceed 0 by
NOISE = ("noise-regression-400", "noise-labels-400")
OTHERS = ("moons-0.2", "moons-0.4", "circles", "checkerboard-2", "wine", "iris", "diabetes")


def run(settings, jobs, progress, seeds, levels=Z, names=(*NOISE, *OTHERS), store=None):
    """Runs of some rows of the battery at some levels, a list of dicts.

    Parameters
    ----------
    settings : Settings
        The z of its `HonestLook` is replaced.
    jobs : int
        Processes, as joblib counts them.
    progress : function of an int
        Gives a bar for so many runs.
    seeds : sequence of int
    levels : sequence of float
    names : sequence of str
        Of rows.
    store : Store, optional
        Keeps each run as it ends, and goes on from what it holds.
    """
    work = [
        (ROWS[name], seed, replace(settings, acceptance=replace(settings.acceptance, z=z)))
        for z in levels
        for name in names
        for seed in seeds
    ]
    files = [f"{row.name}-{s.acceptance.z:g}-seed-{seed}" for row, seed, s in work]
    return in_parallel(strict_run, work, jobs, progress, store, files)


def strict_run(row, seed, settings, kept=None):
    """`one_run` without rivals, with the z that it was made at."""
    row = replace(row, rivals=False)
    return {"z": settings.acceptance.z} | one_run(row, seed, settings, kept=kept)


def medians(runs, name, number):
    """Levels and the median over seeds of a number of a row's runs: two lists."""
    of_row = [run for run in runs if run["row"] == name]
    levels = sorted({run["z"] for run in of_row})
    found = [
        statistics.median(run[number] for run in of_row if run["z"] == level) for level in levels
    ]
    return levels, found


def false_additions(runs):
    """Levels, and the share of trainings on noise that added anything: two lists."""
    on_noise = [run for run in runs if run["row"].startswith("noise")]
    levels = sorted({run["z"] for run in on_noise})
    grew = [[run["neurons"] > 0 for run in on_noise if run["z"] == level] for level in levels]
    return levels, [sum(found) / len(found) for found in grew]
