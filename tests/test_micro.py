"""The page `sennpy/micro.py` against the package: the same numbers, by other code."""

import ast
import inspect
import os
import re
import shutil
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from compare import assert_close
from sklearn.datasets import make_moons

import sennpy
from sennpy import (
    MLP,
    SENN,
    Settings,
    SoftmaxCrossEntropy,
    best_coefficients,
    delta_eta_bound,
    inserted_layer_delta_eta,
    kronecker_factors,
    micro,
    natural_gradient,
    projected_score,
)

ROOT = Path(__file__).parents[1]
PAGE = Path(micro.__file__).read_text(encoding="utf-8")
README = ROOT.joinpath("README.md").read_text(encoding="utf-8")
LOSS = SoftmaxCrossEntropy()
SIZES = [(2, 2), (3, 2), (3, 1, 2), (2, 2, 3), (3, 3, 3), (3, 2, 2, 3)]


class Case:
    """A random network, as the package's `net` and as the page's list `page`, with data for it."""

    def __init__(self, sizes, seed, N=80):
        self.rng = np.random.default_rng([seed, *sizes])
        self.net = MLP.random(sizes, rng=self.rng)
        self.page = [np.array(block) for block in self.net.blocks()]
        self.X = 2 * self.rng.standard_normal((N, sizes[0]))
        self.t = self.rng.integers(sizes[-1], size=N)
        self.trace = self.net.forward(self.X)
        self.g_y = LOSS.gradient(self.trace.outputs, self.t)
        self.g = self.net.backward(self.trace, self.g_y)
        self.lam = (self.g_y**2).sum() / N
        self.factors = kronecker_factors(self.net, self.X)

    def gradient(self, net):
        """dL/dtheta (P,) of a network with the same outputs."""
        return net.vjp(net.forward(self.X), self.g_y) / len(self.X)

    def eta(self, net):
        """eq. (3) of a network with the same outputs, by the package."""
        return sennpy.natural_expansion_score(sennpy.fisher(net, self.X), self.gradient(net))

    def proposals(self, l, k):
        """Activations (N, k) of random neurons for layer l to receive."""
        unit = MLP.random((self.trace.inputs[l - 1].shape[1] - 1, k, 1), rng=self.rng)
        return unit.forward(self.trace.inputs[l - 1][:, :-1]).inputs[1][:, :-1]


def network(page):
    """The page's list as a network of the package."""
    return MLP(tuple(page[::2]), tuple(page[1::2]))


def close(actual, expected):
    assert_close(actual, expected, 1e-10)


def condition(S):
    """Of a positive semi-definite matrix, on its range."""
    s = np.linalg.eigvalsh(S)
    return s[-1] / s[s > 1e-12 * s[-1]].min()


def draw(sizes, number=3):
    """Random networks on which 1e-10 can be asked for: rounding is multiplied by the condition."""
    drawn, seed = [], 0
    while len(drawn) < number:
        case = Case(sizes, seed)
        moments = [sennpy.fisher(case.net, case.X), *(S for f in case.factors for S in f[:2])]
        if max(map(condition, moments)) < 1e5:
            drawn.append(pytest.param((sizes, seed), id=f"{'-'.join(map(str, sizes))} {seed}"))
        seed += 1
    return drawn


CASES = {sizes: draw(sizes) for sizes in SIZES}


def cases(depths):
    """All cases with so many hidden layers."""
    return [p for sizes in SIZES if len(sizes) - 2 in depths for p in CASES[sizes]]


@pytest.fixture(params=cases(depths=(0, 1, 2)))
def case(request):
    return Case(*request.param)


@pytest.fixture(params=cases(depths=(1, 2)))
def deep(request):
    return Case(*request.param)


@pytest.fixture(params=cases(depths=(0,)))
def linear(request):
    return Case(*request.param)


# --- The network ---------------------------------------------------------------------------------


def test_outputs_and_inputs_of_every_layer_are_the_package_s(case):  # (E3)
    y, a, _ = micro.forward(case.page, case.X)
    close(y, case.net(case.X))
    for ours, theirs in zip(a, case.trace.inputs, strict=True):
        close(ours, theirs)


