"""What the page shows, as one JSON block: of one training, or of several on one axis."""

from typing import NamedTuple

from ..training.diagnosis import diagnosis
from ..writing import finite
from . import words
from .networks import networks
from .pictures import rounded

FEW = 15  # epochs, at which a thinned curve is not thinned any further


class Thin(NamedTuple):
    """How much of a training is shown: at most so many epochs and looks, and cells of a plane."""

    epochs: int
    looks: int
    cells: int


FINEST = Thin(800, 300, 48)
COARSER = (
    FINEST, Thin(500, 150, 40), Thin(300, 80, 32), Thin(200, 40, 24), Thin(100, 20, 16),
    Thin(50, 8, 12),
)  # fmt: skip


def content(trainings, thin=FINEST):
    """The JSON block of some trainings, in plain values.

    Raises
    ------
    ValueError
        If a history is none, or a recorder is of another training.
    """
    try:
        runs = [run(training, thin) for training in trainings]
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        raise ValueError(
            f"the history cannot be read ({type(error).__name__}: {error}), expected what "
            "History.as_dict writes."
        ) from None
    return finite({"title": " and ".join(r["name"] for r in runs), "runs": runs,
                   "moments": moments(runs)})  # fmt: skip


def run(training, thin):
    """One training."""
    history, notes = training.history, []
    kept = kept_looks(history, thin.looks)
    if len(kept) < len(history["looks"]):
        notes.append(f"{len(kept)} of {len(history['looks'])} looks are shown.")
    epochs, step = every(history["epochs"], thin.epochs)
    if step > 1:
        notes.append(f"Curves have every {step}th of {len(history['epochs'])} epochs.")
    found, missing, thinned = networks(training, kept, thin.cells)
    return {
        "name": training.name,
        "summary": summary(training),
        "epochs": {
            key: [rounded(epoch[key], 5) for epoch in epochs]
            for key in ("epoch", "loss", "eta", "lam", "validation_loss")
        },
        "sizes": [[history["epochs"][0]["epoch"], training.start]]
        + [[a["epoch"], a["sizes"]] for a in history["additions"]],
        "looks": [look(training, i) for i in kept],
        "end": history["epochs"][-1]["epoch"],
        "additions": [addition(a) for a in history["additions"]],
        "theorem": theorem(history["additions"]),
        "neurons": neurons(training),
        "columns": [[c, training.family.rows[c]] for c in training.family.columns],
        "stages": training.family.stages,
        "last": len(history["additions"]),
        "networks": found,
        "findings": findings(training, missing),
        "settings": list(flat(training.settings or {})),
        "command": training.command,
        "replay": training.replay,
        "versions": list(flat(training.versions)),
        "missing": missing,
        "thinned": [*notes, *thinned],
    }  # fmt: skip


def kept_looks(history, most):
    """The numbers of the looks that are shown: those that added, then others at even distances."""
    looks = range(len(history["looks"]))
    if len(looks) <= most:
        return list(looks)
    added = [i for i in looks if any(c["chosen"] for c in history["looks"][i]["candidates"])]
    added = evenly(added, most)
    others = evenly([i for i in looks if i not in set(added)], most - len(added))
    return sorted([*added, *others])


def evenly(items, most):
    """At most so many of the items, at even distances."""
    if len(items) <= most:
        return list(items)
    return [items[round(i * (len(items) - 1) / max(most - 1, 1))] for i in range(most)]


