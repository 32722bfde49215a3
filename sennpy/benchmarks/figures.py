"""What the bench measured: which search finds most in how little time, and how times grow."""

import matplotlib.pyplot as plt

from ..plots.style import BLACK, BLUE, GOLD, GREEN, PURPLE, RED, SKY, axes, in_style

COLOURS = {"random": BLACK, "MALA": BLUE, "profile": GOLD, "released": GREEN}
MARKERS = {"random": "o", "MALA": "s", "profile": "^", "released": "D"}


@in_style
def score_against_time(curves, ax=None):
    """The share of the best known bound that each search reaches, over the time it takes.

    Parameters
    ----------
    curves : dict
        Search: (seconds, share), see `duel.medians`.
    ax : matplotlib axes, optional

    Returns
    -------
    matplotlib axes
    """
    ax = axes(ax)
    for name, (seconds, share) in curves.items():
        ax.plot(seconds, share, color=COLOURS[name], marker=MARKERS[name], label=name)
    ax.set(xscale="log", xlabel="time (s)", ylabel=r"$\Delta\eta'$ / best found")
    ax.set(title="One neuron: medians over ten states", ylim=(0, 1.05))
    ax.legend(loc="lower right")
    return ax


@in_style
def time_against_sizes(found, ax=None):
    """Times over sizes, both as multiples of the first, with the slope fitted without the smallest.

    Parameters
    ----------
    found : dict
        See `scaling.scaling`.
    ax : matplotlib axes, optional

    Returns
    -------
    matplotlib axes
    """
    ax = axes(ax)
    colours = (BLUE, GOLD, GREEN, RED, PURPLE, SKY)
    markers = ("o", "s", "^", "D", "v", "P")
    for (name, one), colour, marker in zip(found.items(), colours, markers, strict=True):
        label = f"{name}: slope {one['slope_seconds']:.1f} (theory {one['expected']})"
        ratio = [size / one["sizes"][0] for size in one["sizes"]]
        times = [seconds / one["seconds"][0] for seconds in one["seconds"]]
        ax.plot(ratio, times, color=colour, marker=marker, label=label)
    ax.set(xscale="log", yscale="log", xlabel="size / smallest", ylabel="time / first")
    ax.set_title("How times grow")
    low, high = ax.get_ylim()
    ax.set_ylim(low, high * (high / low) ** 0.8)  # room for the legend
    ax.legend(loc="upper left", fontsize=10)
    return ax


@in_style
def residual_against_products(curves, ax=None):
    """What is left of a step's equations after so many products with F.

    Parameters
    ----------
    curves : dict
        See `solving.residuals`.
    ax : matplotlib axes, optional

    Returns
    -------
    matplotlib axes
    """
    ax = axes(ax)
    for (name, one), colour in zip(curves.items(), (BLUE, GOLD), strict=True):
        for solver, style, marker, how in [
            ("cg", "-", "o", "plain"), ("pcg", "--", "s", "preconditioned"),
        ]:  # fmt: skip
            label = f"{name}: {how}"
            ax.plot(one["products"], one[solver], style, color=colour, marker=marker, label=label)
    ax.set(xscale="log", yscale="log", xlabel="products with F")
    ax.set(ylabel=r"$\|(F + d I)\,n - g\|\,/\,\|g\|$", title="Conjugate gradients for one step")
    low, high = ax.get_ylim()
    ax.set_ylim(low * (low / high) ** 0.5, high)  # room for the legend
    ax.legend(loc="lower left", fontsize=10)
    return ax


@in_style
def bench_figure(draw, what):
    """A figure of its own for `draw(what, ax)`; a matplotlib figure."""
    figure, ax = plt.subplots(figsize=(7.5, 5.5), layout="constrained")
    draw(what, ax)
    return figure
