"""What is to be seen on axes, read back from their artists."""

import numpy as np
from matplotlib.colors import to_hex


def curve(ax, label):
    """x and y of the one line with a label, (2, n)."""
    return np.array(
        [np.asarray(values, float).ravel() for values in the_line(ax, label).get_data()]
    )


def the_line(ax, label):
    """The one line with a label."""
    (found,) = [line for line in ax.get_lines() if line.get_label() == label]
    return found


def the_points(ax, label):
    """The one scatter with a label."""
    (found,) = [points for points in ax.collections if points.get_label() == label]
    return found


def offsets(points):
    """Where the dots of a scatter lie, (n, 2)."""
    return np.asarray(points.get_offsets(), float)


def colour(artist):
    """The one colour of a line or of a scatter's faces, as "#RRGGBB"."""
    one = artist.get_color() if hasattr(artist, "get_color") else artist.get_facecolor()[0]
    return to_hex(one).upper()


def legend(ax):
    """What its legend says, in order."""
    return [text.get_text() for text in ax.get_legend().get_texts()]


def ticks(axis):
    """Where an axis has ticks, and what stands there: a dict."""
    labels = [label.get_text() for label in axis.get_ticklabels()]
    return dict(zip(np.asarray(axis.get_ticklocs(), float).tolist(), labels, strict=True))


def meshes(ax):
    """What pcolormesh has drawn, in order."""
    return [drawn for drawn in ax.collections if hasattr(drawn, "get_coordinates")]


def shown(mesh, x, y):
    """The number behind the colour at each point (x_i, y_j), (len(y), len(x))."""
    coordinates = np.asarray(mesh.get_coordinates())
    columns, rows = coordinates[0, :, 0], coordinates[:, 0, 1]
    values = np.asarray(mesh.get_array()).reshape(len(rows) - 1, len(columns) - 1)
    i, j = np.searchsorted(columns, x) - 1, np.searchsorted(rows, y) - 1
    return values[np.ix_(j, i)]


def cut_off(ax, but=()):
    """Labels of lines and scatters with a point beyond the limits, apart from some."""
    (left, right), (low, high) = sorted(ax.get_xlim()), sorted(ax.get_ylim())
    found = []
    for artist in [*ax.get_lines(), *ax.collections]:
        label = artist.get_label()
        if label.startswith("_") or label in but:
            continue
        x, y = curve(ax, label) if artist in ax.get_lines() else offsets(artist).T
        spans = artist.get_transform() != ax.transData  # a line across, in units of the axes
        inside = (left <= x) & (x <= right) & (low <= y) & (y <= high)
        if not spans and artist in ax.get_lines() and not inside[np.isfinite(x + y)].all():
            found.append(label)
        if artist not in ax.get_lines() and not inside.all():
            found.append(label)
    return found
