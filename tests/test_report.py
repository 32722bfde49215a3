"""The growth X-ray: its block holds the training's numbers, and the page is one piece.

What its script makes of the block is moved and looked at in a browser: `make report-check`.
"""

import copy
import json
import re
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from runs import QUICK, SOFTMAX, SQUARED, changed, curve, moons

from sennpy import (
    MLP,
    SENN,
    Deepen,
    History,
    Insert,
    LiveView,
    Prune,
    Recorder,
    Settings,
    Split,
    Tanh,
    View,
    Widen,
    best_coefficients,
    decide,
    write_report,
)
from sennpy.cli import main
from sennpy.report import Training, content, page, pictures, words, write_reports
from sennpy.report.births import family
from sennpy.training.diagnosis import diagnosis

FIGURES = Path(__file__).parents[1] / "figures"
RECORD = json.loads((FIGURES / "half-moons.json").read_text(encoding="utf-8"))
RULE = changed(QUICK, epochs=31, cooldown=10)


def trained(loss, sizes, data, settings=RULE):
    """A history, and the recorder that saw it."""
    recorder = Recorder(*data, loss)
    fit = SENN(loss, settings).fit(MLP.random(sizes, rng=0), *data, callback=recorder)
    assert fit.history.additions
    return fit.history, recorder


PLANE, LINE = trained(SOFTMAX, (2, 2), moons()), trained(SQUARED, (1, 1, 1), curve())


def block(source, recorder=None, settings=None, **more):
    """The block of one training, as JSON gives it back."""
    made = content.content([Training.of(source, recorder, settings, **more)])
    return json.loads(json.dumps(made, allow_nan=False))


def run(*source, **more):
    """The one run of a block."""
    return block(*source, **more)["runs"][0]


# --- Why here, and why not there -----------------------------------------------------------------

THRESHOLDS = {"class": "Thresholds", "tau": 1.0, "alpha": 0.1}
HONEST = {"class": "HonestLook", "z": 1.25, "price": 1.0, "tau": 0.0}
NOTHING = dict.fromkeys(
    ("exact", "bound", "dense", "score", "ratio", "share", "honest", "error", "supremum")
)


def candidate(**known):
    """A candidate as its record has it."""
    told = {"kind": "neuron", "place": 0, "chosen": False, "reason": "", "eta_layer": 2.0}
    return {**NOTHING, **told, "supremum": 9.0, **known}


def scored(score, eta=2.0, lam=10.0, **known):
    """One that was held against thresholds, each number telling the same."""
    given = {"score": score, "exact": score, "bound": score / 2, "eta_layer": eta,
             "ratio": score / eta, "share": score / lam}  # fmt: skip
    return candidate(**given | known)


def look(*candidates, rule=THRESHOLDS, lam=10.0):
    """A look as its record has it."""
    return {"candidates": list(candidates), "acceptance": rule, "lam": lam}


@pytest.mark.parametrize("eta", [0.5, 2.0])
@pytest.mark.parametrize("score", [0.4, 0.9, 1.1, 1.9, 2.1])
def test_the_margin_is_above_one_where_both_thresholds_are_passed(score, eta):
    told = scored(score, eta)
    least, margin, unit = words.asked(told, look(told))
    assert (margin > 1) == decide(score, eta, 10.0, 1.0, 0.1).passes
    assert np.isclose(least * margin, score) and unit == "times"
    missed = words.sentence(told, look(told))
    assert ("τ asks for more than 1 times" in missed) == (score <= eta)
    assert ("α asks for more than 0.1 of λ" in missed) == (score <= 1.0)


def test_what_is_left_in_nats_is_the_margin_itself():
    told = candidate(score=-3.2, exact=1.0, bound=0.5, honest=0.01, error=0.02,
                     reason="3.2 nats short of its price")  # fmt: skip
    assert words.asked(told, look(told, rule=HONEST)) == (0.0, -3.2, "nats")
    assert words.sentence(told, look(told, rule=HONEST)) == (
        "A neuron in layer 0: no. It brings 1 (the bound sees 0.5); held-out samples gain 0.01 ± "
        "0.02 in the mean. The rule says: 3.2 nats short of its price."
    )


def test_of_a_rule_of_ones_own_nothing_is_said_to_be_asked():
    told = candidate(score=3.0, exact=1.0, bound=0.5, reason="I do not like it")
    assert words.asked(told, look(told, rule={"class": "Mine"})) == (None, None, "")
    assert "The rule says: I do not like it." in words.sentence(told, look(told, rule={"class": 1}))


