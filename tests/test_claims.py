"""What the studies on record say of the paper's claims: nothing else, and all of it."""

import json
from pathlib import Path

import pytest
import readme_table

from sennpy.studies import claims, study

ROOT = Path(__file__).parents[1]
README = ROOT.joinpath("README.md").read_text(encoding="utf-8")


def record(name, *verdicts):
    return {"command": f"python -m sennpy study {name}", "study": name, "verdicts": [
        {"claim": claim, "text": "so", "estimate": 1.0, "low": low, "high": 2.0, "verdict": word,
         "seeds": 3} for claim, word, low in verdicts
    ]}  # fmt: skip


def test_a_claim_without_rows_is_not_measured():
    found = claims.judged_claims({})
    assert [claim["verdict"] for claim in found] == ["not measured"] * len(claims.CLAIMS)


@pytest.mark.parametrize(
    "words, word",
    [
        (["holds", "holds"], "holds"), (["does not", "does not"], "does not"),
        (["holds", "does not"], "holds in part"), (["holds", "not decided"], "holds in part"),
        (["holds in part", "does not"], "holds in part"), (["not decided"], "not decided"),
        (["does not", "not decided"], "does not"), ([], "not measured"),
    ],
)  # fmt: skip
def test_several_verdicts_become_one(words, word):
    assert claims.together(words) == word


def test_a_claim_is_judged_by_every_study_that_names_it():
    records = {"a": record("a", ("anytime", "holds", 0.5)), "b": record("b", ("anytime", "does not",
               None), ("other", "holds", 1.0))}  # fmt: skip
    found = {claim["claim"]: claim for claim in claims.judged_claims(records)}["anytime"]
    assert found["verdict"] == "holds in part" and [v["study"] for v in found["verdicts"]] == [
        "a",
        "b",
    ]
    (line,) = [line for line in claims.markdown([found]).splitlines() if "anytime" in line]
    assert "so: 1 [0.5, 2], n = 3: holds<br>so: 1 [?, 2], n = 3: does not" in line
    assert "`sennpy study a`<br>`sennpy study b`" in line and "| holds in part |" in line


def test_quick_records_count_for_nothing_and_others_are_refused(tmp_path):
    (tmp_path / "study-a.json").write_text(json.dumps(record("a")))
    (tmp_path / "study-a-quick.json").write_text("{}")
    assert list(claims.records_of(tmp_path)) == ["a"]
    (tmp_path / "study-b.json").write_text("{}")
    with pytest.raises(ValueError, match=r"study-b.json has no command, study, verdicts"):
        claims.records_of(tmp_path)


def test_every_claim_has_a_name_of_its_own():
    names = [claim.name for claim in claims.CLAIMS]
    assert len(set(names)) == len(names)


def test_the_claims_on_record_are_those_of_the_studies_on_record():
    recorded = json.loads((ROOT / "figures" / "claims.json").read_text(encoding="utf-8"))
    found = claims.judged_claims(claims.records_of(ROOT / "figures"))
    assert json.loads(json.dumps(found)) == recorded["claims"], "run `make claims`"
    assert {v["study"] for claim in found for v in claim["verdicts"]} <= set(study.names())


def test_no_verdict_on_record_is_lost():
    records = claims.records_of(ROOT / "figures")
    known = {one for claim in claims.CLAIMS for one in claim.ids}
    told = [v for record in records.values() for v in record["verdicts"]]
    assert {verdict["claim"] for verdict in told} <= known
    found = claims.judged_claims(records)
    assert sum(len(claim["verdicts"]) for claim in found) == len(told)


def test_many_verdicts_of_a_claim_are_counted():
    told = [v | {"study": s} for s, word, n in [("a", "holds", 1), ("b", "not decided", 4)]
            for v in record(s, *n * [("anytime", word, 0.5)])["verdicts"]]  # fmt: skip
    assert len(claims.measurements(told[1:])) == claims.SPELLED == 4
    one, other = claims.measurements(told)
    assert one.startswith("a, 1 of 5 holds: so: 1 [0.5, 2]")
    assert other.startswith("b, 4 of 5 not decided: so: 1 [0.5, 2]")


def test_the_table_of_claims_is_that_of_the_record():
    assert readme_table.with_claims(README) == README, "run `make claims`"
    with pytest.raises(ValueError, match="make claims"):
        readme_table.with_claims("# sennpy\n")
