"""The training loop: natural-gradient steps, and every so often a look at where to grow."""

import time
from typing import NamedTuple

import numpy as np

from ..curvature.fisher import output_directions
from ..curvature.natural_gradient import cholesky_space, gauss_newton, solve
from ..curvature.preconditioner import Keeper, preconditioner
from ..expansion.decide import max_simultaneous_additions
from ..growth.look import look, overflows
from ..growth.proposers import as_search
from ..nn.losses import SoftmaxCrossEntropy, SquaredError
from ..nn.mlp import MLP, as_network
from ..validation import as_array, as_callable
from .history import AdditionRecord, EpochRecord, History
from .jacobian import outputs_and_jacobian
from .settings import Settings

SMALL_JACOBIAN = (
    5_000_000  # entries of J at the start, below which BLAS threads cost more than help
)
LARGEST_MOVE = 1e-8  # of an output, relative to the largest, that an addition may cause


class TrainingDiverged(RuntimeError):
    """A step or a look could not be taken: the loss is not finite, or the curvature is singular.

    Attributes
    ----------
    epoch : int
    network : MLP
        The last one whose loss was finite; the start, if none was.
    history : History
    """

    def __init__(self, epoch, network, history, settings, what="the loss is not finite"):
        super().__init__(
            f"{what.rstrip('.')} in epoch {epoch}; a smaller step_size (now "
            f"{settings.step_size:g}), a larger damping (now {settings.damping.value:g}, "
            f"{settings.damping.scale}) or inputs and targets of order one are the likely cure. "
            "The last good network is in the error's .network, the record in .history."
        )
        self.epoch, self.network, self.history = epoch, network, history
        self.given = epoch, network, history, settings, what

    def __reduce__(self):  # from its arguments, not from its message: a sweep's processes send it
        return type(self), self.given


class FunctionChanged(RuntimeError):
    """An addition moved the outputs by more than rounding."""


class Fit(NamedTuple):
    """Outcome of `SENN.fit`: the network and its `History`."""

    network: MLP
    history: History


