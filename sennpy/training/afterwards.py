"""What a training is warned of when it ends: all of it follows from its history.

Nothing of this changes a result, and whoever has the history can ask for it again.
"""

from itertools import pairwise

from .door import warn
from .errors import TrainingWarning

TENFOLD = 10.0
MATTERS = 0.01  # of the first loss: a jump to less has done no harm
CURE = "Smaller steps or more damping (now {}), or inputs and targets of order one are the cure."


def check_history(history, settings, loss, start=0):
    """Warn, once each, of a loss that rose, and of growth that a cap has ended.

    A network as deep as it may be, whose layers could still be wider, is nothing to warn of; nor is
    a loss that rose under an optimiser that descends: its penalty did that, as for targets that are
    noise.

    Parameters
    ----------
    history : History
    settings : Settings
    loss : Loss
    start : int
        Epochs that were done before this training began: of them all was told then.
    """
    descends = settings.optimiser.descends and settings.batch_size is None
    losses = [] if descends else history.column("loss")[start:]
    for said in [
        *of_the_end(losses, start, settings, loss),
        *of_jumps(losses, start, settings, loss),
        *of_caps(history, settings, start),
    ]:
        warn(said, TrainingWarning)


def of_the_end(losses, start, settings, loss):
    """That the last loss is above the first, by more than what counts as standing still."""
    if not losses:
        return
    first, last = losses[0], losses[-1]
    if last > first + settings.tolerance * max(abs(first), loss.least_seen):
        yield (
            f"the loss is {last:.4g} in epoch {start + len(losses)} and was {first:.4g} in epoch "
            f"{start + 1}: the training has made it worse. {CURE.format(settings.optimiser)}"
        )


def of_jumps(losses, start, settings, loss):
    """That the steps of an epoch raised the loss tenfold; of several the worst is named.

    A jump from which the training has come back to where it was is none.
    """
    jumps = [
        (after / before, epoch, before, after)
        for epoch, (before, after) in enumerate(pairwise(losses), start + 1)
        if after > TENFOLD * before > 0
        and after > max(MATTERS * losses[0], loss.least_seen)
        and min(losses[epoch - start :]) > before
    ]
    if jumps:
        ratio, epoch, before, after = max(jumps)
        times = "" if len(jumps) == 1 else f", the worst of {len(jumps)} such jumps"
        yield (
            f"epoch {epoch} raised the loss {ratio:.3g}-fold, from {before:.4g} to {after:.4g}"
            f"{times}. {CURE.format(settings.optimiser)}"
        )


def of_caps(history, settings, start):
    """That no place can take more, or a layer grew until it was full: a cap decided, not the rule.

    Of a network that is as deep as it may be it is said only if its layers are full, too; nothing
    is said of one that was at all its caps from the start, which is how growth is turned off.
    """
    looks = [look for look in history.looks if look.epoch > start]
    if not looks:
        return
    last, sizes = looks[-1], list(history.epochs[-1].sizes)
    grown = any(a.epoch > start for a in history.additions)
    if is_closed(last) and (grown or any("would have" in c.reason for c in last.candidates)):
        since = next(look.epoch for look in looks if is_closed(look))
        reasons = "; ".join(dict.fromkeys(c.reason for c in last.candidates))
        yield (
            f"since epoch {since} no place in the network (sizes {sizes}) could take more: "
            f"{reasons}. Raise Settings(max_width=, max_depth=) if it is to grow on."
        )
        return
    for candidate in last.candidates:
        grew = [a for a in history.additions if a.epoch > start and widened(a, candidate.place)]
        if at_cap(candidate) and candidate.kind == "neuron" and grew:
            yield (
                f"hidden layer {candidate.place} grew until it was full, in epoch "
                f"{grew[-1].epoch}: the layer is at max_width = {settings.max_width}. Raise "
                "Settings(max_width=) if it is to grow on."
            )


def is_closed(look):
    """Whether a look had places, and caps on all of them."""
    return bool(look.candidates) and all(map(at_cap, look.candidates))


def at_cap(candidate):
    """Whether a place could take nothing because of a cap."""
    return candidate.supremum is None and "max_" in candidate.reason


def widened(addition, place):
    """Whether an addition put neurons into a hidden layer."""
    return addition.candidate.kind == "neuron" and addition.candidate.place == place
