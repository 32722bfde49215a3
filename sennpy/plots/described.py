"""What a figure shows, in words: for those who cannot see it, and for where it cannot be drawn."""

import re

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

COLOUR_BAR = "<colorbar>"  # matplotlib's label of one's axes


def described(figure):
    """The figure in words: what is drawn, on which axes, and where its curves begin and end.

    Plot functions leave the first line of their docstring on the axes or the figure that they
    give; titles, axes and legends say the rest.

    Parameters
    ----------
    figure : matplotlib figure

    Returns
    -------
    str
    """
    panels = [ax for ax in figure.axes if ax.get_label() != COLOUR_BAR]
    bars = [ax for ax in figure.axes if ax.get_label() == COLOUR_BAR]
    parts = [sentence(figure.get_label())]
    if len(panels) > 1:
        parts.append(f"{len(panels)} panels.")
    parts += [of_panel(ax) for ax in panels]
    parts += [f"Colours: {plain(ax.get_ylabel() or ax.get_xlabel())}." for ax in bars]
    return " ".join(part for part in dict.fromkeys(parts) if part)


def tell(shell):
    """Have an IPython shell show figures with `described` as their text.

    Loading a notebook's backend drops what is known of figures; so it is loaded first.

    Parameters
    ----------
    shell : IPython.core.interactiveshell.InteractiveShell
    """
    plt.draw_if_interactive()
    text = shell.display_formatter.formatters["text/plain"]
    text.for_type(Figure, lambda figure, printer, cycle: printer.text(described(figure)))


def of_panel(ax):
    """What one pair of axes shows."""
    parts = [sentence(ax.get_title()), sentence(ax.get_label())]
    if ax.axison and (ax.get_xlabel() or ax.get_ylabel()):
        across = named(ax.get_xlabel(), ax.get_xscale())
        up = named(ax.get_ylabel(), ax.get_yscale())
        parts.append(". ".join(filter(None, [across and f"Across: {across}", up and f"Up: {up}"])))
        parts[-1] += "."
    entries = [entry(artist, label) for artist, label in zip(*legend_of(ax), strict=True)]
    if entries:
        parts.append(f"Drawn: {'; '.join(entries)}.")
    return " ".join(part for part in parts if part)


def legend_of(ax):
    """Artists with a label of their own, and these labels, each label once."""
    found = {}
    for artist, label in zip(*ax.get_legend_handles_labels(), strict=True):
        found.setdefault(label, artist)
    return found.values(), found.keys()


def entry(artist, label):
    """A curve that goes from left to right with its ends, points with their number, or a name."""
    label = plain(label)
    if hasattr(artist, "get_ydata") and artist.get_transform() == artist.axes.transData:
        x, y = np.asarray(artist.get_data(orig=False), dtype=float)
        if len(y) > 1 and np.all(np.diff(x) > 0) and np.isfinite(y[[0, -1]]).all():
            return f"{label} from {y[0]:.3g} to {y[-1]:.3g}"
    if hasattr(artist, "get_offsets") and len(artist.get_offsets()) > 1:
        return f"{label} ({len(artist.get_offsets())} points)"
    return label


def named(label, scale):
    """An axis by its label, and its scale if that is not linear."""
    return f"{plain(label)}, logarithmic" if label and scale == "log" else plain(label)


def sentence(text):
    """Text that ends with a full stop, or nothing."""
    text = plain(text)
    text = text[:1].upper() + text[1:]
    return text if not text or text[-1] in ".?!" else f"{text}."


def plain(text):
    r"""Text without TeX: `$\Delta\eta' / \eta_c$` is "Delta eta' / eta_c"."""
    text = text.replace("`", "").replace("$", "").replace("\n", " ")
    text = re.sub(r"\\[,;! ]", " ", text)
    text = re.sub(r"\\([A-Za-z]+)", r"\1 ", text)
    text = re.sub(r"[{}]", "", text)
    return re.sub(r" +(?=['_^),.:]|$)", "", re.sub(r" {2,}", " ", text)).strip()
