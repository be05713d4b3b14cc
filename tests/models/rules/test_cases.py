"""The worked cases of tests/cases/rules: facts as a banker tells them, and what each rule must say of them."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from features.policy import shipped
from models.rules import Finding, Judged, assess_rules, screen
from tests.models.rules.facts_of_a_case import known

FOLDER = Path(__file__).parents[2] / "cases" / "rules"


def worked_cases() -> list[Any]:
    """Every case of every file, named by its sentence."""
    return [
        pytest.param(case, id=f"{file.stem}: {case['case']}")
        for file in sorted(FOLDER.glob("*.yaml"))
        for case in yaml.safe_load(file.read_text(encoding="utf-8"))
    ]


@pytest.mark.parametrize("case", worked_cases())
def test_worked_case(case: dict[str, Any]) -> None:
    """The rules say of each case what its sentence says."""
    what = known(case, shipped())
    judged = assess_rules(what, 0, case.get("points"), case.get("loan", {}).get("matures_on"))
    for name, expected in case.get("expect", {}).items():
        _compare(_find(judged.every, name), expected)
    for name, expected in case.get("lists", {}).items():
        listed = screen(judged.applicant, name, case.get("admission"))
        for gate, wanted in expected.items():
            if gate == "outcome":
                assert listed.outcome == wanted, [f.rule for f in listed.why_not]
            else:
                _compare(_find(listed.findings, gate), wanted)
    _compare_recommendation(judged, case)


def test_there_are_enough_cases() -> None:
    """At least a hundred worked cases, each with a sentence and something that it expects."""
    cases = [p.values[0] for p in worked_cases()]
    assert len(cases) >= 100
    assert len({c["case"] for c in cases}) == len(cases)
    assert all({"expect", "lists", "advice"} & c.keys() for c in cases)


def _find(findings: tuple[Finding, ...], name: str) -> Finding:
    rule, _, subject = name.partition("@")
    found = [f for f in findings if f.rule == rule and (not subject or f.subject == subject)]
    assert len(found) == 1, f"{name}: {len(found)} findings, about {[f.subject for f in found]}"
    return found[0]


def _compare(found: Finding, expected: Any) -> None:
    told = {"is": expected} if isinstance(expected, str) else expected
    outcome, _, effect = told.get("is", found.outcome).partition(" ")
    assert found.outcome == outcome, found
    if effect:
        assert found.effect == effect, found
    for part in ("says", "requires"):
        if part in told:
            wording = found.observed if part == "says" else found.required
            assert str(told[part]) in wording.en + wording.zh, wording
    if "cure" in told:
        assert found.cure is not None, found
        assert told["cure"] in found.cure.what.en, found.cure
    if "fee" in told:
        assert found.cure is not None, found
        assert found.cure.fee == round(told["fee"] * 100), found.cure
    for name, value in told.get("detail", {}).items():
        assert found.detail[name] == value, found.detail
    if "since" in told:
        assert found.since == told["since"], found


def _compare_recommendation(judged: Judged, case: dict[str, Any]) -> None:
    said = judged.recommendation
    if "advice" in case:
        assert said.advice == case["advice"], [(f.rule, f.subject, f.outcome) for f in said.because]
    if "conditions" in case:
        assert sorted({c.rule for c in said.conditions}) == sorted(case["conditions"])
    if "dropped" in case:
        assert list(said.dropped) == case["dropped"]
