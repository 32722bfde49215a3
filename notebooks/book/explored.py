"""What explorables show, held against sennpy: moved by keys and pointer in a browser.

A page's explorable has its data with it. Whatever its sliders stand at, the numbers that its script
shows must be those that the package computes from the same data.
"""

import json
import math

import numpy as np

from sennpy import (
    MLP,
    SoftmaxCrossEntropy,
    decide,
    delta_eta,
    delta_eta_bound,
    delta_eta_bound_gradient,
    delta_eta_supremum,
    max_simultaneous_additions,
    projected_score,
)
from sennpy.expansion.mala import State, initial_state, log_acceptance_probability

CLOSE, PRINTED = 1e-6, 6e-4  # largest relative errors: of a number, of the four digits shown
ONE = np.eye(1)
POWERS = {  # sliders that stand at the logarithm of what they mean
    "decision_plane": {"tau"},
    "proposal": {"scale"},
    "stingy_adversary": {"alpha", "tau"},
    "walkers": {"T", "r"},
}
TOLD = """root => [...root.querySelectorAll("[data-name]")].map(
  o => [o.dataset.name, o.dataset.value, o.textContent])"""
UNNAMED = """root => [...root.querySelectorAll("input, button")].filter(
  e => !(e.labels && e.labels.length ? e.labels[0].textContent : e.textContent).trim()
).map(e => e.outerHTML)"""


# --- The same numbers, by sennpy -----------------------------------------------------------------


def projection(data, at):
    """eta, lambda and the shadow of a gradient at which the sliders stand."""
    J, g = np.array(data["J"]), np.array([at["g0"], at["g1"], at["g2"]])
    eta, lam = projected_score(J, g, 3), np.mean(g**2)
    shadow = J @ np.linalg.lstsq(J, g, rcond=None)[0]
    return {"eta": eta, "lambda": lam, "share": eta / lam if lam else 0, "shadow": shadow}


def bump(x, location, scale):
    """Activations (N, 1) of a bump."""
    return 1 / (1 + ((x - location) / scale) ** 2)[:, None]


def proposal(data, at):
    """Bound, exact increase and R^2 of the bump at a place."""
    x, a_c, g = (np.array(data[name]) for name in ("x", "a_c", "g"))
    a_p, g = bump(x, at["location"], at["scale"]), g[:, None]
    bound, exact = delta_eta_bound(a_p, g, ONE), delta_eta(a_c, a_p, g, ONE)
    left = a_p - a_c @ np.linalg.lstsq(a_c, a_p, rcond=None)[0]
    return {
        "bound": bound,
        "exact": exact,
        "R2": 1 - np.sum(left**2) / np.sum(a_p**2),
        "share": bound / exact,
        "supremum": delta_eta_supremum(g, ONE),
    }


def walkers(data, at):
    """Where walkers stand after some steps with the noise given, and how they came there."""
    x, g = np.array(data["x"]), np.array(data["g"])[:, None]
    T, r, count, w = at["T"], at["r"], int(at["step"]), int(at["walker"]) - 1

    def bound(theta):
        return delta_eta_bound(bump(x, theta[0], np.exp(theta[1])), g, ONE)

    def slope(theta):
        z, a = (x - theta[0]) * np.exp(-theta[1]), bump(x, theta[0], np.exp(theta[1]))
        by_z = delta_eta_bound_gradient(a, g, ONE)[:, 0] * -2 * z * a[:, 0] ** 2
        return np.array([-np.sum(by_z) * np.exp(-theta[1]), -by_z @ z])

    def evaluate(thetas):
        log_p = [bound(th) / (T * data["unit"]) - th @ th / 2 for th in thetas]
        return np.array(log_p), np.array([slope(th) / (T * data["unit"]) - th for th in thetas])

    state = initial_state(evaluate, data["starts"])
    best, accepted, chance = max(map(bound, state.position)), [], 1.0
    for xi, log_u in zip(data["xi"][:count], data["log_u"][:count], strict=True):
        moved = state.position + r * state.gradient + np.sqrt(2 * r) * np.array(xi)
        proposed = State(moved.round(6), *evaluate(moved.round(6)))
        log_accept = log_acceptance_probability(state, proposed, r)
        pick = np.array(log_u) < log_accept
        taken = [
            np.where(pick.reshape(-1, *[1] * (new.ndim - 1)), new, old)
            for new, old in zip(proposed, state, strict=True)
        ]
        state = State(*taken)
        best = max(best, *map(bound, state.position))
        accepted, chance = [*accepted, *pick], np.exp(log_accept[w])
    here = state.position[w]
    told = {"score": bound(here), "location": here[0], "log_scale": here[1], "best": best}
    return {**told, "chance": chance, "rate": np.mean(accepted) if accepted else 1}


def decision_plane(data, at):
    """What `decide` says of each candidate at a step, and at which step it first passes."""
    thresholds, etas = (at["tau"], at["alpha"]), [data["eta"]]
    for _ in range(2000):
        etas.append((1 - data["h"]) ** 2 * etas[-1])
    eta = etas[int(at["step"])]
    found = {"eta": eta, "lambda": data["rest"] + eta}
    for i, gain in enumerate(data["gains"].values()):
        ratio, share = decide(gain, eta, data["rest"] + eta, *thresholds)[1:3]
        passing = (decide(gain, e, data["rest"] + e, *thresholds).passes for e in etas)
        first = next((k for k, passes in enumerate(passing) if passes), -1)
        found |= {f"ratio{i}": ratio, f"share{i}": share, f"first{i}": first}
    return found


