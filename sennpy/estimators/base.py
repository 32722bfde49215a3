"""What both estimators share: from rows and weights to a training, and on from there."""

from dataclasses import replace
from numbers import Integral, Real

import numpy as np
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from ..nn.mlp import MLP
from ..training.history import History
from ..training.senn import SENN
from ..training.settings import Settings
from .compat import Tagged, validate_data
from .units import Units
from .watching import Watching
from .weights import samples

LARGE = 5000  # samples, above which the settings are those of a large training
OF_LARGE = {"epochs": 30, "look_samples": 2000}


def settings_for(samples):
    """The settings for so many samples: those of `Settings()`, with fewer epochs beyond 5,000.

    Measured on 10,000 samples of 30 features in two classes, two threads: 6 seconds and a test
    accuracy of 0.966, where `Settings()` takes 55 and has 0.958.
    """
    return Settings(**(OF_LARGE if samples > LARGE else {}))


class SENNEstimator(Tagged):
    """The training of both estimators; `loss` and the four hooks at its end are theirs."""

    def __init__(
        self, settings=None, *, max_epochs=None, max_time=None, early_stopping=False,
        validation_fraction=0.1, n_iter_no_change=20, warm_start=False, random_state=None,
        verbose=False,
    ):  # fmt: skip
        self.settings = settings
        self.max_epochs = max_epochs
        self.max_time = max_time
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change
        self.warm_start = warm_start
        self.random_state = random_state
        self.verbose = verbose

    def check_parameters(self):
        """Raise TypeError or ValueError for a parameter out of its range, naming it."""
        if self.settings is not None and not isinstance(self.settings, Settings):
            raise TypeError(f"settings is {self.settings!r}, expected Settings(...) or None.")
        for name, kind, least in (("max_epochs", Integral, 1), ("max_time", Real, 0)):
            value = getattr(self, name)
            if value is not None and not is_number(value, kind, least):
                expected = f"{'an int' if kind is Integral else 'seconds'} of at least {least}"
                raise ValueError(f"{name} is {value!r}, expected {expected}, or None.")
        if not is_number(self.n_iter_no_change, Integral, 1):
            raise ValueError(
                f"n_iter_no_change is {self.n_iter_no_change!r}, expected an int of at least 1."
            )
        share = self.validation_fraction
        if not is_number(share, Real, 0) or not 0 < share < 1:
            raise ValueError(
                f"validation_fraction is {share!r}, expected a share between 0 and 1, such as 0.1."
            )

    def fit_rows(self, X, t, weights, epochs=None, go_on=False):
        """Train on checked rows, anew or from where the last training ended; self."""
        rows = samples(X, t, weights)
        if not go_on:
            self.begin(rows)
        rows = rows._replace(X=self.input_units_.into(rows.X), t=self.into_units(rows.t))
        if self.n_outputs_trained_ == 0:
            return self
        self.train(rows, epochs, go_on)
        return self

    def begin(self, rows):
        """Draw the seed, and take settings and units from the rows."""
        settings = settings_for(len(rows.X)) if self.settings is None else self.settings
        seed = int(check_random_state(self.random_state).randint(2**31 - 1))
        changes = {} if self.max_epochs is None else {"epochs": int(self.max_epochs)}
        if self.early_stopping:
            changes["keep"] = "best"
        self.settings_ = replace(settings, seed=seed, **changes)
        self.input_units_ = Units.of(rows.X, rows.weights)
        self.set_target_units(rows)
        self.n_outputs_trained_ = self.outputs()
        self.state_, self.network_, self.history_ = None, None, History()
        self.n_iter_, self.stopped_by_ = 0, "one class"

    def train(self, rows, epochs, go_on):
        """Let `SENN` train on rows in units."""
        validation = None
        if self.early_stopping and epochs is None:
            rows, held = self.parted(rows)
            validation = held.X, held.of_loss(self.loss)[1]
        loss, t = rows.of_loss(self.loss)
        settings, state = self.settings_, self.state_ if go_on else None
        if validation is None and settings.keep == "best":
            settings = replace(settings, keep="last")
        net = None
        if state is None:
            net = MLP.random((rows.X.shape[1], self.n_outputs_trained_), rng=settings.seed)
        else:
            epochs = settings.epochs if epochs is None else epochs
        best = state.best[0] if state is not None and state.best else float("inf")
        waits = self.n_iter_no_change if validation is not None else None
        ahead = settings.epochs if epochs is None else epochs
        with Watching(ahead, self.max_time, waits, self.verbose, best) as watching:
            fit = SENN(loss, settings).fit(net, rows.X, t, validation, watching, state, epochs)
        self.state_, self.network_, self.history_ = fit.state, fit.network, fit.history
        self.n_iter_ = fit.state.epoch
        converged = fit.state.has_converged(settings)
        self.stopped_by_ = watching.reason or ("convergence" if converged else "max_epochs")

    def parted(self, rows):
        """Rows to train on, and those that are held out."""
        from sklearn.model_selection import train_test_split

        try:
            some, held = train_test_split(
                np.arange(len(rows.X)), test_size=self.validation_fraction,
                random_state=self.settings_.seed, stratify=self.strata(rows.t),
            )  # fmt: skip
        except ValueError as error:
            raise ValueError(
                f"early_stopping cannot hold out {self.validation_fraction:g} of {len(rows.X)} "
                f"samples: {error} Give more samples, or early_stopping=False."
            ) from error
        return rows.take(np.sort(some)), rows.take(np.sort(held))

    def outputs_of(self, X):
        """Outputs (N, m) of the network, in its units."""
        check_is_fitted(self)
        X = validate_data(self, X, dtype=np.float64, reset=False)
        return len(X), None if self.network_ is None else self.network_(self.input_units_.into(X))


def is_number(value, kind, least):
    """Whether a value is a number of a kind, and of at least so much."""
    return isinstance(value, kind) and not isinstance(value, bool) and value >= least
