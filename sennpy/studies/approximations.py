"""The score by four approximations of F: what each costs, what it decides, where it ends.

    dense      increase of the whole network's score, against that of the whole network
    exact      Delta eta of the receiving layer's Kronecker factors (E8), against its eta_l
    bound      Delta eta' (Theorem 3.2), against the same
    diagonal   as exact, with the diagonals of Sigma and G alone, against eta_l by its diagonals

At each look of trainings by one of them, all four judge the same proposals. And the searches: what
share of the supremum they find, for which seconds; and one neuron at a time against several.
"""

import time
from dataclasses import replace

import numpy as np

from ..expansion.moments import moment, residual
from ..growth.acceptance import Acceptance, Thresholds
from ..growth.acceptance import Verdict as Judgement
from ..growth.chains import MalaSearch
from ..growth.crossfit import CrossFitted
from ..growth.place import View
from ..growth.profile import ProfileSearch
from ..growth.random import RandomSearch
from ..training.optimiser import NaturalGradient
from ..training.settings import Settings
from .statistics import bootstrap, paired_bootstrap
from .trained import measured, middle, task_named, trained
from .verdict import DOES_NOT, HOLDS, OPEN, Verdict

QUESTION = "What do exact, bound, Kronecker and diagonal scores cost, and what do they decide?"
SEEDS, VERSION = 8, 1
DATA = ("moons", "spiral", "function")
SCORES = ("dense", "exact", "bound", "diagonal")
AT_A_TIME = {"one at a time": (1,), "up to eight": (1, 2, 4, 8), "eight at a time": (8,)}
HIDDEN, TAU, ALPHA = (2,), 0.5, 0.02
# The chains of 10 bursts of 10 steps evaluate as many proposals as "random 3000".
SEARCHES = {
    "random 30": RandomSearch(30), "random 300": RandomSearch(300),
    "random 3000": RandomSearch(3000), "langevin": MalaSearch(chains=30, bursts=10),
    "profile": ProfileSearch(candidates=40, refined=1, iterations=15),
}  # fmt: skip


class Judge(Acceptance):
    """The paper's thresholds on one of the scores, which notes what the others would have decided.

    Parameters
    ----------
    by : one of SCORES
    noted : list
        Gets one entry a judgement: score -> [ratio to tau eta_c or alpha lambda, seconds].
    """

    def __init__(self, by, noted):
        self.by, self.noted = by, noted

    def judge(self, place, changes):
        if not changes or place.kind == "layer":
            return Judgement(False, reason="neurons only")
        change = max(changes, key=lambda one: one.score)
        found, note = {}, {"epoch": place.view.epoch, "supremum": float(place.supremum)}
        for name in SCORES:
            began = time.perf_counter()
            increase, eta = SCORE[name](place, change)
            found[name] = increase, decides(increase, eta, place.view.lam)
            note[name] = [float(increase), found[name][1], time.perf_counter() - began]
        self.noted.append(note)
        worth, passes = found[self.by]
        return Judgement(passes, change, worth, "" if passes else "too low")

    def as_dict(self):
        return {"class": "Judge", "by": self.by, "tau": TAU, "alpha": ALPHA}


def decides(increase, eta, lam):
    """(E13), a bool."""
    return bool(increase > TAU * eta and increase > ALPHA * lam)


# --- Scores: (place, change) to the increase and the eta that it is held against -----------------


def dense(place, change):
    """Of the whole network; anew each time, so that it costs what it costs."""
    view = View(place.view.net, place.view.X, place.view.t, place.view.loss, place.view.metric,
                place.view.u, place.view.epoch)  # fmt: skip
    return view.increase(change), view.eta


def exact(place, change):
    """Of the receiving layer."""
    return change.operation.worth(place)[0], place.eta


def bound(place, change):
    """The lower bound, from the residual gradient alone."""
    a_p = activations(place, change)
    D = moment(a_p, place.g_r)
    return float(np.trace(solved(moment(a_p, a_p), D) @ solved(place.G, D.T))), place.eta