def stingy_adversary(data, at):
    """How many additions an adversary makes, and the bound on them."""
    alpha, tau, eta, count = at["alpha"], at["tau"], at["start"], 0
    while eta + (gain := at["times"] * max(alpha, tau * eta) * (1 + 1e-9)) <= 1:
        eta, count = eta + gain, count + 1
    bound = max_simultaneous_additions(1, alpha, tau, at["start"])
    assert count < bound, "Theorem 3.1"
    return {"count": count, "bound": bound, "last": eta, "next": gain / at["times"]}


def run(data, at):
    """Loss, accuracy, lambda and eta of the network that a look saw."""
    look, loss = data["looks"][int(at["look"]) - 1], SoftmaxCrossEntropy()
    net = MLP(tuple(map(np.array, look["weights"])), tuple(map(np.array, look["coefficients"])))
    X, t = np.array(data["X"]), np.array(data["t"])
    trace = net.forward(X)
    g_y = loss.gradient(trace.outputs, t)
    eta = projected_score(net.jacobian(trace), g_y)
    return {
        "epoch": look["epoch"],
        "loss": loss.value(trace.outputs, t),
        "accuracy": np.mean(trace.outputs.argmax(axis=1) == t),
        "lambda": np.sum(g_y**2) / len(X),
        "eta": eta if look["eta"] is not None else None,
    }


TRUTH = {
    "decision_plane": decision_plane,
    "projection": projection,
    "proposal": proposal,
    "run": run,
    "stingy_adversary": stingy_adversary,
    "walkers": walkers,
}


# --- In a browser --------------------------------------------------------------------------------


class Shown:
    """An explorable on a page, and what is found wrong with it."""

    def __init__(self, root):
        self.root, self.wrong = root, []
        self.name = root.get_attribute("data-explorable")
        self.data = json.loads(root.query_selector("script[type]").text_content())

    def told(self):
        """Name to (number or numbers or None, what is shown), of all outputs."""
        found = {}
        for name, value, text in self.root.evaluate(TOLD):
            numbers = [math.nan if part == "null" else float(part) for part in value.split(",")]
            found[name] = (np.array(numbers), text)
        return found

    def compare(self, after):
        """Hold what is shown against what sennpy computes."""
        told = self.told()
        at = {name: value[0] for name, (value, _) in told.items()}
        for name, expected in TRUTH[self.name](self.data, at).items():
            value, text = told[name]
            expected = np.atleast_1d(np.array(expected, dtype=float))
            near = np.allclose(value, expected, rtol=CLOSE, atol=1e-12, equal_nan=True)
            if value.shape != expected.shape or not near:
                self.wrong.append(f"{after}: {name} is {value}, by sennpy {expected}")
            if not agrees(text, expected):
                self.wrong.append(f"{after}: {name} shows {text!r} for {expected}")
        return told

    def compare_slider(self, slider, after):
        """What a slider says must be what it stands at, or ten to that power."""
        name, stands = slider.get_attribute("name"), float(slider.input_value())
        meant = 10**stands if name in POWERS.get(self.name, ()) else stands
        if not np.isclose(self.told()[name][0][0], meant, rtol=CLOSE, atol=1e-12):
            self.wrong.append(f"{after}: says {self.told()[name]}, expected {meant}")

    def moved(self, after, act):
        """Compare after `act`, which must change a number that is shown."""
        before = {name: text for name, (_, text) in self.told().items()}
        act()
        now = {name: text for name, (_, text) in self.compare(after).items()}
        if now == before:
            self.wrong.append(f"{after}: nothing has changed")

    def explore(self, mouse):
        """Move everything that can be moved, by keys, and drag what can be dragged."""
        self.compare("at the start")
        for slider in self.root.query_selector_all("input[type=range]"):
            name = slider.get_attribute("name")
            for key in ("End", "ArrowLeft", "Home", "ArrowRight", "PageUp"):
                self.moved(f"{name} by {key}", lambda s=slider, k=key: s.press(k))
                self.compare_slider(slider, f"{name} by {key}")
        for button in self.root.query_selector_all("button:enabled"):
            button.press("Enter")
            self.compare(f"button {button.text_content()}")
        for i, stage in enumerate(self.root.query_selector_all("[data-drag]")):
            self.moved(f"picture {i} dragged", lambda s=stage, j=i: drag(s, mouse, 0.05 * j))
        self.wrong += [f"has no label: {what}" for what in self.root.evaluate(UNNAMED)]
        if self.root.query_selector(".explorable-still"):
            self.wrong.append("still says that scripts do not run")
        return [f"{self.name}: {fault}" for fault in self.wrong]


def drag(stage, mouse, aside):
    """Press the pointer in a picture, and move it from there to a place so much to the right."""
    stage.scroll_into_view_if_needed()
    box = stage.bounding_box()
    mouse.move(box["x"] + 0.45 * box["width"], box["y"] + 0.5 * box["height"])
    mouse.down()
    mouse.move(box["x"] + (0.6 + aside) * box["width"], box["y"] + 0.35 * box["height"])
    mouse.up()


def agrees(text, expected):
    """Whether a text shows numbers, "never" for -1, and words where there is none."""
    parts = text.replace("−", "-").split(", ")  # a minus as in print
    try:
        shown = [float(part) for part in parts]
    except ValueError:
        return (text == "never" and expected[0] == -1) or np.isnan(expected[0])
    return len(shown) == len(expected) and np.allclose(shown, expected, rtol=PRINTED, atol=1e-12)


def explored(page):
    """Names of the explorables on a page, and what is wrong with them once they were moved."""
    shown = [Shown(root) for root in page.query_selector_all("[data-explorable]")]
    return [one.name for one in shown], [
        fault for one in shown for fault in one.explore(page.mouse)
    ]
