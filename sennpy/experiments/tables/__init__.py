"""The estimators beside scikit-learn's, on the same folds of eight sets of data."""
