"""The register where rounding decides, at its defaults, and on data that no network is made for."""

import numpy as np
import pytest

import sennpy
from sennpy import MLP, Rational, ReLU, SoftmaxCrossEntropy, SquaredError, Tanh, equations
from sennpy.cli import main
from sennpy.equations import by_hand
from sennpy.equations.case import RoundingDecides, clear, clear_share
from sennpy.equations.register import REGISTER
from sennpy.equations.results import evaluate

RNG = np.random.default_rng(0)
X, Y = RNG.standard_normal((30, 2)), RNG.standard_normal((30, 2))
LABELS, NET = RNG.integers(2, size=30), MLP.random((2, 3, 2), rng=0)


# --- At its defaults -----------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [0, 7])
def test_the_register_holds_on_other_draws_than_those_of_its_tests(seed):
    report = equations.run(draws=12, seed=seed)
    assert report.ok, str(report)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(30))
def test_the_register_holds_at_its_defaults(seed):
    report = equations.run(draws=300, seed=seed)
    assert report.ok, str(report)
    assert all(r.left_out <= 0.1 * r.cases for r in report.results), str(report)


# --- What rounding decides -----------------------------------------------------------------------


def layer_of(a_c, a_p, g):
    """A case with such arrays at the layer that receives, G being 1."""

    class Given(equations.Case):
        @property
        def receiver(self):
            root = np.ones((len(g), 1))
            return equations.case.Layer(a_c, g, root, np.eye(1), np.zeros((a_c.shape[1], 1)))

        @property
        def a_p(self):
            return a_p

    problem = equations.Problem(MLP.random((1, 1, 1), rng=0), a_p[:, :1], g, SquaredError())
    return Given(problem, 0, np.ones((2, 1)), np.ones((3, 1)), np.ones((2, 1)), 0)


def test_an_increase_that_is_rounding_is_no_comparison():  # (E13)
    """A neuron that the inputs explain: what it adds, 1e-16, may have either sign."""
    a_c = np.hstack([X, np.ones((30, 1))])
    g, spanned = Y[:, :1], a_c @ np.array([[1.0], [2.0], [3.0]])
    (left_out,) = evaluate([REGISTER["(E13)"]], [layer_of(a_c, spanned, g)])
    assert (left_out.cases, left_out.left_out, left_out.ok) == (0, 1, None)
    assert "the increase is too small a share of lambda: rounding alone" in left_out.reason
    (held,) = evaluate([REGISTER["(E13)"]], [layer_of(a_c, np.tanh(spanned), g)])
    assert (held.cases, held.left_out, held.ok) == (1, 0, True)


def test_neurons_that_are_multiples_have_no_gradient_of_their_bound():  # (E10)
    a_c, g = np.ones((30, 1)), Y[:, :1]
    (result,) = evaluate([REGISTER["(E10)"]], [layer_of(a_c, X[:, [0, 0]] * [1, 2], g)])
    assert result.reason == "proposed neurons are mixtures of others: the bound has no gradient"


def test_a_neuron_that_two_samples_alone_see_is_not_judged_on_others():  # (E20)
    """On the fitted samples it is the third input over: where their step leads is open."""
    case = layer_of(np.hstack([X, np.ones((30, 1))]), X[:, :1] * (np.arange(30) == 0)[:, None],
                    Y[:, :1])  # fmt: skip
    fitted = np.zeros(30, dtype=bool)
    fitted[case.rng.permutation(30)[:15]] = True
    alone = (np.arange(30) == np.flatnonzero(~fitted)[0])[:, None]
    silent = layer_of(case.receiver.a, X[:, :1] * alone, Y[:, :1])
    (result,) = evaluate([REGISTER["(E20)"]], [silent])
    assert result.reason == "the fitted samples leave open where a step leads on others"


def test_parameters_in_units_too_far_apart_are_no_test_of_an_undamped_step():  # (E4)
    far = equations.check(MLP.random((2, 2), rng=3), 1e-50 * X, Y, SquaredError(), ["E4"])
    assert "units are too far apart for undamped steps" in far["(E4)"].reason
    assert equations.check(MLP.random((2, 2), rng=3), X, Y, SquaredError(), ["E4"])["(E4)"].ok


def test_what_steps_miss_is_what_lies_along_directions_that_rounding_drowns():
    a, b = np.diag([1.0, 1e-9]), np.array([3.0, 4.0])
    assert by_hand.drowned(a, b) == pytest.approx(16 / 25, rel=1e-6)
    assert by_hand.drowned(np.diag([1.0, 0.1]), b) < 1e-20


