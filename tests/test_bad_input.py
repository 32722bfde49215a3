"""What the public functions accept, what they refuse and in which words, and what they leave alone.

`GOOD` (in calls.py) holds one good call of everything public. The cases of `REFUSED` change one
argument of it; a message must say what was given and what is expected. The other tests change all
arguments at once, in ways that must not matter.
"""

import copy
import pickle
import re
from dataclasses import fields
from functools import partial

import numpy as np
import pytest
from calls import (
    A_C,
    A_P,
    FLAT,
    GOOD,
    GRADIENT,
    K0,
    LABELS,
    NET,
    ONE_OUT,
    RELU,
    TANH,
    THETA,
    TRACE,
    W0,
    W1,
    WQ,
    D,
    F,
    G,
    N,
    T,
    X,
    Y,
    minus,
)
from compare import assert_close

import sennpy
from sennpy import MLP, Damping, History, Rational, Settings, SingularCurvature
from sennpy import SquaredError as Squared
from sennpy.nn.trace import Trace

# --- What is refused, and in which words ---------------------------------------------------------


def with_nan(array):
    """The array with NaN as its last entry."""
    changed = np.array(array, dtype=float)
    changed.flat[-1] = np.nan
    return changed


MOVED = NET.replace(THETA + 1)
COMPLEX = NET.replace(THETA + 1j)
RAGGED = [[1.0, 2.0], [3.0]]
LEGACY = np.random.RandomState(0)
TYPE = "expected real numbers (float64)"
RNG = "expected None, an int or a numpy.random.Generator"
ACTIVATION = "expected an Activation: Rational(), Tanh() or ReLU()"
LOSS = "expected*SquaredError() or SoftmaxCrossEntropy()"
KINDS = "expected one of 'euclidean', 'true', 'sampled', 'empirical'"
SEARCHES = "expected one of 'random', 'mala', 'profile'"
SCALES = "expected one of 'absolute', 'relative'"
SQUARE = "expected (n_out, n_out) with n_out = 2"

