"""The output gradient and its shadow on what the network can do."""

import numpy as np

from ..validation import as_array
from .fragment import Explorable

BOARD = ((-1.0, 1.0), (0.0, 1.0), (1.0, 1.0))  # the line w x + b at -1, 0, 1


def projection(J=BOARD, g_y=(2.0, 2.0, -1.0), turn=-30):
    """Drag g_y: its projection onto range(J), eta and lambda move along.

    Parameters
    ----------
    J : (3, 2) array
        Jacobian of rank 2, by default that of a line at -1, 0, 1.
    g_y : (3,) array
        Output gradient to begin with.
    turn : float
        From where the picture is seen at first, in degrees.

    Returns
    -------
    Explorable

    Raises
    ------
    ValueError
        If J is no (3, 2) array of rank 2, or g_y has other than three entries.

    Notes
    -----
    Paper: eq. (3).
    """
    J, g_y = as_array("J", J), as_array("g_y", g_y)
    if J.shape != (3, 2) or np.linalg.matrix_rank(J) < 2:
        raise ValueError(f"J is {J.tolist()}, expected three rows of two entries, of rank 2.")
    if g_y.shape != (3,):
        raise ValueError(f"g_y has shape {g_y.shape}, expected three entries.")
    title = "The gradient of three outputs, and its shadow on what two parameters can do about it."
    return Explorable("projection", title, {"J": J, "g_y": g_y, "turn": turn})
