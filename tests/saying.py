"""The list of what shows that a setting has a say, and how a function is entered into it."""

from sennpy import SoftmaxCrossEntropy

SAYS = {}  # (class, field) to what shows that it has a say
SOFT = SoftmaxCrossEntropy()


def says(kind, *names):
    """Enter the function below as what shows that these fields have a say."""

    def enter(function):
        for name in names:
            SAYS[kind, name] = function
        return function

    return enter