# For each call: the argument changed, its value, the exception, what the message must say.
REFUSED = {
    "MLP": [
        ("weights", 5, TypeError, "weights is 5, expected a sequence, one entry a layer"),
        ("weights", (), ValueError, "weights have shapes [], expected * at least one layer"),
        ("weights", W0, ValueError, "weights have shapes [(3,),*, expected (n_in + 1, n_out)"),
        ("weights", (W0, W1[:3]), ValueError, "weights[1] has shape (3, 2), * 4 rows are exp"),
        ("weights", (W0, with_nan(W1)), ValueError, "weights[1] must be finite, * index (3, 1)"),
        ("weights", (W0, RAGGED), ValueError, "weights[1] is ragged: all its rows must have"),
        ("weights", (W0, W1.astype(str)), TypeError, f"weights[1] has dtype <U*, {TYPE}"),
        ("coefficients", 5, TypeError, "coefficients is 5, expected a sequence"),
        ("coefficients", (K0[:2],), ValueError, "coefficients have shapes [(2, 3)], expected [(3"),
        ("coefficients", (0 * K0,), ValueError, "layer 0: * = (0, 0, 0), * use (0, 0, 1)"),
        ("activation", np.tanh, TypeError, f"activation is <ufunc 'tanh'>, {ACTIVATION}"),
    ],
    "MLP.random": [
        ("sizes", 5, TypeError, "sizes is 5, expected a sequence"),
        ("sizes", (2,), ValueError, "sizes is [2], expected (inputs, hidden ..., outputs)"),
        ("sizes", (2, 0, 1), ValueError, "sizes[1] is 0, expected an integer of at least 1"),
        ("sizes", (2, True), TypeError, "sizes[1] is True, expected an integer"),
        ("sizes", "22", TypeError, "sizes[0] is '2', expected an integer"),
        ("activation", Rational, TypeError, f"activation is <class *Rational'>, {ACTIVATION}"),
        ("rng", LEGACY, TypeError, f"rng is RandomState*, {RNG}"),
        ("rng", "zero", TypeError, f"rng is 'zero', {RNG}"),
        ("rng", True, TypeError, f"rng is True, {RNG}"),
        ("rng", 1.0, TypeError, f"rng is 1.0, {RNG}"),
        ("rng", -1, ValueError, "rng is -1, expected a seed of at least 0"),
    ],
    "MLP.replace": [
        ("theta", THETA[1:], ValueError, "theta has shape (25,), but the network has 26 param"),
        ("theta", THETA[:, None], ValueError, "theta has shape (26, 1), but * 26 parameters"),
        ("theta", with_nan(THETA), ValueError, "theta must be finite, * nan at index (25,)"),
        ("theta", 0 * THETA, ValueError, "hidden layer 0: a neuron has * use (0, 0, 1)"),
    ],
    "MLP.split": [
        ("theta", THETA[1:], ValueError, "theta has shape (25,), but the network has 26 param"),
    ],
    "MLP.astype": [
        ("dtype", "float16", ValueError, "dtype is 'float16', expected 'float32' or 'float64'"),
        ("dtype", "decimal", ValueError, "dtype is 'decimal', expected 'float32' or"),
        ("dtype", int, ValueError, "dtype is <class 'int'>, expected 'float32' or 'float64'"),
    ],
    "MLP.forward": [
        ("X", X[:, :1], ValueError, "X has 1 columns, but the network takes 2"),
        ("X", X[0], ValueError, "X has shape (2,), expected (N, 2): one row a sample"),
        ("X", X[None], ValueError, "X has shape (1, 7, 2), expected (N, 2)"),
        ("X", X[:0], ValueError, "X is empty (shape (0, 2)), expected at least one entry"),
        ("X", with_nan(X), ValueError, "X must be finite, but holds nan at index (6, 1)"),
        ("X", np.full((1, 2), -np.inf), ValueError, "X must be finite, * -inf at index (0, 0)"),
        ("X", RAGGED, ValueError, "X is ragged: all its rows must have the same length"),
        ("X", X + 0j, TypeError, f"X has dtype complex128, {TYPE}"),
        ("X", np.ma.array(X, mask=X > 0), TypeError, "X is a masked array, expected a plain one"),
        ("X", [np.ma.array(row) for row in X], TypeError, "X is a masked array, expected a plain"),
        ("X", X.astype(object), TypeError, f"X has dtype object, {TYPE}"),
        ("X", X.astype(str), TypeError, f"X has dtype <U*, {TYPE}"),
        ("X", None, TypeError, f"X has dtype object, {TYPE}"),
    ],
    "MLP.backward": [
        ("u", D[:, 0], ValueError, "u has shape (7,), but the outputs have shape (7, 2)"),
        ("u", RAGGED, ValueError, "u is ragged: all its rows must have the same length"),
        ("u", D.astype(object), TypeError, f"u has dtype object, {TYPE}"),
        ("trace", X, TypeError, "trace is of type ndarray, expected net.forward(X)"),
        ("trace", FLAT.forward(X), ValueError, "sizes (2, 2), expected * (2, 3, 2)"),
        ("trace", MOVED.forward(X), ValueError, "another network of these sizes, * differ; after"),
    ],
    "MLP.vjp": [
        ("u", D[:3], ValueError, "u has shape (3, 2), but the outputs have shape (7, 2)"),
        ("u", D[None], ValueError, "u has shape (1, 7, 2), but the outputs have shape (7, 2)"),
        ("u", None, TypeError, f"u has dtype object, {TYPE}"),
        ("trace", MOVED.forward(X), ValueError, "after net.replace(theta) call forward(X) of the"),
    ],
    "MLP.jvp": [
        ("v", THETA[1:], ValueError, "v has shape (25,), but the network has 26 parameters"),
        ("v", "forward", TypeError, f"v has dtype <U7, {TYPE}"),
        ("trace", FLAT.forward(X), ValueError, "sizes (2, 2), expected * (2, 3, 2)"),
        ("trace", MOVED.forward(X), ValueError, "another network of these sizes"),
    ],
    "MLP.per_sample_gradients": [
        ("u", D.T, ValueError, "u has shape (2, 7), but the outputs have shape (7, 2)"),
        ("trace", MOVED.forward(X), ValueError, "another network of these sizes"),
    ],
    "MLP.jacobian": [
        ("trace", X, TypeError, "trace is of type ndarray, expected net.forward(X)"),
        ("trace", MOVED.forward(X), ValueError, "another network of these sizes"),
    ],
    "Rational": [
        ("k", K0, ValueError, "z has shape (7, 2) and k (3, 3), expected (N, n) and (3, n)"),
        ("k", None, TypeError, f"k has dtype object, {TYPE}"),
        ("z", X[0], ValueError, "z has shape (2,) and k (3, 2), expected (N, n) and (3, n)"),
    ],
    "Rational.slope": [
        ("k", K0[:2, :2], ValueError, "z has shape (7, 2) and k (2, 2), expected * (3, n)"),
    ],
    "Rational.coefficient_slopes": [
        ("z", "x", TypeError, f"z has dtype <U1, {TYPE}"),
    ],
    "Rational.curvature": [
        ("k", K0[:2, :2], ValueError, "z has shape (7, 2) and k (2, 2), expected * (3, n)"),
    ],
    "register_activation": [
        ("kind", Rational(), TypeError, "kind is Rational(), expected a subclass of Activation"),
        ("kind", abs, TypeError, "kind is <built-in function abs>, expected a subclass of Act"),
    ],
    "Rational.random_coefficients": [
        ("rng", LEGACY, TypeError, f"rng is RandomState*, {RNG}"),
    ],
    "Tanh": [
        ("z", RAGGED, ValueError, "z is ragged: all its rows must have the same length"),
    ],
    "ReLU": [
        ("z", "x", TypeError, f"z has dtype <U1, {TYPE}"),
    ],
    "SquaredError.value": [
        ("t", T[:, 0], ValueError, "t has shape (7,), but the outputs have shape (7, 2)"),
        ("t", T[:3], ValueError, "t has shape (3, 2), but the outputs have shape (7, 2)"),
        ("t", with_nan(T), ValueError, "t must be finite, but holds nan at index (6, 1)"),
        ("t", T + 0j, TypeError, f"t has dtype complex128, {TYPE}"),
        ("y", Y[0], ValueError, "y has shape (2,), expected (N, m)"),
    ],
    "SquaredError.gradient": [
        ("y", Y[:, :1], ValueError, "t has shape (7, 2), but the outputs have shape (7, 1)"),
    ],
    "SquaredError.metric": [
        ("y", Y[:0], ValueError, "y has shape (0, 2), expected (N, m)"),
    ],
    "SquaredError.sample_gradient": [
        ("rng", LEGACY, TypeError, f"rng is RandomState*, {RNG}"),
    ],
    "SoftmaxCrossEntropy.value": [
        ("t", LABELS + 1, ValueError, "labels from 1 to 2, * labels from 0 to 1 are expected"),
        ("t", -LABELS, ValueError, "labels from -1 to 0, * labels from 0 to 1 are expected"),
        ("t", LABELS * 1.0, TypeError, "t has dtype float64, expected integer labels"),
        ("t", LABELS > 0, TypeError, "t has dtype bool, expected integer labels"),
        ("t", LABELS.astype(str), TypeError, "t has dtype <U*, expected integer labels"),
        ("t", LABELS[:3], ValueError, "t has shape (3,), expected one integer label * (7,)"),
        ("t", LABELS[:, None], ValueError, "t has shape (7, 1), expected one *: (7,)"),
        ("t", np.eye(2)[LABELS], ValueError, "t has shape (7, 2), expected one *: (7,)"),
        ("t", RAGGED, ValueError, "t is ragged: all its rows must have the same length"),
    ],
    "SoftmaxCrossEntropy.gradient": [
        ("y", Y[:, :1], ValueError, "outputs have shape (7, 1), * at least two columns"),
    ],
    "SoftmaxCrossEntropy.metric": [
        ("y", Y[0], ValueError, "y has shape (2,), expected (N, m)"),
    ],
    "SoftmaxCrossEntropy.metric_root": [
        ("y", Y[:, :1], ValueError, "outputs have shape (7, 1), * at least two columns"),
    ],
    "SoftmaxCrossEntropy.sample_gradient": [
        ("rng", 1.5, TypeError, f"rng is 1.5, {RNG}"),
    ],
    "SoftmaxCrossEntropy.accuracy": [
        ("t", LABELS + 1, ValueError, "labels from 1 to 2, * labels from 0 to 1 are expected"),
        ("y", Y[:, :1], ValueError, "outputs have shape (7, 1), * at least two columns"),
    ],
    "fisher": [
        ("net", X, TypeError, "net is of type ndarray, expected an MLP"),
        ("X", X[:, :1], ValueError, "X has 1 columns, but the network takes 2"),
        ("kind", "natural", ValueError, f"kind is 'natural', {KINDS}"),
        ("kind", ["true"], ValueError, f"kind is ['true'], {KINDS}"),
        ("loss", None, ValueError, "kind 'empirical' needs a loss; only 'euclidean' does without"),
        ("loss", Squared, TypeError, f"loss is <class *SquaredError'>, {LOSS}"),
        ("targets", None, ValueError, "kind 'empirical' needs the targets"),
        ("targets", T[:, 0], ValueError, "t has shape (7,), but the outputs have shape (7, 2)"),
    ],
    "kronecker_factors": [
        ("net", None, TypeError, "net is of type NoneType, expected an MLP"),
        ("X", with_nan(X), ValueError, "X must be finite, but holds nan at index (6, 1)"),
        ("loss", "squared", TypeError, f"loss is 'squared', {LOSS}"),
    ],
    "Damping": [
        ("value", -0.1, ValueError, "damping value is -0.1, expected a number at least 0"),
        ("value", np.inf, ValueError, "damping value is inf, expected a finite number"),
        ("value", True, TypeError, "damping value is True, expected a number"),
        ("scale", "trace", ValueError, f"damping scale is 'trace', {SCALES}"),
        ("scale", np.ones(2), ValueError, f"damping scale is array*, {SCALES}"),
        ("form", "kfac", ValueError, "damping form is 'kfac', expected one of 'exact', 'factored'"),
    ],
    "natural_gradient": [
        ("net", "net", TypeError, "net is of type str, expected an MLP"),
        ("t", T[:3], ValueError, "t has shape (3, 2), but the outputs have shape (7, 2)"),
        ("loss", None, ValueError, "needs a loss, for the gradient (SquaredError())"),
        ("loss", "squared", TypeError, f"loss is 'squared', {LOSS}"),
        ("solver", "lu", ValueError, "solver is 'lu', expected one of 'dense', 'cg', 'pcg'"),
        ("kind", None, ValueError, f"kind is None, {KINDS}"),
        ("damping", 0.1, TypeError, "damping is 0.1, expected a Damping, as Damping(0.1)"),
        ("damping", Damping(0.0), SingularCurvature, "(26 by 26) is singular at damping 0; use"),
        ("damping", Damping(form="factored"), ValueError, "needs solver 'kfac', not 'dense'"),
        ("max_iterations", 0, ValueError, "max_iterations is 0, expected an integer of at least 1"),
        ("tolerance", -1, ValueError, "tolerance is -1, expected a number at least 0"),
    ],
    "natural_expansion_score": [
        ("F", F[:2], ValueError, "F has shape (2, 3), expected (P, P) with P = 2 as in F"),
        ("F", np.triu(F), ValueError, "F holds 6 at index (0, 1) and 0 at (1, 0), * symmetric"),
        ("F", -F, ValueError, "F holds -* expected a positive semi-definite matrix"),
        ("F", [], ValueError, "F is empty (shape (0,)), expected at least one entry"),
        ("g", GRADIENT[:2], ValueError, "g has shape (2,), expected (P,) with P = 3 as in F"),
        ("g", GRADIENT[:, None], ValueError, "g has shape (3, 1), expected (P,)"),
    ],
    "projected_score": [
        ("g_y", D.T, ValueError, "J has shape (7, 2, 3) and g_y (2, 7), expected * (N, m)"),
        ("g_y", D.ravel()[:7], ValueError, "J has shape (7, 2, 3) and g_y (7,), * or (N m,)"),
        ("N", 14, ValueError, "N is 14, expected the number of samples of J with shape (7, 2, 3)"),
        ("N", 7.0, TypeError, "N is 7.0, expected an integer"),
        ("J", 1.0, ValueError, "J has shape () and g_y (7, 2), expected (N m, P) or (N, m, P)"),
    ],
    "layer_score": [
        ("a_c", A_C[:, 0], ValueError, "a_c has shape (7,), expected (N, n_c)"),
        ("g", D[:3], ValueError, "g has shape (3, 2), expected (N, n_out) with N = 7 as in a_c"),
        ("G", np.eye(3), ValueError, f"G has shape (3, 3), {SQUARE} as in g"),
        ("G", G[:1], ValueError, f"G has shape (1, 2), {SQUARE} as in g"),
        ("G", [[1, 2], [2, 1]], ValueError, "G holds 2 at index (0, 1) * positive semi-definite"),
    ],
    "residual_gradient": [
        ("g", D[:, 0], ValueError, "g has shape (7,), expected (N, n_out)"),
        ("a_c", A_C.astype(object), TypeError, f"a_c has dtype object, {TYPE}"),
    ],
    "delta_eta": [
        ("a_p", A_P[:, 0], ValueError, "a_p has shape (7,), expected (N, k)"),
        ("a_p", A_P[:, :0], ValueError, "a_p is empty (shape (7, 0)), expected at least one entry"),
        ("a_p", with_nan(A_P), ValueError, "a_p must be finite, but holds nan at index (6, 1)"),
        ("G", G + 0j, TypeError, f"G has dtype complex128, {TYPE}"),
    ],
    "delta_eta_dense": [
        ("num_current", 0, ValueError, "num_current is 0, expected 1 to 2"),
        ("num_current", 3, ValueError, "num_current is 3, expected 1 to 2"),
        ("num_current", -1, ValueError, "num_current is -1, expected 1 to 2"),
        ("num_current", 1.0, TypeError, "num_current is 1.0, expected an integer"),
        ("F", F[:, :2], ValueError, "F has shape (3, 2), expected (P, P) with P = 3 as in F"),
    ],
    "delta_eta_bound": [
        ("g_r", D[:3], ValueError, "g_r has shape (3, 2), expected * with N = 7 as in a_p"),
    ],
    "delta_eta_bound_gradient": [
        ("G", G[0], ValueError, "G has shape (2,), expected (n_out, n_out)"),
    ],
    "delta_eta_supremum": [
        ("G", np.eye(3), ValueError, f"G has shape (3, 3), {SQUARE} as in g_r"),
    ],
    "best_coefficients": [
        ("z", X, ValueError, "z has shape (7, 2), expected (N,)"),
        ("g_r", D[:3], ValueError, "g_r has shape (3, 2), expected * with N = 7 as in z"),
        ("a_c", A_C[:3], ValueError, "a_c has shape (3, 3), expected * with N = 7 as in z"),
    ],
    "opened_delta_eta": [
        ("features", A_P[:3], ValueError, "features has shape (3, 2), expected (N, p) with N = 7"),
        ("outgoing", G[:1], ValueError, "outgoing has shape (1, 2), expected (p, n_out) with p ="),
        ("g", D[:, 0], ValueError, "g has shape (7,), expected (N, n_out)"),
    ],
    "inserted_layer_delta_eta": [
        ("weights", 0 * WQ, np.linalg.LinAlgError, "square part * has rank 0, expected 2"),
        ("weights", W0, ValueError, "weights has shape (3, 3), expected (3, 2): square"),
        ("W", W0[:2], ValueError, "W has shape (2, 3), expected * with n+1 = 3 as in a_c"),
    ],
    "inserted_layer_surrogate": [
        ("coefficients", K0[:2, :2], ValueError, "coefficients has shape (2, 2), expected (3, n)"),
        ("coefficients", K0, ValueError, "coefficients has shape (3, 3), * n = 2 as in weights"),
    ],
    "widen": [
        ("net", X, TypeError, "net is of type ndarray, expected an MLP"),
        ("net", FLAT, ValueError, "net.sizes = (2, 2)) has no hidden layer; deepen it first"),
        ("layer", 1, ValueError, "layer is 1, expected an integer of at least 0 and below 1"),
        ("layer", -1, ValueError, "layer is -1, expected an integer of at least 0 and below 1"),
        ("layer", False, TypeError, "layer is False, expected an integer"),
        ("weights", WQ[:2], ValueError, "weights has shape (2, 2), expected (3, k): one column"),
        ("weights", WQ[:, 0], ValueError, "weights has shape (3,), expected (3, k)"),
        ("coefficients", None, ValueError, "coefficients has shape (0, 2), expected (3, 2) for"),
        ("coefficients", with_nan(K0[:, :2]), ValueError, "coefficients must be * index (2, 1)"),
        ("coefficients", K0[:, :2] + 1j, TypeError, f"coefficients has dtype complex128, {TYPE}"),
        ("coefficients", RAGGED, ValueError, "coefficients is ragged: all its rows must have"),
    ],
    "deepen": [
        ("net", TRACE, TypeError, "net is of type Trace, expected an MLP"),
        ("net", RELU, ValueError, "ReLU cannot be the identity *; use Rational()"),
        ("net", TANH, ValueError, "Tanh cannot be the identity *; use Rational()"),
        ("position", 2, ValueError, "position is 2, expected an integer of at least 0 and below 2"),
        ("position", -1, ValueError, "position is -1, expected an integer of at least 0 and below"),
        ("weights", WQ[:2], ValueError, "weights has shape (2, 2), expected (3, 2): square"),
        ("weights", np.ones((3, 2)), ValueError, "condition number *, expected one below 1e+08"),
    ],
    "prune": [
        ("net", FLAT, ValueError, "net.sizes = (2, 2)) has no hidden layer; deepen it first"),
        ("net", MLP.random((2, 1, 2), rng=0), ValueError, "neuron is 1, * below 1"),
        ("neuron", 3, ValueError, "neuron is 3, expected an integer of at least 0 and below 3"),
        ("neuron", -1, ValueError, "neuron is -1, expected an integer of at least 0 and below 3"),
        ("X", X[:, :1], ValueError, "X has 1 columns, but the network takes 2"),
    ],
    "removal_costs": [
        ("W", W0[:2], ValueError, "W has shape (2, 3), expected * with n_c = 3 as in a_c"),
        ("a_c", A_C[:, [0, 1, 1]], ValueError, "columns of a_c have rank 2, expected none that"),
    ],
    "mala": [
        ("step_size", 0, ValueError, "step_size is 0, expected a number above 0"),
        ("step_size", True, TypeError, "step_size is True, expected a number"),
        ("num_steps", 0, ValueError, "num_steps is 0, expected an integer of at least 1"),
        ("num_steps", 2.0, TypeError, "num_steps is 2.0, expected an integer"),
        ("start", 0.0, ValueError, "start is a number, expected an array (dim,) or (chains, dim)"),
        ("start", with_nan(X[0]), ValueError, "start must be finite, but holds nan at index (1,)"),
        ("log_density", None, TypeError, "log_density is None, expected a function"),
        ("log_density", minus, ValueError, "the log-density has shape (2, 2) *; expected (2,)"),
        ("log_density", lambda x: "high", TypeError, f"log-density at the start has *, {TYPE}"),
        ("log_density", lambda x: x[:, 0] * np.inf, ValueError, "not finite at the start, exp"),
        ("gradient", 3, TypeError, "gradient is 3, expected a function"),
        ("rng", LEGACY, TypeError, f"rng is RandomState*, {RNG}"),
    ],
    "RandomSearch": [
        ("proposals", 0, ValueError, "proposals is 0, expected an integer of at least 1"),
    ],
    "MalaSearch": [
        ("chains", 0, ValueError, "chains is 0, expected an integer of at least 1"),
        ("bursts", True, TypeError, "bursts is True, expected an integer"),
        ("burst_length", -1, ValueError, "burst_length is -1, expected an integer of at least 1"),
        ("temperature", 0, ValueError, "temperature is 0, expected a number above 0"),
        ("step_size", np.nan, ValueError, "step_size is nan, expected a number above 0"),
    ],
    "ProfileSearch": [
        ("candidates", 0, ValueError, "candidates is 0, expected an integer of at least 1"),
        ("refined", 1.5, TypeError, "refined is 1.5, expected an integer"),
        ("iterations", 0, ValueError, "iterations is 0, expected an integer of at least 1"),
        ("reach", np.inf, ValueError, "reach is inf, expected a finite number"),
    ],
    "decide": [
        ("delta_eta", -1, ValueError, "delta_eta is -1, expected a number at least 0"),
        ("eta_c", -1, ValueError, "eta_c is -1, expected a number at least 0"),
        ("lam", np.nan, ValueError, "lam is nan, expected a number at least 0"),
        ("lam", -1, ValueError, "lam is -1, expected a number at least 0"),
        ("tau", -1, ValueError, "tau is -1, expected a number at least 0"),
        ("alpha", "0.1", TypeError, "alpha is '0.1', expected a number"),
        ("alpha", np.ones(2), TypeError, "alpha is array(*), expected a number"),
    ],
    "max_simultaneous_additions": [
        ("lam", 0, ValueError, "lam is 0, expected a number above 0"),
        ("alpha", -1, ValueError, "alpha is -1, expected a number above 0"),
        ("tau", 0, ValueError, "tau is 0, expected a number above 0"),
        ("eta_c", None, TypeError, "eta_c is None, expected a number"),
    ],
    "max_total_additions": [
        ("least_loss", 3, ValueError, "least_loss is 3, expected at most reachable_loss = 2"),
        ("alpha", 0, ValueError, "alpha is 0, expected a number above 0"),
    ],
    "Settings": [
        ("epochs", -1, ValueError, "epochs is -1, expected an integer of at least 0"),
        ("proposer", "grid", ValueError, f"proposer is 'grid', {SEARCHES}"),
        ("proposer", ["mala"], TypeError, "proposer is ['mala'], expected a Proposer such as"),
        ("acceptance", 0.1, TypeError, "acceptance is 0.1, expected an Acceptance such as Thresh"),
        ("optimiser", "adam", TypeError, "optimiser is 'adam', expected an Optimiser such as Nat"),
        ("cooldown", 0, ValueError, "cooldown is 0, expected an integer of at least 1"),
        ("backoff", 0.5, ValueError, "backoff is 0.5, expected a number at least 1"),
        ("patience", 0, ValueError, "patience is 0, expected an integer of at least 1"),
        ("tolerance", 0, ValueError, "tolerance is 0, expected a number above 0"),
        ("keep", "first", ValueError, "keep is 'first', expected one of 'last', 'best'"),
        ("layer_cooldown", 1.0, TypeError, "layer_cooldown is 1.0, expected an integer"),
        ("max_width", 0, ValueError, "max_width is 0, expected an integer of at least 1"),
        ("max_depth", -1, ValueError, "max_depth is -1, expected an integer of at least 0"),
        ("batch_size", 0, ValueError, "batch_size is 0, expected an integer of at least 1"),
        ("look_samples", 0, ValueError, "look_samples is 0, expected an integer of at least 1"),
        ("dtype", "float16", ValueError, "dtype is 'float16', expected one of 'float64', 'fl"),
        ("seed", None, TypeError, "seed is None, expected an integer"),
    ],
    "damped_score": [
        ("damping", 0.0, ValueError, "damping has shape (), expected a positive number, or (3,)"),
        ("damping", [1.0, 2.0], ValueError, "damping has shape (2,), expected a positive number"),
        ("g", GRADIENT[:2], ValueError, "g has shape (2,)"),
    ],
    "damped_delta_eta": [
        ("ridge", -1.0, ValueError, "ridge is -1.0, expected a number at least 0"),
        ("a_p", A_P[:3], ValueError, "a_p has shape (3, 2)"),
    ],
    "chance_level": [
        ("g_r", D[:1], ValueError, "g_r has one row, expected at least two"),
        ("k", 0, ValueError, "k is 0, expected an integer of at least 1"),
    ],
    "honest_increase": [
        ("fitted", np.zeros(7, bool), ValueError, "expected (7,) of bool, True for at least one"),
        ("fitted", np.arange(7), ValueError, "fitted has dtype int64 and shape (7,), expected"),
        ("u", D, ValueError, "u has shape (7, 2)"),
        ("ridge", -1.0, ValueError, "ridge is -1.0, expected a number at least 0"),
    ],
    "insert": [
        ("net", X, TypeError, "net is of type ndarray, expected an MLP"),
        ("net", TANH, ValueError, "Tanh cannot be the identity for any coefficients"),
        ("position", 2, ValueError, "position is 2, expected an integer of at least 0 and below 2"),
    ],
    "HonestLook": [
        ("z", -1, ValueError, "z is -1, expected a number at least 0"),
        ("price", "much", TypeError, "price is 'much', expected a number"),
        ("tau", -0.1, ValueError, "tau is -0.1, expected a number at least 0"),
    ],
    "CrossFitted": [
        ("search", "mala", TypeError, "search is 'mala', expected a ProfileSearch"),
        ("counts", (), ValueError, "counts is (), expected rising numbers of neurons"),
        ("counts", (2, 1), ValueError, "counts is (2, 1), expected rising numbers of neurons"),
        ("counts", (0, 1), ValueError, "counts[0] is 0, expected an integer of at least 1"),
        ("folds", 1, ValueError, "folds is 1, expected at least 2"),
        ("held_out", 0, ValueError, "held_out is 0, expected an integer of at least 1"),
        ("samples", 1.5, TypeError, "samples is 1.5, expected an integer"),
        ("ridge", -1, ValueError, "ridge is -1, expected a number at least 0"),
    ],
    "LevenbergMarquardt": [
        ("metric", "l2", ValueError, "metric is 'l2', expected one of"),
        ("solver", "kfac", ValueError, "solver is 'kfac', expected one of 'auto', 'dense', 'pcg'"),
        ("decay", "aic", ValueError, "decay is 'aic', expected one of 'evidence'"),
        ("decay", -1.0, ValueError, "decay is -1.0, expected a number at least 0"),
        ("wait", -1, ValueError, "wait is -1, expected an integer of at least 0"),
        ("cg_iterations", 0, ValueError, "cg_iterations is 0, expected an integer of at least 1"),
    ],
    "Thresholds": [
        ("tau", -1, ValueError, "tau is -1, expected a number at least 0"),
        ("alpha", True, TypeError, "alpha is True, expected a number"),
        ("layer_cost", 0, ValueError, "layer_cost is 0, expected a number above 0"),
        ("by", "bound", ValueError, "by is 'bound', expected one of 'exact', 'own'"),
        ("dense", 1, TypeError, "dense is 1, expected True or False"),
    ],
    "Schedule": [
        ("epochs", (1.5,), TypeError, "epochs[0] is 1.5, expected an integer"),
        ("epochs", 3, TypeError, "epochs is 3, expected a sequence of epochs"),
        ("units", 0, ValueError, "units is 0, expected an integer of at least 1"),
    ],
    "NaturalGradient": [
        ("solver", "adam", ValueError, "solver is 'adam', expected one of 'dense', 'cg', 'pcg'"),
        ("cg_iterations", 0, ValueError, "cg_iterations is 0, expected an integer of at least 1"),
        ("refresh", 0, ValueError, "refresh is 0, expected an integer of at least 1"),
        ("metric", "fisher", ValueError, f"metric is 'fisher', {KINDS}"),
        ("damping", 0.1, TypeError, "damping is 0.1, expected Damping(0.1, 'absolute')"),
        ("damping", Damping(form="factored"), ValueError, "needs solver 'kfac', not 'cg'"),
        ("step_size", 0, ValueError, "step_size is 0, expected a number above 0"),
        ("step_size", 3, ValueError, "step_size is 3, expected at most 2"),
        ("weight_decay", -1, ValueError, "weight_decay is -1, expected a number at least 0"),
    ],
    "SGD": [
        ("step_size", 0, ValueError, "step_size is 0, expected a number above 0"),
        ("momentum", 1, ValueError, "momentum is 1, expected a number below 1"),
    ],
    "SENN": [
        ("loss", "squared", TypeError, f"loss is 'squared', {LOSS}"),
        ("settings", {"epochs": 3}, TypeError, "settings is {'epochs': 3}, expected Settings"),
    ],
    "SENN.fit": [
        ("net", X, TypeError, "net is of type ndarray, expected an MLP"),
        ("net", COMPLEX, TypeError, "net has complex parameters, * expected real ones (net.repl"),
        ("X", np.ma.array(X), TypeError, "X is a masked array, expected a plain one: leave out"),
        ("t", np.ma.array(T), TypeError, "t is a masked array, expected a plain one: leave out"),
        ("validation", (X, np.ma.array(T)), TypeError, "t is a masked array, expected a plain"),
        ("net", ONE_OUT, ValueError, "t has shape (7, 2), but the outputs have shape (7, 1)"),
        ("X", X[:3], ValueError, "t has shape (7, 2), but the outputs have shape (3, 2)"),
        ("X", with_nan(X), ValueError, "X must be finite, but holds nan at index (6, 1)"),
        ("t", T[:, 0], ValueError, "t has shape (7,), but the outputs have shape (7, 2)"),
        ("t", None, TypeError, f"t has dtype object, {TYPE}"),
        ("validation", X, TypeError, "validation is of type ndarray, expected a pair (X, t)"),
        ("validation", (X,), ValueError, "validation has 1 entries, expected two: (X, t)"),
        ("validation", (X, T[:3]), ValueError, "t has shape (3, 2), but the outputs have"),
        ("callback", "print", TypeError, "callback is 'print', expected a function"),
    ],
    "SENN.fit, labels": [
        ("net", ONE_OUT, ValueError, "outputs have shape (7, 1), * at least two columns"),
        ("t", LABELS + 1, ValueError, "labels from 1 to 2, * labels from 0 to 1 are expected"),
        ("t", LABELS * 1.0, TypeError, "t has dtype float64, expected integer labels"),
        ("t", np.ma.array(LABELS), TypeError, "t is a masked array, expected a plain one"),
    ],
    "History.with_record": [
        ("record", 5, TypeError, "record is 5, expected an EpochRecord, LookRecord or"),
    ],
    "datasets.half_moons": [
        ("train_seed", -1, ValueError, "train_seed is -1, expected an integer of at least 0"),
        ("test_seed", 2**32, ValueError, "test_seed is 4294967296, expected * below 4294967296"),
        ("noise", -0.1, ValueError, "noise is -0.1, expected a number at least 0"),
    ],
    "datasets.digits": [
        ("split_seed", None, TypeError, "split_seed is None, expected an integer"),
        ("per_class", 0, ValueError, "per_class is 0, expected an integer of at least 1"),
        ("limit", 1438, ValueError, "limit is 1438, but there are 1437 training samples"),
    ],
}  # fmt: skip

