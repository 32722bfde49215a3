"""Exercises of notebook 10, half-moons."""

import numpy as np

from .exercise import Exercise


def bars_at_60(value):
    """What is wrong with (record, tau, layer_cost): the candidate before, and the two limits."""
    record, tau, cost = value
    ratio = record.score / record.eta_layer
    faults = []
    if not np.isclose(tau, ratio, rtol=1e-2):
        faults.append("tau: the score must exceed tau eta, so it passes below score / eta")
    if not np.isclose(cost, 5.0 * ratio, rtol=1e-2):
        faults.append("layer_cost: the score on record was divided by 5 already")
    return "; ".join(faults)


def narrower(value):
    """What is wrong with (narrow, run, rises): rises of the training and the test loss."""
    narrow, run, rises = value
    if max(narrow.hidden) > 2 or max(run.hidden) <= 2:
        return f"hidden layers {narrow.hidden} and {run.hidden}: the first is to have max_width=2"
    right = np.array([narrow.train_loss - run.train_loss, narrow.test_loss - run.test_loss])
    if np.allclose(rises, -right, atol=1e-4) and not np.allclose(rises, right, atol=1e-4):
        return "the signs are turned round: narrow less the other"
    if np.allclose(rises, right[::-1], atol=1e-4) and not np.allclose(rises, right, atol=1e-4):
        return "training and test loss have changed places"
    return "" if np.allclose(rises, right, atol=1e-4) else "not the differences of these two runs"


def deeper(value):
    """What is wrong with (net, deep): a layer inserted, of an activation of one's choice."""
    net, deep = value
    X = np.random.default_rng(0).standard_normal((50, net.sizes[0]))
    if len(deep.sizes) != len(net.sizes) + 1:
        return f"sizes {net.sizes} and {deep.sizes}: one layer more is expected"
    moved = np.abs(deep(X) - net(X)).max()
    return "" if moved < 1e-8 else f"the outputs move by up to {moved:.2g}"


def refused_by_alpha(value):
    """What is wrong with (calm, noisy, share): runs at noise 0.1 and 0.4, best on offer."""
    calm, noisy, share = value
    if not calm.hidden or noisy.hidden:
        return f"hidden layers {calm.hidden} and {noisy.hidden}: one bends, the other stays a line"
    look = noisy.history.looks[-1]
    found = [c for c in look.candidates if c.supremum is not None]
    most = max(c.supremum if c.score is None else c.score for c in found) / look.lam
    if not np.isclose(share, most, rtol=5e-3):
        return "not what the last look of the noisy run says: score (or supremum) over lambda"
    return "" if share < look.alpha else "this would pass alpha"


EXERCISES = (
    Exercise(
        "10.1",
        "(before, tau, layer_cost): the record, and the largest tau and layer cost to pass with",
        (
            "The record has the score and the eta that it is held against.",
            "The score is proportional to 1 / layer_cost.",
        ),
        judge=bars_at_60,
    ),
    Exercise(
        "10.2",
        "(narrow, run, rises): both runs, and by how much the training and the test loss of the "
        "narrow one are higher (2,)",
        (
            "Compare train_loss and test_loss of both runs.",
            "Take narrow.train_loss - run.train_loss, and the same for the test points.",
        ),
        judge=narrower,
    ),
    Exercise(
        "10.3",
        "(net, deep): a network whose activation lets you insert a layer without a trace, and the "
        "network with it",
        (
            "(E2) needs coefficients at which the activation is the identity.",
            "Give each activation to deepen and read what it says; one is left.",
        ),
        judge=deeper,
    ),
    Exercise(
        "10.4",
        "(calm, noisy, share): the runs at noise 0.1 and 0.4, and the largest share of lambda that "
        "was on offer at the last look of the noisy one",
        (
            "With much noise lambda is high; what share of it could a layer explain?",
            "Look at history.looks[-1].candidates: score over lambda, or the supremum where no "
            "proposal could pass.",
        ),
        judge=refused_by_alpha,
    ),
)
