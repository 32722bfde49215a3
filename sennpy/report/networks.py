"""The networks of the looks that are shown, and what of them is missing."""

import numpy as np

from ..nn.losses import SoftmaxCrossEntropy
from .pictures import (
    BUNDLED,
    COLUMNS,
    EDGES,
    OUTPUTS,
    WORTH_SAMPLES,
    edges,
    ends,
    fit,
    grid,
    ground,
    has_ground,
    plane,
    rounded,
    stands,
    units,
)

POINTS = 300  # samples that are drawn


def networks(training, kept, cells):
    """What is drawn of the networks.

    Parameters
    ----------
    training : Training
    kept : list of int
        The numbers of the looks that are shown.
    cells : int
        Of a plane, a side.

    Returns
    -------
    dict
        "looks": what is drawn of each look's network and, last, of the end's; None where it was not
        kept. Besides, the samples and the axes.
    missing, thinned : list of str
        In words.
    """
    found = [training.network(i) for i in [*kept, -1]]
    shown = [None if net is None else one(training, net, cells) for net in found]
    told = {"looks": shown, "inputs": training.start[0], "bundled": training.start[0] > BUNDLED}
    missing, thinned = lacks(training, found), []
    recorder = training.recorder
    if recorder is not None and recorder.X is not None and training.start[0] <= 2:
        told |= samples(recorder, cells)
        if len(recorder.X) > POINTS:
            thinned.append(f"{POINTS} of {len(recorder.X)} samples are drawn.")
    if any(net is not None for net in found):
        largest = max(max(W[:-1].size for W in net.weights) for net in found if net is not None)
        if told["bundled"]:
            thinned.append(f"The {told['inputs']} inputs are drawn as one; a line from them is as "
                           "thick as the norm of a neuron's weights.")  # fmt: skip
            largest = max((max((W[:-1].size for W in net.weights[1:]), default=0))
                          for net in found if net is not None)  # fmt: skip
        if largest > EDGES:
            thinned.append(f"Of the weights of a layer the largest {EDGES} are drawn.")
        if recorder.X is not None and len(recorder.X) > WORTH_SAMPLES:
            thinned.append(f"What neurons are worth is of the first {WORTH_SAMPLES} samples.")
    return told, missing, thinned


def one(training, net, cells):
    """What is drawn of one network."""
    recorder = training.recorder
    X, t, loss = recorder.X, recorder.t, recorder.loss
    told = {"edges": edges(net), "units": units(net, X, t, loss)}
    if X is None:
        return told
    if net.sizes[0] == 1:
        told |= {"fit": fit(net, X), "ground": ground(net, X, t, loss)}
        if len(net.sizes) > 2:
            told["stands"] = stands(net.weights[0])
    elif net.sizes[0] == 2:
        told["plane"] = plane(net, X, loss, cells)
    return told


def samples(recorder, cells):
    """The samples that are drawn, and the axes."""
    X, t = recorder.X, recorder.t
    some = np.unique(np.linspace(0, len(X) - 1, min(POINTS, len(X))).astype(int))
    labels = isinstance(recorder.loss, SoftmaxCrossEntropy)
    targets = t[some].astype(int).tolist() if labels else rounded(flat(t[some]))
    told = {"X": rounded(X[some]), "t": targets, "labels": labels, "cells": cells}
    told["ends"] = [rounded(ends(X[:, j]), 6) for j in range(X.shape[1])]
    if X.shape[1] == 1:
        locations, scales = grid(X)
        told["ground"] = {"columns": COLUMNS, "scales": rounded([scales[0], scales[-1]]),
                          "locations": rounded([locations[0], locations[-1]])}  # fmt: skip
    return told


def flat(t):
    """Targets as rows of the outputs that are drawn."""
    return t.reshape(len(t), -1)[:, :OUTPUTS].astype(float)


def lacks(training, found):
    """What is missing of the networks, and how to have it."""
    missing, absent = [], sum(net is None for net in found)
    recorder, inputs = training.recorder, training.start[0]
    if absent == len(found):
        missing.append(
            "Weights, what the network decides or fits, and the landscape of the score: a record "
            f"holds none of them. To have them, {training.again}."
        )
    elif absent:
        missing.append(
            f"{absent} of {len(found)} networks were not seen, since the training was gone on with."
        )
    if training.family.guessed:
        missing.append(
            "Which neuron was split or removed: the record does not tell, so the youngest of its "
            "layer stands for it."
        )
    if absent == len(found):
        return missing
    if recorder.X is None:
        missing.append(
            "What each neuron is worth, and what the network decides or fits: the recorder was "
            "given no samples, as in Recorder(X, t, loss)."
        )
    elif inputs > 2:
        missing.append(
            f"What it decides or fits is drawn for one or two inputs; here are {inputs}."
        )
    elif inputs == 1 and not any(net is not None and has_ground(net) for net in found):
        missing.append("The landscape of the score needs a hidden layer of rational neurons.")
    return missing
