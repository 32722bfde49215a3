"""The signs of a training that grew badly: a function each, of the settings and the history.

Each gives a `Finding`, or None where its sign is absent.
"""

from itertools import pairwise
from typing import NamedTuple

from .read_off import (
    at_cap,
    is_back,
    is_capped,
    is_growth,
    left_over,
    losses_of,
    occasions,
    tenth,
    told,
)

MATTERS = 0.1  # of the first loss: below it, whatever is refused or overfitted has done little harm
JUMP = 2.0  # a loss of an epoch so many times the one before is a jump
FROM_ADDITION = 3  # epochs in which a jump belongs to the addition before it
REAL = 0.1  # of lambda: an increase that is worth a neuron whatever the thresholds say
SURE = 3.0  # standard errors by which a held-out gain is real
OVERFITTED = 1.2  # times the least validation loss
SMALL, FEW = 0.005, 3  # of lambda, an addition that brings next to nothing; how many are too many
AT_ONCE = 10  # additions without training in between: tau = 1, alpha = 0.02 allow 6 (Theorem 3.1)
FALLING = 0.2  # share of the loss that the last tenth of the epochs took away


class Finding(NamedTuple):
    """One sign of failure.

    Attributes
    ----------
    sentence : str
        What is wrong, its name first: "too few neurons", "too many neurons", "too slow",
        "too fast", "unstable", "nothing in reach".
    evidence : str
        The numbers of the record that say so.
    turn : str
        What to turn, and which way.
    """

    sentence: str
    evidence: str
    turn: str


def unstable(settings, history):
    """The loss jumped, or ended above its start; after an inserted layer, its start is the cause.

    A jump from which it is soon back is none, unless there are three. Of several the largest is
    named.
    """
    losses, epochs = losses_of(history), history["epochs"]
    first, last = losses[0], losses[-1]
    jumps = [
        (after / before, now["epoch"], before, after)
        for (before, after), now in zip(pairwise(losses), epochs[1:], strict=True)
        if after > JUMP * before and after > MATTERS * first
    ]
    if len(jumps) < FEW:
        jumps = [jump for jump in jumps if not is_back(losses, jump[1] - epochs[0]["epoch"])]
    if not jumps and last <= 1.1 * first:
        return None
    calm = f"smaller steps or more damping (now {told(settings['optimiser'])})"
    if not jumps:
        evidence = f"loss {first:.3g} in epoch {epochs[0]['epoch']}, {last:.3g} in the last"
        return Finding("unstable: the training has made the loss worse", evidence, calm)
    ratio, epoch, before, after = max(jumps)
    evidence = f"epoch {epoch}: loss {before:.3g} -> {after:.3g}, {ratio:.3g} times; " + (
        "the only jump" if len(jumps) == 1 else f"the largest of {len(jumps)} jumps"
    )
    blamed = [
        a for a in history["additions"]
        if a["candidate"]["kind"] == "layer" and 0 < epoch - a["epoch"] <= FROM_ADDITION
    ]  # fmt: skip
    if not blamed:
        return Finding("unstable: the loss jumps from one epoch to the next", evidence, calm)
    layer = blamed[-1]
    evidence += f"; a layer was inserted before layer {layer['candidate']['place']} in epoch "
    return Finding(
        "unstable: the loss jumps after a layer was inserted, whose start is the identity",
        f"{evidence}{layer['epoch']}",
        f"{calm}, or a higher price for layers (layer_cost, max_depth)",
    )