def test_a_sentence_says_why_here_and_why_not_there():
    here = scored(5.0, chosen=True)
    there = scored(4.0, kind="layer", place=1, reason=words.BETTER)
    closed = candidate(supremum=None, reason="the layer is at max_width = 3")
    mute = candidate(supremum=0.3, reason="even the supremum is too low: 0.15 eta (tau = 1)")
    least = candidate(supremum=0.3, reason="nothing was proposed")
    all_of_them = look(here, there, closed, mute, least)
    assert [words.sentence(c, all_of_them) for c in all_of_them["candidates"]] == [
        "A neuron in layer 0: added. It brings 5 (the bound sees 2.5); it counts whole, 2.5 times "
        "what its receiving layer has and 0.5 of λ. A layer before layer 1 passes, too, but has "
        "only 4.",
        "A layer before layer 1: it passes, but a neuron in layer 0 has more, 5 against 4. It "
        "brings 4 (the bound sees 2); it counts whole, 2 times what its receiving layer has and "
        "0.4 of λ.",
        "A neuron in layer 0: closed; the layer is at max_width = 3.",
        "A neuron in layer 0: nothing was looked for, since nothing could bring more than 0.3; "
        "even the supremum is too low: 0.15 eta (tau = 1).",
        "A neuron in layer 0: of at most 0.3 that could be had, nothing came before the rule; "
        "nothing was proposed.",
    ]
    assert words.summary(all_of_them, 5) == "Of 5 places, a neuron in layer 0 is added."
    assert words.sentence(here, look(here)).endswith("No other place passes.")
    less = scored(3.0, place=1, reason=words.BETTER)
    for others in ((there, less), (less, there)):
        assert words.sentence(here, look(here, *others)).endswith(
            "A layer before layer 1 passes, too, but has only 4."
        )
    assert words.summary(look(mute), 1) == "Nothing is added: 1 place, and none passes."
    assert words.summary(look(closed), 1).endswith("and none that is open.")


def test_a_layer_that_counts_for_less_says_for_how_much():
    told = scored(2.5, exact=5.0, dense=4.0, kind="layer", chosen=True)
    said = words.sentence(told, look(told))
    assert (
        "It brings 5 (the bound sees 1.25), 4 in the whole network's score; it counts 2.5" in said
    )


@pytest.mark.parametrize(
    "value, told", [(1.23456e-7, "1.23e−7"), (-0.5, "−0.5"), (1e10, "1e10"), (None, "none")]
)
def test_numbers_are_told_as_in_print(value, told):
    assert words.number(value) == told


# --- Which neuron is which -----------------------------------------------------------------------


def test_a_neuron_is_known_through_whatever_happens_around_it():
    """By another route: a coefficient of each neuron is its number, and operations carry it."""
    marks = {}

    def marked(net, split=None):
        coefficients = [np.array(k) for k in net.coefficients]
        for l, k in enumerate(coefficients):
            for j in range(k.shape[1]):
                if k[0, j] not in marks or (l, j) == split:
                    k[0, j] = 1000 + len(marks)
                    marks[k[0, j]] = len(marks)
        return MLP(net.weights, tuple(coefficients))

    def numbers_of(net):
        return [[marks[mark] for mark in k[0]] for k in net.coefficients]

    net, k, one, steps = marked(MLP.random((2, 2, 2), rng=0)), np.ones((3, 2)), np.ones((3, 1)), []
    start, expected = net.sizes, [numbers_of(net)]
    for operation in [
        Widen(0, np.ones((3, 2)), k), Deepen(0, np.eye(3, 2) + 0.1),
        Insert(2, np.ones((5, 1)), one), Split(1, 1, np.full(3, 0.01)), Prune(1, 2),
        Widen(2, np.ones((5, 1)), one), Prune(0, 0),
    ]:  # fmt: skip
        # Of the two that a split leaves, the first is the old one.
        net = marked(operation(net), (1, 2) if isinstance(operation, Split) else None)
        place = getattr(operation, "layer", getattr(operation, "position", None))
        told = {"kind": operation.kind, "place": place, "exact": 1.5}
        addition = {"epoch": len(steps) + 1, "sizes": net.sizes, "candidate": told}
        steps.append((addition, operation))
        expected.append(numbers_of(net))
    found = family(start, *zip(*steps, strict=True))
    assert [[numbers for _, numbers in stage] for stage in found.stages] == expected
    assert not found.guessed and len(found.neurons) == len(marks)
    for stage in found.stages:  # each is drawn in the order in which the network has it
        for column, numbers in stage:
            assert [n for n in found.rows[column] if n in numbers] == numbers
    assert [n.born for n in found.neurons[:4]] == [0, 0, 1, 1]
    assert [n.score for n in found.neurons[:3]] == [None, None, 1.5]
    alive = {n for numbers in expected[-1] for n in numbers}
    assert {i for i, n in enumerate(found.neurons) if n.died is None} == alive
    assert [c for c, _ in found.stages[-1]] == found.columns
    assert sorted(n for rows in found.rows.values() for n in rows) == list(range(len(marks)))