def test_rounding_that_may_do_much_or_cannot_be_told_decides():
    assert clear(1e-6) == pytest.approx(1e-6 + 1e-9)
    for much in (1e-3, np.inf, np.nan):
        with pytest.raises(RoundingDecides, match="rounding alone may change it by"):
            clear(much)
    clear_share(1e-7, 1e-9, "it")
    for share in (1e-9, 0.0, -1e-3, np.nan):
        with pytest.raises(RoundingDecides, match="it: rounding alone"):
            clear_share(share, 1e-9, "it")


def test_cases_left_out_are_counted_and_told_wherever_results_are_shown():
    good = layer_of(np.ones((30, 1)), np.tanh(X[:, :1]), Y[:, :1])
    flat = layer_of(np.ones((30, 1)), np.ones((30, 1)), Y[:, :1])
    (result,) = evaluate([REGISTER["(E13)"]], [good, flat, flat])
    report = equations.Report([result], [])
    told = "(E13) leaves out 2 cases, as "
    for text in (str(result), result._repr_markdown_(), str(report), report._repr_markdown_()):
        assert told in text and "rounding alone may change it by" in text
    assert result.as_dict()["left_out"] == 2 and result.cases == 1 and report.ok
    assert result.as_dict()["rounding"] in str(report)
    (without,) = evaluate([REGISTER["(E13)"]], [good])
    assert "leaves out" not in str(without) and without.as_dict()["rounding"] == ""


# --- On data that no network is made for ---------------------------------------------------------

DATA = {
    "one sample": (X[:1], Y[:1], LABELS[:1]),
    "two samples": (X[:2], Y[:2], LABELS[:2]),
    "constant inputs": (np.ones((30, 2)), Y, LABELS),
    "zeros": (np.zeros((30, 2)), Y, LABELS),
    "one class": (X, np.zeros((30, 2)), np.zeros(30, dtype=int)),
    "one sample many times": (np.repeat(X[:1], 30, axis=0), Y, LABELS),
    "large inputs": (1e50 * X, Y, LABELS),
    "large targets": (X, 1e50 * Y, LABELS),
}


@pytest.mark.parametrize("activation", [Rational(), Tanh(), ReLU()], ids=repr)
@pytest.mark.parametrize("name", DATA)
def test_odd_data_are_checked_or_left_out_with_a_reason(name, activation):
    net, (inputs, t, labels) = MLP.random((2, 3, 2), activation, 3), DATA[name]
    for loss, targets in [(SquaredError(), t), (SoftmaxCrossEntropy(), labels)]:
        report = equations.check(net, inputs, targets, loss)
        assert report.ok, str(report)
        assert all(result.cases or result.reason for result in report.results)


@pytest.mark.parametrize("loss, t", [(SquaredError(), NET(X)), (SoftmaxCrossEntropy(), LABELS)])
def test_where_nothing_is_left_to_learn_nothing_is_claimed(loss, t):
    """Targets that are met, and outputs so sure that the true Fisher matrix is 0."""
    sure = NET.replace(NET.parameters * 1e3) if loss == SoftmaxCrossEntropy() else NET
    assert equations.check(sure, X, t, loss).ok


@pytest.mark.parametrize(
    "inputs, t, message",
    [
        (1e200 * X, Y, "what layer 0 is given reaches 2.*e.200, expected 0 or sizes from 1e-75"),
        (1e-200 * X, Y, "what layer 0 is given reaches 2.*e-200, expected 0"),
        (X, 1e200 * Y, "the gradient at layer 0 reaches .*, expected 0"),
    ],
)
def test_values_whose_products_are_no_numbers_are_refused(inputs, t, message):
    with pytest.raises(ValueError, match=message):
        equations.check(NET, inputs, t, SquaredError())


def test_the_command_says_so_and_prints_no_traceback(capsys, tmp_path):
    sennpy.save(NET, tmp_path / "net.npz")
    files = ["--model", str(tmp_path / "net.npz"), "--data", str(tmp_path / "data.npz")]
    np.savez(tmp_path / "data.npz", X=1e200 * X, t=LABELS)
    assert main(["equations", *files]) == 1
    assert "bring X and t to a scale of about one" in capsys.readouterr().err
    np.savez(tmp_path / "data.npz", X=X[:1], t=LABELS[:1])
    assert main(["equations", *files]) == 0
    assert "does not apply: " in capsys.readouterr().out
