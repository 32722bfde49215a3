"""What an activation is, whoever writes it; and the names by which files know activations."""

import numpy as np

from ..validation import as_rng


class Activation:
    """What the network asks of an activation; one of your own is a subclass.

    It gives `num_coefficients`, `__call__(z, k)` and `slope(z, k)`, and with coefficients
    `coefficient_slopes(z, k)`. The rest is for what it is needed for: a search that solves for
    coefficients asks for `basis` and `basis_slope`, (E2) for `identity_coefficients`, (E16) for
    `identity_directions`, criteria that split neurons for `curvature`.
    """

    num_coefficients = 0

    def __call__(self, z, k):
        """sigma(z; k), shape (N, n)."""
        raise self.lacks("__call__", "it has no value")

    def slope(self, z, k):
        """d sigma / d z, shape (N, n)."""
        raise self.lacks("slope", "it has no derivative")

    def coefficient_slopes(self, z, k):
        """d sigma / d k for each coefficient, shape (num_coefficients, N, n)."""
        if self.num_coefficients:
            raise self.lacks("coefficient_slopes", "its coefficients cannot be learned")
        return np.zeros((0, *z.shape), dtype=z.dtype)

    def slopes(self, z, k, value):
        """`slope` and `coefficient_slopes`, which may share their work and the value (N, n)."""
        return self.slope(z, k), self.coefficient_slopes(z, k)

    def curvature(self, z, k):
        """d^2 sigma / d z^2, shape (N, n)."""
        raise self.lacks("curvature", "no neuron can be split by its second derivative")

    def basis(self, z):
        """Functions of z in which the value is linear, up to scale: (b, N, n), here b = 1."""
        if self.num_coefficients:
            raise self.lacks("basis", "its best coefficients cannot be solved for (E12)")
        return self(z, None)[None]

    def basis_slope(self, z):
        """Derivatives in z of `basis`, shape (b, N, n)."""
        if self.num_coefficients:
            raise self.lacks("basis_slope", "its best coefficients cannot be solved for (E12)")
        return self.slope(z, None)[None]

    def check(self, k):
        """Raise ValueError if coefficients (num_coefficients, n) make no function; here all do."""

    def random_coefficients(self, n, rng):
        """Coefficients N(0, 1) of n new neurons, shape (num_coefficients, n)."""
        return as_rng(rng).standard_normal((self.num_coefficients, n))

    def identity_coefficients(self, n):
        """Coefficients at which n neurons pass their pre-activations through unchanged.

        Raises
        ------
        ValueError
            If no coefficients do that, so that (E2) cannot be used.
        """
        raise ValueError(
            f"{type(self).__name__} cannot be the identity for any coefficients, so a layer cannot "
            "be inserted without changing the function (E2); use Rational()."
        )

    def identity_directions(self, z):
        """What the coefficients can do at the identity that the weights around them cannot.

        Returns
        -------
        phi : (b, N, n) array
            Derivatives of the value in the coefficients at the identity, those left out that are
            linear in z: scale and shift are the weights' own.
        slope : (b, N, n) array
            Derivatives of phi in z.

        Raises
        ------
        ValueError
            If the activation does not tell, so that (E16) cannot be computed.
        """
        raise self.lacks("identity_directions", "the score of an inserted layer (E16) is not known")

    def lacks(self, method, so_that):
        """The ValueError for a method that the activation does not have."""
        return ValueError(f"{type(self).__name__} does not give `{method}`, so {so_that}.")


REGISTERED = {}  # the activations that files can name


def register_activation(kind):
    """Make an activation of your own known to files; usable as a decorator of its class.

    Parameters
    ----------
    kind : subclass of Activation
        Made without arguments when a file that names it is loaded: `load` needs it registered too.

    Returns
    -------
    subclass of Activation
        `kind` itself.

    Raises
    ------
    TypeError
        If it is no such class, or cannot be made without arguments.
    ValueError
        If its name is that of another activation that is registered.

    Notes
    -----
    Paper: (E3), the activation that `Rational` is.
    """
    if not (isinstance(kind, type) and issubclass(kind, Activation)):
        raise TypeError(f"kind is {kind!r}, expected a subclass of Activation.")
    kind()  # says itself which argument is missing
    known = REGISTERED.setdefault(kind.__name__, kind)
    if (known.__module__, known.__qualname__) != (kind.__module__, kind.__qualname__):
        raise ValueError(f"the name {kind.__name__} is taken by {known}; choose another.")
    REGISTERED[kind.__name__] = kind  # a cell of a notebook that is run again defines it anew
    return kind


def activation_named(name):
    """A new activation of the registered class of that name, or ValueError."""
    if name not in REGISTERED:
        raise ValueError(f"the activation {name!r} is not known, expected {known_activations()}.")
    return REGISTERED[name]()


def name_of(activation):
    """The name that `activation_named` makes an equal one from, or TypeError if none does."""
    kind = type(activation)
    if REGISTERED.get(kind.__name__) is not kind or vars(activation) != vars(kind()):
        raise TypeError(
            f"the activation is {activation!r}, expected {known_activations()}: a file keeps its "
            "name alone."
        )
    return kind.__name__


def known_activations():
    """The activations that are registered, for messages."""
    names = ", ".join(f"{name}()" for name in REGISTERED)
    return f"{names} or one of a class decorated with @sennpy.register_activation"


def as_activation(activation):
    """Return `activation` if it is one, else raise TypeError."""
    if not isinstance(activation, Activation):
        raise TypeError(
            f"activation is {activation!r}, expected an Activation: Rational(), Tanh() or ReLU()."
        )
    return activation
