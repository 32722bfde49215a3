"""The worked values: recomputed by the package and by a port that does not know it."""

import json
import re
from pathlib import Path

import make_golden as golden
import numpy as np
import pytest
from port import port

DATA = Path(__file__).parent / "data"
TEXT = (DATA / "golden.json").read_text(encoding="utf-8")
HELD = json.loads(TEXT)
CASES = {case["name"]: case for case in HELD["cases"]}


def leaves(value, path=""):
    """Every array, number and text in nested dicts, with its path; matrices are one leaf."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from leaves(item, f"{path}.{key}")
    elif isinstance(value, (list, tuple)) and not is_array(value):
        for i, item in enumerate(value):
            yield from leaves(item, f"{path}[{i}]")
    else:
        yield path, value


def is_array(value):
    """Whether nested lists are one array of numbers."""
    try:
        return np.array(value).dtype.kind in "bif"
    except ValueError:
        return False


def agree(actual, expected, tolerance):
    """Whether an array, number or text is another, but for rounding."""
    if isinstance(expected, str):
        return actual == expected
    actual, expected = np.array(actual, dtype=float), np.array(expected, dtype=float)
    scale = max(np.abs(expected).max(initial=0), 1e-6)
    return actual.shape == expected.shape and np.abs(actual - expected).max() <= tolerance * scale


def disagreements(actual, expected, tolerance):
    """Paths of the leaves of `expected` that `actual` has otherwise."""
    found, wanted = dict(leaves(golden.plain(actual))), dict(leaves(expected))
    assert found.keys() == wanted.keys()
    return [path for path, value in wanted.items() if not agree(found[path], value, tolerance)]


# --- Every number is recomputed ------------------------------------------------------------------


@pytest.mark.parametrize("name", CASES)
def test_the_package_still_gives_every_number(name):
    assert not disagreements(golden.case(name, *golden.CASES[name]), CASES[name], 1e-9)


@pytest.mark.parametrize("name", CASES)
def test_a_port_from_the_page_alone_gives_every_number(name):
    results = {key: value for key, value in CASES[name].items() if key not in ("name", "inputs")}
    assert not disagreements(port(CASES[name]["inputs"]), results, 1e-8)


def test_the_port_knows_nothing_of_the_package():
    source = Path(__file__).with_name("port.py").read_text(encoding="utf-8")
    assert re.findall(r"^ *(?:import|from) (\w+)", source, re.MULTILINE) == ["numpy"]


def test_a_number_that_is_off_is_seen():
    changed = json.loads(TEXT)["cases"][0]
    changed["neuron"]["delta_eta"] *= 1 + 1e-7
    changed["mala"]["steps"][2]["position"][1] += 1e-6
    paths = disagreements(changed, HELD["cases"][0], 1e-9)
    assert paths == [".neuron.delta_eta", ".mala.steps[2].position"]


# --- What the cases show -------------------------------------------------------------------------


@pytest.mark.parametrize("name", CASES)
def test_a_case_shows_a_bound_that_is_not_tight_and_chains_that_accept_and_reject(name):
    case, u = CASES[name], CASES[name]["inputs"]["chain"]["u"]
    assert 0.1 < case["neuron"]["delta_eta_bound"] / case["neuron"]["delta_eta"] < 0.95
    assert case["dense"]["delta_eta"] > 1e-4 * case["forward"]["lambda"]
    for part in (case["mala"], case["released"]):
        moved = [draw < step["acceptance"] for draw, step in zip(u, part["steps"], strict=True)]
        assert any(moved) and not all(moved)


def test_the_decisions_of_the_cases_differ():
    assert {case["neuron"]["passes"] for case in CASES.values()} == {True, False}


# --- The file and its page -----------------------------------------------------------------------


def test_the_file_is_what_the_tool_writes(tmp_path, capsys):
    golden.main(tmp_path)
    written = (tmp_path / "golden.json").read_text(encoding="utf-8")
    assert f"wrote {tmp_path / 'golden.json'}" in capsys.readouterr().out
    numbers = re.compile(r"-?\d+\.\d+(?:e-?\d+)?")
    assert numbers.sub("", written) == numbers.sub("", TEXT)  # all but the last digits
    assert json.loads(written)["format"] == HELD["format"] == golden.FORMAT


def test_numbers_are_written_with_17_significant_digits():
    for number in re.findall(r"[-\d.e]+(?=[,\]\n])", TEXT):
        if "." in number:
            assert number in (f"{float(number):.17g}", f"{float(number):.1f}")
    values = [0.1, 1 / 3, 1e-300, -2.0, 123456789.123456789, 5e-324, 1e22]
    assert json.loads(golden.text(values)) == values


def names(value):
    """All keys in nested dicts."""
    if isinstance(value, dict):
        return set(value).union(*map(names, value.values()))
    return set().union(*map(names, value)) if isinstance(value, list) else set()


def test_the_page_explains_each_field_and_no_other():
    page = (DATA / "golden.md").read_text(encoding="utf-8")
    explained = set(re.findall(r"`([A-Za-z_]+)`", page))
    assert names(HELD) <= explained
    assert explained - names(HELD) <= {"squared", "softmax"}