def test_slopes_of_rational_units_are_the_package_s(deep):  # (E3)
    _, _, slopes = micro.forward(deep.page, deep.X)
    expected = zip(deep.trace.slopes, deep.trace.coefficient_slopes, strict=True)
    for (slope, k_slope), (in_z, in_k) in zip(slopes, expected, strict=True):
        close(slope, in_z)
        close(k_slope, np.moveaxis(in_k, 0, 1))


def test_backpropagation_brings_output_gradients_to_every_layer(case):
    _, _, dy_dz, _ = micro.backward(case.page, case.X)
    for dz, g in zip(dy_dz, case.g, strict=True):
        close(np.einsum("no,noi->ni", case.g_y, dz), g)


def test_the_jacobian_is_the_package_s(case):
    y, _, _, J = micro.backward(case.page, case.X)
    close(y, case.trace.outputs)
    close(J.reshape(*y.shape, -1), case.net.jacobian(case.trace))


def test_loss_and_its_output_gradient_are_the_package_s(case):
    y = 5 * case.trace.outputs
    loss, g_y = micro.cross_entropy(y, case.t)
    close(loss, LOSS.value(y, case.t))
    close(g_y, LOSS.gradient(y, case.t))


def test_the_loss_does_not_overflow():
    loss, g_y = micro.cross_entropy(np.array([[2000.0, 0.0], [0.0, -2000.0]]), np.array([0, 1]))
    close(loss, 1000.0)
    close(g_y, [[0.0, 0.0], [1.0, -1.0]])


# --- Where ---------------------------------------------------------------------------------------


def test_fisher_and_gradient_are_the_package_s(case):
    F, g = micro.fisher(case.page, case.X, case.t)
    close(F, sennpy.fisher(case.net, case.X))
    close(g, natural_gradient(case.net, case.X, case.t, LOSS).gradient)


def test_both_forms_of_the_score_are_the_page_s(case):  # eq. (3)
    eta = micro.natural_expansion_score(*micro.fisher(case.page, case.X, case.t))
    close(eta, case.eta(case.net))
    close(eta, projected_score(case.net.jacobian(case.trace), case.g_y))
    assert 0 < eta <= case.lam * (1 + 1e-12)  # Lemma A.1


def test_the_score_does_not_see_a_parameter_that_is_there_twice():
    J, g_y = np.random.default_rng(0).standard_normal((2, 40, 3))
    once = micro.natural_expansion_score(J.T @ J, J.T @ g_y[:, 0])
    J = np.hstack([J, J[:, :1]])
    close(micro.natural_expansion_score(J.T @ J, J.T @ g_y[:, 0]), once)


def test_the_score_of_a_layer_is_the_package_s(case):  # (E6)
    for a, g, (A, G, _) in zip(case.trace.inputs, case.g, case.factors, strict=True):
        close(micro.E(a, a), A)
        close(micro.layer_score(A, micro.E(a, g), G), sennpy.layer_score(a, g, G))


# --- What ----------------------------------------------------------------------------------------


def test_the_residual_gradient_is_the_package_s(case):  # Lemma A.6
    for a, g in zip(case.trace.inputs, case.g, strict=True):
        assert_close(
            micro.residual_gradient(a, g), sennpy.residual_gradient(a, g), 1e-10, np.abs(g).max()
        )


@pytest.mark.parametrize("k", [1, 2])
def test_bound_and_exact_increase_are_the_package_s(deep, k):  # Theorem 3.2, (E8)
    for l in range(1, len(deep.g)):
        a_c, g, G = deep.trace.inputs[l], deep.g[l], deep.factors[l].G
        a_p, g_r = deep.proposals(l, k), sennpy.residual_gradient(a_c, g)
        bound, exact = micro.delta_eta(a_c, a_p, g_r, G)
        close(bound, delta_eta_bound(a_p, g_r, G))
        close(exact, sennpy.delta_eta(a_c, a_p, g, G))
        assert 0 <= bound <= exact * (1 + 1e-12)


