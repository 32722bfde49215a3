"""A training that grows a classifier, look by look."""

import numpy as np

from ..growth.record import LookRecord
from ..nn.activations import Rational
from ..training.history import AdditionRecord, EpochRecord
from ..validation import as_array
from .fragment import Explorable

SHOWN = 100  # epochs of the curves


def run(watched, X, t):
    """Go through a training look by look: the network, what it decides, what was proposed and why.

    Parameters
    ----------
    watched : sequence of (MLP, record)
        What the callback of `SENN.fit` was called with: a network of rational neurons with two
        inputs and two outputs, by a rule with thresholds.
    X : (N, 2) array
        The points that it was trained on.
    t : (N,) array of 0 and 1

    Returns
    -------
    Explorable

    Raises
    ------
    ValueError
        If the networks or the rule are others, or there was no look.

    Notes
    -----
    Paper: (E13), eq. (3).
    """
    X, t = as_array("X", X), np.asarray(t)
    pairs = list(watched)
    looked = [record for _, record in pairs if isinstance(record, LookRecord)]
    if not looked:
        raise ValueError("watched holds no look, expected what the callback of SENN.fit was given.")
    for net, _ in pairs:
        if not isinstance(net.activation, Rational) or (net.sizes[0], net.sizes[-1]) != (2, 2):
            raise ValueError(
                f"a network has sizes {net.sizes} and {net.activation!r} neurons, expected two "
                "inputs, two outputs and Rational()."
            )
    if looked[0].tau is None or looked[0].alpha is None:
        raise ValueError(f"the rule was {looked[0].acceptance}, expected one with tau and alpha.")
    epochs = [record for _, record in pairs if isinstance(record, EpochRecord)]
    every = max(1, len(epochs) // SHOWN)
    data = {
        "X": X,
        "t": t.astype(int),
        "tau": looked[0].tau,
        "alpha": looked[0].alpha,
        "looks": looks(pairs),
        "epochs": [[e.epoch, e.lam, e.eta or 0.0] for e in [*epochs[:-1:every], epochs[-1]]],
    }
    return Explorable("run", "A network that grows, look by look, and why it grew.", data)


def looks(pairs):
    """What is shown of each look and, as a last one without candidates, of the end."""
    found, fresh = [], []
    for net, record in pairs:
        if isinstance(record, AdditionRecord):
            kind, place = record.candidate.kind, record.candidate.place
            width = record.sizes[place + 1]
            fresh = [[place, j] for j in ([width - 1] if kind == "neuron" else range(width))]
        elif isinstance(record, LookRecord):
            candidates = [candidate(c) for c in record.candidates]
            found.append(look(net, record.epoch, record.eta, candidates, fresh))
            fresh = []
    net, last = pairs[-1]
    return [*found, look(net, last.epoch, None, [], fresh)]


def look(net, epoch, eta, candidates, fresh):
    """A network at a moment, with what was proposed for it and what was added to it just before."""
    return {
        "epoch": epoch,
        "eta": eta,
        "weights": list(net.weights),
        "coefficients": list(net.coefficients),
        "candidates": candidates,
        "fresh": fresh,
    }


def candidate(c):
    """What is told of one candidate; its gain is what was held against the thresholds."""
    where = f"{c.kind} {'before' if c.kind == 'layer' else 'in'} layer {c.place}"
    told = {"what": where, "gain": c.score, "eta_layer": c.eta_layer, "chosen": c.chosen}
    return {**told, "reason": c.reason or "nothing was proposed"}