def nothing_in_reach(settings, history):
    """There was no look; or none of them had a place where anything could have passed."""
    looks, epochs = history["looks"], history["epochs"]
    if not looks and epochs[-1]["epoch"] > 1:
        return Finding(
            "nothing in reach: the training ended before its first look",
            f"{epochs[-1]['epoch']} epochs, no look; cooldown = {settings['cooldown']}",
            f"a cooldown below {epochs[-1]['epoch']}, or more epochs",
        )
    if not looks or history["additions"]:
        return None
    seen = [c for look in looks for c in look["candidates"]]
    closed = [c["reason"] for c in seen if c["supremum"] is None]
    if seen and len(closed) == len(seen) and not any("max_" in reason for reason in closed):
        return Finding(
            "nothing in reach: no place can take an addition",
            f"{len(looks)} looks at {len(seen)} places, all closed: {closed[-1]}",
            "a start with a hidden layer, or an activation that can be the identity (Rational)",
        )
    if left_over(history) <= MATTERS:
        return None
    return nothing_proposed(settings, seen) or nothing_could_pass(settings, looks, seen)


def nothing_proposed(settings, seen):
    """At the places that could take something there was no room for the least of it."""
    open_ = [c["reason"] for c in seen if c["supremum"] is not None]
    if not open_ or set(open_) != {"nothing was proposed"}:
        return None
    return Finding(
        "nothing in reach: nothing was proposed at any place",
        f"{len(open_)} times {open_[0]!r}, of {len(seen)} places that were looked at",
        f"a higher cap (max_width = {settings.get('max_width')}), or more samples: the search "
        "needs room for one neuron and samples to hold out",
    )


def nothing_could_pass(settings, looks, seen):
    """Not even the supremum passed, at any place in any look."""
    if len({look["epoch"] for look in looks}) < 2:
        return None
    mute = [c["reason"] for c in seen if "even the supremum is too low" in c["reason"]]
    if not mute or any(c["score"] is not None for c in seen):
        return None
    most = max((c["supremum"] or 0.0) / look["lam"] for look in looks for c in look["candidates"])
    return Finding(
        "nothing in reach: the thresholds ask for more than there is",
        f"in {len(looks)} looks not even the supremum passed, at most {most:.3g} lambda: "
        f"{mute[-1]}",
        f"lower thresholds (now {told(settings['acceptance'])})",
    )


def too_slow(settings, history):
    """What is real is refused: a large increase, or a gain of held-out samples that is sure.

    It must be so in each of the last two looks: one may be unlucky.
    """
    last = occasions(history)[-2:]
    if len(last) < 2 or left_over(history) <= MATTERS or any(map(is_growth, last)):
        return None
    last = [looks[-1] for looks in last]
    refused = [max(map(strength, look["candidates"]), default=(0.0, "")) for look in last]
    if min(refused)[0] <= 1.0:
        return None
    rule = told(settings["acceptance"])
    return Finding(
        "too slow: additions are refused that are real",
        f"in the last two looks (epochs {last[0]['epoch']} and {last[1]['epoch']}): "
        f"{refused[0][1]}; {refused[1][1]}; the loss is still {left_over(history):.2g} of the "
        "first",
        f"lower thresholds (now {rule})",
    )


def strength(candidate):
    """How far a refused candidate is above what is real, 1 being the bound; and it in words."""
    place = f"{candidate['kind']} at {candidate['place']}"
    if candidate["chosen"] or candidate["score"] is None or "another" in candidate["reason"]:
        return 0.0, ""
    if candidate.get("honest") is not None:
        error = candidate["error"]
        sure = candidate["honest"] / error / SURE if error else 0.0
        text = f"{place} gains {candidate['honest']:.2g} +- {error:.1g} held out, refused"
        return sure, f"{text} ({candidate['reason']})"
    share = candidate["share"] or 0.0
    return share / REAL, f"{place} at {share:.2g} lambda refused ({candidate['reason']})"


