"""Pictures to move: what they hold is sennpy's, in one piece, and nothing is fetched.

What their scripts compute from it is held against sennpy in a browser: `make book-check`.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

import explored
import numpy as np
import pytest
from runs import QUICK, SOFTMAX, changed, moons

from sennpy import (
    MLP,
    SENN,
    Settings,
    Tanh,
    decide,
    delta_eta,
    layer_score,
    residual_gradient,
)
from sennpy import explorables as ex
from sennpy.explorables.fragment import LARGEST, PAGE, plain
from sennpy.growth.record import LookRecord
from sennpy.plots import style

FOLDER = Path(ex.__file__).parent
NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
KIT = (FOLDER / "kit.js").read_text(encoding="utf-8")
STYLE = (FOLDER / "explorable.css").read_text(encoding="utf-8")
ONE = np.eye(1)
rng = np.random.default_rng(6)
x = np.sort(rng.standard_normal(50))
a_c, t = np.column_stack([x, np.ones(50)]), np.sin(2 * x) + 0.1 * rng.standard_normal(50)
g = (a_c @ [1.5, -0.5] - t)[:, None]
g_r = residual_gradient(a_c, g)
STARTS = [[-2.3, -0.2], [0.2, 0.5]]
GOOD, POOR = (1 / (1 + ((x - at) / scale) ** 2)[:, None] for at, scale in ((-0.8, 0.5), (0, 1)))
GAINS = {"a good <one>": delta_eta(a_c, GOOD, g, ONE), "a poor one": delta_eta(a_c, POOR, g, ONE)}
RULE = changed(QUICK, epochs=40, cooldown=10)


def trained(activation=None, settings=RULE):
    """What a callback was given while a classifier grew, and the data."""
    watched, data = [], moons()
    net = MLP.random((2, 2), rng=0) if activation is None else MLP.random((2, 1, 2), activation, 0)
    SENN(SOFTMAX, settings).fit(net, *data, callback=lambda *pair: watched.append(pair) and None)
    return watched, *data


WATCHED = trained()
MADE = {
    "decision_plane": lambda: ex.decision_plane(
        layer_score(a_c, g, ONE), np.mean(g_r**2), GAINS, steps=40
    ),
    "projection": ex.projection,
    "proposal": lambda: ex.proposal(x, a_c, g),
    "run": lambda: ex.run(*WATCHED),
    "stingy_adversary": ex.stingy_adversary,
    "walkers": lambda: ex.walkers(x, a_c, g, 0.2, STARTS, steps=30, rng=1),
}
each = pytest.mark.parametrize("name", MADE)


def held(explorable):
    """The data in the HTML of an explorable, as its script reads them."""
    (found,) = re.findall(r'<script type="application/json">(.*)</script>', explorable.html)
    return json.loads(found)


# --- One piece -----------------------------------------------------------------------------------


def test_every_function_is_looked_at():
    assert set(MADE) == set(explored.TRUTH) == set(ex.__all__) - {"Explorable"}
    assert {path.stem for path in FOLDER.glob("*.js")} == {"kit", *MADE}


@each
def test_it_is_small_and_the_same_each_time(name):
    html = MADE[name]().html
    assert 5_000 < len(html.encode("utf-8")) < LARGEST
    assert MADE[name]().html == html


@each
def test_nothing_is_fetched(name):
    html = MADE[name]().html
    forbidden = (
        r"https?:|\bfetch\b|XMLHttp|WebSocket|\bsrc=|\bimport\b|url\(|@import|sendBeacon|<link"
    )
    assert not re.search(forbidden, html)


@each
def test_every_control_has_a_name(name):
    script = (FOLDER / f"{name}.js").read_text(encoding="utf-8")
    sliders = re.findall(r"ui\.slider\(\s*([^,]+),\s*([^,]+),", script)
    buttons = re.findall(r"ui\.button\(\s*([^,]+),", script)
    assert len(sliders) == script.count(".slider(") > 0
    assert len(buttons) == script.count(".button(") > 0
    assert all(len(label) > 2 and label[0] in "\"'`" for _, label in sliders)
    assert all(len(label) > 2 and label[0] in "\"'`" for label in buttons)


def test_controls_are_those_that_browsers_have_with_their_labels():
    assert 'add(controls, "label")' in KIT and 'add(box, "input")' in KIT
    assert 'add(buttons, "button", "", label)' in KIT and "tabindex" not in KIT
    assert KIT.count('.setAttribute(OWN_KEYS, "")') == 2  # in JupyterLab arrows move between cells
    assert "aria-valuetext" in KIT and "aria-live" in KIT and 'role="img" aria-label=' in KIT


def luminance(colour):
    """Relative luminance of #rrggbb, as the Web Content Accessibility Guidelines define it."""
    parts = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    linear = np.where(parts <= 0.03928, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return linear @ [0.2126, 0.7152, 0.0722]


@pytest.mark.parametrize("ground", ["#ffffff", "#131416", "#111111"])
def test_colours_stand_out_in_the_light_and_in_the_dark(ground):
    colours = re.findall(r"\b[A-Z]+ = \"(#\w{6})\"", KIT)
    assert len(colours) == 6  # SKY among them
    for colour in colours:
        low, high = sorted([luminance(colour), luminance(ground)])
        assert (high + 0.05) / (low + 0.05) >= 3, colour


def test_it_prints_without_its_controls_and_fits_a_phone():
    assert "@media print" in STYLE and "flex-wrap: wrap" in STYLE
    assert not re.search(r"(?<!max-)(?<!min-)\bwidth: \d+(px|rem)", STYLE)


@each
def test_names_in_the_data_cannot_end_the_script(name):
    html = MADE[name]().html
    assert html.count("</script>") == html.count("<script") == 2
    assert html.count("<div") == html.count("</div>") == 1


def test_a_page_of_its_own_holds_it(tmp_path):
    made = ex.projection()
    made.save(tmp_path / "page.html")
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert text == PAGE.format(title=made.title, html=made._repr_html_())


def test_without_html_it_says_what_it_is():
    assert repr(ex.projection()).startswith("The gradient of three outputs")
    assert not re.search(r"0x|<", repr(ex.projection()))


def test_numbers_keep_twelve_digits_and_are_finite():
    assert plain({"a": np.array([1 / 3]), "b": (np.int64(2), None)}) == {
        "a": [0.333333333333],
        "b": [2, None],
    }
    with pytest.raises(ValueError, match="a number to be shown is nan"):
        plain([np.nan])


def test_what_is_too_large_is_refused():
    with pytest.raises(ValueError, match=r"walkers has \d+ bytes, expected at most 300000"):
        ex.walkers(x, a_c, g, 0.2, STARTS, steps=10_000)


def test_it_loads_neither_what_draws_nor_what_compiles():
    code = (
        "import sys, sennpy; print('sennpy.explorables' in sys.modules); import sennpy.explorables"
    )
    code += "; print(*{'matplotlib', 'IPython', 'numba', 'sklearn'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False"]