def test_the_increase_is_the_difference_of_two_scores(deep):  # (E8)
    for l in range(1, len(deep.g)):
        a_c, g, G = deep.trace.inputs[l], deep.g[l], deep.factors[l].G
        a_p = deep.proposals(l, 1)
        both = np.hstack([a_c, a_p])
        before, after = (micro.layer_score(micro.E(a, a), micro.E(a, g), G) for a in (a_c, both))
        _, exact = micro.delta_eta(a_c, a_p, micro.residual_gradient(a_c, g), G)
        assert_close(after - before, exact, 1e-10, after)


def additions(case, seed=0):
    """What a look yields, neurons and layers apart."""
    found = list(micro.look(case.page, case.X, case.t, np.random.default_rng(seed)))
    hidden = len(case.net.weights) - 1
    return found[:hidden], found[hidden:]


def test_a_look_names_the_scores_of_the_neuron_that_it_adds(deep):  # Theorem 3.2, (E8), (E6)
    neurons, _ = additions(deep)
    assert len(neurons) == len(deep.net.weights) - 1
    for l, (increase, eta_c, lam, name, page) in enumerate(neurons):
        a_c, g, G = deep.trace.inputs[l + 1], deep.g[l + 1], deep.factors[l + 1].G
        wider = network(page)
        a_p = wider.forward(deep.X).inputs[l + 1][:, [-2]]
        close(increase, sennpy.delta_eta(a_c, a_p, g, G))
        close(eta_c, sennpy.layer_score(a_c, g, G))
        close(lam, deep.lam)
        bound = delta_eta_bound(a_p, sennpy.residual_gradient(a_c, g), G)
        assert name == f"neuron in layer {l}, bound {bound:.4f}, exact"


def test_the_neuron_is_the_draw_with_the_highest_bound(deep):  # Theorem 3.2
    neurons, _ = additions(deep, seed=1)
    rng = np.random.default_rng(1)
    for l, (*_, page) in enumerate(neurons):
        a, a_c, g = deep.trace.inputs[l], deep.trace.inputs[l + 1], deep.g[l + 1]
        g_r, G = sennpy.residual_gradient(a_c, g), deep.factors[l + 1].G
        w, k = rng.standard_normal((100, a.shape[1], 1)), rng.standard_normal((100, 3, 1))
        a_ps = [deep.net.activation(a @ w[i], k[i]) for i in range(100)]
        best = np.argmax([delta_eta_bound(a_p, g_r, G) for a_p in a_ps])
        close(page[2 * l][:, -1:], w[best])
        close(page[2 * l + 1][:, -1:], k[best])
        _, most = best_coefficients((a @ w[best])[:, 0], g_r, G)
        assert delta_eta_bound(a_ps[best], g_r, G) <= most * (1 + 1e-12)  # (E12)


def test_a_layer_is_scored_by_the_whole_network_and_per_unit(case):  # eq. (3)
    _, layers = additions(case)
    assert len(layers) == len(case.net.weights)
    for l, (increase, eta_c, lam, name, page) in enumerate(layers):
        eta = micro.natural_expansion_score(*micro.fisher(page, case.X, case.t))
        close(increase, (eta - eta_c) / case.net.sizes[l])
        close(eta_c, case.eta(case.net))
        close(lam, case.lam)
        assert name == f"layer {l}, per unit" and len(page) == len(case.page) + 2


def test_the_layer_is_the_draw_with_the_highest_score(linear):  # eq. (3)
    _, [(increase, *_, page)] = additions(linear)
    n = linear.net.sizes[0]
    W_q = np.random.default_rng(0).standard_normal((10, n + 1, n))
    etas = [linear.eta(sennpy.deepen(linear.net, 0, one)) for one in W_q]
    close(page[0], W_q[np.argmax(etas)])
    close(increase, (max(etas) - linear.eta(linear.net)) / n)


def test_a_layer_in_a_linear_network_brings_what_the_package_says(linear):  # (E16)
    _, [(increase, *_, page)] = additions(linear)
    (a,), (g,), (W,) = linear.trace.inputs, linear.g, linear.net.weights
    exact = inserted_layer_delta_eta(a, page[0], W, g, linear.factors[0].G)
    close(increase * linear.net.sizes[0], exact)


# --- How -----------------------------------------------------------------------------------------