class SENN:
    """Self-expanding training of a network.

    Parameters
    ----------
    loss : SquaredError or SoftmaxCrossEntropy
    settings : Settings

    Notes
    -----
    Paper: sections 2 to 5 and 7.
    """

    def __init__(self, loss, settings=None):
        settings = Settings() if settings is None else settings
        if not isinstance(loss, (SquaredError, SoftmaxCrossEntropy)):
            raise TypeError(f"loss is {loss!r}, expected SquaredError() or SoftmaxCrossEntropy().")
        if not isinstance(settings, Settings):
            raise TypeError(f"settings is {settings!r}, expected Settings(...).")
        self.loss, self.settings = loss, settings

    def fit(self, net, X, t, validation=None, callback=None):
        """Train and grow.

        Parameters
        ----------
        net : MLP
            The start; not changed.
        X : (N, n_in) array
        t : array
            Targets (N, m), or labels (N,) for SoftmaxCrossEntropy.
        validation : (X, t), optional
            Data on which the loss is recorded; it influences nothing.
        callback : callable, optional
            Called as callback(net, record) with each new record of the history.

        Returns
        -------
        Fit

        Raises
        ------
        TypeError, ValueError
            If the data do not fit the network or the loss; and what a search of one's own raises.
        TrainingDiverged
            If the loss ceases to be finite or a curvature is singular; it carries the last good
            network.
        FunctionChanged
            If an addition moves an output by more than 1e-8 of the largest.
        """
        s = self.settings
        net = as_network(net).astype(s.dtype)
        X, t = self.data(net, X, t)
        if validation is not None:
            validation = self.data(net, *pair("validation", validation))
        if callback is not None:
            as_callable("callback", callback)
        with blas_threads(len(X) * net.sizes[-1] * net.num_parameters):
            return self.run(net, X, t, validation, callback)

    def run(self, net, X, t, validation, callback):
        """`fit` on what was checked."""
        s = self.settings
        rng, search = np.random.default_rng([s.seed, 1]), as_search(s.search)
        history, start, looks = History(), time.perf_counter(), 0
        keeper = Keeper(self.preconditioner, s.refresh)

        def record(net, entry):
            history.add(entry)
            if callback is not None:
                callback(net, entry)

        for epoch in range(1, s.epochs + 1):
            net, loss, eta, lam = self.train(net, X, t, rng, epoch, history, keeper)
            before = history.epochs[-1].loss if history.epochs else loss
            progress = 1 - loss / before if before else 0.0
            seconds = time.perf_counter() - start
            measured = (None, None) if validation is None else self.measure(net, *validation)
            measured = (*measured, self.space(net, len(X)))
            record(net, EpochRecord(epoch, loss, eta, lam, net.sizes, progress, seconds, *measured))
            if epoch % s.cooldown == 0 and epoch < s.epochs:
                layers = looks % s.layer_cooldown == 0
                net = self.grow(net, X, t, search, rng, epoch, layers, record, history)
                looks += 1
        return Fit(net, history)

    def data(self, net, X, t):
        """Check data against network and loss; X in the network's type, targets as given."""
        with np.errstate(over="ignore", invalid="ignore"):
            X = as_array("X", X).astype(net.dtype, copy=False)
            self.loss.targets(net(X), t)
        return X, np.asarray(t)

    def space(self, net, N):
        """Where the steps of N samples an epoch decompose, see `EpochRecord.space`."""
        s = self.settings
        if s.solver != "dense":
            return ""
        rows = -(-N // number_of_batches(N, s.batch_size)) * net.sizes[-1]
        euclidean = s.metric == "euclidean"
        return cholesky_space(rows, net.num_parameters, s.damping) if euclidean else "parameter"

    def measure(self, net, X, t):
        """Loss on X, and accuracy for labels t (else None)."""
        with np.errstate(over="ignore", invalid="ignore"):
            y = net(X)
            classes = isinstance(self.loss, SoftmaxCrossEntropy)
            accuracy = float((y.argmax(axis=1) == t).mean()) if classes else None
            return float(self.loss.value(y, t)), accuracy

    def train(self, net, X, t, rng, epoch, history, keeper):
        """One epoch: the network after it, and loss, eta and lambda averaged over its batches."""
        sums, good, kept = np.zeros(3), net, None
        for batch in batches(len(X), self.settings.batch_size, rng):
            try:
                with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
                    if self.settings.solver == "pcg":
                        kept = keeper(net, X[batch], t[batch], rng)
                    theta, measured = self.step(net, X[batch], t[batch], rng, kept)
            except (ValueError, np.linalg.LinAlgError) as error:  # a singular curvature
                raise TrainingDiverged(epoch, good, history, self.settings, str(error)) from error
            if np.isfinite(measured).all():
                good = net
            if not (np.isfinite(theta).all() and np.isfinite(measured).all()):
                raise TrainingDiverged(epoch, good, history, self.settings)
            net = net.replace(theta)
            sums += np.array(measured, dtype=np.float64) * len(batch)
        if not np.isfinite(self.measure(net, X[batch], t[batch])[0]):  # the next would see it late
            raise TrainingDiverged(epoch, good, history, self.settings)
        return net, *map(float, sums / len(X))

    def preconditioner(self, net, X, t, rng):
        """For the conjugate gradients of the steps to come, from one batch; a `Preconditioner`."""
        s, trace = self.settings, net.forward(X)
        u = output_directions(trace.outputs, s.metric, self.loss, t, rng)
        return preconditioner(trace, u, s.damping.amount(trace, u))

    def step(self, net, X, t, rng, kept=None):
        """One natural-gradient step: the new parameters, and (loss, eta, lambda) before it.

        `kept` is the preconditioner of solver "pcg".
        """
        s = self.settings
        dense = s.solver == "dense" and s.metric == "euclidean"
        if dense:
            outputs, J = outputs_and_jacobian(net, X)
        else:
            trace = net.forward(X)
            outputs = trace.outputs
        loss = self.loss.value(outputs, t)
        if not np.isfinite(loss):
            return net.parameters, (loss, 0.0, 0.0)
        g_y = self.loss.gradient(outputs, t)
        if dense:
            found = gauss_newton(J, g_y, s.damping)
        else:
            u = output_directions(outputs, s.metric, self.loss, t, rng)
            gradient = net.vjp(trace, g_y) / len(g_y)
            found = solve(
                trace, u, gradient, s.solver, s.damping, s.cg_iterations, precondition=kept
            )
        decay, n = s.weight_decay, found.direction
        theta = net.parameters
        theta = theta - s.step_size * (n + decay * theta) / (1 + decay)
        return theta, (loss, found.gradient @ n, (g_y**2).sum() / len(g_y))

    def grow(self, net, X, t, search, rng, epoch, layers, record, history):
        """Look, add the best proposal that passes, and look again until none does."""
        s, together = self.settings, 0
        if len(X) > s.look_samples:
            some = rng.choice(len(X), s.look_samples, replace=False)
            X, t = X[some], t[some]
        X = X.astype(np.float64)
        while True:
            current = net.astype(np.float64)
            try:
                seen, grown = look(current, X, t, self.loss, s, search, rng, epoch, layers)
            except (ValueError, np.linalg.LinAlgError) as error:
                failed = isinstance(error, np.linalg.LinAlgError)  # which may be a ValueError too
                if not failed and not overflows(current, X, t, self.loss):
                    raise  # of the search: no other step size would mend it
                raise TrainingDiverged(epoch, net, history, s, str(error)) from error
            record(net, seen)
            if grown is None:
                return net
            together += 1
            chosen = next(c for c in seen.candidates if c.chosen)
            moved = outputs_moved(current(X), grown(X))
            if not moved <= LARGEST_MOVE:
                raise FunctionChanged(
                    f"adding a {chosen.kind} at place {chosen.place} in epoch {epoch} moved the "
                    f"outputs by {moved:.1e} of the largest; at most {LARGEST_MOVE:.0e} is "
                    "rounding."
                )
            limit = np.inf
            if s.tau > 0 and s.alpha > 0 and seen.lam > 0 and s.metric == "euclidean":
                limit = max_simultaneous_additions(seen.lam, s.alpha * seen.lam, s.tau)
            net = grown.astype(s.dtype)
            record(net, AdditionRecord(epoch, chosen, net.sizes, moved, together, limit))
            if chosen.kind == "layer" and chosen.dense is None:
                layers = False  # nothing tells a second layer from the first before that is trained


def blas_threads(entries):
    """A context with one thread for the linear algebra of so small a Jacobian, else with all."""
    from threadpoolctl import threadpool_limits  # here: it looks at every library that is loaded

    return threadpool_limits(1 if entries < SMALL_JACOBIAN else None, user_api="blas")


def pair(name, value):
    """Return `value` if it is a pair (X, t), else raise TypeError/ValueError."""
    if not isinstance(value, (tuple, list)):
        raise TypeError(f"{name} is of type {type(value).__name__}, expected a pair (X, t).")
    if len(value) != 2:
        raise ValueError(f"{name} has {len(value)} entries, expected two: (X, t).")
    return value


def batches(N, size, rng):
    """Index arrays that go through N samples once, shuffled; all at once when size is None."""
    number = number_of_batches(N, size)
    return [np.arange(N)] if number == 1 else np.array_split(rng.permutation(N), number)


def number_of_batches(N, size):
    """How many batches, as equal as they can be, have at most `size` samples each."""
    return 1 if size is None else -(-N // size)


def outputs_moved(before, after):
    """Largest change of an output, relative to the largest output; a float."""
    largest = max(float(np.abs(before).max()), float(np.finfo(float).tiny))
    return float(np.abs(after - before).max()) / largest
