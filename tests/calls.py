"""One good call of everything public, for the tests that change its arguments.

All numbers are whole, so that lists, integers and float32 hold them exactly.
"""

from typing import NamedTuple

import numpy as np

import sennpy
from sennpy import MLP, SENN, Damping, History, Rational, ReLU, Settings, Tanh, datasets
from sennpy import SoftmaxCrossEntropy as CrossEntropy
from sennpy import SquaredError as Squared
from sennpy.training.history import EpochRecord

N = 7  # no other size is 7


def whole(*shape, seed=0):
    """Whole numbers from -3 to 3 as floats: exact in every type."""
    return np.random.default_rng(seed).integers(-3, 4, shape).astype(float)


W0, W1 = whole(3, 3, seed=1), whole(4, 2, seed=2)
K0 = np.array([[1.0, 0.0, 2.0], [1.0, 1.0, 0.0], [0.0, 3.0, 1.0]])
NET = MLP((W0, W1), (K0,))
TANH, RELU = (MLP((W0, W1), (K0[:0],), activation) for activation in (Tanh(), ReLU()))
FLAT, ONE_OUT = MLP((W0[:, :2],)), MLP((W0[:, :1],))
THETA = NET.parameters
X, Y, T = whole(N, 2, seed=3), whole(N, 2, seed=4), whole(N, 2)
LABELS = np.array([0, 1, 1, 0, 1, 1, 0])
TRACE = NET.forward(X)
A_C, A_P, D = np.hstack([X, np.ones((N, 1))]), whole(N, 2, seed=5), whole(N, 2, seed=6)
G, WQ = np.array([[2.0, 1.0], [1.0, 2.0]]), np.array([[2.0, 1.0], [1.0, 1.0], [0.0, 3.0]])
F, GRADIENT = A_C.T @ A_C, np.array([1.0, 2.0, 3.0])
TWO_EPOCHS = {"epochs": 2, "cooldown": 1, "proposer": sennpy.RandomSearch(3)}


def log_density(x):
    return -(x**2).sum(axis=-1) / 2


def minus(x):
    return -x


class Call(NamedTuple):
    """A callable with good arguments for it."""

    function: object
    arguments: dict

    def __call__(self, **changes):
        return self.function(**(self.arguments | changes))


def good(function, **arguments):
    return Call(function, arguments)