CASES = [
    pytest.param(
        partial(GOOD[name], **{argument: value}), error, message, id=f"{name}-{argument}-{i}"
    )
    for name, cases in REFUSED.items()
    for i, (argument, value, error, message) in enumerate(cases)
]


@pytest.mark.parametrize("call, error, message", CASES)
def test_bad_input_is_refused_in_words_that_help(call, error, message):
    pattern = re.escape(message).replace(r"\*", ".*")
    with pytest.raises(error, match=pattern) as caught:
        call()
    assert caught.type is error


def test_everything_public_is_called_and_refuses_something():
    seams = {"Acceptance", "Activation", "Loss", "Optimiser", "Proposer"}  # see test_seams.py
    errors = {"FunctionChanged", "SingularCurvature", "StepNotFinite", "TrainingDiverged"}
    errors |= {"DataWarning", "TrainingWarning"}
    values = {"Measured", "Place", "State", "Verdict"}  # nothing is checked where they are made
    changes = {
        "Change",
        "Deepen",
        "Insert",
        "Prune",
        "Split",
        "View",
        "Widen",
    }  # test_change.py
    estimators = {"SENNClassifier", "SENNRegressor"}  # test_estimators_checks.py
    callbacks = {"Callbacks", "Checkpoint", "EarlyStop", "LiveView", "LogLines", "Print",
                 "Progress", "Recorder", "TimeLimit"}  # fmt: skip  # test_callbacks.py
    changes |= estimators | callbacks | {"write_report"}  # test_report.py
    files = {"load", "save", "to_numpy_source", "to_onnx"}  # test_checkpoint.py, test_export.py
    elsewhere = {"equations"} | files | errors | seams | values | changes
    for names in (GOOD, REFUSED):
        called = {re.split("[.,]", name)[0] for name in names} - {"datasets"}
        assert called == set(sennpy.__all__) - elsewhere
    assert {argument for argument, *_ in REFUSED["Settings"]} == {f.name for f in fields(Settings)}