def diagonal(place, change):
    """By the diagonals of Sigma, A and G."""
    G = np.diag(place.G)
    left = residual(place.q, activations(place, change))
    D, C = moment(left, place.g), moment(place.a_c, place.g)
    Sigma, A = (left**2).mean(axis=0), (place.a_c**2).mean(axis=0)
    return ratio(D, Sigma, G), ratio(C, A, G)


def ratio(C, A, G):
    """sum_ij C_ij^2 / (A_i G_j), what is 0 / 0 being 0; a float."""
    size = np.outer(A, G)
    return float(np.divide(C**2, size, out=np.zeros_like(C), where=size > 0).sum())


def activations(place, change):
    """Of the proposed neurons, (N, k)."""
    operation = change.operation
    return place.activation(place.inputs @ operation.weights, operation.coefficients)


def solved(S, B):
    """S^+ B for a symmetric S."""
    return np.linalg.pinv(S, hermitian=True) @ B


SCORE = {"dense": dense, "exact": exact, "bound": bound, "diagonal": diagonal}


# --- Runs ----------------------------------------------------------------------------------------


def grid(seeds, quick):
    """Trainings judged by each score; searches; and trainings with one neuron or several a look."""
    kinds = [("judge", by) for by in SCORES] + [("searches", "")]
    kinds += [("at a time", name) for name in AT_A_TIME]
    return [
        {"task": task, "kind": kind, "which": which, "seed": seed, "quick": quick}
        for task in (DATA[:1] if quick else DATA)
        for kind, which in kinds
        for seed in range(1 if quick else seeds)
    ]


def by_thresholds(config, rule):
    """Settings of a training by a rule on neurons."""
    return Settings.by_thresholds(
        epochs=60 if config["quick"] else 240, cooldown=20, max_depth=1, max_width=12,
        proposer=ProfileSearch(candidates=40, refined=1, iterations=15), acceptance=rule,
        optimiser=NaturalGradient(step_size=0.2), seed=config["seed"],
    )  # fmt: skip


def run(config):
    """One training, or the searches at the looks of one."""
    task = task_named(config["task"], config["seed"])
    return {"judge": judged, "searches": searched, "at a time": grown}[config["kind"]](config, task)


def judged(config, task):
    """What was decided at each judgement, and the end; seconds are the medians of a judgement."""
    noted = []
    fit = trained(task, by_thresholds(config, Judge(config["which"], noted)), HIDDEN)
    looks = [
        {"epoch": note["epoch"], "supremum": note["supremum"]}
        | {name: note[name][:2] for name in SCORES}
        for note in noted
    ]
    clock = {f"{name}_seconds": float(np.median([note[name][2] for note in noted] or [0.0]))
             for name in SCORES}  # fmt: skip
    return measured(task, fit) | {"judgements": looks} | clock


def searched(config, task):
    """What share of the supremum each search finds at networks of one training, and its time."""
    settings = by_thresholds(config, Thresholds(TAU, ALPHA))
    rng, shares, clock = np.random.default_rng([config["seed"], 5]), {}, {}
    for epochs in (20, 60) if config["quick"] else (20, 60, 120, 240):
        net, _ = trained(task, replace(settings, epochs=epochs), HIDDEN)
        place = View.of(net, task.X, task.t, task.loss).place("neuron", 0)
        for name, search in SEARCHES.items():
            if name not in clock:
                search.changes(place, np.random.default_rng(0))  # compiles, which is not its cost
            began = time.perf_counter()
            (change,) = search.changes(place, rng)
            clock.setdefault(name, []).append(time.perf_counter() - began)
            found = bound(place, change)[0] / place.supremum if place.supremum else 0.0
            shares.setdefault(name, []).append(float(found))
    return {"shares": shares} | {
        f"{name}_seconds": float(np.median(t)) for name, t in clock.items()
    }


def grown(config, task):
    """A training by the honest look with so many neurons a look."""
    settings = Settings(
        epochs=40 if config["quick"] else 200, seed=config["seed"], max_width=32,
        proposer=CrossFitted(counts=AT_A_TIME[config["which"]]),
    )  # fmt: skip
    return measured(task, trained(task, settings, HIDDEN))


# --- What is told --------------------------------------------------------------------------------


def of_kind(rows, kind, which=None):
    """The rows of a kind."""
    return [row for row in rows if row["kind"] == kind and which in (None, row["which"])]


