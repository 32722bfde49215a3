"""The same page in a notebook, while the training goes on."""

import time
from html import escape

from ..training.history import EpochRecord, History
from ..validation import as_number
from .page import html
from .recorder import Recorder
from .training import Training

FRAME = (
    '<iframe title="Growth X-ray of the training under way" srcdoc="{}" '
    'style="width: 100%; height: {}px; border: 0"></iframe>'
)


class LiveView(Recorder):
    """Shows the growth X-ray below a notebook's cell while it trains; a callback of `SENN.fit`.

    It is drawn anew after an epoch, at most every so many seconds, and once more by `show()`, which
    draws what came since. After `fit(callback=view)` it is a recorder, too, for `write_report`.

    Parameters
    ----------
    X : (N, n_in) array, optional
        As in `Recorder`.
    t : array, optional
    loss : Loss, optional
    every : float
        Seconds from one drawing to the next, at least.
    height : int
        Pixels.

    Raises
    ------
    ModuleNotFoundError
        Where there is no IPython, which draws in notebooks.
    """

    def __init__(self, X=None, t=None, loss=None, every=2.0, height=760):
        super().__init__(X, t, loss)
        try:
            from IPython.display import display
        except ModuleNotFoundError as error:
            raise ModuleNotFoundError(
                "LiveView draws in a notebook by IPython, which is not installed (pip install "
                "ipython); elsewhere use Print() or Progress(), and write_report at the end."
            ) from error
        self.every = as_number("every", every, at_least=0)
        self.height, self.display, self.handle = int(height), display, None
        self.history, self.drawn = History(), None

    def __call__(self, net, record):
        if record.epoch < self.epoch:
            self.history = between(self.history, last=record.epoch - 1)
        super().__call__(net, record)
        self.history = self.history.with_record(record)
        late = self.drawn is None or time.monotonic() >= self.drawn + self.every
        if late and isinstance(record, EpochRecord):
            self.show()

    def show(self):
        """Draw all that was seen so far; nothing before the first epoch."""
        if not self.history.epochs:
            return
        seen = between(self.history, first=self.history.epochs[0].epoch)
        training = Training.of(seen, self, name="The training under way")
        page = FRAME.format(escape(html([training]), quote=True), self.height)
        data = {"text/html": page, "text/plain": "A growth X-ray, where HTML is shown."}
        if self.handle is None:
            self.handle = self.display(data, raw=True, display_id=True)
        else:
            self.handle.update(data, raw=True)
        self.drawn = time.monotonic()


def between(history, first=0, last=float("inf")):
    """What a history has of some epochs."""
    parts = (history.epochs, history.looks, history.additions)
    return History(*(tuple(r for r in part if first <= r.epoch <= last) for part in parts))