@pytest.mark.parametrize("name", [n for n in GOOD if "net" in GOOD[n].arguments])
def test_a_complex_network_is_refused_wherever_one_is_taken(name):
    with pytest.raises(TypeError, match=r"complex parameters, .* expected real ones"):
        GOOD[name](net=COMPLEX)


def test_a_complex_network_does_not_lose_its_imaginary_part_by_another_type():
    with pytest.raises(TypeError, match="the network has complex parameters, which only the comp"):
        COMPLEX.astype("float64")


@pytest.mark.parametrize("name, argument", [
    (name, argument) for name, call in GOOD.items() for argument, value in call.arguments.items()
    if isinstance(value, np.ndarray) and value.ndim > 1 and name != "SquaredError.accuracy"
])  # fmt: skip
def test_a_masked_array_is_refused_wherever_an_array_is_taken(name, argument):
    masked = np.ma.array(GOOD[name].arguments[argument])
    with pytest.raises(TypeError, match=r"^[\w\[\]]+ is a masked array, expected a plain"):
        GOOD[name](**{argument: masked})


# --- What is left alone --------------------------------------------------------------------------


def leaves(value):
    """The arrays and plain values within a value, None left out."""
    if isinstance(value, MLP):
        value = (value.weights, value.coefficients)
    if isinstance(value, Trace):
        slopes = value.slopes, value.coefficient_slopes
        value = (value.inputs, value.preactivations, value.outputs, *slopes)
    if isinstance(value, History):
        value = (value.column("loss"), value.column("sizes"))
    if isinstance(value, dict):
        value = tuple(value.values())
    if isinstance(value, (tuple, list)):
        return [leaf for item in value for leaf in leaves(item)]
    return [] if value is None else [value]


