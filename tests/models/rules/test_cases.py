"""The worked cases of tests/cases/rules: facts as a banker tells them, and what each rule must say of them."""

from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from features.asof import Known
from features.phrase import Phrase
from features.policy import shipped
from models.lending import lending
from models.rules import Finding, Judged, assess_rules, screen
from models.rules.registry import RULES
from models.words.templates import say
from tests.models.rules.facts_of_a_case import known, policy_of
from tests.models.underwriting.whole_case import RANGE, valued

FOLDER = Path(__file__).parents[2] / "cases" / "rules"


def worked_cases() -> list[Any]:
    """Every case of every file, named by its sentence."""
    return [
        pytest.param(case, id=f"{file.stem}: {case['case']}")
        for file in sorted(FOLDER.glob("*.yaml"))
        for case in yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    ]


@pytest.mark.parametrize("case", worked_cases())
def test_worked_case(case: dict[str, Any]) -> None:
    """The rules say of each case what its sentence says."""
    what = known(case, policy_of(case, shipped()))
    if "change" in case:
        judged = _with_limit(what, case)
    else:
        judged = assess_rules(what, 0, case.get("points"), case.get("loan", {}).get("matures_on"))
    for name, expected in case.get("expect", {}).items():
        _compare(_find(judged.every, name), expected)
    assert not {one.rule for one in judged.every} & set(case.get("absent", ()))
    for name, expected in case.get("lists", {}).items():
        listed = screen(judged.applicant, name, case.get("admission"))
        for gate, wanted in expected.items():
            if gate == "outcome":
                assert listed.outcome == wanted, [f.rule for f in listed.why_not]
            else:
                _compare(_find(listed.findings, gate), wanted)
    _compare_recommendation(judged, case)


def _with_limit(what: Known, case: dict[str, Any]) -> Judged:
    """What is concluded with the limit weighed, after the limit itself was compared; amounts of a case in yuan.

    Our own valuation is the base firm's, or as the case tells it in ten thousand yuan.
    """
    with valued(case.get("own_value", RANGE)):
        found = lending(what, 0, case.get("points", 620))
    assert found.security is not None
    if "limit" in case:
        limit, wanted = found.security.limit, case["limit"]
        assert limit.binding == wanted["binding"], limit
        assert limit.amount == (None if wanted["amount"] is None else wanted["amount"] * 100), limit
        for name, amount in wanted.get("bounds", {}).items():
            assert limit.bounds[name] == amount * 100, limit
    return found.judged


def test_there_are_enough_cases() -> None:
    """At least a hundred worked cases, each with a sentence and something that it expects."""
    cases = [p.values[0] for p in worked_cases()]
    assert len(cases) >= 100
    assert len({c["case"] for c in cases}) == len(cases)
    assert all({"expect", "lists", "advice", "absent"} & c.keys() for c in cases)


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
    cured = Phrase(f"cure.{found.cure.code}", found.cure.facts) if found.cure else None
    for part, said in (("says", found.observed), ("requires", found.required), ("cure", cured)):
        if part in told:
            heard = "" if said is None else say(said, "en") + say(said, "zh")
            assert str(told[part]) in heard if told[part] else not heard, found
    if "fee" in told:
        assert found.cure is not None, found
        assert found.cure.fee == round(told["fee"] * 100), found.cure
    for name, value in told.get("facts", {}).items():
        assert found.facts[name] == (tuple(value) if isinstance(value, list) else value), found
    for name, value in told.get("detail", {}).items():
        assert getattr(found.detail, name) == value, found.detail
    if "since" in told:
        assert found.since == told["since"], found


def _compare_recommendation(judged: Judged, case: dict[str, Any]) -> None:
    said = judged.recommendation
    if "advice" in case:
        assert said.advice == case["advice"], said.because
    if "conditions" in case:
        assert sorted({c.rule for c in said.conditions}) == sorted(case["conditions"])
    if "recommended" in case:
        assert said.amount == (None if case["recommended"] is None else case["recommended"] * 100)
    if "dropped" in case:
        assert list(said.dropped) == case["dropped"]


CANNOT_BE_UNKNOWN = {
    "chinese_right", "not_granted", "third_party_pledge", "remaining_life", "same_day_invention", "falls_away", "other",
    "high_value_maintained", "list_admission", "units_suspect", "audit_opinion", "purpose_allowed", "recently_filed",
    "appraisal_usable", "confirmed_above", "above_own_range", "fraud_flags_together", "pool_concentration",
    "entrusted_payment", "within_limit", "contract_incomplete", "score", "renewal_rounds",
}  # fmt: skip
"""Rules whose facts a row always states, that weigh what is not known as its worst, or that weigh only what is told."""
CANNOT_FAIL = {
    "bureau_report", "statements_fresh", "appraisal_fresh", "register_extract", "offered_known", "interim_fresh",
    "controller_known", "purpose_stated", "purpose_documents", "need_known", "need_orders", "other_security",
}  # fmt: skip
"""Rules that ask whether something is known: what is missing or stale is unknown."""


@cache
def expected_outcomes() -> dict[str, set[str]]:
    """Of each rule, the outcomes that some case expects."""
    found: dict[str, set[str]] = {code: set() for code in RULES}
    for param in worked_cases():
        (case,) = param.values
        for expected in (case.get("expect", {}), *case.get("lists", {}).values()):
            for name, told in expected.items():
                if name != "outcome":
                    outcome = told if isinstance(told, str) else told.get("is", "")
                    found[name.partition("@")[0]].add(outcome.partition(" ")[0])
    return found


@pytest.mark.parametrize("code", sorted(RULES))
def test_every_rule_is_seen_on_both_sides(code: str) -> None:
    """Each rule is shown met, not met, and unknown, as far as it can be any of these."""
    seen = expected_outcomes()[code]
    if code != "offered_known":
        assert seen & {"pass", "not_applicable"}
    assert "fail" in seen or code in CANNOT_FAIL
    assert "unknown" in seen or code in CANNOT_BE_UNKNOWN