def disagreements(rows, name, other="dense"):
    """For each training, the share of its judgements that two scores decide differently."""
    return [
        float(np.mean([look[name][1] != look[other][1] for look in row["judgements"]]))
        for row in of_kind(rows, "judge", "exact")
        if row["judgements"]
    ]


def tightness(rows):
    """For each training, the median of bound over exact along it."""
    found = [
        [look["bound"][0] / look["exact"][0] for look in row["judgements"] if look["exact"][0] > 0]
        for row in of_kind(rows, "judge", "exact")
    ]
    return [float(np.median(some)) for some in found if some]


def table(rows):
    """A line for each score, each search, and each number of neurons at a time."""
    lines = []
    for name in SCORES:
        some = of_kind(rows, "judge", name)
        lines.append({
            "what": f"score: {name}", "size": middle(some, "size"),
            "test_loss": middle(some, "test_loss"),
            "decides otherwise than dense": float(np.mean(disagreements(rows, name) or [0.0])),
            "seconds": middle(of_kind(rows, "judge"), f"{name}_seconds"),
        })  # fmt: skip
    for name in SEARCHES:
        some = of_kind(rows, "searches")
        shares = [share for row in some for share in row["shares"][name]]
        lines.append({"what": f"search: {name}", "share of supremum": float(np.median(shares)),
                      "seconds": middle(some, f"{name}_seconds")})  # fmt: skip
    for name in AT_A_TIME:
        some = of_kind(rows, "at a time", name)
        lines.append({"what": name, "size": middle(some, "size"), "looks": middle(some, "looks"),
                      "test_loss": middle(some, "test_loss")})  # fmt: skip
    return lines


def pairs(rows, kind, a, b, value):
    """Values of two competitors on the same tasks and seeds, (2, n)."""
    of = {(row["task"], row["seed"], row["which"]): row[value] for row in of_kind(rows, kind)}
    keys = sorted({key[:2] for key in of})
    return np.array([[of[task, seed, a], of[task, seed, b]] for task, seed in keys], dtype=float).T


def verdicts(rows):
    """Whether bound and factors are good enough to decide by, and Langevin chains to start from."""
    seeds, found = len({row["seed"] for row in rows}), []

    def at_most(claim, text, at, bar):
        word = HOLDS if at.high <= bar else DOES_NOT if at.low > bar else OPEN
        found.append(Verdict(claim, f"{text} (at most {bar:.2g} is asked)", *at, word, seeds))

    for claim, name, other in (
        ("bound-decides", "bound", "exact"), ("kronecker-decides", "exact", "dense"),
        ("diagonal-decides", "diagonal", "dense"),
    ):  # fmt: skip
        at = bootstrap(disagreements(rows, name, other), np.mean)
        at_most(claim, f"share of looks in which {name} decides otherwise than {other}", at, 0.05)
        ends = np.log(pairs(rows, "judge", name, other, "test_loss"))
        text = f"ln of the test loss of trainings by {name} over that of trainings by {other}"
        at_most(claim, text, paired_bootstrap(*ends), np.log(1.05))
    tight = bootstrap(tightness(rows))
    text = "bound / exact along training, median (at least 0.5 is asked)"
    word = HOLDS if tight.low >= 0.5 else DOES_NOT if tight.high < 0.5 else OPEN
    found.append(Verdict("bound-tight", text, *tight, word, seeds))
    for other in ("random 3000", "profile"):
        shares = [(np.mean(row["shares"]["langevin"]), np.mean(row["shares"][other]))
                  for row in of_kind(rows, "searches")]  # fmt: skip
        at = paired_bootstrap(*np.array(shares).T)
        word = HOLDS if at.low >= 0 else DOES_NOT if at.high < 0 else OPEN
        text = f"share of the supremum that Langevin chains find beyond what {other} finds"
        found.append(Verdict("langevin-starts", text, *at, word, seeds))
    ends = np.log(pairs(rows, "at a time", "one at a time", "up to eight", "test_loss"))
    at_most("one-at-a-time", "ln of the test loss with one neuron a look over up to eight",
            paired_bootstrap(*ends), np.log(1.05))  # fmt: skip
    return found
