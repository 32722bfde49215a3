"""What is compared, and how far apart it was: the rows of the table that `make peers` writes."""

from dataclasses import dataclass, field

import numpy as np

ROWS = []  # in the order in which the tests' files declare them


@dataclass
class Row:
    """One quantity, computed here and by a peer.

    Attributes
    ----------
    peer : str
        Name of the distribution that computes the other side.
    quantity : str
    ours, theirs : str
        What is called on either side.
    convention : str
        What theirs is turned into ours by: who carries 1/N, 1/2, the mean over outputs.
    tolerance : float
        On the largest difference, in units of the largest entry of theirs.
    differs : str
        Where theirs is not what ours is: in what, and how the two were brought together.
    difference : float
        The largest seen so far.
    cases : int
        How many arrays have been compared.
    """

    peer: str
    quantity: str
    ours: str
    theirs: str
    convention: str
    tolerance: float
    differs: str = ""
    difference: float = field(default=0.0, init=False)
    cases: int = field(default=0, init=False)

    def __post_init__(self):
        ROWS.append(self)

    def agrees(self, ours, theirs):
        """Assert that both are equal but for the tolerance, and remember how far they were."""
        ours, theirs = as_array(ours), as_array(theirs)
        assert ours.shape == theirs.shape, f"{ours.shape} here, {theirs.shape} in {self.peer}"
        assert ours.dtype == theirs.dtype == np.float64, (ours.dtype, theirs.dtype)
        assert np.isfinite(ours).all() and np.isfinite(theirs).all()
        size = float(np.abs(theirs).max())
        assert size > 0, "zeros agree with anything"
        self.within(float(np.abs(ours - theirs).max()) / size)

    def within(self, difference):
        """Assert that a difference, in units that the row names, is within the tolerance."""
        self.difference = max(self.difference, float(difference))
        self.cases += 1
        assert difference <= self.tolerance, (
            f"{self.quantity}: {difference:.1e} apart from {self.peer}, tolerance {self.tolerance}"
        )


def as_array(value):
    """A number or an array of any peer as one of NumPy."""
    if hasattr(value, "detach"):
        value = value.detach().numpy()
    return np.asarray(value)
