"""Added neurons and updates beside GroMo, for a hidden layer and the linear layer that reads it.

GroMo averages its moments over samples but takes the gradients as `backward` leaves them. So the
loss is summed here, not averaged: each sample then has its own gradient g, as in ours, and
S = E[a a^T], M = E[a g^T] with a the inputs and a constant 1. (With an averaged loss its numbers
are 1/N^2 of these: what it says is an update's "decrease" is in units of the loss only for a sum.)
Its output metric is the identity, with `use_fisher` the empirical E[g g^T]. It has no 1/2 in a
decrease either. All in double precision: it computes in float32 unless dtype says otherwise.

The new neurons of GroMo are linear where they are born: their feature is b w, with b the inputs of
the hidden layer and a constant 1, so that
    sum of s^2            is the bound (Theorem 3.2) of the linear features b with G = I,
    s_k^2                 that of the one feature b w_k,
    the update's decrease the layer's score with G = I.

Where it differs: with `use_fisher` the update is A^{-1} C G^{-1}, and what is left for new neurons
is taken to be g less what *that* does to the outputs, where g_r is g less its regression on a. For
squared error and one full step that is the gradient after the step; but it is not the bound of
Theorem 3.2 with the empirical G, and unlike that it changes when the loss is counted twice.
"""

import numpy as np
import pytest
import torch
from agreement import Row
from cases import CASES, units
from gromo.modules.linear_growing_module import LinearGrowingModule
from gromo.utils.tools import compute_optimal_added_parameters

from sennpy import (
    MLP,
    Damping,
    Tanh,
    delta_eta_bound,
    kronecker_factors,
    layer_score,
    natural_gradient,
    residual_gradient,
)
from sennpy.expansion.moments import moment

SUM = "loss summed over samples, moments averaged over them; G = I; no 1/2"
# Their hidden layer is the last one: its inputs and those of the last layer.
every_case = pytest.mark.parametrize("case", CASES, ids=str)


def grown(case, size=1.0, **options):
    """The last layer of the case as theirs, with what it says should be added to `size` losses."""
    net, trace = case.net, case.trace
    b = torch.tensor(trace.inputs[-2][:, :-1])
    first, last = net.weights[-2:]
    hidden = LinearGrowingModule(
        len(first) - 1, first.shape[1],
        post_layer_function=units(net, len(net.sizes) - 3, learned=False),
    )  # fmt: skip
    layer = LinearGrowingModule(len(last) - 1, last.shape[1], previous_module=hidden)
    for module, W in [(hidden, first), (layer, last)]:
        module.layer.weight.data = torch.tensor(W[:-1].T.copy())
        module.layer.bias.data = torch.tensor(W[-1].copy())
    layer.init_computation()
    y = layer(hidden(b))
    (size * len(b) * case.scale * case.torch_loss(y, case.data[1])).backward()
    layer.update_computation()
    layer.compute_optimal_updates(
        numerical_threshold=0.0, statistical_threshold=0.0, dtype=torch.float64, **options
    )
    return layer


def arrays(case):
    """Our side: b, a, g and g_r of the last layer."""
    a, b = case.trace.inputs[-1], case.trace.inputs[-2]
    return b, a, case.g_y, residual_gradient(a, case.g_y)


S = Row("gromo", "input moment A", "kronecker_factors, A", "tensor_s", SUM, 1e-12)
M = Row("gromo", "gradient moment C", "E[a g^T]", "tensor_m", SUM, 1e-12)
E = Row(
    "gromo", "gradient factor G, empirical", "kronecker_factors(kind='empirical'), G",
    "covariance_loss_gradient", SUM, 1e-12,
)  # fmt: skip
RESIDUAL = Row(
    "gromo", "residual gradient g_r", "residual_gradient", "projected_v_goal", SUM, 1e-8
)  # fmt: skip
UPDATE = Row(
    "gromo", "update of the layer", "natural_gradient, last layer", "optimal_delta_layer",
    f"{SUM}; it descends with a minus, as ours", 1e-7,
)  # fmt: skip
DECREASE = Row(
    "gromo", "decrease by the update", "layer_score(a, g, I)", "parameter_update_decrease", SUM,
    1e-8,
)  # fmt: skip
FISHER_DECREASE = Row(
    "gromo", "decrease by the update, use_fisher", "layer_score(a, g, E[g g^T])",
    "parameter_update_decrease", "loss summed over samples; G the empirical one; no 1/2", 1e-7,
)  # fmt: skip
TOTAL = Row(
    "gromo", "added neurons, sum of s^2", "delta_eta_bound(b, g_r, I)", "eigenvalues_extension",
    f"{SUM}; linear features b", 1e-7,
)  # fmt: skip
ONE = Row(
    "gromo", "added neurons, each s^2", "delta_eta_bound(b w, g_r, I)", "extended_output_layer",
    f"{SUM}; the feature b w of each", 1e-7,
)  # fmt: skip
OUTGOING = Row(
    "gromo", "added neurons, outgoing weights", "-E[(b w) g_r^T] / E[(b w)^2]",
    "extended_input_layer", f"{SUM}; the natural step of the feature's outgoing weights", 1e-7,
)  # fmt: skip
GRADMAX = Row(
    "gromo", "GradMax, singular values", "np.linalg.svd of E[b g^T]", "alpha_zero, no projection",
    SUM, 1e-10,
)  # fmt: skip