def every(epochs, most):
    """Every k-th epoch and the last, and k."""
    step = max(1, -(-len(epochs) // max(most, FEW)))
    kept = epochs[::step]
    return (kept if kept[-1] is epochs[-1] else [*kept, epochs[-1]]), step


def summary(training):
    """The training in a sentence."""
    history, looks = training.history, len(training.history["looks"])
    added, (first, *_, last) = len(history["additions"]), [*history["epochs"], *history["epochs"]]
    return (
        f"{counted(looks, 'look')} in {counted(len(history['epochs']), 'epoch')} led to "
        f"{counted(added, 'addition')}: sizes {shape(training.start)} became "
        f"{shape(training.end)}, the loss {words.number(first['loss'])} became "
        f"{words.number(last['loss'])}."
    )


def counted(number, what):
    """1 look, 2 looks."""
    return f"{number} {what}{'s' * (number != 1)}"


def shape(sizes):
    """Sizes in words."""
    return "-".join(map(str, sizes))


def look(training, index):
    """One look: its places, and what became of each."""
    told, (number, stage) = training.history["looks"][index], training.moments[index]
    candidates = [place(candidate, told) for candidate in told["candidates"]]
    added = any(c["chosen"] for c in told["candidates"])
    return {
        "epoch": told["epoch"],
        "index": index,
        "number": number,
        "stage": stage,
        "eta": rounded(told["eta"], 5),
        "lam": rounded(told["lam"], 5),
        "rule": rule(told["acceptance"]),
        "proposer": rule(told["proposer"]),
        "summary": words.summary(told, len(candidates)),
        "addition": stage if added else None,
        "candidates": candidates,
    }


def place(candidate, told):
    """One place of a look: numbers as on record, threshold and margin, and the sentence."""
    asked, margin, unit = words.asked(candidate, told)
    numbers = {
        key: rounded(candidate[key], 4)
        for key in ("bound", "exact", "dense", "supremum", "score", "ratio", "share")
    }
    return {
        "where": words.called(candidate),
        "kind": candidate["kind"],
        "place": candidate["place"],
        "chosen": candidate["chosen"],
        **numbers,
        "asked": rounded(asked, 4),
        "margin": rounded(margin, 4),
        "unit": unit,
        "words": words.sentence(candidate, told),
    }


def rule(described):
    """A rule or a search as it would be written."""
    inner = ", ".join(f"{key}={value}" for key, value in flat(described) if key != "class")
    return f"{described.get('class', '?')}({inner})"


def addition(told):
    """One addition."""
    return {
        "epoch": told["epoch"],
        "what": words.called(told["candidate"]),
        "exact": rounded(told["candidate"]["exact"], 4),
        "sizes": told["sizes"],
        "moved": rounded(told["moved"], 2),
        "together": told["together"],
    }


def theorem(additions):
    """Per epoch with additions: how many, and the bound on them; None for no bound."""
    found = {}
    for told in additions:
        found[told["epoch"]] = {
            "epoch": told["epoch"], "count": told["together"], "limit": rounded(told["limit"], 4)
        }  # fmt: skip
    return list(found.values())


def neurons(training):
    """All neurons that there ever were, by number."""
    return [
        {"column": n.column, "born": n.born, "died": n.died, "score": rounded(n.score, 3)}
        for n in training.family.neurons
    ]


def findings(training, missing):
    """What the guide says, None where it lacks what it reads; `missing` is told of that."""
    if training.settings is None:
        missing.append("The diagnosis reads the settings, which were not given.")
        return None
    try:
        found = diagnosis({"settings": training.settings, "history": training.history})
    except ValueError as error:
        missing.append(f"There is no diagnosis: {error}")
        return None
    return [finding._asdict() for finding in found]


def flat(nested, before=""):
    """(name, value in words) of nested plain values, the names with dots."""
    for name, value in nested.items():
        if isinstance(value, dict):
            yield from flat(value, f"{before}{name}.")
        else:
            told = "; ".join(map(str, value)) if isinstance(value, list) else str(value)
            yield [f"{before}{name}", told]


def moments(runs):
    """Where the slider can stand: per moment an epoch, and the look of each run, from 0.

    Looks of several runs at one epoch come together; after its last look a run is at its end.
    """
    stands = []
    for epoch in sorted({look["epoch"] for run in runs for look in run["looks"]}):
        here = [[i for i, k in enumerate(run["looks"]) if k["epoch"] == epoch] for run in runs]
        before = [
            max((i for i, k in enumerate(run["looks"]) if k["epoch"] < epoch), default=None)
            for run in runs
        ]
        for step in range(max(map(len, here))):
            at = [
                now[min(step, len(now) - 1)] if now else past
                for now, past in zip(here, before, strict=True)
            ]
            stands.append({"epoch": epoch, "looks": at})
    last = max(run["end"] for run in runs)
    return [*stands, {"epoch": last, "looks": [len(run["looks"]) for run in runs]}]