# --- What they hold ------------------------------------------------------------------------------


def test_the_board_is_that_of_lesson_3():
    found = explored.projection(held(ex.projection()), {"g0": 2, "g1": 2, "g2": -1})
    assert np.isclose(found["eta"], 5 / 2) and np.isclose(found["lambda"], 3)
    assert np.allclose(found["shadow"], [5 / 2, 1, -1 / 2])


def test_a_proposal_holds_the_residual_gradient_in_the_order_of_x():
    order = np.random.default_rng(0).permutation(50)
    mixed = held(ex.proposal(x[order], a_c[order], g[order]))
    assert mixed == held(MADE["proposal"]())
    at = {"location": -0.8, "scale": 0.5}
    found = explored.proposal(mixed, at)
    assert np.isclose(found["exact"], GAINS["a good <one>"])
    assert np.isclose(found["bound"], (1 - found["R2"]) * found["exact"])
    fit = np.linalg.lstsq(np.column_stack([a_c, GOOD]), g_r, rcond=None)[0]
    assert np.isclose(found["exact"], np.mean((np.column_stack([a_c, GOOD]) @ fit) ** 2))


def test_walkers_are_those_of_mala():
    data, T, r = held(MADE["walkers"]()), 0.25, 0.05

    def score(theta):
        a = 1 / (1 + ((x - theta[..., :1]) * np.exp(-theta[..., 1:])) ** 2)
        return (a * g_r[:, 0]).mean(axis=-1) ** 2 / (a * a).mean(axis=-1)

    def log_p(theta):
        return score(theta) / (T * 0.2) - (theta**2).sum(axis=-1) / 2

    def slope(theta):
        steps = 1e-20j * np.eye(2)
        return np.stack([log_p(theta + step).imag / 1e-20 for step in steps], axis=-1)

    noise = np.random.default_rng(1)
    xi, uniform = noise.standard_normal((30, 2, 2)), noise.random((30, 2))
    assert np.allclose(data["xi"], xi, atol=5e-5)
    assert np.allclose(np.exp(data["log_u"]), 1 - uniform, atol=6e-5)
    for w in (0, 1):
        place = np.array(STARTS)
        for k in range(5):
            moved = place + r * slope(place) + np.sqrt(2 * r) * np.array(data["xi"][k])
            there, back = (
                -((to - at - r * slope(at)) ** 2).sum(axis=-1) / (4 * r)
                for to, at in ((moved, place), (place, moved))
            )
            log_accept = log_p(moved) + back - log_p(place) - there
            place = np.where((data["log_u"][k] < log_accept)[:, None], moved, place)
        found = explored.walkers(data, {"T": T, "r": r, "step": 5, "walker": w + 1})
        assert np.allclose([found["location"], found["log_scale"]], place[w], atol=1e-4)
        assert np.isclose(found["score"], score(place)[w], rtol=1e-3)