@pytest.mark.parametrize("call", GOOD.values(), ids=GOOD)
def test_no_function_changes_its_arguments(call):
    arguments = copy.deepcopy(call.arguments)
    call.function(**arguments)
    pairs = zip(leaves(arguments), leaves(call.arguments), strict=True)
    assert all(np.array_equal(after, before) for after, before in pairs)


@pytest.mark.parametrize("call", GOOD.values(), ids=GOOD)
def test_no_function_draws_from_the_global_generator(call):
    state = np.random.get_state
    before = state()[1].copy()
    call()
    assert np.array_equal(state()[1], before)


# --- What must not matter ------------------------------------------------------------------------


def with_gaps(array):
    """The same entries, not contiguous in any axis."""
    wide = np.full([2 * size for size in array.shape], 99, array.dtype)
    view = wide[(slice(None, None, 2),) * array.ndim]
    view[...] = array
    return view


def read_only(array):
    array = array.copy()
    array.flags.writeable = False
    return array


def single(array):
    return array.astype(np.float32) if array.dtype == np.float64 else array


CHANGES = {
    "lists": lambda array: array.tolist(),
    "integers": lambda array: array.astype(int),
    "float32": single,
    "Fortran order": np.asfortranarray,
    "gaps": with_gaps,
    "read-only": read_only,
}


