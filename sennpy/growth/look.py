"""A look: the best proposal at every hidden layer and insertion place, and which of them passes."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from ..curvature.fisher import fisher_matrix, output_directions
from ..expansion.decide import decide
from ..expansion.eta import natural_expansion_score
from ..expansion.grow import deepen, widen
from ..expansion.layer_score import delta_eta_supremum
from ..expansion.moments import moment
from .record import Candidate, LookRecord

LARGEST_DENSE = 1000  # parameters up to which the dense score of a network is computed
LARGEST_VALUE = 1e75  # of an activation or gradient: F holds products of four


class Look(NamedTuple):
    """Outcome of `look`: the record, and the network with the best passing proposal, or None."""

    record: LookRecord
    network: object


def look(net, X, t, loss, settings, search, rng, epoch=0, layers=True):
    """Consider every hidden layer and, if `layers`, every insertion place; choose the best.

    Parameters
    ----------
    net : MLP
        In float64.
    X : (N, n_in) array
    t : array
        Targets, as the loss takes them.
    loss : SquaredError or SoftmaxCrossEntropy
    settings : Settings
    search : Search
    rng : numpy.random.Generator
    epoch : int
        For the record.
    layers : bool

    Returns
    -------
    Look

    Notes
    -----
    Paper: (E13); the addition is made at the best location. A neuron is judged by its receiving
    layer alone, as in the paper, also right after a layer was inserted, although that block of F
    does not know what the new layer's coefficients can already do and counts part of it again; the
    dense increase stands beside it in the record, and only layers are held to it
    (`Search.layer_score`), since a second one would else look as good as the first.
    """
    trace = net.forward(X)
    g_y = loss.gradient(trace.outputs, t)
    u = output_directions(trace.outputs, settings.metric, loss, t, rng)
    lam = float((g_y**2).sum() / len(g_y))

    def dense_eta(network):
        if network.num_parameters > LARGEST_DENSE:
            return None
        at = network.forward(X)
        return natural_expansion_score(fisher_matrix(at, u), network.vjp(at, g_y) / len(g_y))

    eta = dense_eta(net)
    unexplained = None  # what the dense score can still gain, since it stays below lambda
    if eta is not None and settings.metric == "euclidean":
        unexplained = max(lam - eta, 0.0)
    candidates, grown = [], []
    for kind, place in places(net, layers):
        obstacle = obstacle_to(kind, net, place, settings)
        if obstacle:
            candidates.append(Candidate(kind, place, reason=obstacle))
            grown.append(None)
            continue
        receiver = place + 1 if kind == "neuron" else place
        stats = search.statistics(net, trace, g_y, u, receiver, place)
        units = stats.inputs.shape[1] - 1  # of an inserted layer
        most = supremum = delta_eta_supremum(stats.g_r, stats.G)
        if kind == "layer":
            most = search.layer_score(supremum, units, unexplained) / settings.layer_cost
        best = decide(most, stats.eta, lam, settings.tau, settings.alpha)
        if not best.passes:
            reason = f"even the supremum is too low: {best.reason}"
            candidates.append(
                Candidate(kind, place, supremum=supremum, eta_layer=stats.eta, reason=reason)
            )
            grown.append(None)
            continue
        if kind == "neuron":
            proposal = search.neurons(stats, rng=rng)
            network = widen(net, place, proposal.weights, proposal.coefficients)
        else:
            proposal = search.layer(stats, rng)
            network = deepen(net, place, proposal.weights)
        larger = dense_eta(network)
        dense = None if larger is None else max(larger - eta, 0.0)
        score = proposal.score
        if kind == "layer":
            score = search.layer_score(score, units, dense) / settings.layer_cost
        found = assess(kind, place, stats, proposal, score, dense, lam, settings)
        candidates.append(replace(found, supremum=supremum))
        grown.append(network)
    chosen = best_passing(candidates)
    if chosen is not None:
        for i, candidate in enumerate(candidates):
            if i == chosen:
                candidates[i] = replace(candidate, chosen=True)
            elif not candidate.reason:
                candidates[i] = replace(candidate, reason="another passes with a higher score")
    record = LookRecord(epoch, eta, lam, settings.tau, settings.alpha, tuple(candidates))
    return Look(record, None if chosen is None else grown[chosen])


def overflows(net, X, t, loss):
    """Whether a network's values on X are too large, or no numbers, for a look to be taken."""
    with np.errstate(over="ignore", invalid="ignore"):
        trace = net.forward(X)
        g_y, u = loss.gradient(trace.outputs, t), output_directions(trace.outputs)
        values = [*trace.inputs, *net.backward(trace, g_y), *net.backward(trace, u)]
        return not all(np.abs(value).max() < LARGEST_VALUE for value in values)


def places(net, layers):
    """Where the network could grow: each hidden layer, and in front of each layer."""
    wider = [("neuron", place) for place in range(len(net.weights) - 1)]
    deeper = [("layer", place) for place in range(len(net.weights))]
    return wider + deeper if layers else wider


def obstacle_to(kind, net, place, settings):
    """Why nothing can be added at a place, whatever its score; empty if something can."""
    if kind == "neuron":
        full = net.sizes[place + 1] >= settings.max_width
        return f"the layer is at max_width = {settings.max_width}" if full else ""
    n = net.sizes[place]
    if len(net.weights) > settings.max_depth:
        return f"the network is at max_depth = {settings.max_depth}"
    if n > settings.max_width:
        return f"a square layer would have {n} neurons (max_width = {settings.max_width})"
    try:
        net.activation.identity_coefficients(n)
    except ValueError as error:
        return str(error)
    return ""


def assess(kind, place, stats, proposal, score, dense, lam, settings):
    """Hold a proposal against the thresholds of (E13): a `Candidate`."""
    a_p = stats.activation(stats.inputs @ proposal.weights, proposal.coefficients)
    proposed = moment(a_p, a_p) if kind == "neuron" else proposal.weights[:-1]
    candidate = Candidate(
        kind,
        place,
        exact=proposal.exact,
        bound=proposal.bound,
        dense=dense,
        eta_layer=stats.eta,
        condition_A=float(np.linalg.cond(moment(stats.a_c, stats.a_c))),
        condition_proposal=float(np.linalg.cond(proposed)),
        condition_G=float(np.linalg.cond(stats.G)),
    )
    decision = decide(max(score, 0.0), stats.eta, lam, settings.tau, settings.alpha)
    return replace(
        candidate,
        score=score,
        ratio=decision.ratio,
        share=decision.share,
        margin_tau=decision.ratio - settings.tau,
        margin_alpha=decision.share - settings.alpha,
        reason=decision.reason,
    )


def best_passing(candidates):
    """Index of the highest score among those that pass, or None."""
    passing = [i for i, c in enumerate(candidates) if c.score is not None and not c.reason]
    return max(passing, key=lambda i: candidates[i].score, default=None)
