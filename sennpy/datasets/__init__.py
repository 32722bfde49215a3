"""The data of the experiments, each as (X, t, X_test, t_test)."""

from .mnist import mnist
from .regression import random_rational, regression_case
from .subsets import Data
from .toy import digits, half_moons

__all__ = ["Data", "digits", "half_moons", "mnist", "random_rational", "regression_case"]