def unfinished(settings, history):
    """The training was cut short: it added whenever it looked, or the loss was still falling."""
    losses, looks, epochs = losses_of(history), occasions(history), history["epochs"]
    if left_over(history) <= MATTERS:
        return None
    if len(looks) >= 3 and all(map(is_growth, looks[-3:])) and not is_capped(history):
        return Finding(
            "too slow: the network was still growing when the training ended",
            f"looks in the last 3 epochs of looks, up to epoch {looks[-1][0]['epoch']} of "
            f"{epochs[-1]['epoch']}, added each time; the loss is still {left_over(history):.2g} "
            "of the first",
            f"more epochs, or a shorter cooldown (now {settings['cooldown']})",
        )
    few = tenth(losses)
    fell = 1 - losses[-1] / losses[-1 - few] if len(losses) > few else 0.0
    if fell > FALLING:
        return Finding(
            "too slow: the loss was still falling when the training ended",
            f"it fell by {fell:.0%} in the last {few} of {epochs[-1]['epoch']} epochs",
            f"more epochs, or larger steps (now {told(settings['optimiser'])})",
        )
    return None


def too_fast(settings, history):
    """Many additions at one time, or most of them bring next to nothing."""
    rule = f"higher thresholds (now {told(settings['acceptance'])})"
    times = [
        (sum(map(is_growth, ([look] for look in looks))), looks) for looks in occasions(history)
    ]
    most, looks = max(times, key=lambda pair: pair[0], default=(0, []))
    if most > AT_ONCE:
        return Finding(
            "too fast: many additions are made at one time, without training in between",
            f"{most} additions in epoch {looks[0]['epoch']}, of {len(history['additions'])} in all",
            f"{rule}; a rule that makes one addition a look, as HonestLook does",
        )
    shares = [(a["candidate"]["share"], a) for a in history["additions"]]
    small = [(share, a) for share, a in shares if share is not None and share < SMALL]
    if len(small) < FEW or 2 * len(small) < len(shares):
        return None
    least, addition = min(small, key=lambda pair: pair[0])
    return Finding(
        "too fast: additions are made that bring next to nothing",
        f"{len(small)} of {len(shares)} additions brought less than {SMALL:g} lambda; the least, "
        f"in epoch {addition['epoch']}, {least:.2g} lambda",
        f"{rule}, or a longer cooldown (now {settings['cooldown']})",
    )


def too_many(settings, history):
    """The validation loss has risen from its least, while the training loss went on falling."""
    epochs = history["epochs"]
    seen = [e for e in epochs if e["validation_loss"] is not None]
    if not seen:
        return None
    best, last = min(seen, key=lambda e: e["validation_loss"]), seen[-1]
    late = min(e["validation_loss"] for e in seen[-tenth(seen) :])
    rose = late > OVERFITTED * best["validation_loss"]
    matters = last["validation_loss"] > MATTERS * seen[0]["validation_loss"]
    more = sum(last["sizes"][1:-1]) - sum(best["sizes"][1:-1])
    if not (rose and matters and last["loss"] < best["loss"]) or not history["additions"]:
        return None
    return Finding(
        "too many neurons: the network learns the noise of its samples",
        f"validation loss {best['validation_loss']:.3g} in epoch {best['epoch']} with hidden "
        f"{best['sizes'][1:-1]}, {last['validation_loss']:.3g} in epoch {last['epoch']} with "
        f"hidden {last['sizes'][1:-1]} ({more:+d} neurons), while the training loss fell from "
        f"{best['loss']:.3g} to {last['loss']:.3g}",
        f"higher thresholds (now {told(settings['acceptance'])}), a rule that asks held-out "
        'samples as HonestLook does, weight decay, or keep="best"',
    )


def too_few(settings, history):
    """A cap ended the growth: the last look found the places full, of a network that had grown."""
    if not (is_capped(history) and history["additions"]) or left_over(history) <= MATTERS:
        return None
    full = [c for c in history["looks"][-1]["candidates"] if at_cap(c)]
    return Finding(
        "too few neurons: a cap has ended the growth, not the rule",
        f"last look, epoch {history['looks'][-1]['epoch']}: {full[0]['kind']} at "
        f"{full[0]['place']}: {full[0]['reason']}; hidden {history['epochs'][-1]['sizes'][1:-1]}, "
        f"the loss is still {left_over(history):.2g} of the first",
        f"a higher cap (now max_width = {settings.get('max_width')}, max_depth = "
        f"{settings.get('max_depth')})",
    )
