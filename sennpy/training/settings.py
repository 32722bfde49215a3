"""The settings of a training: frozen, validated, few."""

from dataclasses import asdict, dataclass, is_dataclass

from ..curvature.fisher import KINDS
from ..curvature.natural_gradient import SOLVERS, Damping
from ..growth.proposer import Search
from ..growth.proposers import as_search
from ..validation import as_choice, as_count, as_number


@dataclass(frozen=True)
class Settings:
    """How a network is trained, and when it grows.

    Parameters
    ----------
    epochs : int
        Passes over the training data.
    tau : float
        Least increase of the score, in units of the receiving layer's score (E13); at least 0.
    alpha : float
        Least increase of the score, in units of lambda (E13); at least 0.
    search : "random", "mala", "profile" or Search
        How proposals are found.
    cooldown : int
        Epochs between looks.
    layer_cooldown : int
        Every how many looks, from the first, layers are considered too.
    layer_cost : float
        What an inserted layer's score is divided by; positive.
    max_width, max_depth : int
        Caps on neurons in a hidden layer and on hidden layers.
    solver : "dense", "cg", "pcg" or "kfac"
        For the natural gradient.
    cg_iterations : int
        At most so many for the solvers "cg" and "pcg".
    refresh : int
        Steps for which solver "pcg" keeps its preconditioner, unless the network grows.
    metric : "euclidean", "true", "sampled" or "empirical"
        The output metric of the Fisher matrix and of G; the paper's is euclidean.
    damping : Damping
    step_size : float
        Share of the natural-gradient step that is taken, above 0 and at most 2.
    weight_decay : float
        wd in theta <- theta - step_size [n/(1+wd) + theta wd/(1+wd)]; at least 0.
    batch_size : int or None
        Samples a step; None takes all.
    look_samples : int
        A look uses at most so many samples, drawn anew each time.
    dtype : "float64" or "float32"
        Of the training; scores are always float64.
    seed : int
        Of everything random in `SENN.fit`.

    Raises
    ------
    TypeError, ValueError
        For a value out of its range, naming the setting.

    Notes
    -----
    Paper: section 7, (E13).
    """

    epochs: int = 400
    tau: float = 1.0
    alpha: float = 0.02
    search: str | Search = "profile"
    cooldown: int = 30
    layer_cooldown: int = 1
    layer_cost: float = 5.0
    max_width: int = 64
    max_depth: int = 4
    solver: str = "dense"
    cg_iterations: int = 100
    refresh: int = 20
    metric: str = "euclidean"
    damping: Damping = Damping(0.1, "absolute")
    step_size: float = 0.1
    weight_decay: float = 0.0
    batch_size: int | None = None
    look_samples: int = 10_000
    dtype: str = "float64"
    seed: int = 0

    def __post_init__(self):
        for name in (
            "cooldown", "layer_cooldown", "max_width", "cg_iterations", "refresh", "look_samples",
        ):  # fmt: skip
            as_count(name, getattr(self, name))
        for name in ("epochs", "max_depth", "seed"):
            as_count(name, getattr(self, name), at_least=0)
        for name in ("tau", "alpha", "weight_decay"):
            as_number(name, getattr(self, name), at_least=0)
        as_number("layer_cost", self.layer_cost, above=0)
        if as_number("step_size", self.step_size, above=0) > 2:
            raise ValueError(
                f"step_size is {self.step_size}, expected at most 2: beyond, it diverges."
            )
        if self.batch_size is not None:
            as_count("batch_size", self.batch_size)
        as_search(self.search)
        as_choice("solver", self.solver, SOLVERS)
        as_choice("metric", self.metric, KINDS)
        as_choice("dtype", self.dtype, ("float64", "float32"))
        if not isinstance(self.damping, Damping):
            raise TypeError(f"damping is {self.damping!r}, expected Damping(0.1, 'absolute').")
        if self.damping.form == "factored" and self.solver != "kfac":
            raise ValueError(f"factored damping needs solver 'kfac', not {self.solver!r}.")

    def as_dict(self):
        """Plain values for JSON; a search object becomes its class name and parameters."""
        plain = {name: getattr(self, name) for name in self.__dataclass_fields__}
        plain["damping"] = asdict(self.damping)
        if isinstance(self.search, Search):
            parameters = asdict(self.search) if is_dataclass(self.search) else {}
            plain["search"] = {"class": type(self.search).__name__, **parameters}
        return plain
