"""What an optimiser is, and two of them: natural gradient, and gradient descent with momentum."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ..curvature.fisher import KINDS, output_directions
from ..curvature.natural_gradient import (
    SOLVERS,
    Damping,
    NaturalStep,
    chosen_solver,
    gauss_newton,
    solve,
)
from ..curvature.preconditioner import Preconditioner, preconditioner
from ..validation import as_choice, as_count, as_number, keep_plain
from ..writing import described
from .jacobian import outputs_and_jacobian


class Measured(NamedTuple):
    """What a step met before it moved.

    Parameters
    ----------
    loss : float
    eta : float or None
        g^T n, with n the natural gradient as far as it was solved for; None without one.
    lam : float
        lambda = mean ||g_y||^2.
    """

    loss: float
    eta: float | None
    lam: float


class Scales(NamedTuple):
    """The data on which an optimiser has been found to train; beyond, `SENN.fit` warns.

    Attributes
    ----------
    spread : (float, float)
        Least and largest common spread of the inputs (root mean variance of the columns).
    offset : float
        Largest mean of a column, in units of that spread.
    ratio : float
        Largest spread of a column, in units of that of the middle one of those that vary.
    targets : float
        Largest spread of targets that the loss puts units on.

    Notes
    -----
    Measured on half-moons (3 seeds or more: beyond, test accuracy falls from 0.90 to 0.86 or less,
    most often since nothing is added any more) and on a noisy sine for the targets.
    """

    spread: tuple = (0.16, 5.0)
    offset: float = 6.0
    ratio: float = 5.0
    targets: float = 10.0


class StepNotFinite(ArithmeticError):
    """The loss is no finite number, or a step led to parameters that are none."""


class Optimiser:
    """Takes the steps of a training; a subclass gives `step`.

    Attributes
    ----------
    metric : str
        The output metric in which looks measure scores, see `output_directions`.
    scales : Scales
        The data that it takes without a warning.
    descends : bool
        Whether a step on all samples is taken only if it lowers the loss with a penalty of its own.
    """

    metric = "euclidean"
    scales = Scales()
    descends = False

    def step(self, net, X, t, loss, rng, memory):
        """One step on a batch.

        Parameters
        ----------
        net : MLP
        X : (N, n_in) array
        t : array
            Targets, as the loss takes them.
        loss : Loss
        rng : numpy.random.Generator
        memory : object
            What the step before returned; None at the first. The network may have grown since.

        Returns
        -------
        net : MLP
        memory : object
            A value: nothing in it is changed later.
        measured : Measured

        Raises
        ------
        SingularCurvature, StepNotFinite
            If no step can be taken.
        """
        raise NotImplementedError

    def memory_as_plain(self, memory):
        """The memory for a file: None, numbers, text, arrays, and lists, tuples or dicts of them.

        As it is, by default; an optimiser whose memory is of another kind says how to write it.
        """
        return memory

    def memory_from_plain(self, plain):
        """The memory that `memory_as_plain` made `plain` of."""
        return plain

    def as_dict(self):
        """Plain values for the record: the name of the class and its parameters."""
        return described(self)


def own(memory, kind):
    """The memory if it is of the kind that an optimiser makes, else None, or TypeError.

    That of another optimiser of this package, which a state goes on without, is None.
    """
    if memory is None or isinstance(memory, kind):
        return memory
    if type(memory).__module__.split(".")[0] == __name__.split(".")[0]:
        return None
    raise TypeError(cannot_be_written(memory, "memory"))


def cannot_be_written(value, what):
    """What is said of an optimiser's memory, or a part of it, that no file can keep."""
    return (
        f"the optimiser's {what} is of type {type(value).__name__}, which a file cannot keep; give "
        "the optimiser memory_as_plain(memory), which makes numbers, text, arrays, and lists, "
        "tuples or dicts of it, and memory_from_plain(plain), which makes the memory of those."
    )


def finite_loss(loss, outputs, t):
    """The loss of outputs (N, m), or StepNotFinite."""
    value = float(loss.value(outputs, t))
    if not np.isfinite(value):
        raise StepNotFinite("the loss is not finite")
    return value


def moved(net, theta):
    """The network with parameters theta (P,), or StepNotFinite."""
    if not np.isfinite(theta).all():
        raise StepNotFinite("the step is not finite")
    return net.replace(theta)


class Kept(NamedTuple):
    """A preconditioner, the sizes of its network, and for how many steps it is still good."""

    preconditioner: Preconditioner
    sizes: tuple
    left: int


