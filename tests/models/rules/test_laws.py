"""What holds of rules whatever the facts: no future, no order, no batch, both languages, and effects above counts."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.asof import Case, Known, as_known
from features.encoded import Tables
from features.norms import NO_NORMS
from features.phrase import LANGUAGES, Phrase
from features.policy import shipped
from models.rules import Finding, Judged, assess_rules, lists, screen
from models.rules.finding import EFFECTS, Effect
from models.rules.recommendation import recommend
from models.rules.registry import RULES, Maker, catalogue
from models.words.templates import SHIPPED, phrase, say
from tests.amount import law
from tests.models.rules.facts_of_a_case import TODAY, known
from tests.models.rules.test_cases import worked_cases

CASES = [param.values[0] for param in worked_cases() if "policy" not in param.values[0]]
FIRMS = ("row:1", "row:2", "row:3")
DAYS = st.dates(TODAY - timedelta(days=4000), TODAY + timedelta(days=60))
Rows = Mapping[str, Sequence[dict[str, Any]]]

EVENTS = st.fixed_dictionaries(
    {
        "event": st.sampled_from(
            ["lapsed", "restored", "pledged", "pledge_released", "preserved", "preservation_released", "licensed",
             "invalidation_requested", "invalidated", "invalidated_in_part", "invalidation_rejected", "dispute",
             "dispute_closed", "register_extract", "award"]
        ),
        "happened_on": DAYS,
        "reference": st.sampled_from(["R1", "R2", None]),
        "party": st.sampled_from(["bank:ours", "row:9", None]),
    }
)  # fmt: skip


@st.composite
def rows(draw: st.DrawFn) -> dict[str, list[dict[str, Any]]]:
    """Rows of three firms, each with a patent, some events and a listing, some of them of the future."""
    found: dict[str, list[dict[str, Any]]] = {
        "firms": [], "patents": [], "holdings": [], "patent_events": [], "credit_events": [], "coverage": []
    }  # fmt: skip
    for firm in FIRMS:
        filed = draw(DAYS.filter(lambda day: day < TODAY - timedelta(days=900)))
        of = {"firm": firm, "known_on": filed, "source_kind": "register"}
        found["firms"].append(of | {"industry": draw(st.sampled_from(["C39", "H62", None])), "status": "in_business"})
        found["patents"].append(
            of | {"patent": f"CN-{firm}", "kind": draw(st.sampled_from(["invention", "utility_model"])), "office": "CN",
                  "filed_on": filed, "granted_on": draw(st.sampled_from([filed + timedelta(days=700), None])),
                  "fees_paid_to": draw(DAYS.map(lambda day, filed=filed: max(day, filed)))}
        )  # fmt: skip
        found["holdings"].append(of | {"patent": f"CN-{firm}", "holder": firm, "from_on": filed})
        for event in draw(st.lists(EVENTS, max_size=5)):
            known_on = event["happened_on"] + timedelta(days=draw(st.integers(0, 90)))
            found["patent_events"].append(of | event | {"patent": f"CN-{firm}", "known_on": known_on})
        listed = draw(DAYS)
        found["credit_events"].append(of | {"event": "enforcement", "happened_on": listed, "known_on": listed})
        found["coverage"] += [of | {"about": name} for name in ("patent_events", "credit_events")]
    return found


def judged(rows: Rows, firms: Sequence[str] = FIRMS, as_of: date = TODAY) -> list[Judged]:
    """What the rules say of each firm, from one batch."""
    cases = [Case(firm, firm, as_of, None, "bank:ours") for firm in firms]
    what = as_known(Tables.from_rows(rows), cases, NO_NORMS, shipped())
    return [assess_rules(what, i) for i in range(len(cases))]


def told(found: Judged) -> Any:
    """All that the rules say of a case, as JSON values."""
    return msgspec.to_builtins((found.every, found.recommendation))


@law(25)
@given(rows())
def test_single_equals_batch(rows: Rows) -> None:
    """A firm's findings do not depend on the firms asked about with it."""
    for firm, found in zip(FIRMS, judged(rows), strict=True):
        assert told(judged(rows, [firm])[0]) == told(found)


@law(25)
@given(rows(), st.randoms(use_true_random=False))
def test_order_of_rows_cannot_matter(rows: Rows, chance: Any) -> None:
    """The same rows in another order give the same findings."""
    shuffled = {name: chance.sample(list(of), len(of)) for name, of in rows.items()}
    assert [told(f) for f in judged(rows)] == [told(f) for f in judged(shuffled)]


@law(25)
@given(rows())
def test_what_is_not_yet_known_is_invisible(rows: Rows) -> None:
    """Rows known only after the day change nothing."""
    present = {name: [row for row in of if row["known_on"] <= TODAY] for name, of in rows.items()}
    assert [told(f) for f in judged(rows)] == [told(f) for f in judged(present)]


def leaves(told: Any) -> Iterator[Any]:
    """Every single value of nested JSON values."""
    if isinstance(told, dict | list):
        for part in told.values() if isinstance(told, dict) else told:
            yield from leaves(part)
    else:
        yield told