def test_a_record_alone_does_not_tell_who_was_split_or_removed():
    told = {"kind": "prune", "place": 0, "exact": -1.0}
    gone = {"epoch": 3, "sizes": [2, 1, 2], "candidate": told}
    found = family((2, 2, 2), [gone], [None])
    assert found.guessed and found.neurons[1].died == 3
    known = family((2, 2, 2), [gone], [Prune(0, 0)])
    assert not known.guessed and known.neurons[0].died == 3
    split = {"epoch": 3, "sizes": [2, 3, 2], "candidate": {**told, "kind": "split"}}
    assert family((2, 2, 2), [split], [None]).guessed


# --- What the block holds ------------------------------------------------------------------------


def close(value, expected, digits=4):
    """Whether a number of the block is one of the training's; None is None."""
    if value is None or expected is None:
        return value is None and expected is None
    return bool(np.isclose(value, expected, rtol=10.0**-digits, atol=0))


@pytest.mark.parametrize("history", [PLANE[0], LINE[0]])
def test_looks_and_epochs_are_those_of_the_history(history):
    found = run(history)
    assert found["epochs"]["epoch"] == history.column("epoch")
    for key in ("loss", "eta", "lam"):
        assert all(map(close, found["epochs"][key], history.column(key)))
    assert len(found["looks"]) == len(history.looks)
    for told, record in zip(found["looks"], history.looks, strict=True):
        assert told["epoch"] == record.epoch and close(told["lam"], record.lam)
        assert close(told["eta"], record.eta)
        for shown, c in zip(told["candidates"], record.candidates, strict=True):
            assert (shown["kind"], shown["place"], shown["chosen"]) == (c.kind, c.place, c.chosen)
            for key in ("bound", "exact", "dense", "score", "supremum", "ratio", "share"):
                assert close(shown[key], getattr(c, key), 3), key
            if c.score is not None and not c.reason.startswith("another"):
                assert (shown["margin"] > 1) == c.chosen


def test_additions_at_one_time_stand_beside_the_theorem():
    found = run(PLANE[0])
    epochs = [a.epoch for a in PLANE[0].additions]
    assert [(k["epoch"], k["count"]) for k in found["theorem"]] == [
        (epoch, epochs.count(epoch)) for epoch in dict.fromkeys(epochs)
    ]
    assert all(k["count"] < k["limit"] for k in found["theorem"])
    record = json.loads((FIGURES / "mnist.json").read_text(encoding="utf-8"))
    epochs_of_many = [a["epoch"] for a in record["history"]["additions"]]
    many = run(record)["theorem"]
    assert {k["epoch"]: k["count"] for k in many} == Counter(epochs_of_many)
    for told in found["theorem"]:
        bound = 1 - np.log(RULE.acceptance.alpha) / np.log1p(RULE.acceptance.tau)
        assert close(told["limit"], bound, 3)
    assert found["sizes"][-1] == [epochs[-1], list(PLANE[0].additions[-1].sizes)]
    endless = replace(PLANE[0].additions[0], limit=float("inf"))
    assert run(replace(PLANE[0], additions=(endless,), looks=()))["theorem"][0]["limit"] is None


@pytest.mark.parametrize("history, recorder", [PLANE, LINE])
def test_stages_have_the_sizes_of_the_networks(history, recorder):
    found = run(history, recorder)
    nets = [recorder.network(look["epoch"], look["number"]) for look in found["looks"]]
    nets.append(recorder.final(found["end"]))
    stages = [look["stage"] for look in found["looks"]] + [found["last"]]
    for net, stage, drawn in zip(nets, stages, found["networks"]["looks"], strict=True):
        assert tuple(len(numbers) for _, numbers in found["stages"][stage]) == net.sizes[1:-1]
        for W, edges in zip(net.weights, drawn["edges"], strict=True):
            assert len(edges) == W[:-1].size
            assert all(close(w, W[i, j], 2) for i, j, w in edges)
        for l, units in enumerate(drawn["units"]):
            for j, unit in enumerate(units):
                W, out = net.weights[l], net.weights[l + 1]
                assert close(unit["in"], (W[:-1, j] ** 2).sum() ** 0.5, 2)
                assert close(unit["bias"], W[-1, j], 2)
                assert close(unit["out"], (out[j] ** 2).sum() ** 0.5, 2)
                assert all(map(lambda a, b: close(a, b, 2), unit["coefficients"],
                               net.coefficients[l][:, j]))  # fmt: skip


