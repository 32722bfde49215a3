"""`SENNClassifier`."""

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.utils.class_weight import compute_sample_weight
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import _check_sample_weight, column_or_1d

from ..nn.losses import SoftmaxCrossEntropy, softmax
from .base import SENNEstimator
from .compat import validate_data
from .weights import present


class SENNClassifier(ClassifierMixin, SENNEstimator):
    """A classifier of scikit-learn's kind: a linear network that grows as its data need it.

    Inputs are standardised inside. `fit` begins linear, unless `warm_start` lets it go on.

    Parameters
    ----------
    settings : Settings, optional
        How it is trained; its seed is replaced. By default `Settings()`; beyond 5,000 samples with
        30 epochs at most and looks at 2,000 samples. `settings_` tells which.
    class_weight : dict, "balanced" or None
        Weights of the classes, as elsewhere in scikit-learn.
    max_epochs : int, optional
        Instead of those of the settings.
    max_time : float, optional
        Seconds, after which the training ends with the epoch under way.
    early_stopping : bool
        Hold out `validation_fraction` of the samples, keep the network that is best on them, and
        end when `n_iter_no_change` epochs found no better.
    validation_fraction : float
    n_iter_no_change : int
    warm_start : bool
        Whether `fit` goes on from where the last one ended, growing, in the same units.
    random_state : int, RandomState or None
    verbose : bool
        Whether there is a bar (tqdm).

    Attributes
    ----------
    classes_ : (m,) array
    network_ : MLP or None
        On standardised inputs. None where there is one class, which needs none.
    history_ : History
    state_ : State
        From which `SENN.fit` goes on, too.
    settings_ : Settings
    n_iter_ : int
        Epochs.
    stopped_by_ : "convergence", "max_epochs", "max_time", "early_stopping" or "one class"
    n_features_in_ : int
    feature_names_in_ : (n_in,) array
        If X is a data frame.

    Notes
    -----
    Paper: sections 2 to 5. Rows are put in an order of their own first, so that theirs changes
    nothing. Whole weights stand for so many equal rows and are them; others are relative, and
    weight the loss (`WeightedLoss`), where a weight of 2 equals a repeated row in steps of the
    dense solvers but not in the Kronecker factors, by which growth finds neurons, nor among the
    samples that the acceptance rule holds out.
    """

    loss = SoftmaxCrossEntropy()

    def __init__(
        self, settings=None, *, class_weight=None, max_epochs=None, max_time=None,
        early_stopping=False, validation_fraction=0.1, n_iter_no_change=20, warm_start=False,
        random_state=None, verbose=False,
    ):  # fmt: skip
        super().__init__(
            settings, max_epochs=max_epochs, max_time=max_time, early_stopping=early_stopping,
            validation_fraction=validation_fraction, n_iter_no_change=n_iter_no_change,
            warm_start=warm_start, random_state=random_state, verbose=verbose,
        )  # fmt: skip
        self.class_weight = class_weight

    def fit(self, X, y, sample_weight=None):
        """Train and grow.

        Parameters
        ----------
        X : (N, n_in) array or data frame
        y : (N,) array
            Labels: numbers, strings or booleans.
        sample_weight : (N,) array, optional

        Returns
        -------
        SENNClassifier
            Itself.
        """
        self.check_parameters()
        go_on = self.warm_start and hasattr(self, "settings_")
        X, y = self.checked(X, y, reset=not go_on)
        X, y, weights = present(X, y, self.weighted(X, y, sample_weight))
        if not go_on:
            self.classes_ = np.unique(y)
        return self.fit_rows(X, self.labels(y), weights, go_on=go_on)

    def partial_fit(self, X, y, classes=None, sample_weight=None):
        """One epoch more, on these data or others: it goes on growing.

        Parameters
        ----------
        X : (N, n_in) array or data frame
            The first decide the units.
        y : (N,) array
        classes : array, optional
            All there will be; needed at the first call, unless y holds them all.
        sample_weight : (N,) array, optional

        Returns
        -------
        SENNClassifier
            Itself.
        """
        self.check_parameters()
        go_on = hasattr(self, "settings_")
        X, y = self.checked(X, y, reset=not go_on)
        if isinstance(self.class_weight, str):
            raise ValueError(
                "class_weight is 'balanced', which partial_fit cannot know of data to come: give a "
                "dict of weights, such as compute_class_weight of scikit-learn makes."
            )
        if not go_on:
            self.classes_ = np.unique(y if classes is None else classes)
        elif classes is not None and not np.array_equal(np.unique(classes), self.classes_):
            raise ValueError(
                f"classes is {classes!r}, but at the first call they were {self.classes_!r}."
            )
        X, y, weights = present(X, y, self.weighted(X, y, sample_weight))
        return self.fit_rows(X, self.labels(y), weights, epochs=1, go_on=go_on)

    def predict_proba(self, X):
        """Probabilities (N, m) of the classes, in the order of `classes_`."""
        N, outputs = self.outputs_of(X)
        return np.ones((N, 1)) if outputs is None else softmax(outputs)

    def predict(self, X):
        """The most likely class of each row, (N,)."""
        chances = self.predict_proba(X)
        return self.classes_[chances.argmax(axis=1)]

    def checked(self, X, y, reset):
        """X in float64 and y (N,), or an error of scikit-learn's words."""
        X, y = validate_data(self, X, y=y, dtype=np.float64, reset=reset, multi_output=True)
        y = column_or_1d(y, warn=True)
        check_classification_targets(y)
        return X, y

    def labels(self, y):
        """Numbers of the classes, (N,)."""
        at = np.minimum(np.searchsorted(self.classes_, y), len(self.classes_) - 1)
        if (other := y[self.classes_[at] != y]).size:
            raise ValueError(
                f"y holds {other[0]!r}, which is none of the classes {self.classes_!r}; name all "
                "of them at the first call: partial_fit(X, y, classes=...)."
            )
        return at

    def weighted(self, X, y, sample_weight):
        """Weights of samples times those of their classes; None if there are neither."""
        if sample_weight is not None:
            sample_weight = _check_sample_weight(sample_weight, X, dtype=np.float64)
        if self.class_weight is None:
            return sample_weight
        of_class = compute_sample_weight(self.class_weight, y)
        return of_class if sample_weight is None else of_class * sample_weight

    def outputs(self):
        """How many the network has; 0 where there is nothing to train."""
        return len(self.classes_) if len(self.classes_) > 1 else 0

    def set_target_units(self, rows):
        """Take the units of the targets from the rows."""

    def into_units(self, t):
        """Targets in their units."""
        return t

    def strata(self, t):
        """What each part of the samples is to have its share of, or None."""
        return t