def changed(value, change):
    """The value with `change` applied to each array in it; a trace is what the network made."""
    if isinstance(value, Trace):
        return value
    if isinstance(value, tuple):
        return tuple(changed(item, change) for item in value)
    is_number = isinstance(value, np.ndarray) and value.dtype != bool
    return change(value) if is_number else value


WITH_ARRAYS = {
    name: call
    for name, call in GOOD.items()
    if any(isinstance(leaf, np.ndarray) for leaf in leaves(call.arguments))
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
@pytest.mark.parametrize("call", WITH_ARRAYS.values(), ids=WITH_ARRAYS)
def test_the_form_of_the_input_does_not_matter(call, change):
    arguments = {name: changed(value, change) for name, value in call.arguments.items()}
    for actual, expected in zip(leaves(call(**arguments)), leaves(call()), strict=True):
        precise = np.result_type(actual) != np.float32
        assert_close(actual, expected, 1e-11 if precise else 1e-5)


@pytest.mark.parametrize("copied", [
    copy.copy, copy.deepcopy, lambda net: pickle.loads(pickle.dumps(net)),
])  # fmt: skip
@pytest.mark.parametrize("net", [NET, MOVED, COMPLEX, NET.astype("float32"), RELU, TANH])
def test_a_copy_of_a_network_is_equal_and_read_only_too(net, copied):
    again = copied(net)
    assert again.dtype == net.dtype and again.activation == net.activation
    assert np.array_equal(again.parameters, net.parameters) and again.sizes == net.sizes
    for block in again.blocks():
        assert not block.flags.writeable


def first(array):
    return array[:1] if len(array) == N else array


def of_one_sample(call):
    """The arguments with the first sample alone."""
    arguments = {name: changed(value, first) for name, value in call.arguments.items()}
    return arguments | ({"trace": NET.forward(X[:1])} if "trace" in arguments else {})


SAMPLED = {
    name: call
    for name, call in WITH_ARRAYS.items()
    if any(len(leaf) == N for leaf in leaves(call.arguments) if isinstance(leaf, np.ndarray))
}


AMONG_OTHERS = {"removal_costs", "chance_level", "honest_increase"}  # one sample has none


@pytest.mark.filterwarnings("ignore:there are 1 samples and 2 outputs:sennpy.DataWarning")
@pytest.mark.parametrize("name", sorted(SAMPLED.keys() - AMONG_OTHERS))
def test_one_sample_is_enough(name):
    for leaf in leaves(SAMPLED[name](**of_one_sample(SAMPLED[name]))):
        assert np.isfinite(leaf).all()


def test_one_sample_cannot_tell_inputs_apart():  # (E15)
    with pytest.raises(ValueError, match="columns of a_c have rank 1, expected none that the othe"):
        GOOD["removal_costs"](**of_one_sample(GOOD["removal_costs"]))