def test_a_neuron_is_worth_what_removing_it_costs():
    history, recorder = PLANE
    drawn = run(history, recorder)["networks"]["looks"][-1]["units"]
    net, told = recorder.final(history.epochs[-1].epoch), 0
    view = View.of(net, recorder.X, recorder.t, SOFTMAX)
    for l, units in enumerate(drawn):
        for j, unit in enumerate(units):
            if unit["worth"] is not None:
                cost, _ = Prune(l, j).worth(view.place("neuron", l))
                assert np.isclose(unit["worth"], -cost, rtol=1e-2, atol=1e-12)
                told += 1
    assert told


def test_the_plane_is_what_the_network_decides():
    history, recorder = PLANE
    seen = run(history, recorder)["networks"]
    (x_low, x_high), (y_low, y_high) = seen["ends"]
    net, size = recorder.final(history.epochs[-1].epoch), seen["cells"]
    drawn = seen["looks"][-1]["plane"]
    assert len(drawn["winner"]) == len(drawn["sure"]) == size**2
    for i, j in [(0, 0), (3, size - 1), (size - 1, 5), (size // 2, size // 2)]:
        at = [
            x_low + (j + 0.5) * (x_high - x_low) / size,
            y_low + (i + 0.5) * (y_high - y_low) / size,
        ]
        p = np.exp(net([at])[0])
        p /= p.sum()
        assert int(drawn["winner"][i * size + j], 36) == p.argmax()
        assert abs(int(drawn["sure"][i * size + j], 36) / 35 - (2 * p.max() - 1)) < 0.02
    assert set(drawn["winner"]) == {"0", "1"}
    assert seen["t"] == moons()[1].tolist() and np.allclose(seen["X"], moons()[0], rtol=1e-3)


def test_values_over_a_plane_are_levels_from_the_lowest_to_the_highest():
    net, X = MLP.random((2, 3, 1), rng=1), moons()[0]
    drawn = pictures.plane(net, X, SQUARED, 8)
    assert "0" in drawn["level"] and "z" in drawn["level"]
    (low, high), (bottom, top) = pictures.ends(X[:, 0]), pictures.ends(X[:, 1])
    at = [low + 5.5 / 8 * (high - low), bottom + 2.5 / 8 * (top - bottom)]
    level = int(drawn["level"][2 * 8 + 5], 36) / 35 * (drawn["high"] - drawn["low"]) + drawn["low"]
    assert abs(level - net([at])[0, 0]) < 0.02 * (drawn["high"] - drawn["low"])


def test_the_fit_is_the_network_on_its_line():
    history, recorder = LINE
    seen = run(history, recorder)["networks"]
    net, (ys,) = recorder.final(history.epochs[-1].epoch), seen["looks"][-1]["fit"]
    x = np.linspace(*seen["ends"][0], len(ys))
    assert np.allclose(ys, net(x[:, None])[:, 0], rtol=1e-3, atol=1e-4)


def test_the_landscape_is_the_bound_with_the_best_coefficients():
    history, recorder = LINE
    seen = run(history, recorder)["networks"]
    net, drawn = recorder.final(history.epochs[-1].epoch), seen["looks"][-1]["ground"]
    place = View.of(net, recorder.X, recorder.t, SQUARED).place("neuron", 0)
    locations, scales = pictures.grid(recorder.X)
    assert close(seen["ground"]["scales"][1], scales[-1], 3)
    assert len(drawn["level"]) == len(scales) * len(locations)
    assert max(drawn["level"]) == "z"
    for s, l in [(20, 3), (25, 20), (29, 39), (12, 30)]:
        z = (recorder.X[:, 0] - locations[l]) / scales[s]
        _, score = best_coefficients(z, place.g_r, place.G)
        level = int(drawn["level"][s * len(locations) + l], 36) / 35 * drawn["top"]
        assert abs(level - score / place.eta) < 0.02 * drawn["top"]
    W = net.weights[0]
    assert np.allclose(seen["looks"][-1]["stands"], np.transpose([-W[1] / W[0], abs(1 / W[0])]),
                       rtol=1e-2)  # fmt: skip


def test_the_diagnosis_is_the_guides():
    record = json.loads((FIGURES / "mnist.json").read_text(encoding="utf-8"))
    told = [finding._asdict() for finding in diagnosis(record)]
    assert told and run(record)["findings"] == told
    absent = run(PLANE[0])
    assert absent["findings"] is None
    assert "The diagnosis reads the settings, which were not given." in absent["missing"]
    assert run(PLANE[0], settings=RULE)["findings"] is not None


def test_settings_command_and_versions_are_told():
    found = run(RECORD, name="half-moons", replay="python -m sennpy replay half-moons.json")
    assert found["command"] == RECORD["command"] and "replay half-moons" in found["replay"]
    assert dict(found["settings"])["optimiser.damping.value"] == "0.1"
    assert dict(found["versions"])["numpy"] == RECORD["versions"]["numpy"]
    assert found["summary"] == (
        "15 looks in 400 epochs led to 2 additions: sizes 2-2 became 2-3-2, the loss 0.733 became "
        "0.214."
    )


def test_moments_lead_through_the_looks_of_one_and_of_two():
    one = block(PLANE[0])
    looks = len(PLANE[0].looks)
    assert [m["looks"] for m in one["moments"]] == [[i] for i in range(looks + 1)]
    assert [m["epoch"] for m in one["moments"][:-1]] == [look.epoch for look in PLANE[0].looks]
    a, b = [
        {"looks": [{"epoch": e} for e in epochs], "end": 9} for epochs in ([2, 2, 6], [4, 6, 6, 6])
    ]
    assert [(m["epoch"], *m["looks"]) for m in content.moments([a, b])] == [
        (2, 0, None), (2, 1, None), (4, 1, 0), (6, 2, 1), (6, 2, 2), (6, 2, 3), (9, 3, 4),
    ]  # fmt: skip


# --- What is missing is told ---------------------------------------------------------------------


def test_a_record_without_networks_says_so_and_how_to_have_them():
    found = run(RECORD, again="call me again")
    assert found["networks"]["looks"] == [None] * 16
    assert found["missing"][0].endswith("holds none of them. To have them, call me again.")
    assert "X" not in found["networks"]


def test_what_a_recorder_cannot_know_is_told():
    history, recorder = PLANE
    blind = Recorder()
    blind.networks, blind.last, blind.epoch = recorder.networks, recorder.last, recorder.epoch
    found = run(history, blind)
    assert "the recorder was given no samples" in found["missing"][0]
    assert "plane" not in found["networks"]["looks"][0]
    wide, images = np.random.default_rng(0).standard_normal((40, 14)), np.arange(40) % 3
    seen = Recorder(wide, images, SOFTMAX)
    fit = SENN(SOFTMAX, replace(RULE, epochs=2)).fit(
        MLP.random((14, 2, 3), rng=0), wide, images, callback=seen
    )
    found = run(fit.history, seen)
    assert any("for one or two inputs; here are 14" in text for text in found["missing"])
    assert "The 14 inputs are drawn as one" in found["thinned"][0]
    drawn = found["networks"]["looks"][-1]["edges"][0]
    norms = np.linalg.norm(fit.network.weights[0][:-1], axis=0)
    assert [i for i, _, _ in drawn] == [-1, -1] and np.allclose(
        [w for *_, w in drawn], norms, rtol=1e-2
    )
    bent = Recorder(*curve(), SQUARED)
    tanh = SENN(SQUARED, replace(RULE, epochs=2)).fit(
        MLP.random((1, 2, 1), Tanh(), 0), *curve(), callback=bent
    )
    assert any("rational neurons" in text for text in run(tanh.history, bent)["missing"])


def test_looks_before_a_training_was_gone_on_with_have_no_network():
    X, t = moons()
    whole, _ = PLANE
    part = SENN(SOFTMAX, RULE).fit(MLP.random((2, 2), rng=0), X, t, epochs=15)
    late = Recorder(X, t, SOFTMAX)
    fit = SENN(SOFTMAX, RULE).fit(None, X, t, callback=late, state=part.state)
    found = run(fit.history, late)["networks"]["looks"]
    epochs = [look.epoch for look in whole.looks]
    assert [net is None for net in found] == [epoch <= 15 for epoch in epochs] + [False]
    absent = sum(epoch <= 15 for epoch in epochs)
    assert (
        f"{absent} of {len(epochs) + 1} networks were not seen"
        in run(fit.history, late)["missing"][0]
    )
    both = Recorder(X, t, SOFTMAX)
    part = SENN(SOFTMAX, RULE).fit(MLP.random((2, 2), rng=0), X, t, callback=both, epochs=15)
    fit = SENN(SOFTMAX, RULE).fit(None, X, t, callback=both, state=part.state)
    assert run(fit.history, both) == run(*PLANE)


def test_a_recorder_forgets_another_training():
    X, t = moons()
    recorder = Recorder(X, t, SOFTMAX)
    for seed in (3, 0):
        fit = SENN(SOFTMAX, RULE).fit(MLP.random((2, 2), rng=seed), X, t, callback=recorder)
    assert run(fit.history, recorder) == run(*PLANE)
    with pytest.raises(
        ValueError, match=r"sizes \(1, .*where the history has \(2, .*another train"
    ):
        run(PLANE[0], LINE[1])


# --- One piece -----------------------------------------------------------------------------------


def text_of(*source, **more):
    """The page of a training."""
    return page.html([Training.of(*source, **more)])


def test_equal_trainings_give_equal_bytes_however_long_they_took(tmp_path):
    again, recorder = trained(SOFTMAX, (2, 2), moons())
    assert again.epochs[-1].seconds != PLANE[0].epochs[-1].seconds
    write_report(PLANE[0], tmp_path / "a.html", PLANE[1], RULE, "moons")
    size = again.report(tmp_path / "b.html", recorder, RULE, "moons")
    first, second = ((tmp_path / f"{name}.html").read_bytes() for name in "ab")
    assert first == second and len(first) == size < 1_000_000


def test_nothing_is_fetched():
    text = text_of(*PLANE, settings=RULE)
    forbidden = r"https?:|\bfetch\b|XMLHttp|WebSocket|\bsrc=|\bimport\b|url\(|@import|sendBeacon"
    assert not re.search(forbidden, text)
    assert "default-src 'none'" in text and "connect-src" not in text
    assert re.findall(r"<link[^>]*>", text) == ['<link rel="icon" href="data:,">']


def test_texts_of_a_record_cannot_end_the_script_or_take_its_place():
    record = copy.deepcopy(RECORD)
    record["command"] = "python -m sennpy </script><script>alert(1)</script> @@kit@@ \\1"
    text = text_of(record, name='<img src=x onerror="alert(1)">')
    assert text.count("</script>") == text.count("<script") == 2 and "<img" not in text
    told = json.loads(text.partition('id="data">')[2].partition("</script>")[0])
    assert told["runs"][0]["command"] == record["command"]


def test_the_script_has_the_colours_of_the_kit_and_makes_elements_by_their_text():
    script = page.own("page.js")
    assert not re.findall(r"#[0-9A-Fa-f]{6}", script.replace("#8a929a", "").replace("#ffffff", ""))
    assert script.count(".innerHTML") == 1 and "${safe(label)}" in script
    assert "@media print" in page.own("page.css") and "prefers-color-scheme: dark" in page.own(
        "page.css"
    )


def long_record(epochs, looks, places=4):
    """A record of a training that was long."""
    record = copy.deepcopy(RECORD)
    history = record["history"]
    record["history"] = {
        "epochs": [{**history["epochs"][0], "epoch": i + 1} for i in range(epochs)],
        "looks": [
            {**history["looks"][1], "epoch": (i + 1) * epochs // (looks + 1),
             "candidates": [candidate(place=p, reason=f"look {i} says no")
                            for p in range(places)]}
            for i in range(looks)
        ],
        "additions": [],
    }  # fmt: skip
    return record


def test_a_long_training_is_thinned_to_a_million_bytes_and_says_so():
    record = long_record(5_000, 2_000, places=12)
    text = text_of(record)
    assert 100_000 < len(text.encode("utf-8")) <= page.LARGEST == 1_000_000
    found = json.loads(text.partition('id="data">')[2].partition("</script>")[0])["runs"][0]
    looks, curves = found["thinned"]
    shown = len(found["looks"])
    assert looks == f"{shown} of 2000 looks are shown." and 100 <= shown <= 300
    step = int(re.search(r"every (\d+)th of 5000 epochs", curves)[1])
    assert (
        found["epochs"]["epoch"][:-1]
        == list(range(1, 5_001, step))[: len(found["epochs"]["epoch"]) - 1]
    )
    assert found["epochs"]["epoch"][-1] == 5_000
    index = [look["index"] for look in found["looks"]]
    assert index[0] == 0 and index[-1] == 1999 and max(np.diff(index)) <= 2 * 2000 / shown


def test_looks_that_added_are_kept_before_others():
    history = {"looks": [{"candidates": [{"chosen": i in (7, 11)}]} for i in range(20)]}
    assert {7, 11} <= set(content.kept_looks(history, 5)) and len(
        content.kept_looks(history, 5)
    ) == 5
    every = {"looks": [{"candidates": [{"chosen": True}]}] * 20}
    assert content.kept_looks(every, 5) == [0, 5, 10, 14, 19]
    assert content.kept_looks(every, 20) == list(range(20))


def test_what_is_too_large_however_thin_is_refused(monkeypatch):
    monkeypatch.setattr(page, "LARGEST", 20_000)
    with pytest.raises(ValueError, match=r"has \d+ bytes however thin, expected at most 20000"):
        text_of(RECORD)


# --- What is refused -----------------------------------------------------------------------------


def broken(change):
    """A record with a change made to its history."""
    record = copy.deepcopy(RECORD)
    change(record["history"])
    return record


@pytest.mark.parametrize(
    "source, error, words_of_it",
    [
        (3, TypeError, "history is of type int, expected a History, or the dict"),
        ({}, ValueError, "has no history, expected what one training leaves"),
        (History(), ValueError, "the history has no epoch"),
        (broken(lambda h: h["looks"][0].pop("lam")), ValueError, "looks are not what"),
        (broken(lambda h: h["epochs"].__setitem__(3, 4)), ValueError, "epochs are not what"),
        (broken(lambda h: h["looks"][0].update(candidates=3)), ValueError, "cannot be read"),
        (broken(lambda h: h["additions"][0].update(candidate={})), ValueError, "cannot be read"),
    ],
)
def test_what_is_no_training_is_refused(source, error, words_of_it, tmp_path):
    with pytest.raises(error, match=words_of_it):
        write_report(source, tmp_path / "page.html")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "made, error, words_of_it",
    [
        (lambda: Recorder(moons()[0]), ValueError, "X, t and loss go together"),
        (lambda: Recorder(*moons(), "softmax"), TypeError, "SoftmaxCrossEntropy"),
        (lambda: text_of(PLANE[0], "recorder"), TypeError, "recorder is of type str"),
        (lambda: text_of(PLANE[0], None, {}), TypeError, "settings is of type dict"),
        (lambda: write_report(PLANE[0], "no folder/of this/\0name"), ValueError, "null"),
    ],
)
def test_what_makes_no_sense_is_refused(made, error, words_of_it):
    with pytest.raises(error, match=words_of_it):
        made()


# --- Commands ------------------------------------------------------------------------------------

WORDS = ["half-moons", "--quick", "--epochs", "31", "--search", "random"]
NAME = "half-moons-random-31-epochs-quick"


def block_of(path):
    """The block of a page."""
    text = path.read_text(encoding="utf-8")
    return json.loads(text.partition('id="data">')[2].partition("</script>")[0])


def test_a_page_made_while_training_is_that_of_a_record_made_again(tmp_path, capsys):
    assert main([*WORDS, "--report", "--out", str(tmp_path)]) == 0
    record, made = tmp_path / f"{NAME}.json", tmp_path / f"{NAME}.html"
    again, without = tmp_path / "again.html", tmp_path / "without.html"
    assert main(["report", str(record), "--replay", "--out", str(again)]) == 0
    assert again.read_bytes() == made.read_bytes()
    assert main(["report", str(record), "--out", str(without)]) == 0
    full, bare = block_of(made)["runs"][0], block_of(without)["runs"][0]
    assert all(net["plane"]["winner"] for net in full["networks"]["looks"])
    assert not any(bare["networks"]["looks"]) and bare["looks"] == full["looks"]
    assert f"call python -m sennpy report {record.name} --replay" in bare["missing"][0]
    content_of = json.loads(record.read_text(encoding="utf-8"))
    content_of["history"]["epochs"][3]["loss"] += 1e-3
    record.write_text(json.dumps(content_of), encoding="utf-8")
    again.unlink()
    capsys.readouterr()
    assert main(["report", str(record), "--replay", "--out", str(again)]) == 1
    assert "made again, 1 values differ" in capsys.readouterr().err and not again.exists()


def test_a_record_of_several_trainings_has_no_page(tmp_path, capsys):
    target = str(tmp_path / "page.html")
    assert main(["report", str(FIGURES / "compare.json"), "--out", target]) == 1
    assert "compare.json: the record has no history" in capsys.readouterr().err
    growing = str(FIGURES / "half-moons-growing.json")
    assert main(["report", growing, "--out", target]) == 0
    capsys.readouterr()
    assert main(["report", growing, "--out", target, "--replay"]) == 1
    assert "does not go with --animate" in capsys.readouterr().err


def test_two_records_stand_on_one_axis(tmp_path):
    trainings = [Training.of(RECORD, name="one"), Training.of(*PLANE, name="other")]
    assert write_reports(trainings, tmp_path / "two.html") < 1_000_000
    found = block_of(tmp_path / "two.html")
    assert found["title"] == "one and other" and len(found["runs"]) == 2
    assert {len(moment["looks"]) for moment in found["moments"]} == {2}
    assert found["runs"][0] == run(RECORD, name="one")


# --- While it trains -----------------------------------------------------------------------------


class Display:
    """In the place of IPython's: what was shown, and how often it was drawn anew."""

    def __init__(self):
        self.shown = []

    def display(self, data, raw, display_id):
        assert raw and display_id
        self.shown.append(data)
        return self

    def update(self, data, raw):
        assert raw
        self.shown.append(data)


@pytest.fixture
def display(monkeypatch):
    made = Display()
    monkeypatch.setitem(sys.modules, "IPython", made)
    monkeypatch.setitem(sys.modules, "IPython.display", made)
    return made


def test_a_live_view_draws_what_came_so_far_and_is_a_recorder(display):
    X, t = moons()
    view = LiveView(X, t, SOFTMAX, every=0, height=300)
    fit = SENN(SOFTMAX, RULE).fit(MLP.random((2, 2), rng=0), X, t, callback=view)
    assert len(display.shown) == len(fit.history.epochs)
    view.show()
    assert view.history == fit.history and run(fit.history, view) == run(*PLANE)
    last = display.shown[-1]["text/html"]
    assert last.startswith("<iframe ") and "height: 300px" in last and last.count('"') == 6
    assert "&quot;end&quot;:31" in last and "&quot;end&quot;:1," in display.shown[0]["text/html"]
    SENN(SOFTMAX, replace(RULE, epochs=3)).fit(MLP.random((2, 2), rng=0), X, t, callback=view)
    assert len(view.history.epochs) == 3 and not view.history.looks


def test_a_live_view_may_come_when_a_training_goes_on_with_a_look(display):
    X, t = moons()
    grows = next(a.epoch for a in PLANE[0].additions)  # its look is put off to the next call
    part = SENN(SOFTMAX, RULE).fit(MLP.random((2, 2), rng=0), X, t, epochs=grows)
    view = LiveView(X, t, SOFTMAX, every=0)
    fit = SENN(SOFTMAX, RULE).fit(None, X, t, callback=view, state=part.state)
    assert len(fit.history.additions) == len(PLANE[0].additions) > 0
    assert len(display.shown) == len(fit.history.epochs) - grows


def test_a_live_view_waits_from_one_drawing_to_the_next(display, monkeypatch):
    clock = iter(np.arange(0, 1000, 0.25))
    monkeypatch.setattr("sennpy.report.live.time.monotonic", lambda: next(clock))
    view = LiveView(every=5.0)
    SENN(SOFTMAX, RULE).fit(MLP.random((2, 2), rng=0), *moons(), callback=view)
    assert 1 < len(display.shown) < 5
    LiveView().show()
    assert len(display.shown) < 5  # there was nothing to show


def test_without_ipython_it_says_what_to_do(monkeypatch):
    monkeypatch.setitem(sys.modules, "IPython", None)
    with pytest.raises(ModuleNotFoundError, match=r"pip install ipython.*Print"):
        LiveView()


def test_settings_of_any_rule_are_shown():
    honest = Settings(epochs=9, cooldown=4)
    recorder = Recorder(*moons(), SOFTMAX)
    fit = SENN(SOFTMAX, honest).fit(MLP.random((2, 2), rng=0), *moons(), callback=recorder)
    found = run(fit.history, recorder, honest)
    assert {c["unit"] for look in found["looks"] for c in look["candidates"]} == {"nats"}
    assert found["looks"][0]["rule"] == "HonestLook(z=1.25, price=1.0, tau=0.0)"
    assert all(k["limit"] is None for k in found["theorem"])