GOOD = {
    "MLP": good(MLP, weights=(W0, W1), coefficients=(K0,)),
    "MLP.random": good(MLP.random, sizes=(2, 3, 2), activation=Rational(), rng=0),
    "MLP.replace": good(NET.replace, theta=THETA),
    "MLP.astype": good(NET.astype, dtype="float32"),
    "MLP.split": good(NET.split, theta=THETA),
    "MLP.forward": good(NET.forward, X=X),
    "MLP.backward": good(NET.backward, trace=TRACE, u=D),
    "MLP.vjp": good(NET.vjp, trace=TRACE, u=D),
    "MLP.jvp": good(NET.jvp, trace=TRACE, v=THETA),
    "MLP.per_sample_gradients": good(NET.per_sample_gradients, trace=TRACE, u=D),
    "MLP.jacobian": good(NET.jacobian, trace=TRACE),
    "Rational": good(Rational(), z=X, k=K0[:, :2]),
    "Rational.slope": good(Rational().slope, z=X, k=K0[:, :2]),
    "Rational.coefficient_slopes": good(Rational().coefficient_slopes, z=X, k=K0[:, :2]),
    "Rational.random_coefficients": good(Rational().random_coefficients, n=2, rng=0),
    "Rational.curvature": good(Rational().curvature, z=X, k=K0[:, :2]),
    "register_activation": good(sennpy.register_activation, kind=Rational),
    "Tanh": good(Tanh(), z=X, k=None),
    "Tanh.slope": good(Tanh().slope, z=X, k=None),
    "ReLU": good(ReLU(), z=X, k=None),
    "Tanh.curvature": good(Tanh().curvature, z=X, k=None),
    "ReLU.slope": good(ReLU().slope, z=X, k=None),
    "ReLU.curvature": good(ReLU().curvature, z=X, k=None),
    "SquaredError.value": good(Squared().value, y=Y, t=T),
    "SquaredError.gradient": good(Squared().gradient, y=Y, t=T),
    "SquaredError.metric": good(Squared().metric, y=Y),
    "SquaredError.metric_root": good(Squared().metric_root, y=Y),
    "SquaredError.sample_gradient": good(Squared().sample_gradient, y=Y, rng=0),
    "SoftmaxCrossEntropy.value": good(CrossEntropy().value, y=Y, t=LABELS),
    "SoftmaxCrossEntropy.gradient": good(CrossEntropy().gradient, y=Y, t=LABELS),
    "SoftmaxCrossEntropy.metric": good(CrossEntropy().metric, y=Y),
    "SoftmaxCrossEntropy.metric_root": good(CrossEntropy().metric_root, y=Y),
    "SoftmaxCrossEntropy.sample_gradient": good(CrossEntropy().sample_gradient, y=Y, rng=0),
    "SquaredError.accuracy": good(Squared().accuracy, y=Y, t=T),
    "SoftmaxCrossEntropy.accuracy": good(CrossEntropy().accuracy, y=Y, t=LABELS),
    "fisher": good(
        sennpy.fisher, net=NET, X=X, kind="empirical", loss=Squared(), targets=T, rng=0, samples=2
    ),
    "kronecker_factors": good(sennpy.kronecker_factors, net=NET, X=X, kind="true", loss=Squared()),
    "Damping": good(Damping, value=0.1, scale="relative", form="exact"),
    "natural_gradient": good(sennpy.natural_gradient, net=NET, X=X, t=T, loss=Squared(), rng=0),
    "natural_expansion_score": good(sennpy.natural_expansion_score, F=F, g=GRADIENT),
    "projected_score": good(sennpy.projected_score, J=whole(N, 2, 3), g_y=D),
    "layer_score": good(sennpy.layer_score, a_c=A_C, g=D, G=G),
    "residual_gradient": good(sennpy.residual_gradient, a_c=A_C, g=D),
    "delta_eta": good(sennpy.delta_eta, a_c=A_C, a_p=A_P, g=D, G=G),
    "delta_eta_dense": good(sennpy.delta_eta_dense, F=F, g=GRADIENT, num_current=2),
    "delta_eta_bound": good(sennpy.delta_eta_bound, a_p=A_P, g_r=D, G=G),
    "delta_eta_bound_gradient": good(sennpy.delta_eta_bound_gradient, a_p=A_P, g_r=D, G=G),
    "delta_eta_supremum": good(sennpy.delta_eta_supremum, g_r=D, G=G),
    "best_coefficients": good(sennpy.best_coefficients, z=X[:, 0], g_r=D, G=G, a_c=A_C),
    "opened_delta_eta": good(
        sennpy.opened_delta_eta, a_c=A_C, features=A_P, outgoing=G, g=D, G=G
    ),
    "inserted_layer_delta_eta": good(
        sennpy.inserted_layer_delta_eta, a_c=A_C, weights=WQ, W=W0[:, 1:], g=D, G=G
    ),
    "inserted_layer_surrogate": good(
        sennpy.inserted_layer_surrogate, a_c=A_C, weights=WQ, coefficients=K0[:, :2], g=D, G=G
    ),
    "damped_score": good(sennpy.damped_score, F=F, g=GRADIENT, damping=0.5),
    "damped_delta_eta": good(
        sennpy.damped_delta_eta, a_c=A_C, a_p=A_P, g=D, G=G, ridge=0.5
    ),
    "chance_level": good(sennpy.chance_level, g_r=D, G=G, k=2),
    "honest_increase": good(
        sennpy.honest_increase, a_c=A_C, a_p=A_P, g=D, u=D[None], fitted=X[:, 0] < 9, ridge=0.5
    ),
    "insert": good(sennpy.insert, net=NET, position=1),
    "widen": good(sennpy.widen, net=NET, layer=0, weights=WQ, coefficients=K0[:, :2]),
    "deepen": good(sennpy.deepen, net=NET, position=0, weights=WQ),
    "prune": good(sennpy.prune, net=NET, layer=0, neuron=1, X=X),
    "removal_costs": good(sennpy.removal_costs, a_c=A_C, g=D, G=G, W=W0[:, 1:]),
    "mala": good(
        sennpy.mala, log_density=log_density, gradient=minus, start=X[:2], step_size=0.1,
        num_steps=3, rng=0,
    ),
    "RandomSearch": good(sennpy.RandomSearch, proposals=3),
    "MalaSearch": good(sennpy.MalaSearch, chains=3),
    "ProfileSearch": good(sennpy.ProfileSearch, candidates=3),
    "decide": good(sennpy.decide, delta_eta=1.0, eta_c=1.0, lam=2.0, tau=1.0, alpha=0.1),
    "max_simultaneous_additions": good(
        sennpy.max_simultaneous_additions, lam=1.0, alpha=0.1, tau=1.0, eta_c=0.0
    ),
    "max_total_additions": good(
        sennpy.max_total_additions, reachable_loss=2.0, least_loss=1.0, alpha=0.1
    ),
    "Settings": good(Settings, **TWO_EPOCHS),
    "Thresholds": good(sennpy.Thresholds, tau=1.0, alpha=0.02, layer_cost=5.0, by="own"),
    "HonestLook": good(sennpy.HonestLook, z=1.0, price=1.0, tau=0.0),
    "CrossFitted": good(sennpy.CrossFitted, counts=(1, 2), folds=2),
    "LevenbergMarquardt": good(sennpy.LevenbergMarquardt, solver="dense", wait=2),
    "Schedule": good(sennpy.Schedule, epochs=(1, 2), units=2),
    "NaturalGradient": good(sennpy.NaturalGradient, solver="cg", damping=Damping(), step_size=0.5),
    "SGD": good(sennpy.SGD, step_size=0.1, momentum=0.5),
    "SENN": good(SENN, loss=Squared(), settings=Settings.by_thresholds(**TWO_EPOCHS)),
    "SENN.fit": good(
        SENN(Squared(), Settings.by_thresholds(**TWO_EPOCHS)).fit, net=NET, X=X, t=T,
        validation=(X, T),
    ),
    "SENN.fit, labels": good(
        SENN(CrossEntropy(), Settings.by_thresholds(**TWO_EPOCHS)).fit, net=NET, X=X, t=LABELS
    ),
    "History.with_record": good(
        History().with_record, record=EpochRecord(1, 1.0, 0.1, 1.0, (2, 2), 0.0, 0.1)
    ),
    "datasets.half_moons": good(datasets.half_moons, train_seed=0, test_seed=1, noise=0.3),
    "datasets.digits": good(datasets.digits, split_seed=0, per_class=None, limit=None),
}  # fmt: skip
