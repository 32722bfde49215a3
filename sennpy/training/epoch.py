"""One epoch: its steps, and the look that may follow."""

import time
from contextlib import contextmanager
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from ..curvature.fisher import output_directions
from ..curvature.solvers import SingularCurvature
from ..growth.change import EXACTLY
from ..growth.look import look
from ..growth.named import proposer_named
from ..growth.place import View
from .errors import FunctionChanged, TrainingDiverged, carry
from .history import AdditionRecord, EpochRecord
from .optimiser import StepNotFinite

LARGEST_MOVE = 1e-8  # of an output, relative to the largest, that an addition may cause
MOST_CHANGES = 1000  # at one epoch, before a rule counts as one that never ends


class Data(NamedTuple):
    """What a network is trained on, checked: X (N, n_in) and targets; validation likewise, or None.

    Attributes
    ----------
    X : (N, n_in) array
        In the network's type.
    t : array
        Targets, as the loss takes them.
    validation : (X, t) or None
    """

    X: np.ndarray
    t: np.ndarray
    validation: tuple | None = None


def one_epoch(state, data, loss, settings, tell, rng):
    """The state after one more epoch, with a look before it that was put off, and one after it.

    Where the look that was put off is the last, there is no epoch.

    After the last epoch there is no look; who goes on from there makes it first. `tell(state,
    record)` is called with each new record and the state that holds it. `rng` is where
    `state.generator` says, and goes on as the states do.
    """
    if state.is_due(settings):
        with carried(state):
            state = grown(state, data, loss, settings, tell, rng)
        if state.has_converged(settings):
            return state
    with carried(state):
        state = trained(state, data, loss, settings, tell, rng)
    if state.is_due(settings) and state.epoch < settings.epochs:
        with carried(state):
            state = grown(state, data, loss, settings, tell, rng)
    return state


@contextmanager
def carried(state):
    """A context whose errors, whoever raised them, carry the state to go on from."""
    try:
        yield
    except BaseException as error:
        carry(error, state)
        raise


def trained(state, data, loss, settings, tell, rng):
    """The state after the steps of one epoch."""
    start, epoch = time.perf_counter(), state.epoch + 1
    net, before, memory = state.network, state.network, state.memory
    sums = np.zeros(3)
    try:
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            for batch in batches(len(data.X), settings.batch_size, rng):
                X, t = data.X[batch], data.t[batch]
                ahead, memory, measured = settings.optimiser.step(net, X, t, loss, rng, memory)
                if not np.isfinite(measured.loss):
                    raise StepNotFinite("the loss is not finite")
                before, net = net, ahead
                known = [np.nan if value is None else value for value in measured]
                sums += np.array(known, dtype=np.float64) * len(batch)
            if not is_finite(loss, net, X, t):  # the next epoch would see it late
                raise StepNotFinite("the loss is not finite")
    except (SingularCurvature, StepNotFinite) as error:
        good = net if is_finite(loss, net, X, t) else before
        raise TrainingDiverged(epoch, good, state, settings, str(error)) from error
    value, eta, lam = map(float, sums / len(data.X))
    last = state.history.epochs[-1].loss if state.history.epochs else value
    seconds = state.seconds + time.perf_counter() - start
    record = EpochRecord(
        epoch, value, None if np.isnan(eta) else eta, lam, net.sizes,
        1 - value / last if last else 0.0, seconds, *measure(net, data.validation, loss),
    )  # fmt: skip
    stands = abs(last - value) < settings.tolerance * max(value, loss.least_seen)
    state = replace(
        state, network=net, epoch=epoch, generator=rng.bit_generator.state, memory=memory,
        history=state.history.with_record(record), seconds=seconds,
        still=state.still + 1 if stands and epoch > 1 else 0, best=better(state.best, record, net),
    )  # fmt: skip
    tell(state, record)
    return state


def grown(state, data, loss, settings, tell, rng):
    """The state after a look, and another as long as one has led to an addition."""
    start, before = time.perf_counter(), state
    layers = state.looks % settings.layer_cooldown == 0
    X, t, made = data.X, data.t, ()
    if len(X) > settings.look_samples:
        some = rng.choice(len(X), settings.look_samples, replace=False)
        X, t = X[some], t[some]
    X, proposer = X.astype(np.float64), proposer_named(settings.proposer)
    while True:
        net, metric = state.network.astype(np.float64), settings.optimiser.metric
        u = output_directions(net(X), metric, loss, t, rng)
        view = View(net, X, t, loss, metric, u, state.epoch, made)
        if view.overflows:
            what = "values are too large for a look"
            raise TrainingDiverged(state.epoch, state.network, before, settings, what)
        record, change = look(view, proposer, settings.acceptance, settings.limits, rng, layers)
        state = told(state, record, tell)
        if change is None:
            break
        made = (*made, change)
        if len(made) > MOST_CHANGES:
            raise RuntimeError(
                f"{settings.acceptance!r} has accepted {MOST_CHANGES} changes in epoch "
                f"{state.epoch}: a rule must come to an end by itself."
            )
        state = added(state, record, change, view, len(made), settings, tell)
    seconds = state.seconds + time.perf_counter() - start
    return replace(
        state, looks=state.looks + 1, looked=state.epoch, seconds=seconds,
        generator=rng.bit_generator.state,
        idle=0 if made else state.idle + 1, still=0 if made else state.still,
    )  # fmt: skip


def added(state, record, change, view, together, settings, tell):
    """The state with an accepted change made."""
    grown = change(view.net)
    chosen = next(c for c in record.candidates if c.chosen)
    moved = outputs_moved(view.trace.outputs, grown(view.X))
    if chosen.preserves == EXACTLY and not moved <= LARGEST_MOVE:
        raise FunctionChanged(
            f"adding a {chosen.kind} at place {chosen.place} in epoch {state.epoch} moved the "
            f"outputs by {moved:.1e} of the largest; at most {LARGEST_MOVE:.0e} is rounding."
        )
    limit = settings.acceptance.limit(record.lam, view.metric)
    state = replace(state, network=grown.astype(settings.dtype))
    sizes = state.network.sizes
    addition = AdditionRecord(state.epoch, chosen, sizes, moved, together, limit)
    return told(state, addition, tell)


def told(state, record, tell):
    """The state with one more record, of which `tell` has heard."""
    state = state.with_record(record)
    tell(state, record)
    return state


def is_finite(loss, net, X, t):
    """Whether the loss of a network on X is a finite number."""
    with np.errstate(over="ignore", invalid="ignore"):
        return bool(np.isfinite(loss.value(net(X), t)))


def better(best, record, net):
    """(loss, network) of least validation loss so far, None without validation data."""
    loss = record.validation_loss
    if loss is None or not np.isfinite(loss) or (best is not None and best[0] <= loss):
        return best
    return loss, net


def measure(net, data, loss):
    """Loss on data (X, t), and the loss's accuracy; None where there is none."""
    if data is None:
        return None, None
    X, t = data
    with np.errstate(over="ignore", invalid="ignore"):
        y = net(X)
        accuracy = loss.accuracy(y, t)
        return float(loss.value(y, t)), None if accuracy is None else float(accuracy)


def batches(N, size, rng):
    """Index arrays that go through N samples once, shuffled; all at once when size is None."""
    number = 1 if size is None else -(-N // size)
    return [np.arange(N)] if number == 1 else np.array_split(rng.permutation(N), number)


def outputs_moved(before, after):
    """Largest change of an output, relative to the largest output; a float."""
    largest = max(float(np.abs(before).max()), float(np.finfo(float).tiny))
    return float(np.abs(after - before).max()) / largest
