"""Findings, cures and advice as plain JSON with their sentences in both languages, until answers carry codes alone."""

from datetime import date
from typing import Any

import msgspec

from features.policy import Policy
from models.rules.finding import Cure, Finding
from models.rules.recommendation import Recommendation
from models.rules.whitelists import Listed
from models.words.phrase import LANGUAGES, Phrase
from models.words.templates import SHIPPED


def said(phrase: Phrase | None) -> dict[str, str]:
    """The sentence in each language; empty where there is none."""
    return {language: SHIPPED.say(phrase, language) if phrase else "" for language in LANGUAGES}


def named(code: str) -> dict[str, str]:
    """The name of a code in each language."""
    return {language: SHIPPED.name(code, language) for language in LANGUAGES}


def cure_told(cure: Cure | None) -> dict[str, Any] | None:
    """What, where, how long and for how much."""
    if cure is None:
        return None
    what = said(Phrase(f"cure.{cure.code}", cure.facts))
    return {"what": what, "where": named(f"office.{cure.office}"), "days": cure.days, "fee": cure.fee}


def finding_told(found: Finding, policy: Policy) -> dict[str, Any]:
    """A finding in the order in which an officer reads it."""
    document, confidence = _laid_down(policy, found.policy)
    return {
        "rule": found.rule,
        "subject": found.subject,
        "outcome": found.outcome,
        "effect": found.effect,
        "title": named(f"rule.{found.rule}"),
        "observed": said(found.observed),
        "required": said(found.required),
        "since": _iso(found.since),
        "document": document,
        "confidence": confidence,
        "proof": msgspec.to_builtins(found.proof),
        "cure": cure_told(found.cure),
        "detail": msgspec.to_builtins(found.detail) if found.detail else dict(found.facts),
    }


def recommendation_told(found: Recommendation) -> dict[str, Any]:
    """The advice with its conditions."""
    return {
        "advice": found.advice,
        "amount": found.amount,
        "because": [{"rule": f.rule, "subject": f.subject} for f in found.because],
        "conditions": [
            {"rule": c.rule, "title": named(f"rule.{c.rule}"), "subjects": list(c.subjects), "cure": cure_told(c.cure)}
            for c in found.conditions
        ],
        "dropped": list(found.dropped),
        "expires_on": found.expires_on.isoformat(),
    }


def listed_told(one: Listed, policy: Policy) -> dict[str, Any]:
    """What a list says of a firm."""
    return {
        "list": one.list,
        "kind": one.kind,
        "name": dict(one.name),
        "outcome": one.outcome,
        "findings": [finding_told(f, policy) for f in one.findings],
        "why_not": [f.rule for f in one.why_not],
    }


def _laid_down(policy: Policy, name: str | None) -> tuple[str, str]:
    if name is None:
        return "", "assumed"
    stated = policy(name)
    return "; ".join(r["document"] for r in stated.reference), stated.confidence


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
