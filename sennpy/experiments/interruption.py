"""Ctrl-C and SIGTERM: a training that is kept ends after its epoch, all else ends at once."""

import contextlib
import os
import signal
import threading
import time

STATUS = {signal.SIGINT: 130, signal.SIGTERM: 143}  # what a process that they end exits with
GRACE = 5.0  # seconds that a worker has to end its epoch, once it is to end
GLANCE = 0.25  # seconds from one look at the parent to the next
NOTED = b"sennpy: will end after this epoch; once more, and it ends at once\n"


class Terminated(KeyboardInterrupt):
    """SIGTERM, as an exception that passes wherever that of Ctrl-C does."""


class Asked:
    """Whether this process was asked to end, and what it does then.

    Attributes
    ----------
    by : signal or None
        By which signal it was asked.
    patient : bool
        Whether something is under way that ends by itself when `by` is set, and soon.
    """

    def __init__(self):
        self.by, self.patient = None, False

    def __call__(self, number, frame=None):
        """Handle a signal: note it if that is enough, else raise."""
        noted, self.by = self.patient and self.by is None, number
        if not noted:
            self.end()
        with contextlib.suppress(OSError):
            os.write(2, NOTED)  # print may be under way in the code that was interrupted

    def note(self, number, frame=None):
        """Handle a signal in a worker, which ends when its parent says so or is gone."""
        self.by = number

    def end(self):
        """Raise KeyboardInterrupt or Terminated if this process was asked to end."""
        if self.by is not None:
            raise (Terminated if self.by == signal.SIGTERM else KeyboardInterrupt)

    @contextlib.contextmanager
    def patiently(self):
        """A context in which a first signal is noted; what is in it looks at `by` often."""
        before, self.patient = self.patient, True
        try:
            yield
        finally:
            self.patient = before
        self.end()


ASKED = Asked()  # signals belong to the process


def status_of(error):
    """The exit status after KeyboardInterrupt or Terminated."""
    return STATUS[signal.SIGTERM if isinstance(error, Terminated) else signal.SIGINT]


@contextlib.contextmanager
def heeded():
    """A context in which this process hears Ctrl-C and SIGTERM; in other threads nothing is done.

    A signal that whoever started the process had it ignore stays ignored.
    """
    ASKED.by, before = None, {}
    if threading.current_thread() is threading.main_thread():
        for number in STATUS:
            if signal.getsignal(number) not in (signal.SIG_IGN, None):
                before[number] = signal.signal(number, ASKED)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        ASKED.by = None


def follow(parent):
    """Let this process, a worker, end with the process that started it, however that ends.

    Signals are noted: Ctrl-C in a terminal reaches workers, too, which end their epoch.
    """
    for number in STATUS:
        signal.signal(number, ASKED.note)
    threading.Thread(target=end_after, args=(parent,), daemon=True).start()


def end_after(parent):
    """Wait until the parent is gone; then let what is under way end, but not for long."""
    while os.getppid() == parent:
        time.sleep(GLANCE)
    ASKED.by = ASKED.by or signal.SIGTERM
    deadline = time.monotonic() + GRACE
    while ASKED.patient and time.monotonic() < deadline:
        time.sleep(GLANCE / 5)
    os._exit(STATUS[ASKED.by])
