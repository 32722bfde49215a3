"""The moving picture: which frames it has, what they show, and the files it becomes."""

import json
import os
from dataclasses import replace
from itertools import pairwise

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_rgba
from PIL import Image, ImageSequence
from runs import QUICK, moons

from sennpy import MLP, SENN, SoftmaxCrossEntropy, plots
from sennpy.cli import main
from sennpy.experiments import figures
from sennpy.experiments.figures import animation
from sennpy.plots.style import BLUE, GOLD, RED
from sennpy.training.history import AdditionRecord, EpochRecord

matplotlib.use("Agg")
X, T = moons()


@pytest.fixture(autouse=True)
def closed():
    """Each test ends without open figures."""
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def watched():
    """What a callback sees of a short training that grows."""
    seen = []
    settings = replace(QUICK, epochs=25)
    SENN(SoftmaxCrossEntropy(), settings).fit(
        MLP.random((2, 2), rng=0), X, T, callback=lambda *pair: seen.append(pair)
    )
    assert sum(isinstance(record, AdditionRecord) for _, record in seen) >= 2
    return seen


@pytest.fixture(scope="module")
def frames(watched):
    return figures.growth_frames(watched, 20)


@pytest.fixture(scope="module")
def pictures(frames):
    return figures.growth_pictures(frames, X, T)


# --- Frames --------------------------------------------------------------------------------------


def test_frames_are_the_first_epoch_every_so_many_each_addition_and_the_end(frames, watched):
    additions = [record.epoch for _, record in watched if isinstance(record, AdditionRecord)]
    assert [f.epoch for f in frames if not f.new] == [1, 20, 25]
    assert [f.epoch for f in frames if f.new] == additions
    assert [f.epoch for f in frames] == sorted(f.epoch for f in frames)


def test_a_frame_knows_all_up_to_it_and_nothing_after(frames, watched):
    records = [record for _, record in watched]
    for frame in frames:
        history = frame.history
        epochs = [r for r in records if isinstance(r, EpochRecord) and r.epoch <= frame.epoch]
        assert list(history.epochs) == epochs
        assert all(r.epoch <= frame.epoch for r in [*history.looks, *history.additions])
        sizes = history.additions[-1].sizes if history.additions else (2, 2)
        assert frame.network.sizes == sizes


def test_the_new_neurons_are_those_that_the_addition_brought(frames, watched):
    added = [record for _, record in watched if isinstance(record, AdditionRecord)]
    for frame, record in zip([f for f in frames if f.new], added, strict=True):
        place, kind = record.candidate.place, record.candidate.kind
        before = 0 if kind == "layer" else record.sizes[place + 1] - 1
        assert frame.new == tuple((place, j) for j in range(before, record.sizes[place + 1]))
        assert frame.what == f"{kind} added"


def test_a_new_neuron_is_the_last_of_its_layer(watched):
    for (before, _), (after, record) in pairwise(watched):
        if isinstance(record, AdditionRecord) and record.candidate.kind == "neuron":
            l = record.candidate.place
            np.testing.assert_array_equal(after.weights[l][:, :-1], before.weights[l])


def test_additions_and_the_end_stand_still(frames):
    assert [f.ticks for f in frames if f.new] == [animation.STILL] * sum(
        bool(f.new) for f in frames
    )
    assert [f.ticks for f in frames if not f.new] == [1, 1, animation.END]


# --- Pictures and files --------------------------------------------------------------------------


def test_there_is_a_picture_for_each_frame_and_each_is_another(pictures, frames):
    assert len(pictures) == len(frames)
    height, width, _ = pictures[0].shape
    assert height % 2 == width % 2 == 0
    assert all(p.shape == (height, width, 3) and p.dtype == np.uint8 for p in pictures)
    assert len({p.tobytes() for p in pictures}) == len(pictures)


def test_the_gif_loops_and_shows_each_frame_as_long_as_it_should(pictures, frames, tmp_path):
    figures.save_gif(pictures, frames, tmp_path / "a.gif")
    with Image.open(tmp_path / "a.gif") as gif:
        assert gif.info["loop"] == 0
        shown = [
            (i.info["duration"], np.array(i.convert("RGB"))) for i in ImageSequence.Iterator(gif)
        ]
    assert [duration for duration, _ in shown] == [100 * f.ticks for f in frames]
    for (_, image), picture in zip(shown, pictures, strict=True):
        off = np.abs(image.astype(int) - picture)
        assert np.median(off) == 0 and off.mean() < 2  # of 255: the palette is small


