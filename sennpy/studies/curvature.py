"""Open question 2: the curvature H of the loss against F along training, and what follows from it.

The theory takes H for F. At states of trainings by the paper's rule: the distance of the two, eta/2
against what a full natural step and training to convergence really take off the loss, N_s against
Theorem 3.1, N_T against (E14). And whether an addition disturbs: each network is trained on beside
the one that it was before its additions.
"""

from dataclasses import replace

import numpy as np

from ..curvature.fisher import fisher
from ..expansion.decide import max_total_additions
from ..expansion.moments import CUTOFF
from ..growth.acceptance import Thresholds
from ..growth.random import RandomSearch
from ..training.history import AdditionRecord, EpochRecord
from ..training.levenberg import LevenbergMarquardt
from ..training.optimiser import NaturalGradient
from ..training.senn import SENN
from ..training.settings import Settings
from .statistics import bootstrap
from .trained import grouped, measured, task_named, trained
from .verdict import DOES_NOT, HOLDS, IN_PART, OPEN, Verdict

QUESTION = "How far is H from F along training, and what becomes of the bounds where they differ?"
SEEDS, VERSION = 8, 1
DATA = ("moons", "spiral", "function")
HIDDEN, STATES = (3,), (1, 10, 30, 60, 120, 200)
AFTERWARDS = 20  # epochs for which networks are trained on, with and without an addition
CONVERGED = 200  # epochs that stand for training to convergence
DAMPING = 0.1  # of the optimiser, and of the step that is damped
STEP = 1e-5  # of the central differences, in units of 1 + |theta_i|


def grid(seeds, quick):
    """A training for each task and seed."""
    return [
        {"task": task, "seed": seed, "quick": quick}
        for task in (DATA[:2] if quick else DATA)
        for seed in range(min(seeds, 2) if quick else seeds)
    ]


def settings_of(config):
    """The paper's rule with its own metric, so that Theorem 3.1 speaks of it."""
    return Settings.by_thresholds(
        epochs=32 if config["quick"] else 240, cooldown=10 if config["quick"] else 30,
        proposer=RandomSearch(300), acceptance=Thresholds(tau=1.0, alpha=0.02), max_depth=1,
        optimiser=NaturalGradient(step_size=0.2), max_width=16, seed=config["seed"],
    )  # fmt: skip


def run(config):
    """One training: its states, its additions, and its bounds."""
    task, settings = task_named(config["task"], config["seed"]), settings_of(config)
    seen, made, last = {}, [], {}

    def watch(net, record):
        if isinstance(record, EpochRecord):
            last["net"] = net
            if record.epoch in STATES:
                seen[record.epoch] = net
        if isinstance(record, AdditionRecord):
            made.append((record, last["net"], net))

    fit = trained(task, settings, HIDDEN, watch)
    epochs = 20 if config["quick"] else CONVERGED
    states = [state_of(net, task, epoch, epochs) for epoch, net in seen.items()]
    return measured(task, fit) | {
        "states": states,
        "together": [[r.epoch, r.together, float(r.limit)] for r, _, _ in made],
        "total": total_additions(task, settings, fit, epochs),
        "disturbed": disturbances(made, task, settings, 5 if config["quick"] else AFTERWARDS),
    }


# --- H against F ---------------------------------------------------------------------------------


def hessian(net, X, t, loss):
    """H (P, P) by central differences of the gradient, made symmetric."""
    theta = net.parameters
    steps = STEP * (1 + np.abs(theta))

    def gradient(at):
        trace = net.replace(at).forward(X)
        return net.replace(at).vjp(trace, loss.gradient(trace.outputs, t)) / len(X)

    rows = [
        (gradient(theta + step * unit) - gradient(theta - step * unit)) / (2 * step)
        for step, unit in zip(steps, np.eye(len(theta)), strict=True)
    ]
    H = np.stack(rows)
    return (H + H.T) / 2


def state_of(net, task, epoch, epochs):
    """Distances and promises at one state, plain values; losses and scores per sample.

    The step is that of the metric of the loss, F_true, on its range: there alone eta/2 is what the
    quadratic model loses.
    """
    X, t, loss = task.X, task.t, task.loss
    H = hessian(net, X, t, loss)
    y = net(X)
    trace = net.forward(X)
    g = net.vjp(trace, loss.gradient(y, t)) / len(X)
    F = {kind: fisher(net, X, kind, loss, t) for kind in ("euclidean", "true")}
    n = np.linalg.pinv(F["true"], rcond=CUTOFF, hermitian=True) @ g
    damped = np.linalg.solve(F["true"] + DAMPING * np.eye(len(g)), g)
    eta, before = float(g @ n), loss.value(y, t)
    with np.errstate(all="ignore"):
        after, later = (
            float(loss.value(net.replace(net.parameters - step)(X), t)) for step in (n, damped)
        )
    fixed = Settings(
        epochs=epochs, max_width=1, max_depth=0, optimiser=LevenbergMarquardt(decay=0.0)
    )
    end, _ = SENN(loss, fixed).fit(net, X, t)
    return {
        "epoch": epoch, "loss": float(before), "eta": eta,
        **{f"distance_{kind}": float(np.linalg.norm(H - one) / np.linalg.norm(one))
           for kind, one in F.items()},
        "damped": float(g @ damped - damped @ F["true"] @ damped / 2),
        "lost_by_damped_step": float(before - later) if np.isfinite(later) else None,
        "lost_by_step": float(before - after) if np.isfinite(after) else None,
        "lost_by_training": float(before - loss.value(end(X), t)),
    }  # fmt: skip


# --- Bounds and disturbances ---------------------------------------------------------------------


