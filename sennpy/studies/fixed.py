"""Grown against fixed: neurons at comparable accuracy, and accuracy over time.

Grown by the paper's thresholds, with a look every ten epochs; the fixed have the same optimiser,
damping, steps, epochs and seed. The test data fall in two halves: the first says which fixed
network is as good as the grown one, the second how good both are. scikit-learn's MLPClassifier
has its size and its learning rate from cross-validation on the training data.
"""

import statistics
import time
import warnings
from dataclasses import replace
from functools import cache

import numpy as np

from ..datasets.cifar import cifar
from ..experiments.battery import tasks
from ..experiments.battery.anytime import area
from ..experiments.battery.run import fixed
from ..training.history import EpochRecord
from ..training.settings import Settings
from .runs import groups, median, numbers, trained
from .statistics import Interval, bootstrap, paired_bootstrap
from .verdict import judged

QUESTION = "How many neurons has the smallest fixed network that is as good as the grown one?"
SEEDS = 3
VERSION = 1
EPOCHS, COOLDOWN, POINTS = 120, 10, 16  # of each training, its looks, its curve on record
TESTED = 1000  # samples at most; half of them judge, half report
GROWN, TUNED = "grown", "MLPClassifier"
TASKS = ("half-moons", "spirals", "digits", "MNIST", "CIFAR-10")
SIZES = {1: (2, 4, 8, 16, 32, 64, 256), 2: (8, 32), 3: (12, 48)}
MLP_SIZES, MLP_RATES = ((8,), (32,), (128,), (32, 32)), (1e-3, 1e-2)
COMPARABLE = 0.01  # of accuracy below the grown network's, which is as good
FEWER = 2.0  # times, the least that the paper claims
EQUAL = 0.005  # of an area, as in `experiments.battery.anytime`
SMALL = {"MNIST": 400, "CIFAR-10": 400}  # training images