def test_a_wider_network_is_the_package_s_and_gives_the_same(deep):  # (E1)
    for l, n_in in enumerate(deep.net.sizes[:-2]):
        w, k = deep.rng.standard_normal((n_in + 1, 1)), deep.rng.standard_normal((3, 1))
        wider = micro.widen(deep.page, l, w, k)
        expected = sennpy.widen(deep.net, l, w, k).blocks()
        for ours, theirs in zip(wider, expected, strict=True):
            close(ours, theirs)
        close(micro.forward(wider, deep.X)[0], deep.trace.outputs)


def test_a_deeper_network_is_the_package_s_and_gives_the_same(case):  # (E2)
    for l, n in enumerate(case.net.sizes[:-1]):
        W_q = case.rng.standard_normal((n + 1, n)) + 3 * np.eye(n + 1, n)
        deeper = micro.deepen(case.page, l, W_q)
        expected = sennpy.deepen(case.net, l, W_q).blocks()
        for ours, theirs in zip(deeper, expected, strict=True):
            close(ours, theirs)
        close(micro.forward(deeper, case.X)[0], case.trace.outputs)


def test_what_is_given_does_not_change(deep):
    before = [block.copy() for block in deep.page]
    list(micro.look(deep.page, deep.X, deep.t, deep.rng))
    assert all(np.array_equal(b, now) for b, now in zip(before, deep.page, strict=True))


# --- When ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("tau, alpha", [(1.0, 0.02), (0.5, 0.3), (2.0, 0.1), (0.0, 0.0)])
def test_the_decision_is_the_package_s(tau, alpha):  # (E13)
    rng = np.random.default_rng(0)
    outcomes = set()
    for increase, eta_c, lam in [*rng.random((300, 3)), (0, 0, 1), (0.5, 0, 1), (0, 0.5, 1)]:
        expected = sennpy.decide(increase, eta_c, lam, tau, alpha).passes
        accepted = micro.decide([(increase, eta_c, lam)], tau, alpha)
        assert (accepted is not None) == expected
        outcomes.add(expected)
    assert outcomes == {True, False}


def test_the_thresholds_are_the_package_s():  # (E13)
    default = inspect.signature(micro.decide).parameters
    assert default["tau"].default == Settings.by_thresholds().acceptance.tau
    assert default["alpha"].default == Settings.by_thresholds().acceptance.alpha


def test_of_those_that_pass_the_largest_increase_is_chosen():  # (E13)
    small, large = (0.3, 0.1, 1.0, "small"), (0.4, 0.1, 1.0, "large")
    too_little_for_tau, too_little_for_alpha = (0.5, 0.6, 1.0), (0.6, 0.1, 40.0)
    found = [small, too_little_for_tau, large, too_little_for_alpha]
    assert micro.decide(found) == large
    assert micro.decide([too_little_for_tau, too_little_for_alpha]) is None


# --- The loop ------------------------------------------------------------------------------------


def test_training_without_growth_is_the_package_s(monkeypatch):  # section 7
    case = Case((2, 3, 2), 0)
    monkeypatch.setattr(micro, "decide", lambda found: None)
    trained = micro.grow(case.page, case.X, case.t, case.rng)
    settings = Settings.by_thresholds(max_width=1, max_depth=0)
    expected, _ = SENN(LOSS, settings).fit(case.net, case.X, case.t)
    assert not np.allclose(case.page[0], trained[0], rtol=0.1)
    assert_close(network(trained).parameters, expected.parameters, 1e-8)


def test_every_thirty_epochs_it_looks_until_nothing_passes(monkeypatch, capsys):  # (E13)
    X, t = micro.half_moons(200, seed=3)
    seen = []

    def look(net, X, t, rng):
        found = list(real(net, X, t, rng))
        seen.append((micro.forward(net, X)[0], micro.decide(found), len(net)))
        return found

    real = micro.look
    monkeypatch.setattr(micro, "look", look)
    micro.grow([np.zeros((3, 2))], X, t, np.random.default_rng(3))
    lines = capsys.readouterr().out.splitlines()
    added = [best for _, best, _ in seen if best is not None]
    assert len(seen) == 400 // 30 + len(added) and len(lines) == len(added) >= 2
    for line, (increase, eta_c, lam, name, _) in zip(lines, added, strict=True):
        scores = f"{increase:.4f}, eta_c {eta_c:.4f}, lambda {lam:.4f}"
        assert int(line.split(":")[0].removeprefix("epoch ")) % 30 == 0
        assert re.fullmatch(rf"epoch \d+: \+ {re.escape(f'{name} {scores}')}", line)
    for (before, best, _), (after, _, size) in pairwise(seen):
        if best is not None:  # the next look is at the network that was chosen, the function stays
            assert size == len(best[-1])
            assert_close(after, before, 1e-10)


