"""Self-expanding training: a loop over epochs, each of which turns a state into the next."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from ..blas import blas_threads
from ..nn.losses import as_loss
from ..nn.mlp import MLP, as_network
from ..validation import as_array, as_callable, as_count
from .afterwards import check_history
from .door import check_data
from .epoch import Data, one_epoch
from .history import History
from .resuming import Keeper, Origin
from .saved import read_state
from .settings import Settings
from .state import State

SMALL_JACOBIAN = 5_000_000  # entries, below which BLAS threads cost more than they help


class Outcome(NamedTuple):
    """A network and its `History`."""

    network: MLP
    history: History


class Fit(Outcome):
    """Outcome of `SENN.fit`: unpacks into network and history; `state` is where it can go on.

    Attributes
    ----------
    network : MLP
    history : History
    state : State
    """

    def __new__(cls, state, keep="last"):
        best = keep == "best" and state.best is not None
        fit = super().__new__(cls, state.best[1] if best else state.network, state.history)
        fit.state, fit.keep = state, keep
        return fit

    def __getnewargs__(self):
        return self.state, self.keep


class SENN:
    """Self-expanding training of a network.

    Parameters
    ----------
    loss : Loss
    settings : Settings

    Notes
    -----
    Paper: sections 2 to 5 and 7.
    """

    def __init__(self, loss, settings=None):
        settings = Settings() if settings is None else settings
        if not isinstance(settings, Settings):
            raise TypeError(f"settings is {settings!r}, expected Settings(...).")
        self.loss, self.settings = as_loss(loss), settings

    def start(self, net):
        """The `State` of a training of `net` before its first epoch."""
        net = as_network(net).astype(self.settings.dtype)
        return State.at_start(net, self.settings.seed)

    def advance(self, state, X, t, validation=None, callback=None):
        """The `State` after one more epoch, growth included.

        Parameters
        ----------
        state : State
            From `start`, or another `advance`; not changed.
        X, t, validation, callback
            As in `fit`.

        Raises
        ------
        TypeError, ValueError, TrainingDiverged, FunctionChanged
            As `fit`.
        """
        watch = Watch(callback)
        data = self.checked(self.of_dtype(state).network, X, t, validation)
        with threads_for(is_small(data, state.network)):
            return one_epoch(state, data, self.loss, self.settings, watch, state.rng())

    def fit(self, net, X, t, validation=None, callback=None, state=None, epochs=None,
            checkpoint=None, every=1):  # fmt: skip
        """Train and grow.

        Parameters
        ----------
        net : MLP or None
            The start; not changed. None if a state is given.
        X : (N, n_in) array
        t : array
            Targets, as the loss takes them: (N, m), or labels (N,) for SoftmaxCrossEntropy.
        validation : (X, t), optional
            Data on which the loss is recorded; it influences nothing, unless the settings keep the
            network that is best on it.
        callback : callable, optional
            Called as callback(net, record) with each new record of the history. When it returns
            True, the training ends after the epoch under way.
        state : State, optional
            Where to go on, on these data or others: that of a `Fit`, or of an error.
        epochs : int, optional
            So many more, instead of up to `settings.epochs`.
        checkpoint : str or os.PathLike, optional
            A file to which the state is written as the training goes, and when it ends, fails or is
            interrupted; `resume` goes on from it.
        every : int
            Epochs from one state that is written to the next.

        Returns
        -------
        Fit

        Raises
        ------
        TypeError, ValueError
            If the data do not fit the network or the loss, no epoch is left, or a checkpoint cannot
            keep the activation or the optimiser's memory.
        OSError
            If the checkpoint cannot be written.
        TrainingDiverged
            If the loss ceases to be finite or a curvature is singular; it carries the last good
            network.
        FunctionChanged
            If an addition that keeps the function moves an output by more than 1e-8 of the largest.
        MemoryError
            Before it is taken, of what is more than the machine has; it names the setting that
            does with less.
        Exception
            What a seam or a callback of one's own raises. Every error of a run has the attribute
            `state`, from which it can go on.

        Warns
        -----
        DataWarning
            Before the first epoch, of data that were measured to cost accuracy: inputs or targets
            far from scale one where the optimiser does not put them in units, columns that hide or
            repeat others, one class, a rare class, fewer samples than outputs.
        TrainingWarning
            After the last, if no callback has stopped it, of a loss that ended above its start or
            rose tenfold in an epoch, and of growth that a cap has ended. A warning changes no
            result.
        """
        watch = Watch(callback)
        state = self.start(net) if state is None else self.continued(net, state)
        data = self.checked(state.network, X, t, validation)
        settings = self.until(state, epochs)
        check_data(data.X, data.t, state.network.sizes[-1], self.loss, settings.optimiser)
        if settings.keep == "best" and validation is None:
            raise ValueError("keep is 'best', but there is no validation data to tell which is.")
        rng, before = state.rng(), state.epoch
        with Keeper.of(checkpoint, every, self, data, state, settings.epochs) as keeper:
            while self.goes_on(state, settings, watch):
                state = self.epochs(state, data, settings, watch, rng, keeper)
        if not watch.stopped:  # by a callback, which knows why
            check_history(state.history, settings, self.loss, before)
        return Fit(state, settings.keep)

    def resume(self, path, X, t, validation=None, callback=None, epochs=None, every=None):
        """Go on from a checkpoint of `fit`, to where it would have ended: the same bytes.

        Weights and history are those of the training that was never stopped, seconds apart. What
        had ended comes back as it is.

        Parameters
        ----------
        path : str or os.PathLike
            The checkpoint; the states to come are written there, too.
        X : (N, n_in) array
        t : array
        validation : (X, t), optional
        callback : callable, optional
            As in `fit`; the data must be those of before.
        epochs : int, optional
            So many more; else up to where `fit` was told to go, or to `settings.epochs` where that
            is another number than it was.
        every : int, optional
            Epochs from one state that is written to the next; else as before.

        Returns
        -------
        Fit

        Raises
        ------
        FileNotFoundError
            If there is no such file.
        ValueError
            If it is no such file, damaged, of a newer format, or of a training with other data,
            settings or another loss, which it names; or if it has more epochs than are asked for.
        Exception
            As `fit`.
        """
        saved = read_state(path)
        there = Origin.read(saved)
        there.check_settings(self.settings, self.loss, path)
        state = saved.state(self.settings.optimiser)
        there.check_data(self.checked(state.network, X, t, validation), path)
        same = there.settings.get("epochs") == self.settings.epochs
        left = (there.end if same else self.settings.epochs) - state.epoch
        if epochs is None and (left == 0 or state.has_converged(self.settings)):
            return Fit(state, self.settings.keep)
        if epochs is None and left < 0:
            raise ValueError(
                f"{path} has {state.epoch} epochs behind it and settings.epochs is "
                f"{self.settings.epochs}; tell how many more: resume(..., epochs=...)."
            )
        more, every = left if epochs is None else epochs, there.every if every is None else every
        return self.fit(None, X, t, validation, callback, state, more, path, every)

    def goes_on(self, state, settings, watch):
        """Whether there is another epoch."""
        done = state.epoch >= settings.epochs or state.has_converged(settings)
        return not (done or watch.stopped)

    def epochs(self, state, data, settings, watch, rng, keeper):
        """The state after all epochs, or those until the network wants other threads than before.

        An epoch's threads follow from the state that it begins with, so that a run that is
        continued takes the same.
        """
        small = is_small(data, state.network)
        with threads_for(small):
            while self.goes_on(state, settings, watch) and is_small(data, state.network) == small:
                state = one_epoch(state, data, self.loss, settings, watch, rng)
                keeper(state)
        return state

    def continued(self, net, state):
        """The state to go on from, in the type that these settings ask for."""
        if net is not None:
            raise ValueError(
                "both a network and a state are given; the state has its own: net=None."
            )
        state = self.of_dtype(state)
        return replace(state, still=0) if state.has_converged(self.settings) else state

    def of_dtype(self, state):
        """Return `state` if its network is of the type that these settings ask for, else raise."""
        dtype = self.settings.dtype
        if as_state(state).network.dtype != dtype:
            raise ValueError(
                f"the state's network has dtype {state.network.dtype}, expected that of the "
                f"settings, {dtype}."
            )
        return state

    def until(self, state, epochs):
        """The settings with the epoch at which a training that goes on from a state ends."""
        if epochs is not None:
            return replace(
                self.settings, epochs=state.epoch + as_count("epochs", epochs, at_least=0)
            )
        if state.epoch and state.epoch >= self.settings.epochs:
            raise ValueError(
                f"the state has {state.epoch} epochs behind it and settings.epochs is "
                f"{self.settings.epochs}; tell how many more: fit(..., state=..., epochs=...)."
            )
        return self.settings

    def checked(self, net, X, t, validation):
        """Data checked against network and loss; X in the network's type, targets as given."""
        if validation is not None:
            validation = self.pair(net, *two("validation", validation))
        return Data(*self.pair(net, X, t), validation)

    def pair(self, net, X, t):
        """One pair of inputs and targets, checked."""
        with np.errstate(over="ignore", invalid="ignore"):
            X = as_array("X", X).astype(net.dtype, copy=False)
            self.loss.targets(net(X), t)
        return X, np.asarray(t)


class Watch:
    """Tells a callback of new records, and whether it has asked to stop."""

    def __init__(self, callback):
        self.callback = None if callback is None else as_callable("callback", callback)
        self.stopped = False

    def __call__(self, state, record):
        said = None if self.callback is None else self.callback(state.network, record)
        self.stopped |= isinstance(said, (bool, np.bool_)) and bool(said)


def as_state(state):
    """Return `state` if it is a `State`, else raise TypeError."""
    if not isinstance(state, State):
        raise TypeError(f"state is of type {type(state).__name__}, expected a State.")
    return state


def is_small(data, net):
    """Whether the Jacobian of a network on the data is so small that one thread is faster."""
    return len(data.X) * net.sizes[-1] * net.num_parameters < SMALL_JACOBIAN


def threads_for(small):
    """A context with one thread for the linear algebra of a small Jacobian, else with all."""
    return blas_threads(1 if small else None)


def two(name, value):
    """Return `value` if it is a pair (X, t), else raise TypeError/ValueError."""
    if not isinstance(value, (tuple, list)):
        raise TypeError(f"{name} is of type {type(value).__name__}, expected a pair (X, t).")
    if len(value) != 2:
        raise ValueError(f"{name} has {len(value)} entries, expected two: (X, t).")
    return value