@dataclass(frozen=True)
class NaturalGradient(Optimiser):
    """Steps along the damped natural gradient.

    Parameters
    ----------
    solver : "auto", "dense", "cg", "pcg" or "kfac"
        See `natural_gradient`; "auto" is dense as long as the Jacobian of a batch is small.
    damping : Damping
    metric : "euclidean", "true", "sampled" or "empirical"
        The output metric of the Fisher matrix, and of the scores; the paper's is euclidean.
    step_size : float
        Share of the natural-gradient step that is taken, above 0 and at most 2.
    weight_decay : float
        wd in theta <- theta - step_size [n/(1+wd) + theta wd/(1+wd)]; at least 0.
    cg_iterations : int
        At most so many for the solvers "cg" and "pcg".
    refresh : int
        Steps for which solver "pcg" keeps its preconditioner, unless the network grows.

    Raises
    ------
    TypeError, ValueError
        For a value out of its range, naming it.

    Notes
    -----
    Paper: section 7.
    """

    solver: str = "auto"
    damping: Damping = Damping(0.1, "absolute")
    metric: str = "euclidean"
    step_size: float = 0.1
    weight_decay: float = 0.0
    cg_iterations: int = 100
    refresh: int = 20
    scales = Scales(targets=1e3)

    def __post_init__(self):
        as_choice("solver", self.solver, SOLVERS)
        as_choice("metric", self.metric, KINDS)
        if not isinstance(self.damping, Damping):
            raise TypeError(f"damping is {self.damping!r}, expected Damping(0.1, 'absolute').")
        if self.damping.form == "factored" and self.solver != "kfac":
            raise ValueError(f"factored damping needs solver 'kfac', not {self.solver!r}.")
        if as_number("step_size", self.step_size, above=0) > 2:
            raise ValueError(
                f"step_size is {self.step_size}, expected at most 2: beyond, it diverges."
            )
        as_number("weight_decay", self.weight_decay, at_least=0)
        as_count("cg_iterations", self.cg_iterations)
        as_count("refresh", self.refresh)
        keep_plain(self)

    def step(self, net, X, t, loss, rng, memory):
        solver = chosen_solver(self.solver, len(X) * net.sizes[-1], net.num_parameters)
        if solver == "dense" and self.metric == "euclidean":
            outputs, J = outputs_and_jacobian(net, X)
            value, g_y = finite_loss(loss, outputs, t), loss.gradient(outputs, t)
            found = gauss_newton(J, g_y, self.damping)
        else:
            trace = net.forward(X)
            value, g_y = finite_loss(loss, trace.outputs, t), loss.gradient(trace.outputs, t)
            found, memory = self.solved(net, trace, g_y, t, loss, rng, solver, memory)
        n, decay, theta = found.direction, self.weight_decay, net.parameters
        theta = theta - self.step_size * (n + decay * theta) / (1 + decay)
        measured = Measured(value, float(found.gradient @ n), float((g_y**2).sum() / len(g_y)))
        return moved(net, theta), memory, measured

    def solved(self, net, trace, g_y, t, loss, rng, solver, memory) -> tuple[NaturalStep, object]:
        """The natural gradient at a trace, and the memory after it."""
        u = output_directions(trace.outputs, self.metric, loss, t, rng)
        kept = None
        if solver == "pcg":
            usable = isinstance(memory, Kept) and memory.left > 0 and memory.sizes == net.sizes
            if not usable:
                made = preconditioner(trace, u, self.damping.amount(trace, u))
                memory = Kept(made, net.sizes, self.refresh)
            memory, kept = memory._replace(left=memory.left - 1), memory.preconditioner
        gradient = net.vjp(trace, g_y) / len(g_y)
        found = solve(
            trace, u, gradient, solver, self.damping, self.cg_iterations, precondition=kept
        )
        return found, memory

    def memory_as_plain(self, memory):
        if (memory := own(memory, Kept)) is None:
            return None
        made = {"layers": memory.preconditioner.layers, "neurons": memory.preconditioner.neurons}
        return made | {"sizes": memory.sizes, "left": memory.left}

    def memory_from_plain(self, plain):
        if plain is None:
            return None
        made = Preconditioner(plain["layers"], plain["neurons"])
        return Kept(made, plain["sizes"], plain["left"])


class Velocity(NamedTuple):
    """The last step (P,), and the sizes of its network."""

    velocity: np.ndarray
    sizes: tuple


@dataclass(frozen=True)
class SGD(Optimiser):
    """Gradient descent with momentum, on the batches that the training hands it.

    Parameters
    ----------
    step_size : float
        Positive.
    momentum : float
        Share of the last step that is taken again, from 0 to below 1. A network that has grown
        starts without.
    """

    step_size: float = 0.1
    momentum: float = 0.9

    def __post_init__(self):
        as_number("step_size", self.step_size, above=0)
        as_number("momentum", self.momentum, at_least=0, below=1)
        keep_plain(self)

    def step(self, net, X, t, loss, rng, memory):
        trace = net.forward(X)
        value, g_y = finite_loss(loss, trace.outputs, t), loss.gradient(trace.outputs, t)
        fits = isinstance(memory, Velocity) and memory.sizes == net.sizes
        last = memory.velocity if fits else 0.0
        velocity = self.momentum * last - self.step_size * net.vjp(trace, g_y) / len(g_y)
        measured = Measured(value, None, float((g_y**2).sum() / len(g_y)))
        return moved(net, net.parameters + velocity), Velocity(velocity, net.sizes), measured

    def memory_as_plain(self, memory):
        return None if own(memory, Velocity) is None else memory._asdict()

    def memory_from_plain(self, plain):
        return None if plain is None else Velocity(**plain)
