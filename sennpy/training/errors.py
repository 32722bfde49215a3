"""What can end a training early, with all that it had done; and what it warns of."""

from contextlib import suppress


class DataWarning(UserWarning):
    """The data that `SENN.fit` was given are such that it is likely to learn less than it could."""


class TrainingWarning(UserWarning):
    """A training came to an end that it was hardly meant to come to."""


class TrainingDiverged(RuntimeError):
    """A step or a look could not be taken: the loss is not finite, or the curvature is singular.

    Attributes
    ----------
    epoch : int
    network : MLP
        The last one whose loss was finite; the start, if none was.
    history : History
    state : State
        After the last epoch that was completed: `SENN.fit(..., state=...)` goes on from it.
    """

    def __init__(self, epoch, network, state, settings, what="the loss is not finite"):
        super().__init__(
            f"{what.rstrip('.')} in epoch {epoch}; smaller steps or more damping (now "
            f"{settings.optimiser!r}), or inputs and targets of order one are the likely cure. "
            "The last good network is in the error's .network, the record in .history, and "
            ".state goes on from the last epoch that was completed."
        )
        self.epoch, self.network, self.state = epoch, network, state
        self.given = epoch, network, state, settings, what

    @property
    def history(self):
        """The record up to the last epoch that was completed."""
        return self.state.history

    def __reduce__(self):  # from its arguments, not from its message: a sweep's processes send it
        return type(self), self.given


class FunctionChanged(RuntimeError):
    """An addition that says it keeps the function moved the outputs by more than rounding.

    Attributes
    ----------
    state : State
        Before it.
    """


def carry(error, state):
    """Give an error the state to go on from; one that takes none passes as it is."""
    with suppress(AttributeError):
        error.state = state