def phrases(finding: Finding) -> list[Phrase]:
    """All that a finding says."""
    cure = [Phrase(f"cure.{finding.cure.code}", finding.cure.facts)] if finding.cure else []
    return [*(one for one in (finding.observed, finding.required) if one), *cure]


LATIN = re.compile(r"[A-Za-z]{2,}")


def said_by_us(found: Phrase) -> str:
    """The Chinese sentence without what it quotes: identifiers, remarks and names that registers and papers state."""
    formats = SHIPPED.placeholders(found.code)
    quoted = ("plain", "list", "party", "name.answer")
    facts = {name: "…" if formats[name] in quoted and fact else fact for name, fact in found.facts.items()}
    return say(Phrase(found.code, facts), "zh")


@cache
def known_of(place: int) -> Known:
    """What is known of a case, by its place: with what follows from it, which takes longer than what is said of it."""
    return known(CASES[place], shipped())


each_case = pytest.mark.parametrize("place", range(len(CASES)), ids=[c["case"] for c in CASES])


@each_case
def test_chinese_text_holds_no_english(place: int) -> None:
    """What a finding says in Chinese holds no Latin word of ours."""
    found = assess_rules(known_of(place), 0, 600.0)
    listed = [f for name in lists(shipped()) for f in screen(found.applicant, name, 0.5).findings]
    for finding in (*found.every, *listed):
        for one in phrases(finding):
            assert not LATIN.search(said_by_us(one)), one


@each_case
def test_every_finding_can_be_read_and_sent(place: int) -> None:
    """Each finding is plain JSON without a float, can be worded in both languages, and has an effect of its rule.

    What is met or does not apply has no effect on the loan.
    """
    found = assess_rules(known_of(place), 0)
    listed = [f for name in lists(shipped()) for f in screen(found.applicant, name).findings]
    assert all(finding.open or finding.effect == "info" for finding in found.every)
    for finding in (*found.every, *listed):
        assert not any(isinstance(part, float) for part in leaves(msgspec.to_builtins(finding)))
        assert finding.rule in RULES
        for language in LANGUAGES:
            assert SHIPPED.name(f"rule.{finding.rule}", language) != f"rule.{finding.rule}"
            assert all(say(one, language) for one in phrases(finding))
            if finding.cure is not None:
                assert SHIPPED.name(f"office.{finding.cure.office}", language) != f"office.{finding.cure.office}"
        if finding.open:
            assert finding.required is not None
            assert finding.effect in RULES[finding.rule].weighs
    assert not any(isinstance(part, float) for part in leaves(msgspec.to_builtins(found.recommendation)))
    json.dumps(msgspec.to_builtins(found.every), allow_nan=False)


def test_a_rule_cannot_have_an_effect_that_it_does_not_declare() -> None:
    """The catalogue page is true: a rule that would weigh otherwise fails at once."""
    applicant = assess_rules(known({}, shipped()), 0).applicant
    said = phrase("finding.any.observed.none")
    with pytest.raises(ValueError, match="does not declare the effect blocks"):
        Maker(RULES["first_loan"], applicant, "firm").fails("blocks", said, said)


@cache
def sound() -> Judged:
    """What is concluded of a firm that offers one patent."""
    return assess_rules(known({"patent": {}}, shipped()), 0)


def finding(outcome: Any, effect: Effect, subject: str) -> Finding:
    """A finding with nothing but its weight."""
    said = phrase("finding.any.observed.none")
    return Finding("rule", subject, outcome, effect, said, said)


@given(st.lists(st.sampled_from(["caution", "info", "before_drawdown"]), max_size=30))
def test_a_count_of_fails_never_decides(effects: list[Effect]) -> None:
    """However many cautions, conditions and remarks there are, the advice stays to recommend."""
    applicant = sound().applicant
    found = [finding("fail", effect, "P1") for effect in effects]
    assert recommend(applicant, found, ["P1"]).advice == "recommend"


@given(st.lists(st.tuples(st.sampled_from(["fail", "unknown"]), st.sampled_from(EFFECTS)), max_size=8))
def test_a_further_finding_never_improves_the_advice(found: list[tuple[str, Effect]]) -> None:
    """Adding a finding that is open can leave the advice or make it heavier."""
    applicant = sound().applicant
    heavier = ["recommend", "refer", "advise_against"]
    every = [finding(outcome, effect, "P1") for outcome, effect in found if effect != "drops_patent"]
    advice = [recommend(applicant, every[:n], ["P1"]).advice for n in range(len(every) + 1)]
    assert [heavier.index(a) for a in advice] == sorted(heavier.index(a) for a in advice)


def test_advice_expires() -> None:
    """The advice may be relied on for as long as policy says."""
    found = sound().recommendation
    assert found.expires_on == TODAY + timedelta(days=shipped()("expiry.assessment").on(TODAY))


def test_catalogue_page_is_current() -> None:
    """docs/rules.md is what the rules say of themselves."""
    page = Path(__file__).parents[3] / "docs" / "rules.md"
    assert page.read_text(encoding="utf-8") == catalogue()


def test_rules_name_policies_that_exist() -> None:
    """Each policy that a rule names is shipped, but for the parts of a list, whose name stands for any list."""
    for rule in RULES.values():
        for name in rule.policies:
            assert name.startswith("list_NAME.") or name in shipped().parameters, (rule.code, name)
