"""`SENNRegressor`."""

import numpy as np
from sklearn.base import RegressorMixin

from ..nn.losses import SquaredError
from .base import SENNEstimator
from .compat import validate_data
from .units import Units
from .weights import present


class SENNRegressor(RegressorMixin, SENNEstimator):
    """A regressor of scikit-learn's kind: a linear network that grows as its data need it.

    Inputs and targets are standardised inside; there may be several targets. `fit` begins linear,
    unless `warm_start` lets it go on.

    Parameters
    ----------
    settings, max_epochs, max_time, early_stopping, validation_fraction, n_iter_no_change, \
warm_start, random_state, verbose
        As of `SENNClassifier`.

    Attributes
    ----------
    network_ : MLP
        From standardised inputs to standardised targets.
    history_, state_, settings_, n_iter_, stopped_by_, n_features_in_, feature_names_in_
        As of `SENNClassifier`.

    Notes
    -----
    Paper: sections 2 to 5. Weights of samples are as of `SENNClassifier`.
    """

    loss = SquaredError()
    several_targets = True

    def fit(self, X, y, sample_weight=None):
        """Train and grow.

        Parameters
        ----------
        X : (N, n_in) array or data frame
        y : (N,) or (N, m) array
        sample_weight : (N,) array, optional

        Returns
        -------
        SENNRegressor
            Itself.
        """
        self.check_parameters()
        go_on = self.warm_start and hasattr(self, "settings_")
        X, t, weights = present(*self.checked(X, y, go_on), sample_weight)
        return self.fit_rows(X, t, weights, go_on=go_on)

    def partial_fit(self, X, y, sample_weight=None):
        """One epoch more, on these data or others: it goes on growing.

        Parameters
        ----------
        X : (N, n_in) array or data frame
            The first, with their targets, decide the units.
        y : (N,) or (N, m) array
        sample_weight : (N,) array, optional

        Returns
        -------
        SENNRegressor
            Itself.
        """
        self.check_parameters()
        go_on = hasattr(self, "settings_")
        X, t, weights = present(*self.checked(X, y, go_on), sample_weight)
        return self.fit_rows(X, t, weights, epochs=1, go_on=go_on)

    def predict(self, X):
        """Targets (N,) or (N, m), as they were given."""
        _, y = self.outputs_of(X)
        y = self.target_units_.back(y)
        return y[:, 0] if self.one_dimensional_ else y

    def checked(self, X, y, go_on):
        """X and targets (N, m) in float64, or an error."""
        X, y = validate_data(
            self, X, y=y, dtype=np.float64, reset=not go_on, multi_output=True, y_numeric=True
        )
        t = y.reshape(len(y), -1).astype(np.float64)
        if go_on and t.shape[1] != len(self.target_units_.mean):
            raise ValueError(
                f"y has {t.shape[1]} targets, but the training that goes on has "
                f"{len(self.target_units_.mean)}."
            )
        self.one_dimensional_ = y.ndim == 1
        return X, t

    def outputs(self):
        """How many the network has; 0 where there is nothing to train."""
        return len(self.target_units_.mean)

    def set_target_units(self, rows):
        """Take the units of the targets from the rows."""
        self.target_units_ = Units.of(rows.t, rows.weights)

    def into_units(self, t):
        """Targets in their units."""
        return self.target_units_.into(t)

    def strata(self, t):
        """What each part of the samples is to have its share of, or None."""
        return None
