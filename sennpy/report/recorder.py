"""A callback that keeps the networks that looks saw: a record holds numbers, but no weights."""

import numpy as np

from ..growth.record import LookRecord
from ..nn.losses import as_loss
from ..training.history import EpochRecord
from ..validation import as_array


class Recorder:
    """Keeps the network of each look, for the page of `write_report`; a callback of `SENN.fit`.

    A training that goes on may have the same recorder, or a new one; the page says which looks it
    has no network of. What was seen of a later epoch, of this training or of another, is forgotten
    when an earlier one begins.

    Parameters
    ----------
    X : (N, n_in) array, optional
        The samples, for what the network decides or fits, for the landscape of the score and for
        what each neuron is worth.
    t : array, optional
        Their targets, as the loss takes them.
    loss : Loss, optional

    Raises
    ------
    TypeError, ValueError
        If only some of the three are given, or they are none.
    """

    def __init__(self, X=None, t=None, loss=None):
        given = [X is not None, t is not None, loss is not None]
        if any(given) and not all(given):
            raise ValueError("X, t and loss go together: expected all three, or none of them.")
        self.networks, self.epoch, self.last = {}, 0, None
        self.X = self.t = self.loss = None
        if all(given):
            self.samples(X, t, loss)

    def samples(self, X, t, loss):
        """Take the samples that were trained on, where they were not known before; as at first."""
        self.X, self.t, self.loss = as_array("X", X), np.asarray(t), as_loss(loss)

    def __call__(self, net, record):
        if record.epoch < self.epoch:
            self.networks = {at: n for at, n in self.networks.items() if at[0] < record.epoch}
        self.epoch = record.epoch
        if isinstance(record, LookRecord):
            number = sum(epoch == record.epoch for epoch, _ in self.networks)
            self.networks[record.epoch, number] = net
        elif isinstance(record, EpochRecord):
            self.last = record.epoch, net

    def network(self, epoch, number):
        """The network that look `number` of an epoch saw, from 0; None if it was not kept."""
        return self.networks.get((epoch, number))

    def final(self, epoch):
        """The network after the last epoch, if that is `epoch`; else None."""
        return self.last[1] if self.last is not None and self.last[0] == epoch else None