@every_case
def test_moments_and_update(case):
    layer = grown(case)
    _, a, g, g_r = arrays(case)
    eye = np.eye(g.shape[1])
    S.agrees(kronecker_factors(case.net, case.X)[-1].A, layer.tensor_s())
    M.agrees(moment(a, g), layer.tensor_m())
    E.agrees(
        kronecker_factors(case.net, case.X, "empirical", case.loss, case.t)[-1].G,
        layer.covariance_loss_gradient(),
    )
    RESIDUAL.agrees(g_r, layer.projected_v_goal(layer.input))
    DECREASE.agrees(layer_score(a, g, eye), layer.parameter_update_decrease)
    theirs = layer.optimal_delta_layer
    delta = torch.cat([theirs.weight, theirs.bias[:, None]], 1).T
    if np.linalg.matrix_rank(a) == a.shape[1]:  # else there are many updates that do the same
        last = MLP((case.net.weights[-1],), (), Tanh())  # the metric of its outputs is G = I
        n = natural_gradient(last, a[:, :-1], case.t, case.loss, damping=Damping(0.0)).direction
        UPDATE.agrees(n.reshape(delta.shape), delta)


@every_case
def test_added_neurons(case):
    layer = grown(case)
    b, _, g, g_r = arrays(case)
    eye, s = np.eye(g.shape[1]), layer.eigenvalues_extension.numpy()
    TOTAL.agrees(delta_eta_bound(b, g_r, eye), (s**2).sum())
    born, read = layer.previous_module.extended_output_layer, layer.extended_input_layer
    W = torch.cat([born.weight, born.bias[:, None]], 1).detach().numpy().T
    for w, o, s_k in zip(W.T, read.weight.detach().numpy().T, s, strict=True):
        if s_k > 1e-3 * s[0]:
            feature = (b @ w)[:, None]
            ONE.agrees(delta_eta_bound(feature, g_r, eye), s_k**2)
            OUTGOING.agrees(-moment(feature, g_r)[0] / moment(feature, feature)[0], o)


@every_case
def test_gradmax(case):
    layer = grown(
        case, compute_delta=False, use_covariance=False, use_projection=False, alpha_zero=True,
        ignore_singular_values=True,
    )  # fmt: skip
    b, _, g, _ = arrays(case)
    GRADMAX.agrees(np.linalg.svd(moment(b, g))[1], layer.eigenvalues_extension)


FISHER_TOTAL = Row(
    "gromo", "added neurons, sum of s^2, use_fisher", "delta_eta_bound(b, g_after, E[g g^T])",
    "eigenvalues_extension", "loss summed over samples; G the empirical one", 1e-7,
    "g_after is g less what its own preconditioned update does, not the residual g_r: for squared "
    "error the gradient after a full step of it. So it is no bound of Theorem 3.2, and it changes "
    "when the loss is multiplied by a number, as ours with the empirical G does not",
)  # fmt: skip
FISHER_BOUND = Row(
    "gromo", "the same, given our residual", "delta_eta_bound(b, g_r, E[g g^T])",
    "compute_optimal_added_parameters", "its linear algebra, with N = -E[b g_r^T]", 1e-7,
)  # fmt: skip


@every_case
def test_growth_in_the_empirical_metric(case):
    layer, twice = grown(case, use_fisher=True), grown(case, size=2.0, use_fisher=True)
    b, a, g, g_r = arrays(case)
    G = moment(g, g)
    FISHER_DECREASE.agrees(layer_score(a, g, G), layer.parameter_update_decrease)
    g_after = g - (g - g_r) @ np.linalg.pinv(G, rcond=1e-12)
    total = layer.eigenvalues_extension.square().sum()
    if np.linalg.cond(G) < 1e6:  # with softmax, gradients sum to 0 and G is singular
        FISHER_TOTAL.agrees(delta_eta_bound(b, g_after, G), total)
        _, _, s = compute_optimal_added_parameters(
            layer.tensor_s_growth(), -torch.tensor(moment(b, g_r)), 0.0, 0.0,
            matrix_covariance_loss_gradient=layer.covariance_loss_gradient(),
        )  # fmt: skip
        bound = delta_eta_bound(b, g_r, G)
        FISHER_BOUND.agrees(bound, s.square().sum())
        assert bound == pytest.approx(delta_eta_bound(b, 2 * g_r, 4 * G), rel=1e-9)
        assert abs(twice.eigenvalues_extension.square().sum() / total - 1) > 1e-3
