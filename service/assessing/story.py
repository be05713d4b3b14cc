"""The story of one answer: gather what is known, build features, assess, record. Start reading here.

Concurrent questions go through it together, a few at a time; one question is a batch of one. Nothing here knows HTTP.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import uuid4

from features.asof import Case, Known, as_known
from features.encoded import Tables
from features.matrix import named
from features.policy import Policy
from features.tables import TABLES
from models.assess import Assessment, assess
from models.collateral.bank_assumptions import BadAssumption, BankAssumption, BankAssumptions
from models.rules import forget
from models.score.bundle import Bundle
from models.score.kind import KindName
from service.access.roles import EVERYWHERE, Place
from service.assessing.leaves import assessment_leaves
from service.assessing.ports import Bundles, Firms, Rows
from service.assessing.requests import Applicant, read_applicant
from service.edge.errors import Forbidden, InvalidRequest, Refused
from service.ledger.canonical import time_text
from service.ledger.seal import Leaves

T = TypeVar("T")

MOST_PLACES = 100
"""Places of ignored rows that an answer lists per table; it always tells how many there are."""


@dataclass(frozen=True)
class Question:
    """A question as it came in.

    `today` is the day where the bank is; `key` the caller's Idempotency-Key; `place` whom alone the caller may ask for.
    """

    body: bytes
    asked_at: datetime
    today: date
    actor: str
    key: str | None = None
    place: Place = EVERYWHERE


@dataclass(frozen=True)
class Gathered:
    """A question with the rows that it is answered from, and those left out because they were known only later."""

    question: Question
    applicant: Applicant
    case: Case
    bundle: Bundle
    rows: Rows
    ignored: list[dict[str, Any]]


@dataclass(frozen=True)
class Assessed:
    """An answer that is not yet recorded: `parts` leave for the caller, `leaves` are sealed beside them."""

    question: Question
    case: Case
    probability: float
    parts: dict[str, Any]
    leaves: Leaves


@dataclass(frozen=True)
class Assessor:
    """All that answering needs; `code` is the version of the product."""

    bundles: Bundles
    firms: Firms
    policy: Policy
    code: str

    def answer(self, questions: Sequence[Question]) -> list[Assessed | Refused]:
        """An answer or a refusal for each question, in order; what one question says changes no other's answer."""
        gathered = [self._gathered(question) for question in questions]
        return self._assessed_apart(gathered)

    def _gathered(self, question: Question) -> Gathered | Refused:
        try:
            return gather(question, self.bundles, self.firms)
        except Refused as refused:
            return refused

    def _assessed_apart(self, gathered: Sequence[Gathered | Refused]) -> list[Assessed | Refused]:
        answers: dict[int, Assessed | Refused] = {i: g for i, g in enumerate(gathered) if isinstance(g, Refused)}
        open_ = [(i, g) for i, g in enumerate(gathered) if not isinstance(g, Refused)]
        for batch in apart(open_, lambda one: (one[1].bundle.id, one[1].case.firm)):
            for (place, _), assessed in zip(batch, self._together([g for _, g in batch]), strict=True):
                answers[place] = assessed
        return [answers[i] for i in range(len(gathered))]

    def _together(self, batch: Sequence[Gathered]) -> list[Assessed | Refused]:
        known = known_together(batch, self.policy)
        try:
            found = assess_known(known, batch, self)
        except BadAssumption as bad:  # one question's own: the others are asked without it
            if len(batch) > 1:
                return [answer for one in batch for answer in self._together([one])]
            return [InvalidRequest([("/assumptions", str(bad))])]
        pairs = zip(batch, found, strict=True)
        answers: list[Assessed | Refused] = [described(one, assessment, self.policy) for one, assessment in pairs]
        forget(known)
        return answers


def gather(question: Question, bundles: Bundles, firms: Firms) -> Gathered:
    """The question read, its model chosen and its rows fetched. Raises `Refused`."""
    applicant = read_applicant(question.body)
    bundle = bundles.of(applicant.kind)
    given = applicant.rows is not None
    rows = own_rows(applicant) if given else firms.rows(applicant.firm)
    known, ignored = known_by(applicant.as_of, rows, places=given)
    if given:
        known["coverage"] = known.get("coverage", []) + asked_for(applicant, rows)
    bank, branch = asked_for_by(question.place, applicant)
    case = Case(
        case=applicant.case or str(uuid4()),
        firm=applicant.firm,
        as_of=applicant.as_of,
        application=applicant.application or only_application(known),
        bank=bank,
        branch=branch,
    )
    return Gathered(question, applicant, case, bundle, known, ignored)


def asked_for_by(place: Place, applicant: Applicant) -> tuple[str | None, str | None]:
    """The bank and branch that ask: the caller's own where it has some. Raises `Forbidden` for another's."""
    for own, told in ((place.bank, applicant.bank), (place.branch, applicant.branch)):
        if own is not None and told not in (None, own):
            raise Forbidden(f"{told} is not whom you ask for: leave it out, or name {own}")
    return place.bank or applicant.bank, place.branch or applicant.branch


def own_rows(applicant: Applicant) -> Rows:
    """The rows given, each with the applicant's key. Raises `InvalidRequest` for a row about another firm."""
    rows = applicant.rows or {}
    strange = [
        (f"/rows/{table}/{place}/firm", f"is about {row['firm']}, not about the applicant {applicant.firm}")
        for table, given in rows.items()
        for place, row in enumerate(given)
        if row.setdefault("firm", applicant.firm) != applicant.firm
    ]
    if strange:
        raise InvalidRequest(strange)
    return rows


