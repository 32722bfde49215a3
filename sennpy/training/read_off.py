"""What is read off the history of a training as its record has it, in plain values."""

SOON = 5  # epochs, or a tenth of them all, whichever is more


def losses_of(history):
    """The loss of each epoch; one that was no finite number, None on record, is infinite."""
    return [float("inf") if e["loss"] is None else float(e["loss"]) for e in history["epochs"]]


def is_back(losses, at):
    """Whether the loss soon is where it was before it jumped in epoch `at`, counted from 0."""
    return min(losses[at + 1 : at + 1 + tenth(losses)], default=losses[at]) <= losses[at - 1]


def tenth(epochs):
    """How many epochs are few among all of them."""
    return max(SOON, len(epochs) // 10)


def occasions(history):
    """The looks by epoch, as lists: after an addition there is one more look at once."""
    found = {}
    for look in history["looks"]:
        found.setdefault(look["epoch"], []).append(look)
    return list(found.values())


def left_over(history):
    """The last loss in units of the first, a float."""
    losses = losses_of(history)
    return losses[-1] / losses[0] if losses[0] else 0.0


def is_growth(looks):
    """Whether one of the looks of an epoch led to an addition."""
    return any(candidate["chosen"] for look in looks for candidate in look["candidates"])


def at_cap(candidate):
    """Whether a neuron's place, open by itself, is full."""
    return candidate["supremum"] is None and "max_" in candidate["reason"]


def is_capped(history):
    """Whether in the last look every place for neurons was full."""
    if not history["looks"]:
        return False
    wider = [c for c in history["looks"][-1]["candidates"] if c["kind"] == "neuron"]
    return bool(wider) and all(map(at_cap, wider))


def number(values, name):
    """A number of a dict, 0 where it has none."""
    value = values.get(name)
    return float(value) if isinstance(value, (int, float)) else 0.0


def told(described):
    """A rule or an optimiser as its record has it, with its parameters that are numbers."""
    numbers = ", ".join(
        f"{key}={value:g}" for key, value in described.items()
        if isinstance(value, (int, float)) and not isinstance(value, bool)
    )  # fmt: skip
    return f"{described.get('class', 'the rule')}({numbers})"
