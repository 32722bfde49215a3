"""scikit-learn's own checks of an estimator, all of them: there is no list of expected failures."""

from sklearn.utils.estimator_checks import parametrize_with_checks

import sennpy


@parametrize_with_checks([sennpy.SENNClassifier(), sennpy.SENNRegressor()])
def test_scikit_learn_finds_nothing_wrong(estimator, check):
    check(estimator)
