"""Colours of figures: seen on white and on dark pages, and told apart by colour-blind eyes."""

import itertools

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from sennpy.plots.style import BLUE, GOLD, GREEN, PURPLE, RED, SKY

COLOURS = {
    "blue": BLUE, "gold": GOLD, "green": GREEN, "red": RED, "purple": PURPLE, "sky": SKY,
}  # fmt: skip
OKABE_ITO = ("#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9")
DARK = "#131416"  # the book's dark page
GREYS = ("0.55", "0.4")  # of lines that matter
DIMMED = 0.85  # brightness of figures on it, see book.css
XYZ = np.array(
    [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
)  # of linear sRGB
EYES = {  # on linear sRGB: Machado, Oliveira and Fernandes 2009, severity 1
    "all cones": np.eye(3),
    "no green cones": np.array([
        [0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ]),
    "no red cones": np.array([
        [0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ]),
}  # fmt: skip


def linear(colour, brightness=1.0):
    """Linear sRGB of a colour."""
    c = brightness * np.array(to_rgb(colour))
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


def contrast(colour, other, brightness=1.0):
    """Contrast of two colours, 1 to 21, as the WCAG define it."""
    low, high = sorted(XYZ[1] @ linear(c, brightness) for c in (colour, other))
    return (high + 0.05) / (low + 0.05)


def lab(rgb):
    """CIELAB of linear sRGB, in which distances are what one sees."""
    t = XYZ @ rgb / np.array([0.9505, 1.0, 1.089])
    f = np.where(t > 0.008856, np.cbrt(t), 7.787 * t + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def nearest(colours):
    """The least distance of two colours to any eye."""
    return min(
        np.linalg.norm(lab(np.clip(eye @ linear(a), 0, 1)) - lab(np.clip(eye @ linear(b), 0, 1)))
        for eye in EYES.values()
        for a, b in itertools.combinations(colours, 2)
    )


def test_contrast_is_that_of_the_definition():
    assert contrast("white", "black") == pytest.approx(21)
    assert contrast("#767676", "white") == pytest.approx(4.54, abs=0.005)  # a known border case


@pytest.mark.parametrize("colour", [*COLOURS.values(), *GREYS], ids=[*COLOURS, *GREYS])
def test_a_colour_is_seen_on_white_and_on_a_dimmed_figure(colour):
    assert contrast(colour, "white") >= 3
    assert contrast(colour, "white", DIMMED) >= 3


@pytest.mark.parametrize("colour", COLOURS.values(), ids=COLOURS)
def test_a_colour_is_seen_on_a_dark_page(colour):
    assert contrast(colour, DARK) >= 3


def test_colours_are_told_apart_at_least_as_well_as_okabe_and_itos():
    assert nearest(COLOURS.values()) >= nearest(OKABE_ITO)