def grid(seeds, quick):
    """For each task the grown network, fixed ones of 1 to 3 layers, and a tuned MLPClassifier."""
    if quick:
        wanted = [("half-moons", GROWN, []), *(("half-moons", "fixed", [n]) for n in (2, 8))]
        return [entry(*each, seed) for seed in range(2) for each in wanted]
    hidden = [[total // layers] * layers for layers, totals in SIZES.items() for total in totals]
    kinds = [(GROWN, []), *(("fixed", each) for each in hidden), (TUNED, [])]
    return [entry(task, *kind, seed) for seed in range(seeds) for task in TASKS for kind in kinds]


def entry(task, kind, hidden, seed):
    """A configuration."""
    return {"task": task, "kind": kind, "start": hidden, "seed": seed}


def run(config):
    """One network: sizes, accuracy on both halves of the test data, and its way there."""
    task, seed = task_of(config["task"], config["seed"]), config["seed"]
    if config["kind"] == TUNED:
        return tuned(task, seed)
    settings = Settings.by_thresholds(epochs=EPOCHS, cooldown=COOLDOWN)
    if config["kind"] == "fixed":
        settings = replace(fixed(settings), patience=None)
    test, clock = (task.X_test, task.t_test), Clock()
    network, history = trained(task, settings, seed, tuple(config["start"]), clock, test)
    kept = np.linspace(0, len(history.epochs) - 1, POINTS).astype(int)
    found = numbers(task, network, history) | halves(task, network(task.X_test).argmax(axis=1))
    return found | {
        "accuracies": [round(history.epochs[i].validation_accuracy, 4) for i in kept],
        "curve_seconds": [round(clock.seconds[i], 4) for i in kept],
        "training_seconds": round(clock.seconds[-1], 4),
    }


@cache
def warm():
    """Load what is compiled, once a process, so that no run's time holds it."""
    trained(tasks.moons(0, 0.2, 40), Settings.by_thresholds(epochs=4, cooldown=2), 0)


class Clock:
    """A callback that keeps the seconds of the processor at the end of each epoch.

    Those of the wall would tell how busy the machine was.
    """

    def __init__(self):
        warm()
        self.began, self.seconds = time.process_time(), []

    def __call__(self, network, record):
        if isinstance(record, EpochRecord):
            self.seconds.append(time.process_time() - self.began)


def halves(task, labels):
    """Accuracy of labels on the half of the test data that judges, and on that which reports."""
    right, judges = labels == task.t_test, np.arange(len(labels)) % 2 == 0
    return {"judged": round(float(right[judges].mean()), 6),
            "reported": round(float(right[~judges].mean()), 6)}  # fmt: skip


def tuned(task, seed):
    """scikit-learn's MLPClassifier, its size and rate by three-fold cross-validation."""
    from sklearn.model_selection import GridSearchCV, StratifiedKFold
    from sklearn.neural_network import MLPClassifier

    began = time.process_time()
    choices = {"hidden_layer_sizes": MLP_SIZES, "learning_rate_init": MLP_RATES}
    splits = StratifiedKFold(3, shuffle=True, random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of fits that 300 passes did not end
        search = GridSearchCV(MLPClassifier(random_state=seed, max_iter=300), choices, cv=splits)
        model = search.fit(task.X, task.t)
    hidden = list(model.best_params_["hidden_layer_sizes"])
    return {
        "hidden": hidden, "neurons": sum(hidden), "depth": len(hidden),
        "accuracy": round(float(model.score(task.X_test, task.t_test)), 6),
        "training_seconds": round(time.process_time() - began, 4),
    } | halves(task, model.predict(task.X_test))  # fmt: skip


def task_of(name, seed):
    """A draw of a task; of images, few are trained on, and `TESTED` samples test."""
    if name == "half-moons":
        task = tasks.moons(seed, 0.2)
    elif name == "spirals":
        task = tasks.spiral(seed, 1.5)
    elif name == "digits":
        task = tasks.digits(seed)
    elif name == "MNIST":
        task = tasks.small_mnist(seed, samples=SMALL[name])
    else:
        task = tasks.classified(cifar(size=4, limit=SMALL[name], rng=seed))
    return task._replace(X_test=task.X_test[:TESTED], t_test=task.t_test[:TESTED])


# --- What is read off the rows -------------------------------------------------------------------


def of_seed(rows):
    """Of the rows of a task and seed: the grown one, the fixed ones by size, the tuned or None.

    A grown network that stayed linear is a fixed one, too: the smallest there is.
    """
    by_kind = groups(rows, "kind")
    grown = by_kind[(GROWN,)][0]
    still = sorted(by_kind.get(("fixed",), []), key=lambda row: (row["neurons"], row["depth"]))
    linear = [grown] if grown["neurons"] == 0 else []
    return grown, [*linear, *still], by_kind.get((TUNED,), [None])[0]


def as_good(grown, still):
    """The smallest fixed network that is as good as the grown by the half that judges, or None."""
    least = grown["judged"] - COMPARABLE
    return next((row for row in still if row["judged"] >= least), None)


def times_fewer(grown, still):
    """Neurons of the smallest fixed network as good over those of the grown one; none count as 1.

    Where none is as good, it is as if one of twice the largest were.
    """
    found = as_good(grown, still)
    neurons = 2 * still[-1]["neurons"] if found is None else found["neurons"]
    return max(neurons, 1) / max(grown["neurons"], 1)


def areas(grown, still):
    """Accuracy over time, its mean up to when the slower ends, of the grown and the fixed network.

    Returns
    -------
    dict
        `free`: (grown, fixed) with the smallest as good, or the best where none is; `counted`:
        the same where all smaller ones were trained before it, of which the best so far counts.
    """
    chosen = as_good(grown, still) or max(still, key=lambda row: row["judged"])
    searched = still[: still.index(chosen) + 1]
    found = {}
    for name, tried in (("free", [chosen]), ("counted", searched)):
        curve, own = one_after_another(tried), one_after_another([grown])
        horizon = max(curve[0][-1], own[0][-1])
        found[name] = (area(*own, horizon), area(*curve, horizon))
    return found


def one_after_another(rows):
    """Seconds and accuracies of trainings in turn; at any time the best so far counts."""
    seconds, accuracies, began, best = [0.0], [rows[0]["accuracies"][0]], 0.0, 0.0
    for row in rows:
        seconds += [began + second for second in row["curve_seconds"]]
        accuracies += [max(best, value) for value in row["accuracies"]]
        began, best = began + row["training_seconds"], max(best, row["accuracies"][-1])
    return seconds, accuracies


def by_task(rows):
    """Task to the (grown, fixed, tuned) of each seed."""
    return {
        task: [of_seed(each) for each in groups(mine, "seed").values()]
        for (task,), mine in groups(rows, "task").items()
    }


def table(rows):
    """A line a task: medians over seeds of the grown, the smallest as good, and the tuned."""
    found = []
    for task, seeds in by_task(rows).items():
        good = [as_good(grown, still) for grown, still, _ in seeds]
        tuned_rows = [each for *_, each in seeds if each is not None]
        found.append({
            "task": task,
            "grown neurons": median([grown for grown, *_ in seeds], "neurons"),
            "grown accuracy": median([grown for grown, *_ in seeds], "reported"),
            "fixed neurons": median([row for row in good if row], "neurons"),
            "fixed accuracy": median([row for row in good if row], "reported"),
            "none as good": sum(row is None for row in good),
            "times fewer": statistics.median(times_fewer(g, still) for g, still, _ in seeds),
            "MLPClassifier neurons": median(tuned_rows, "neurons"),
            "MLPClassifier accuracy": median(tuned_rows, "reported"),
            "seeds": len(seeds),
        })  # fmt: skip
    return found


def verdicts(rows):
    """Of each task: how many times fewer neurons, and how much more accuracy over time."""
    found = []
    for task, seeds in by_task(rows).items():
        n = len(seeds)
        fewer = np.log2([times_fewer(grown, still) for grown, still, _ in seeds])
        at = Interval(*(2**value for value in bootstrap(fewer, np.mean)))
        text = f"{task}: times fewer neurons than the smallest fixed network as good (2 is asked)"
        found.append(judged("fewer-neurons", text, at, FEWER, n))
        both = [areas(grown, still) for grown, still, _ in seeds]
        for name, words in (("free", "one"), ("counted", "one, found by trying smaller ones")):
            own, other = np.array([pair[name] for pair in both]).T
            at = paired_bootstrap(own, other, np.mean)
            text = f"{task}: accuracy over time above that of such {words} (equal is asked)"
            found.append(judged("anytime", text, at, -EQUAL, n))
    return found
