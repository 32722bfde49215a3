"""Exercises of notebook 12, what grows best."""

import numpy as np

from ..studies.statistics import bootstrap, paired_bootstrap, rank_correlation, spearman
from .exercise import Exercise

BAR = np.log(1.1)  # of exercise 3


def near(given, right):
    """Whether a limit or a width is that of another draw of the same bootstrap."""
    return np.allclose(given, right, rtol=0.1, atol=1e-9)


def of_the_median(value):
    """What is wrong with (differences, low, high): six pairs, the interval of their median."""
    values, limits = np.asarray(value[0], dtype=float), np.array(value[1:], dtype=float)
    if values.shape != (6,) or limits.shape != (2,):
        return f"asked for are six differences and two numbers, not {values.shape}"
    if values.mean() > 0:
        return "there are more with removal than without? subtract those without from those with"
    if near(limits, bootstrap(values)[1:]):
        return ""
    if near(limits, bootstrap(values, np.mean)[1:]):
        return "that is the interval of the mean, the median is asked for"
    if near(limits, np.quantile(values, [0.025, 0.975])):
        return "that is where the pairs lie, not how sure their median is: draw six anew, often"
    return "that is not the middle 95 % of the medians of six that are drawn with replacement"


def in_pairs(value):
    """What is wrong with (first, second, in_pairs, on_their_own): six values twice, two widths."""
    first, second = (np.asarray(values, dtype=float) for values in value[:2])
    paired, own = (float(width) for width in value[2:])
    if first.shape != (6,) or second.shape != (6,):
        return f"asked for are six values twice, not {first.shape} and {second.shape}"
    i, j = np.random.default_rng(0).integers(6, size=(2, 10_000, 6))
    widths = (
        np.ptp(paired_bootstrap(first, second, np.mean)[1:]),
        np.ptp(np.quantile(first[i].mean(axis=1) - second[j].mean(axis=1), [0.025, 0.975])),
    )
    if near((paired, own), widths):
        return ""
    if near((own, paired), widths):
        return "the two have changed places"
    if near(own, widths[0]):
        return "both are drawn with the same seeds: the second takes indices of its own for each"
    wrong = "second" if near(paired, widths[0]) else "first"
    return f"the {wrong} width is not that of the middle 95 % of differences of means"


def hidden(value):
    """What is wrong with (losses, zeros): the fewest zeros that make the pooled interval hold."""
    losses, zeros = np.asarray(value[0], dtype=float), float(value[1])
    if losses.shape != (12,) or bootstrap(losses).high <= BAR:
        return "asked for are the twelve losses of the spiral, and a whole number"
    if zeros < 0 or zeros != int(zeros):
        return "a number of zeros is a whole one"

    def upper(more):
        return bootstrap(np.append(losses, np.zeros(max(int(zeros) + more, 0)))).high

    if upper(1) > BAR:  # a zero more or less is chance of the draws
        return "with so many the upper end is still above ln 1.1: more zeros"
    return "fewer zeros do it already" if zeros > 1 and upper(-2) <= BAR else ""


def unmasked(value):
    """What is wrong with (scores, gains, losses, over_all, within): a mask, and it taken off."""
    scores, gains, losses = (np.asarray(values, dtype=float) for values in value[:3])
    over_all, within = (float(number) for number in value[3:])
    if scores.ndim != 2 or scores.shape != gains.shape or losses.shape != scores.shape[:1]:
        shapes = f"{scores.shape}, {gains.shape} and {losses.shape}"
        return f"shapes {shapes}, expected (states, proposals) twice and (states,)"
    if min(scores.shape[0], scores.shape[1] - 2) < 1 or losses.min() <= 0:
        return "three proposals a state are the least that can be ranked, and losses are above 0"
    quotients = scores / losses[:, None], gains / losses[:, None]
    if abs(spearman(scores.ravel(), gains.ravel()).estimate) > 0.2:
        return "scores and gains are not independent: draw them without a look at each other"
    if abs(over_all - spearman(*map(np.ravel, quotients)).estimate) > 0.01:
        return "the first correlation is not Spearman's of the quotients of all states"
    if over_all < 0.3:
        return "there is no mask yet: let losses differ more from state to state"
    if abs(within - np.mean(rank_correlation(*quotients))) > 0.01:
        return "the second is not the mean, over states, of Spearman's within each"
    return ""


EXERCISES = (
    Exercise(
        "12.1",
        "(differences, low, high): six differences of sizes, and the 95 % interval of their median",
        (
            "changed of lesson 3 makes the pairs; lesson 2 what is drawn from them.",
            "np.median(u[drawn], axis=1) with drawn of shape (10000, 6), then its quantiles.",
        ),
        judge=of_the_median,
    ),
    Exercise(
        "12.2",
        "(first, second, in_pairs, on_their_own): six logarithms of test losses twice, two widths",
        (
            "In pairs one index serves both; on their own each has its own.",
            "by_pair(keep, log_loss, ['function']); then lesson 2, to the word, with means.",
        ),
        judge=in_pairs,
    ),
    Exercise(
        "12.3",
        "(losses, zeros): the twelve losses of the spiral, and a whole number",
        (
            "bootstrap of an array with zeros at its end; its high is the upper end.",
            "np.append(losses, np.zeros(n)) for n from 0 on, until high is at most ln 1.1.",
        ),
        judge=hidden,
    ),
    Exercise(
        "12.4",
        "(scores, gains, losses, over_all, within): arrays (states, proposals) twice, (states,), "
        "two correlations",
        (
            "Both quotients share one thing; make it vary more than the rest.",
            "losses = exp(spread * normal), as in lesson 4; rank_correlation takes a state a row.",
        ),
        judge=unmasked,
    ),
)