def only_application(rows: Rows) -> str | None:
    """The one application among the rows, which then is what is asked about; None where there are several or none."""
    numbers = {row["application"] for row in rows.get("applications", ())}
    return numbers.pop() if len(numbers) == 1 else None


def asked_for(applicant: Applicant, rows: Rows) -> list[dict[str, Any]]:
    """Rows saying that a source was asked about each table that the caller gave, be it empty."""
    return [
        {
            "firm": applicant.firm,
            "known_on": applicant.as_of,
            "source_kind": "document",
            "source": "request",
            "about": table,
            "asked_on": applicant.as_of,
            "complete": True,
        }
        for table in rows
        if table != "coverage"
    ]


def known_by(day: date, rows: Rows, places: bool) -> tuple[Rows, list[dict[str, Any]]]:
    """The rows known by the day, and per table how many were not and the first day one is known.

    `places`: tell their places too, which mean something only where the caller gave the rows.
    """
    known: Rows = {}
    ignored = []
    for table, given in rows.items():
        known[table] = [row for row in given if row["known_on"] <= day]
        if len(known[table]) < len(given):
            later = [place for place, row in enumerate(given) if row["known_on"] > day]
            first = min(given[place]["known_on"] for place in later).isoformat()
            ignored.append(
                {"table": table, "count": len(later), "known_on": first, "rows": later[:MOST_PLACES] if places else []}
            )
    return known, ignored


def assess_together(batch: Sequence[Gathered], assessor: Assessor) -> list[Assessment]:
    """The assessments of questions about different firms that one bundle answers: features built once for all."""
    return assess_known(known_together(batch, assessor.policy), batch, assessor)


def known_together(batch: Sequence[Gathered], policy: Policy) -> Known:
    """What was known about the firms of the batch."""
    rows: Rows = {}
    for one in batch:
        for table, own in one.rows.items():
            rows.setdefault(table, []).extend(own)
    return as_known(Tables.from_rows(rows), [one.case for one in batch], batch[0].bundle.norms, policy)


def assess_known(known: Known, batch: Sequence[Gathered], assessor: Assessor) -> list[Assessment]:
    """The assessments of the batch's questions from what is known."""
    return assess(known, batch[0].bundle, assessor.code, [bank_assumptions(one.applicant) for one in batch])


def bank_assumptions(applicant: Applicant) -> BankAssumptions:
    """What the bank assumes of its own."""
    own = applicant.assumptions or ()
    return BankAssumptions(
        {one.patent: BankAssumption(**one.model_dump(exclude={"patent"}, exclude_none=True)) for one in own}
    )


def described(gathered: Gathered, assessment: Assessment, policy: Policy, identity: str = "") -> Assessed:
    """The answer with what the service adds: when it was asked, where the rows came from, which were left out.

    Its `identity` is new unless it is given.
    """
    question, case = gathered.question, gathered.case
    identity, sources = identity or str(uuid4()), sources_of(gathered.rows, case.as_of)
    answer = assessment.answer()
    origins = {table: origin(table, sources) for table in TABLES}
    answer["features"] = [told | origins[named(told["name"]).table] for told in answer["features"]]
    parts = {
        "id": identity,
        "asked_at": time_text(question.asked_at),
        "retrospective": case.as_of != question.today,
        **answer,
        "sources": sources,
        "ignored": gathered.ignored,
        "overrides": [{"policy": changed.name, "kind": changed.kind} for changed in policy.overrides],
        "links": links(identity, gathered.applicant.kind),
    }
    leaves = assessment_leaves(gathered.applicant, gathered.rows, assessment)
    return Assessed(question, case, assessment.probability, parts, leaves)


def links(identity: str, kind: KindName) -> dict[str, str]:
    """Where more about an answer is found: what would change it is told of a pledge alone."""
    own = f"/v1/assessments/{identity}"
    parts = ("acts", "reasons", "changes") if kind == "pledge" else ("acts", "reasons")
    return {part: f"{own}/{part}" for part in parts}


def sources_of(rows: Rows, as_of: date) -> dict[str, dict[str, Any]]:
    """Per table: how many rows were read, of which source kinds, how many typed by hand, and the age of the newest."""
    found = {}
    for table, own in rows.items():
        if own and table != "coverage":
            kinds = [row["source_kind"] for row in own]
            newest = max(row["known_on"] for row in own)
            found[table] = {
                "rows": len(own),
                "kinds": {kind: kinds.count(kind) for kind in sorted(set(kinds))},
                "typed": kinds.count("typed"),
                "known_on": newest.isoformat(),
                "age_days": (as_of - newest).days,
            }
    return found


def origin(table: str, sources: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """What a feature says of the table it was read from: how old the newest row is, whether some of it was typed."""
    source = sources.get(table)
    if source is None:
        return {"table": table, "age_days": None, "typed": None}
    return {"table": table, "age_days": source["age_days"], "typed": source["typed"] > 0}


def apart(items: Iterable[T], shared: Callable[[T], tuple[str, str]]) -> Iterator[list[T]]:
    """Batches of one bundle each, in which no firm stands twice: rows of one question never mix with another's."""
    batches: list[tuple[str, set[str], list[T]]] = []
    for item in items:
        bundle, firm = shared(item)
        for held, firms, batch in batches:
            if held == bundle and firm not in firms:
                firms.add(firm)
                batch.append(item)
                break
        else:
            batches.append((bundle, {firm}, [item]))
    return (batch for _, _, batch in batches)
