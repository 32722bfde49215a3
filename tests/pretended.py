"""Runs that were not made: numbers that cannot be mistaken for one another, for the commands."""

import json
import re
from dataclasses import dataclass, field, replace
from functools import cache

import matplotlib.pyplot as plt
import numpy as np

from sennpy import MLP, History, RandomSearch, Settings, Thresholds
from sennpy.cli import main
from sennpy.datasets import Data, idx
from sennpy.experiments import digits, figures, half_moons, mnist, regression
from sennpy.experiments.battery import figures as of_battery
from sennpy.experiments.classification import Run
from sennpy.experiments.half_moons import run as grow
from sennpy.experiments.regression import Moment, RegressionRun

# By seed: neither sorted, nor is their mean their median, nor the first the least or the largest.
VALUES = [0.51, 0.93, 0.12, 0.34, 0.48, 0.77, 0.05, 0.66]
EXPERIMENTS = {
    "half-moons": half_moons, "regression": regression, "digits": digits, "mnist": mnist,
}  # fmt: skip


@cache
def history():
    """Of a short training: 8 epochs, and another number of looks than of additions."""
    settings = Settings.by_thresholds(
        epochs=8, cooldown=2, acceptance=Thresholds(0.01, 1e-4, 0.5), proposer=RandomSearch(9),
        max_width=3, max_depth=1,
    )  # fmt: skip
    found = grow(settings).history
    assert len({len(found.epochs), len(found.looks), len(found.additions)}) == 3
    return found


def pretended(name, settings):
    """What an experiment would give for a seed, with numbers of that seed alone."""
    seed, all_of_it = settings.seed, history()
    value = VALUES[seed % len(VALUES)]
    hidden = tuple(int(1 + (3 * seed + i) % 5) for i in range(1 + seed % 2))
    known = History(all_of_it.epochs[: 8 - seed % 5], all_of_it.looks, all_of_it.additions)
    if name == "regression":
        net, two = MLP.random((1, *hidden, 1), rng=seed), np.array([[0.0], [1.0]])
        data = Data(two, two, two, two)
        return RegressionRun(settings, net, known, 10 * value, data, (Moment(8, "end", net),),
                             value / 100, value / 10)  # fmt: skip
    net = MLP.random((2, *hidden, 2), rng=seed)
    return Run(settings, net, known, 10 * value, ((0, net), (8, net)), 100 + seed, value / 7,
               value / 3, value)  # fmt: skip


def svc_accuracy(train_seed, test_seed):
    """Of a support vector machine that was not trained."""
    return VALUES[(train_seed + test_seed) % 8]


@dataclass
class Asked:
    """What the experiments were asked for, where it was kept, and which figures were drawn."""

    runs: list = field(default_factory=list)  # (name, settings, options)
    drawn: list = field(default_factory=list)  # (name, arguments)
    kept: list = field(default_factory=list)


def pretend(monkeypatch):
    """Let the experiments give `pretended` runs, and all figures be blank; an `Asked`."""
    asked = Asked()
    for name, module in EXPERIMENTS.items():

        def run(settings, callback=None, name=name, **options):
            asked.kept.append(options.pop("kept", None))
            asked.runs.append((name, settings, options))
            made = pretended(name, settings)
            per_class = options.get("per_class")
            return replace(made, samples=10 * per_class) if per_class else made

        monkeypatch.setattr(module, "run", run)
    for module, names in [(figures, [n for n in figures.__all__ if n.endswith("_figure")]),
                          (of_battery, ["battery_figure", "tradeoff_figure"])]:  # fmt: skip
        for name in names:

            def blank(*what, name=name):
                asked.drawn.append((name, what))
                return plt.figure(figsize=(1, 1))

            monkeypatch.setattr(module, name, blank)
    monkeypatch.setattr(digits, "baselines", lambda seed, **subset: {
        "model one": VALUES[seed] / 2, "model two": VALUES[(seed + 3) % 8]})  # fmt: skip
    monkeypatch.setattr(half_moons, "rbf_svc_accuracy", svc_accuracy)
    monkeypatch.setattr(idx, "load", lambda folder=None: None)
    return asked


def told(words, tmp_path, capsys):
    """What a command prints, as lines, and the JSON that it writes (None if it writes none)."""
    before = set(tmp_path.glob("*.json"))
    status = main([*words, "--out", str(tmp_path)])
    out = capsys.readouterr().out
    assert status == 0, out
    new = [file for file in tmp_path.glob("*.json") if file not in before]
    content = json.loads(new[0].read_text(encoding="utf-8")) if new else None
    return out.splitlines(), content


def cells(line):
    """The cells of a printed line: what two blanks or more keep apart."""
    return re.split(r" {2,}", line.strip())


def table_below(lines, header):
    """The rows (lists of cells) that stand below the line that begins with `header`."""
    (at,) = [i for i, line in enumerate(lines) if line.startswith(header)]
    rows = []
    for line in lines[at + 1 :]:
        if not line.strip() or line.startswith("wrote"):
            break
        rows.append(cells(line))
    return cells(lines[at]), rows