def test_the_decay_is_that_of_a_layer_that_trains():
    data, gradient = held(MADE["decision_plane"]()), g
    for k in range(30):
        eta, lam = layer_score(a_c, gradient, ONE), np.mean(gradient**2)
        found = explored.decision_plane(data, {"tau": 1, "alpha": 0.1, "step": k})
        assert np.isclose(found["eta"], eta) and np.isclose(found["lambda"], lam)
        decision = decide(delta_eta(a_c, GOOD, gradient, ONE), eta, lam, 1, 0.1)
        assert np.isclose(found["ratio0"], decision.ratio)
        assert np.isclose(found["share0"], decision.share)
        assert decision.passes == (k >= found["first0"])
        gradient = gradient - 0.05 * a_c @ np.linalg.lstsq(a_c, gradient, rcond=None)[0]
    assert 0 < found["first0"] < 30 and found["first1"] == -1


def test_the_adversary_of_lesson_8_makes_three_additions_of_fewer_than_four():
    data = held(ex.stingy_adversary())
    found = explored.stingy_adversary(data, {**data, "times": 1})
    assert found["count"] == 3 and np.isclose(found["bound"], 4)
    assert np.isclose(found["last"], 0.5) and np.isclose(found["next"], 0.5)


def test_a_run_holds_what_is_on_record_of_each_look():
    data, (watched, X, classes) = held(MADE["run"]()), WATCHED
    looked = [(net, record) for net, record in watched if isinstance(record, LookRecord)]
    assert len(data["looks"]) == len(looked) + 1 > 3
    for i, (net, record) in enumerate(looked):
        found = explored.run(data, {"look": i + 1})
        assert np.isclose(found["lambda"], record.lam) and found["epoch"] == record.epoch
        assert np.isclose(found["eta"], record.eta, rtol=1e-6)
        assert np.isclose(found["loss"], SOFTMAX.value(net(X), classes))
        told = [(c["gain"], c["eta_layer"], c["chosen"]) for c in data["looks"][i]["candidates"]]
        assert len(told) == len(record.candidates)
        for (gain, eta_layer, chosen), c in zip(told, record.candidates, strict=True):
            assert chosen == c.chosen and (gain is None) == (c.score is None)
            assert gain is None or np.allclose([gain, eta_layer], [c.score, c.eta_layer])


def test_what_was_just_added_is_new_at_the_next_look_alone():
    data, (watched, *_) = held(MADE["run"]()), WATCHED
    looks, added = data["looks"], [r for _, r in watched if hasattr(r, "together")]
    assert added and [look["fresh"] for look in looks if look["fresh"]] == [
        [[a.candidate.place, j] for j in range(a.sizes[a.candidate.place + 1])]
        if a.candidate.kind == "layer"
        else [[a.candidate.place, a.sizes[a.candidate.place + 1] - 1]]
        for a in added
    ]
    for look, before in zip(looks[1:], looks, strict=False):
        assert bool(look["fresh"]) == any(c["chosen"] for c in before["candidates"])


