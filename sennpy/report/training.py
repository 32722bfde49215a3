"""A training to be shown: its record in plain values, and what else is known of it."""

from dataclasses import dataclass, field
from functools import cached_property

from ..training.history import History
from ..training.settings import Settings
from .births import family
from .recorder import Recorder

NO_RECORD = "expected what one training leaves, as in figures/half-moons.json"
EPOCH = {"epoch", "loss", "eta", "lam", "sizes", "validation_loss", "seconds"}
LOOK = {"epoch", "eta", "lam", "proposer", "acceptance", "candidates"}
ADDITION = {"epoch", "candidate", "sizes", "moved", "together", "limit"}


@dataclass(frozen=True, eq=False)
class Training:
    """One training, its history as `History.as_dict` has it.

    Parameters
    ----------
    history : dict
    settings : dict or None
        As `Settings.as_dict` has them.
    recorder : Recorder or None
        With the networks that looks saw.
    operations : list
        Of each addition; None where it is not known.
    name : str
    command : str
        By which it is made again.
    versions : dict
    replay : str
        The command that makes its record again.
    again : str
        In words, how to have the networks, where they are missing.
    """

    history: dict
    settings: dict | None = None
    recorder: Recorder | None = None
    operations: list = field(default_factory=list)
    name: str = "A training"
    command: str = ""
    versions: dict = field(default_factory=dict)
    replay: str = ""
    again: str = "train with Recorder as the callback, and give it to the report"

    @classmethod
    def of(cls, source, recorder=None, settings=None, **more):
        """That of a `History`, or of a record in plain values, as an experiment writes it.

        Raises
        ------
        TypeError, ValueError
            If it is neither, or there is no epoch in it.
        """
        operations = []
        if isinstance(source, History):
            changes = [addition.candidate.change for addition in source.additions]
            operations = [None if change is None else change.operation for change in changes]
            record = {"history": source.as_dict()}
        elif isinstance(source, dict):
            record = source
        else:
            raise TypeError(
                f"history is of type {type(source).__name__}, expected a History, or the dict that "
                "an experiment writes as JSON."
            )
        if not isinstance(recorder, (Recorder, type(None))):
            raise TypeError(f"recorder is of type {type(recorder).__name__}, expected a Recorder.")
        if isinstance(settings, Settings):
            settings = settings.as_dict()
        elif settings is not None:
            raise TypeError(f"settings is of type {type(settings).__name__}, expected Settings.")
        history = checked(record.get("history"))
        found = {
            "settings": settings or record.get("settings"),
            "command": record.get("command", ""),
            "versions": record.get("versions", {}),
        }
        operations = operations or [None] * len(history["additions"])
        return cls(history, recorder=recorder, operations=operations, **found | more)

    @cached_property
    def family(self):
        """The `Family` of its neurons."""
        return family(self.start, self.history["additions"], self.operations)

    @property
    def start(self):
        """Sizes before the first addition."""
        return self.history["epochs"][0]["sizes"]

    @property
    def end(self):
        """Sizes after the last."""
        return self.history["additions"][-1]["sizes"] if self.history["additions"] else self.start

    @cached_property
    def moments(self):
        """(number in its epoch, additions before it) of each look."""
        found, seen = [], {}
        for look in self.history["looks"]:
            epoch = look["epoch"]
            number = seen[epoch] = seen.get(epoch, -1) + 1
            before = [
                a for a in self.history["additions"]
                if a["epoch"] < epoch or (a["epoch"] == epoch and a["together"] <= number)
            ]  # fmt: skip
            found.append((number, len(before)))
        return found

    def sizes(self, stage):
        """Sizes after so many additions."""
        return self.history["additions"][stage - 1]["sizes"] if stage else self.start

    def network(self, index):
        """The network that a look saw; None if it was not kept. `index` -1 is the end.

        Raises
        ------
        ValueError
            If the recorder has another network there.
        """
        if self.recorder is None:
            return None
        if index < 0:
            net = self.recorder.final(self.history["epochs"][-1]["epoch"])
            sizes = self.history["epochs"][-1]["sizes"]
        else:
            number, stage = self.moments[index]
            net = self.recorder.network(self.history["looks"][index]["epoch"], number)
            sizes = self.sizes(stage)
        if net is not None and list(net.sizes) != list(sizes):
            raise ValueError(
                f"the recorder has a network of sizes {tuple(net.sizes)} where the history has "
                f"{tuple(sizes)}: it is of another training."
            )
        return net


def checked(history):
    """A history in plain values, or ValueError if it is none."""
    parts = ("epochs", "looks", "additions")
    if not isinstance(history, dict) or not all(isinstance(history.get(p), list) for p in parts):
        raise ValueError(f"the record has no history, {NO_RECORD}.")
    if not history["epochs"]:
        raise ValueError(f"the history has no epoch, {NO_RECORD}.")
    needed = {"epochs": EPOCH, "looks": LOOK, "additions": ADDITION}
    for part, keys in needed.items():
        for entry in history[part]:
            if not isinstance(entry, dict) or not keys <= entry.keys():
                raise ValueError(f"its {part} are not what History.as_dict writes, {NO_RECORD}.")
    return history
