"""What differs between two answers to the same question."""

from collections.abc import Iterator
from typing import Self

import msgspec
import orjson

from service.assessing.audiences import FUND_RULES


class Concluded(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an answer comes to."""

    probability: float
    points: float
    grade: str
    advice: str | None


class TurnedFinding(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A finding whose outcome is another; null: there was none."""

    rule: str
    subject: str
    before: str | None
    after: str | None


class AnswerChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What differs between two answers: which parts, by how much, from what to what."""

    changed: list[str]
    probability: float
    points: float
    grade: tuple[str, str]
    advice: tuple[str | None, str | None]
    findings: list[TurnedFinding]

    def for_fund(self) -> Self:
        """The same without what changed in findings that a fund may not see."""
        return msgspec.structs.replace(self, findings=[one for one in self.findings if one.rule in FUND_RULES])


class _Read(msgspec.Struct, frozen=True):
    """A probability or an advice, of which one member is read."""

    value: float = 0.0
    advice: str | None = None


class _Outcome(msgspec.Struct, frozen=True):
    """Of a finding what it concluded, and what it weighs."""

    rule: str
    subject: str
    outcome: str
    effect: str = "info"


class _PatentOutcomes(msgspec.Struct, frozen=True):
    """Of a patent what the rules concluded."""

    patent: str
    findings: tuple[_Outcome, ...]
    passed: tuple[str, ...]
    not_applicable: tuple[str, ...]


class _ListOutcomes(msgspec.Struct, frozen=True):
    """Of a list what the rules concluded."""

    findings: tuple[_Outcome, ...]


class _Figures(msgspec.Struct, frozen=True):
    """Of an answer, of whichever version, what two are compared by."""

    points: float
    grade: str
    pd: _Read | None = None
    admission: _Read | None = None
    recommendation: _Read | None = None
    findings: tuple[_Outcome, ...] = ()
    lists: tuple[_ListOutcomes, ...] = ()
    patents: tuple[_PatentOutcomes, ...] = ()

    @property
    def concluded(self) -> Concluded:
        """What the answer comes to."""
        probability, advice = self.pd or self.admission or _Read(), self.recommendation or _Read()
        return Concluded(probability=probability.value, points=self.points, grade=self.grade, advice=advice.advice)

    @property
    def every(self) -> Iterator[_Outcome]:
        """The findings about the firm, lists and patents that are told by themselves."""
        yield from self.findings
        yield from (one for listed in self.lists for one in listed.findings)
        yield from (one for patent in self.patents for one in patent.findings)

    @property
    def outcomes(self) -> dict[tuple[str, str], str]:
        """The outcome of every rule that the answer tells, by rule and subject."""
        outcomes = {(one.rule, one.subject): one.outcome for one in self.every}
        for patent in self.patents:
            outcomes |= {(rule, patent.patent): "pass" for rule in patent.passed}
            outcomes |= {(rule, patent.patent): "not_applicable" for rule in patent.not_applicable}
        return outcomes


def _figures(sent: bytes) -> _Figures:
    return msgspec.json.decode(sent, type=_Figures)


def concluded(sent: bytes) -> Concluded:
    """What an answer comes to."""
    return _figures(sent).concluded


def open_effects(sent: bytes) -> dict[tuple[str, str], str]:
    """What each open finding of an answer weighs, by rule and subject."""
    return {(one.rule, one.subject): one.effect for one in _figures(sent).every if one.outcome in ("fail", "unknown")}


def change_of(before: bytes, after: bytes) -> AnswerChange:
    """What differs between two answers: probability and points as differences, grade, advice and findings as pairs."""
    old, new = _figures(before), _figures(after)
    was, now, left, right = old.concluded, new.concluded, old.outcomes, new.outcomes
    return AnswerChange(
        changed=sorted(_differing(before, after)),
        probability=now.probability - was.probability,
        points=(round(10 * now.points) - round(10 * was.points)) / 10,
        grade=(was.grade, now.grade),
        advice=(was.advice, now.advice),
        findings=[
            TurnedFinding(
                rule=rule, subject=subject, before=left.get((rule, subject)), after=right.get((rule, subject))
            )
            for rule, subject in sorted(left.keys() | right.keys())
            if left.get((rule, subject)) != right.get((rule, subject))
        ],
    )


def _differing(before: bytes, after: bytes) -> set[str]:
    """The parts of an answer that are not the same."""
    old, new = orjson.loads(before), orjson.loads(after)
    return {part for part in old.keys() | new.keys() if old.get(part) != new.get(part)}
