"""What watches a training of an estimator: its time, its validation loss, a bar."""

import time
from contextlib import ExitStack

from ..training.history import EpochRecord


class Watching:
    """A context, and in it a callback that asks to stop when there is a reason to.

    Parameters
    ----------
    epochs : int
        Of the bar.
    max_time : float or None
        Seconds.
    waits : int or None
        Epochs without a lower validation loss after which to stop.
    verbose : bool
        Whether there is a bar.
    best : float
        The least validation loss so far.

    Attributes
    ----------
    reason : str
        "" as long as nothing asks to stop.
    """

    def __init__(self, epochs, max_time, waits, verbose, best=float("inf")):
        self.epochs, self.max_time, self.waits, self.verbose = epochs, max_time, waits, verbose
        self.best, self.waited, self.reason = best, 0, ""

    def __enter__(self):
        self.begun, self.stack, self.bar = time.perf_counter(), ExitStack(), None
        if self.verbose:
            from tqdm import tqdm

            self.bar = self.stack.enter_context(tqdm(total=self.epochs, unit="epoch"))
        return self

    def __exit__(self, *told):
        self.stack.close()

    def __call__(self, net, record):
        if isinstance(record, EpochRecord):
            self.epoch(record)
        if self.max_time is not None and time.perf_counter() - self.begun >= self.max_time:
            self.reason = self.reason or "max_time"
        return bool(self.reason)

    def epoch(self, record):
        """Count an epoch."""
        if self.bar is not None:
            self.bar.update()
            self.bar.set_postfix(loss=f"{record.loss:.4g}", sizes=str(record.sizes), refresh=False)
        if self.waits is None:
            return
        lower = record.validation_loss < self.best
        self.best, self.waited = min(self.best, record.validation_loss), self.waited + 1
        self.waited = 0 if lower else self.waited
        if self.waited >= self.waits:
            self.reason = "early_stopping"