def total_additions(task, settings, fit, epochs):
    """N_T beside (E14): L*_0 of the start trained on its own, L_inf = 0, the least alpha lambda.

    With L_inf = 0 the bound is at its most generous.
    """
    never = replace(settings, acceptance=Thresholds(alpha=1e9), epochs=epochs)
    start, _ = trained(task, never, HIDDEN)
    lams = [look.lam for look in fit.history.looks if any(c.chosen for c in look.candidates)]
    if not lams:
        return {"made": 0, "bound": None}
    reachable = float(task.loss.value(start(task.X), task.t))
    bound = max_total_additions(reachable, 0.0, settings.acceptance.alpha * min(lams))
    return {"made": len(fit.history.additions), "bound": float(bound)}


def disturbances(made, task, settings, epochs):
    """For each epoch with additions: how far they moved outputs, and the training after, with and
    without them.
    """
    found = []
    for epoch in sorted({record.epoch for record, _, _ in made}):
        here = [(record, before, after) for record, before, after in made if record.epoch == epoch]
        before, after = here[0][1], here[-1][2]
        still = replace(settings, acceptance=Thresholds(alpha=1e9), epochs=epochs)
        losses = [SENN(task.loss, still).fit(net, task.X, task.t).history.column("loss")
                  for net in (before, after)]  # fmt: skip
        without, grown = map(np.array, losses)
        found.append({
            "epoch": epoch, "moved": max(float(record.moved) for record, _, _ in here),
            "worst": float((grown / without - 1).max()),
            "end": float(np.log(grown[-1] / without[-1])),
        })  # fmt: skip
    return found


# --- What is told --------------------------------------------------------------------------------


def states(rows):
    """All states, each with its task and seed."""
    return [
        {"task": row["task"], "seed": row["seed"]} | state
        for row in rows
        for state in row["states"]
    ]


def table(rows):
    """A line for each task and epoch: medians over seeds."""
    found = []
    for (task, epoch), some in grouped(states(rows), "task", "epoch"):
        line = {"task": task, "epoch": epoch}
        for name in ("loss", "distance_euclidean", "distance_true"):
            line[name] = float(np.median([s[name] for s in some]))
        for name in ("lost_by_step", "lost_by_damped_step", "lost_by_training"):
            ratios = [ratio for ratio in (realised(s, name) for s in some) if ratio is not None]
            line[f"{name}_of_promise"] = float(np.median(ratios)) if ratios else None
        found.append(line)
    return found


def realised(state, name):
    """What was really lost, in units of what the model foretold: eta/2, or less for a damped step.

    None where there is no number.
    """
    foretold = state["damped"] if name == "lost_by_damped_step" else state["eta"] / 2
    return None if state[name] is None or foretold <= 0 else state[name] / foretold


def per_run(rows, value):
    """The median over the states of each run, a list: states of one run are not independent."""
    found = [[v for v in map(value, row["states"]) if v is not None] for row in rows]
    return [float(np.median(some)) for some in found if some]


def verdicts(rows):
    """H against F, the promise, the two bounds on additions, and whether they disturb."""
    seeds, found = len({row["seed"] for row in rows}), []

    def say(claim, text, values, word, statistic=np.median):
        if values:
            at = bootstrap(values, statistic)
            found.append(Verdict(claim, text, *at, word(at), seeds))

    say("h-is-f", "||H - F|| / ||F|| with the loss's own metric (at most 0.1 is asked)",
        per_run(rows, lambda s: s["distance_true"]), at_most(0.1))  # fmt: skip
    say("h-is-f", "||H - F|| / ||F|| with the paper's metric (at most 0.1 is asked)",
        per_run(rows, lambda s: s["distance_euclidean"]), at_most(0.1))  # fmt: skip
    say("promise", "share of eta/2 that a full natural step takes off the loss (0.5 to 2 is asked)",
        per_run(rows, lambda s: realised(s, "lost_by_step")), within(0.5, 2.0))  # fmt: skip
    say("promise", "share of what is foretold that a damped step takes off (0.5 to 2 is asked)",
        per_run(rows, lambda s: realised(s, "lost_by_damped_step")), within(0.5, 2.0))  # fmt: skip
    say("promise", "share of eta/2 that training to convergence takes off (0.5 to 2 is asked)",
        per_run(rows, lambda s: realised(s, "lost_by_training")), within(0.5, 2.0))  # fmt: skip
    say("bounded-additions", "additions at one time in units of Theorem 3.1's bound, at most",
        [max(n / limit for _, n, limit in row["together"]) for row in rows if row["together"]],
        at_most(1.0), np.max)  # fmt: skip
    say("bounded-additions", "additions in all in units of (E14)'s bound, the most of all runs",
        [row["total"]["made"] / row["total"]["bound"] for row in rows if row["total"]["bound"]],
        at_most(1.0), np.max)  # fmt: skip
    events = [event for row in rows for event in row["disturbed"]]
    say("undisturbed", "largest move of an output by an addition, in units of the largest output",
        [e["moved"] for e in events], at_most(1e-9), np.max)  # fmt: skip
    say("undisturbed", "share by which the loss is at worst above that without the addition",
        [e["worst"] for e in events], at_most(0.01), np.median)  # fmt: skip
    return found


def at_most(bound):
    """The word on an interval that is to lie at most at a bound."""
    return lambda at: HOLDS if at.high <= bound else DOES_NOT if at.low > bound else OPEN


def within(low, high):
    """The word on an interval that is to lie between two bounds; in part where it overlaps them."""

    def word(at):
        if low <= at.low and at.high <= high:
            return HOLDS
        return DOES_NOT if at.high < low or at.low > high else IN_PART

    return word