def test_half_moons_are_those_of_scikit_learn():
    expected, classes = make_moons(4000, shuffle=False, noise=None)
    X, t = micro.half_moons(4000, seed=0)
    assert np.array_equal(t, classes)
    noise = (X - expected) / 0.3
    assert np.abs(noise.mean(axis=0)).max() < 4 / 4000**0.5
    assert_close(noise.T @ noise / 4000, np.eye(2), 4 * (2 / 4000) ** 0.5)
    assert_close(np.mean(noise**4), 3.0, 4 * (96 / 8000) ** 0.5 / 3)  # Gaussian
    assert_close(np.mean(noise[:2000], axis=0), np.zeros(2), scale=4 / 2000**0.5, tolerance=1)


def test_half_moons_depend_on_their_seed_alone():
    one, same, other = (micro.half_moons(20, seed)[0] for seed in (0, 0, 1))
    assert np.array_equal(one, same) and not np.isclose(one, other).any()


# --- The page ------------------------------------------------------------------------------------


def page_functions():
    return [node for node in ast.parse(PAGE).body if isinstance(node, ast.FunctionDef)]


def test_it_fits_on_a_page():
    assert len(PAGE.splitlines()) <= 150
    assert max(map(len, PAGE.splitlines())) <= 100


def test_it_imports_numpy_and_nothing_else():
    nodes = [n for n in ast.walk(ast.parse(PAGE)) if isinstance(n, ast.Import | ast.ImportFrom)]
    assert [ast.unparse(node) for node in nodes] == ["import numpy as np"]


@pytest.mark.parametrize("function", page_functions(), ids=lambda node: node.name)
def test_a_function_is_short_says_what_it_is_and_is_used(function):
    assert function.end_lineno - function.lineno < 25
    assert len(ast.get_docstring(function).splitlines()) == 1
    assert len(re.findall(rf"\b{function.name}\(", PAGE)) > 1


def test_its_equations_are_labelled():
    labels = ["(E1)", "(E2)", "(E3)", "eq. (3)", "(E6)", "Lemma A.6", "Theorem 3.2", "(E8)"]
    assert all(label in PAGE for label in [*labels, "(E13)"])


def run(*command, folder=ROOT):
    """What a Python process prints, warnings being errors."""
    done = subprocess.run(
        [sys.executable, "-W", "error", *command], cwd=folder, capture_output=True, text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_it_grows_half_moons_from_a_linear_classifier():
    *grown, last = run("-m", "sennpy.micro").splitlines()
    scores = r"\d\.\d{4}, eta_c \d\.\d{4}, lambda \d\.\d{4}"
    assert re.fullmatch(rf"epoch \d+: \+ layer 0, per unit {scores}", grown[0])
    neuron = rf"epoch \d+: \+ neuron in layer \d, bound \d\.\d{{4}}, exact {scores}"
    assert any(re.fullmatch(neuron, line) for line in grown[1:])
    assert float(re.fullmatch(r"accuracy on 500 new points: (\d\.\d{3})", last)[1]) >= 0.9


def test_it_runs_alone(tmp_path):
    shutil.copy(micro.__file__, tmp_path / "page.py")
    assert run("-I", "page.py", folder=tmp_path) == run("-m", "sennpy.micro")


def test_the_readme_shows_what_it_prints_and_its_heart():
    section = README.split("## The paper on one page")[1].split("\n## ")[0]
    printed = re.search(r"```text\n(.*?)```", section, re.S)[1]
    heart = re.search(r"```python\n(.*?)```", section, re.S)[1]
    assert printed == run("-m", "sennpy.micro")
    assert f"\n\n{heart}\n\n" in PAGE
    assert re.findall(r"\d+ lines", section) == [f"{len(PAGE.splitlines())} lines"]
