"""Which neuron is which: born in an addition, it has its number and its place from then on."""

from dataclasses import dataclass, field


@dataclass
class Neuron:
    """One neuron of a hidden layer.

    Attributes
    ----------
    column : int
        The number of its layer, which it keeps when others are inserted before it.
    born : int
        The epoch; 0 for those of the start.
    score : float or None
        Delta eta of the addition that it came with; None for those of the start.
    died : int or None
        The epoch in which it was removed.
    """

    column: int
    born: int
    score: float | None = None
    died: int | None = None


@dataclass
class Family:
    """All neurons that there ever were, and which of them stood where.

    Attributes
    ----------
    neurons : list of Neuron
        By number.
    columns : list of int
        All hidden layers in order, by number.
    rows : dict
        The number of a layer to its neurons, in the order in which they are drawn.
    stages : list
        Before the first addition and after each: per hidden layer (number, neurons).
    guessed : bool
        Whether a neuron was split or removed and the record does not tell which.
    """

    neurons: list = field(default_factory=list)
    columns: list = field(default_factory=list)
    rows: dict = field(default_factory=dict)
    stages: list = field(default_factory=list)
    guessed: bool = False

    def begin(self, hidden):
        """The start, with so many neurons in each hidden layer."""
        layers = []
        for place, width in enumerate(hidden):
            self.column(place)
            layers.append((place, self.born(place, width, 0, None)))
        self.stages.append(layers)

    def column(self, place):
        """A new layer at a place among all there are; its number."""
        number = len(self.columns)
        self.columns.insert(place, number)
        self.rows[number] = []
        return number

    def born(self, column, count, epoch, score, after=None):
        """`count` new neurons of a layer, drawn last or below neuron `after`; their numbers."""
        numbers = list(range(len(self.neurons), len(self.neurons) + count))
        self.neurons += [Neuron(column, epoch, score) for _ in numbers]
        rows = self.rows[column]
        at = len(rows) if after is None else rows.index(after) + 1
        rows[at:at] = numbers
        return numbers

    def add(self, addition, operation=None):
        """One addition, as its record has it; with the operation, split and removed ones, too."""
        layers = [(column, list(numbers)) for column, numbers in self.stages[-1]]
        epoch, score = addition["epoch"], addition["candidate"]["exact"]
        hidden = addition["sizes"][1:-1]
        if len(hidden) > len(layers):
            self.insert(layers, addition["candidate"]["place"], hidden, epoch, score)
        for (column, numbers), width in zip(layers, hidden, strict=True):
            if width > len(numbers):
                self.widen(column, numbers, width - len(numbers), epoch, score, operation)
            elif width < len(numbers):
                self.remove(numbers, len(numbers) - width, epoch, operation)
        self.stages.append(layers)

    def insert(self, layers, place, hidden, epoch, score):
        """A new layer, which stands before layer `place`."""
        at = len(self.columns)
        if place < len(layers):
            at = self.columns.index(layers[place][0])
        column = self.column(at)
        layers.insert(place, (column, self.born(column, hidden[place], epoch, score)))

    def widen(self, column, numbers, count, epoch, score, operation):
        """New neurons of a layer: at its end, or beside the one that was split."""
        unit = getattr(operation, "unit", None)
        after = None if unit is None else numbers[unit]
        new = self.born(column, count, epoch, score, after)
        at = len(numbers) if unit is None else unit + 1
        numbers[at:at] = new

    def remove(self, numbers, count, epoch, operation):
        """Neurons that go: that which the operation names, else the youngest, a guess."""
        unit = getattr(operation, "unit", None)
        self.guessed |= unit is None
        at = len(numbers) - count if unit is None else unit
        for number in numbers[at : at + count]:
            self.neurons[number].died = epoch
        del numbers[at : at + count]


def family(start, additions, operations):
    """The `Family` of a training.

    Parameters
    ----------
    start : sequence of int
        Sizes before the first addition.
    additions : list of dict
        As `History.as_dict` has them.
    operations : list
        What each of them did, such as `Split`; None where that is not known.
    """
    found = Family()
    found.begin(start[1:-1])
    for addition, operation in zip(additions, operations, strict=True):
        found.guessed |= operation is None and addition["candidate"]["kind"] == "split"
        found.add(addition, operation)
    return found
