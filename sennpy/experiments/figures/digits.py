"""Digits in one figure: accuracy, scores and sizes of a growing classifier."""

import matplotlib.pyplot as plt

from ...plots import accuracy_curve, score_curves, size_curves
from ...plots.style import in_style


@in_style
def growth_figure(run):
    """Accuracy, scores and sizes of a growing classifier over epochs; a matplotlib figure."""
    figure, bottom = plt.subplots(1, 3, figsize=(14, 4.4), layout="constrained")
    accuracy_curve(run.history, bottom[0])
    score_curves(run.history, bottom[1])
    size_curves(run.history, bottom[2])
    return figure
