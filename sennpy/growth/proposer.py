"""What a proposer is."""

from ..writing import described


class Proposer:
    """Proposes changes at a place; a growth criterion plugs in here.

    A subclass gives `changes`. Proposals come with a score of the proposer's own; what they are
    worth by the paper's yardsticks is filled in by the look.

    Attributes
    ----------
    shrinks : bool
        Whether it may propose neurons to go, and so is asked at places that are full, too.
    narrow : bool
        Whether the layers that it proposes are as narrow as can be (`Insert`), and not square.
    """

    shrinks = False
    narrow = False

    def changes(self, place, rng):
        """Changes of the network at a place.

        Parameters
        ----------
        place : Place
            Its `kind` tells whether neurons could be added (a hidden layer) or a layer.
        rng : numpy.random.Generator

        Returns
        -------
        list of Change
            None of them, if there is nothing to propose.
        """
        raise NotImplementedError

    def sees(self, place):
        """The place with the statistics by which this proposer goes; the paper's own, by default.

        What is proposed is judged by these; `Change.exact` and `bound` are always the paper's.
        """
        return place

    def as_dict(self):
        """Plain values for the record: the name of the class and its parameters."""
        return described(self)