# --- What is refused -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "made, words",
    [
        (lambda: ex.projection(np.ones((3, 2))), "expected three rows of two entries, of rank 2"),
        (lambda: ex.projection(g_y=[1.0, 2]), "expected three entries"),
        (lambda: ex.projection(g_y=[1.0, 2, np.nan]), "g_y"),
        (lambda: ex.proposal(x[1:], a_c, g), "x has 49 entries"),
        (lambda: ex.proposal(x, a_c, g, scale=0), "scale"),
        (lambda: ex.walkers(x, a_c, g, 0.2, [1.0, 2]), r"expected \(walkers, 2\)"),
        (lambda: ex.walkers(x, a_c, g, 0.0, STARTS), "eta_c"),
        (lambda: ex.decision_plane(1, 1, {}), "expected one to three"),
        (lambda: ex.decision_plane(1, 1, {"a": 0.0}), "gains"),
        (lambda: ex.decision_plane(1, 1, {"a": 1.0}, h=1), "expected a step below 1"),
        (lambda: ex.stingy_adversary(tau=20), "expected 0.1 to 10"),
        (lambda: ex.run(WATCHED[0][:2], *WATCHED[1:]), "holds no look"),
        (lambda: ex.run(*trained(Tanh())), "expected two inputs, two outputs and Rational"),
        (lambda: ex.run(*trained(settings=Settings(epochs=6, cooldown=4))), "with tau and alpha"),
    ],
)
def test_what_cannot_be_shown_is_refused_in_words(made, words):
    with pytest.raises(ValueError, match=words):
        made()


# --- The check in a browser sees what is wrong ---------------------------------------------------


class Page:
    """In the place of a page: one explorable that shows sennpy's numbers, but for one."""

    def __init__(self, name, at, wrong=()):
        self.name, self.data = name, held(MADE[name]())
        told = {**at, **explored.TRUTH[name](self.data, at)}
        told |= {name: told[name] * 1.00001 for name in wrong}
        self.told = [
            (
                key,
                ",".join(map(str, np.ravel(value))),
                ", ".join(f"{v:.4g}" for v in np.ravel(value)),
            )
            for key, value in told.items()
        ]

    def get_attribute(self, _):
        return self.name

    def query_selector(self, _):
        return self

    def text_content(self):
        return json.dumps(self.data)

    def evaluate(self, _):
        return self.told


def test_a_number_that_is_not_sennpys_is_seen():
    at = {"alpha": 0.125, "tau": 1.0, "start": 0.0, "times": 1.0}
    for wrong in ((), ("bound",), ("last", "next")):
        shown = explored.Shown(Page("stingy_adversary", at, wrong))
        shown.compare("now")
        assert [fault.split()[1] for fault in shown.wrong] == list(wrong)


@pytest.mark.parametrize(
    "text, value, right",
    [("2.5", 2.5, True), ("−0.3333", -1 / 3, True), ("0.3343", 1 / 3, False), ("never", -1, True),
     ("never", 3, False), ("2.5, 1", [2.5, 1], True), ("2.5", [2.5, 1], False), ("", 1, False)],
)  # fmt: skip
def test_what_is_printed_is_held_against_it(text, value, right):
    assert explored.agrees(text, np.atleast_1d(np.array(value, dtype=float))) == right


# --- In the notebooks ----------------------------------------------------------------------------


def test_each_that_a_notebook_calls_is_stored_with_it():
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        source = NOTEBOOKS / "source" / f"{path.stem}.py"
        called = re.findall(r"^explorables\.(\w+)\(", source.read_text(encoding="utf-8"), re.M)
        notebook = json.loads(path.read_text(encoding="utf-8"))
        outputs = [out for cell in notebook["cells"] for out in cell.get("outputs", [])]
        html = ["".join(out.get("data", {}).get("text/html", "")) for out in outputs]
        shown = [re.search(r'data-explorable="(\w+)"', piece) for piece in html]
        assert [found[1] for found in shown if found] == called


def test_colours_are_those_of_the_figures():
    kit = (Path(ex.__file__).parent / "kit.js").read_text(encoding="utf-8")
    found = dict(re.findall(r'\b([A-Z]+) = "(#[0-9A-F]{6})"', kit))
    assert set(found) == {"BLUE", "GOLD", "GREEN", "RED", "PURPLE", "SKY"}
    assert found == {name: getattr(style, name) for name in found}