def test_the_video_lasts_as_long_as_the_gif(monkeypatch, pictures, frames, tmp_path):
    program = tmp_path / "ffmpeg"  # writes down its arguments and how much it was given
    program.write_text('#!/bin/sh\nfor last; do :; done\n{ echo "$@"; wc -c; } > "$last"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert figures.has_ffmpeg()
    figures.save_mp4(pictures, frames, tmp_path / "a.mp4")
    arguments, size = (tmp_path / "a.mp4").read_text().splitlines()
    assert "-s 720x560 -r 10 " in arguments
    assert int(size) == pictures[0].size * sum(f.ticks for f in frames)


def test_what_ffmpeg_complains_of_is_passed_on(monkeypatch, pictures, frames, tmp_path):
    program = tmp_path / "ffmpeg"
    program.write_text("#!/bin/sh\ncat > /dev/null\necho no such codec >&2\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    (tmp_path / "a.mp4").write_bytes(b"of before")
    with pytest.raises(RuntimeError, match=r"could not write .*a\.mp4: no such codec"):
        figures.save_mp4(pictures, frames, tmp_path / "a.mp4")
    assert (tmp_path / "a.mp4").read_bytes() == b"of before"


def test_a_video_that_breaks_off_leaves_the_one_of_before(monkeypatch, pictures, frames, tmp_path):
    program = tmp_path / "ffmpeg"
    program.write_text(
        '#!/bin/sh\ncat > /dev/null\nfor last; do :; done\necho half > "$last"; exit 1\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    (tmp_path / "a.mp4").write_bytes(b"of before")
    with pytest.raises(RuntimeError, match=r"could not write .*a\.mp4"):
        figures.save_mp4(pictures, frames, tmp_path / "a.mp4")
    assert (tmp_path / "a.mp4").read_bytes() == b"of before"
    assert sorted(os.listdir(tmp_path)) == ["a.mp4", "ffmpeg"]


def test_the_command_writes_a_gif_and_its_numbers(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(figures, "has_ffmpeg", lambda: False)
    words = ["half-moons", "--animate", "--quick", "--epochs", "3", "--search", "random"]
    assert main([*words, "--out", str(tmp_path)]) == 0
    stem = "half-moons-random-3-epochs-quick-growing"
    assert sorted(f.name for f in tmp_path.iterdir()) == [f"{stem}.gif", f"{stem}.json"]
    written = json.loads((tmp_path / f"{stem}.json").read_text())
    assert [frame["epoch"] for frame in written["frames"]] == [1, 2, 3]
    assert len(written["history"]["epochs"]) == 3 and written["runs"][0]["hidden"] == []
    assert "no MP4 beside the GIF: ffmpeg is not found" in capsys.readouterr().out


@pytest.mark.parametrize("option", ["--seeds", "--splits"])
def test_a_moving_picture_is_of_one_network(option, tmp_path, capsys):
    words = ["half-moons", "--animate", option, "2", "--out", str(tmp_path)]
    if option == "--splits":
        with pytest.raises(SystemExit, match="2"):
            main(words)
    else:
        assert main(words) == 1
    assert option in capsys.readouterr().err and not list(tmp_path.iterdir())


# --- The diagram ---------------------------------------------------------------------------------

NET = MLP.random((3, 2, 20, 2), rng=0)


def test_a_circle_is_drawn_for_each_neuron_and_twelve_of_a_wide_layer():
    ax = plots.network_diagram(NET)
    assert [len(c.get_offsets()) for c in ax.collections[-4:]] == [3, 2, 12, 2]
    assert [text.get_text() for text in ax.texts] == ["⋮"]
    names = [label.get_text() for label in ax.get_xticklabels()]
    assert names == ["inputs\n(3)", "layer 0\n(2)", "layer 1\n(20)", "outputs\n(2)"]


def test_a_line_is_drawn_for_each_weight_by_its_sign_and_size():
    ax = plots.network_diagram(NET)
    lines, W = ax.collections[0], NET.weights[0][:-1]
    colours = [to_rgba(BLUE if w >= 0 else RED) for w in W.ravel()]
    np.testing.assert_allclose(lines.get_colors(), colours)
    assert (np.argsort(lines.get_linewidths()) == np.argsort(np.abs(W).ravel())).all()
    segments = lines.get_segments()
    inputs, first = (ax.collections[i].get_offsets() for i in (-4, -3))
    for k, (i, j) in enumerate(np.ndindex(W.shape)):
        np.testing.assert_allclose(segments[k], [inputs[i], first[j]])


def test_new_neurons_are_set_apart():
    ax = plots.network_diagram(NET, new=[(1, 19), (0, 0)])
    for column, at in ((-3, 0), (-2, 11)):
        gold = (ax.collections[column].get_facecolors() == to_rgba(GOLD)).all(axis=1)
        assert np.flatnonzero(gold).tolist() == [at]


@pytest.mark.parametrize("new", [(2, 0), (-1, 0), (0, 2), (0, -1)])
def test_a_new_neuron_that_is_not_there_is_refused(new):
    with pytest.raises(ValueError, match=r"expected a hidden layer and neuron of net\.sizes"):
        plots.network_diagram(NET, new=[new])


def test_a_network_without_a_hidden_layer_has_a_diagram_too():
    ax = plots.network_diagram(MLP.random((2, 2), rng=0))
    assert [len(c.get_offsets()) for c in ax.collections[-2:]] == [2, 2]
