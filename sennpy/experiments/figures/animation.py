"""A two-class network while it grows, as a moving picture."""

import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import to_rgb
from PIL import Image
from scipy.spatial import KDTree

from ...nn.mlp import MLP
from ...plots import decision_regions, loss_curves, network_diagram, score_curves
from ...plots.style import BLACK, BLUE, GOLD, GREEN, PURPLE, RED, SKY, in_style
from ...training.history import AdditionRecord, EpochRecord, History
from ...writing import check_writable, written_whole

TICK = 0.1  # seconds that a frame is shown
STILL, END = 20, 40  # ticks for which an addition and the end are shown
COLOURS = ("white", BLACK, BLUE, GREEN, GOLD, PURPLE, RED, SKY)
SHADES = 128  # of all else in a GIF


@dataclass(frozen=True)
class Frame:
    """One picture of a growing network.

    Attributes
    ----------
    epoch : int
    network : MLP
    history : History
        All up to here.
    new : tuple of (int, int)
        Hidden layer and neuron of those just added.
    what : str
        "layer added", "neuron added" or nothing.
    ticks : int
        How long it is shown, in units of `TICK`.
    """

    epoch: int
    network: MLP
    history: History
    new: tuple
    what: str
    ticks: int


def growth_frames(watched, every):
    """The frames of a training: the first epoch, every so many, each addition and the end.

    Parameters
    ----------
    watched : sequence of (MLP, record)
        What the callback of `SENN.fit` was called with.
    every : int
        Epochs from one frame to the next.

    Returns
    -------
    list of Frame
    """
    history, frames = History(), []
    last = max(record.epoch for _, record in watched)
    for net, record in watched:
        history = history.with_record(record)
        new, what, ticks = (), "", END if record.epoch == last else 1
        if isinstance(record, AdditionRecord):
            kind, place, ticks = record.candidate.kind, record.candidate.place, STILL
            width = record.sizes[place + 1]
            new = tuple((place, j) for j in ([width - 1] if kind == "neuron" else range(width)))
            what = f"{kind} added"
        elif not isinstance(record, EpochRecord) or not (
            record.epoch in (1, last) or record.epoch % every == 0
        ):
            continue
        so_far = history
        frames.append(Frame(record.epoch, net, so_far, new, what, ticks))
    return frames


@in_style
def growth_pictures(frames, X, t):
    """Draw decision regions, network, losses and scores of each frame.

    Parameters
    ----------
    frames : list of Frame
    X : (N, 2) array
    t : (N,) array of 0 and 1

    Returns
    -------
    list of (height, width, 3) uint8 arrays
        Height and width are even, as video wants them.
    """
    figure, axes = plt.subplots(2, 2, figsize=(9, 7), dpi=80, layout="constrained")
    regions, network, *curves = axes.ravel()

    def draw(frame):
        for ax in axes.ravel():
            ax.clear()
        what = f": {frame.what}" if frame.what else ""
        sizes = "-".join(map(str, frame.network.sizes))
        decision_regions(frame.network, X, t, regions, f"epoch {frame.epoch}{what}")
        network_diagram(frame.network, network, frame.new, f"network {sizes}")
        loss_curves(frame.history, curves[0])
        score_curves(frame.history, curves[1])

    draw(frames[-1])  # the largest: it decides the layout and the limits of all
    figure.canvas.draw()
    figure.set_layout_engine("none")
    limits = [(ax.get_xlim(), ax.get_ylim()) for ax in curves]
    pictures = []
    for frame in frames:
        draw(frame)
        for ax, (x, y) in zip(curves, limits, strict=True):
            ax.set(xlim=x, ylim=y)
        figure.canvas.draw()
        pictures.append(np.array(figure.canvas.buffer_rgba())[..., :3])
    plt.close(figure)
    return pictures


@in_style
def growth_strip(frames, X, t):
    """Decision regions of each frame, and below them its network; two frames side by side.

    Parameters
    ----------
    frames : list of Frame
        Six at most stay legible.
    X : (N, 2) array
    t : (N,) array of 0 and 1

    Returns
    -------
    matplotlib figure
    """
    columns = min(len(frames), 2)
    rows = -(-len(frames) // columns)
    figure = plt.figure(figsize=(4.7 * columns, 7 * rows), layout="constrained")
    grid = figure.add_gridspec(2 * rows, columns)
    places = [(2 * (i // columns), i % columns) for i in range(len(frames))]
    regions = [figure.add_subplot(grid[row, column]) for row, column in places]
    networks = [figure.add_subplot(grid[row + 1, column]) for row, column in places]
    for frame, above, below in zip(frames, regions, networks, strict=True):
        what = f": {frame.what}" if frame.what else ""
        decision_regions(frame.network, X, t, above, f"epoch {frame.epoch}{what}")
        sizes = "-".join(map(str, frame.network.sizes))
        network_diagram(frame.network, below, frame.new, f"network {sizes}")
        above.label_outer()
        below.set_ylabel("")
    return figure


def save_gif(pictures, frames, path):
    """Write a GIF that loops, all of one palette, so that no colour changes along the way."""
    shades = Image.fromarray(pictures[-1]).quantize(SHADES, dither=Image.Dither.NONE).getpalette()
    own = [round(255 * part) for colour in COLOURS for part in to_rgb(colour)]
    palette = np.array([*own, *shades[: 3 * SHADES]], dtype=np.uint8).reshape(-1, 3)
    first, *rest = (indexed(picture, palette) for picture in pictures)
    durations = [round(1000 * TICK * frame.ticks) for frame in frames]
    with written_whole(path) as file:
        first.save(file, "GIF", save_all=True, append_images=rest, duration=durations, loop=0)


def indexed(picture, palette):
    """A picture in the nearest colours of a palette (n, 3), as an image of Pillow."""
    packed = picture.astype(int) @ [1 << 16, 1 << 8, 1]
    colours, where = np.unique(packed, return_inverse=True)
    unpacked = colours[:, None] >> np.array([16, 8, 0]) & 255
    nearest = KDTree(palette).query(unpacked)[1].astype(np.uint8)
    image = Image.fromarray(nearest[where].reshape(packed.shape))
    image.putpalette(palette.tobytes())
    return image


def has_ffmpeg():
    """Whether the program ffmpeg is found, which `save_mp4` needs."""
    return shutil.which("ffmpeg") is not None


def save_mp4(pictures, frames, path):
    """Write a video in H.264; RuntimeError if ffmpeg cannot."""
    height, width, _ = pictures[0].shape
    source = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{width}x{height}"]
    target = ["-c:v", "libx264", "-pix_fmt", "yuv420p"]
    command = ["ffmpeg", "-v", "error", "-y", *source, "-r", f"{1 / TICK:g}", "-i", "-", *target]
    shown = [
        picture.tobytes() * frame.ticks for picture, frame in zip(pictures, frames, strict=True)
    ]
    check_writable(path)
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "film.mp4"  # not sent here: its beginning is written last
        done = subprocess.run(
            [*command, str(made)], input=b"".join(shown), capture_output=True, check=False
        )
        if done.returncode:
            raise RuntimeError(f"ffmpeg could not write {path}: {done.stderr.decode().strip()}")
        with written_whole(path) as file:
            file.write(made.read_bytes())
