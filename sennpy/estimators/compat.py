"""What scikit-learn 1.2, 1.6 and later call differently, in one place."""

from sklearn.base import BaseEstimator

try:
    from sklearn.utils.validation import validate_data
except ImportError:  # before 1.6 it was a method

    def validate_data(estimator, X, **told):
        """X, or (X, y), checked; with reset, names and number of features are set."""
        return estimator._validate_data(X, **told)


class Tagged(BaseEstimator):
    """An estimator whose regressors take several targets, told in both ways; stands rightmost."""

    several_targets = False

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = self.several_targets
        tags.target_tags.single_output = True
        return tags

    def _more_tags(self):
        return {"multioutput": self.several_targets}
