"""Gathers what a question is answered from: the rows known by its day, the case, the model, who asks."""

from collections.abc import Mapping
from datetime import date
from uuid import uuid4

from features.asof import Case
from features.errors import Fault, fault, refusal_phrase
from features.schema import Row
from features.vocabulary.evidence import is_about
from models.collateral.bank_assumptions import BankAssumption, BankAssumptions
from service.access.roles import Place
from service.assessing.ports import Bundles, FirmSource, Rows
from service.assessing.register_extract import with_extracts
from service.assessing.requests import ApplicantRequest
from service.assessing.stages import Gathered, Question
from service.edge.errors import Forbidden, InvalidRequest

UNITS_WRONG = ("units_confirmed", "wrong")
"""The fact and answer by which an officer says that amounts are to be sent again."""
MOST_PLACES = 100
"""Places of ignored rows that an answer lists per table; it always tells how many there are."""


def gather(question: Question, bundles: Bundles, firms: FirmSource) -> Gathered:
    """The question read, its model chosen and its rows fetched. Raises `Refused`."""
    applicant = question.read()
    bundle = bundles.of(applicant.kind)
    bank, branch = asked_for_by(question.place, applicant)
    given = applicant.rows is not None
    rows = own_rows(applicant) if given else firms.rows(applicant.firm, bank)
    if applicant.extract is not None:
        rows = with_extracts(applicant.extract, rows, applicant.firm, applicant.as_of)
    known, ignored = known_by(applicant.as_of, rows, places=given)
    if applicant.rows is not None:
        known["coverage"] = known.get("coverage", []) + asked_for(applicant, applicant.rows)
    case = Case(
        case=applicant.case or str(uuid4()),
        firm=applicant.firm,
        as_of=applicant.as_of,
        application=application_asked_about(applicant, rows, known),
        bank=bank,
        branch=branch,
    )
    return Gathered(question, applicant, case, bundle, known, ignored)


def asked_for_by(place: Place, applicant: ApplicantRequest) -> tuple[str | None, str | None]:
    """The bank and branch that ask: the caller's own where it has some. Raises `Forbidden` for another's."""
    for own, told in ((place.bank, applicant.bank), (place.branch, applicant.branch)):
        if own is not None and told not in (None, own):
            raise Forbidden("not_asked_for", own=own, told=str(told))
    return place.bank or applicant.bank, place.branch or applicant.branch


def own_rows(applicant: ApplicantRequest) -> Rows:
    """The rows given, each with the applicant's key.

    Raises `InvalidRequest` for a row about another firm, for a paper about what no row tells of, and where a paper says
    that the amounts are in a wrong unit.
    """
    rows = applicant.rows or {}
    strange = [
        fault(f"/rows/{table}/{place}/firm", "other_firm", about=str(row["firm"]), applicant=applicant.firm)
        for table, given in rows.items()
        for place, row in enumerate(given)
        if row.setdefault("firm", applicant.firm) != applicant.firm
    ]
    strange += wrong_units(rows)
    strange += unread_evidence(rows)
    if strange:
        raise InvalidRequest(strange)
    return rows


def wrong_units(rows: Rows) -> list[Fault]:
    """The papers that say that amounts are in a wrong unit: they are sent again instead."""
    return [
        fault(f"/rows/evidence/{place}/answer", "units_wrong")
        for place, row in enumerate(rows.get("evidence", ()))
        if (row["fact"], row.get("answer")) == UNITS_WRONG
    ]


SUBJECTS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "patent": (("patents", "patent"), ("holdings", "patent"), ("collateral", "item")),
    "application": (("applications", "application"),),
    "loan": (("loans", "loan"), ("applications", "renews"), ("uses", "repays"), ("bureau_accounts", "account")),
}
"""What evidence may be about, and the columns that tell which there are."""


def unread_evidence(rows: Rows) -> list[Fault]:
    """The papers about a patent, an application or a loan that no other row tells of: no rule would read them."""
    faults = []
    for about, places in SUBJECTS.items():
        there = {row.get(column) for table, column in places for row in rows.get(table, ())} - {None}
        for place, row in enumerate(rows.get("evidence", ())):
            if is_about(row["fact"], about) and row.get("subject") not in there:
                numbers = tuple(sorted(map(str, there)))[:MOST_PLACES]
                faults.append(fault(f"/rows/evidence/{place}/subject", f"evidence_{about}", numbers=numbers))
    return faults


def application_asked_about(applicant: ApplicantRequest, rows: Rows, known: Rows) -> str | None:
    """The application that is named, or the only one that was known; None where none was and none is named.

    A whitelist is about the firm: it needs none, however many were known. Raises `InvalidRequest` for a loan where no
    row tells of the one that is named, whenever known, or where several were known and none is named.
    """
    if applicant.application is None:
        numbers = _applications(known)
        if len(numbers) > 1:
            if applicant.kind == "whitelist":
                return None
            raise InvalidRequest([fault("/application", "application_ambiguous", numbers=numbers[:MOST_PLACES])])
        return numbers[0] if numbers else None
    numbers = _applications(rows)
    if applicant.kind == "pledge" and applicant.application not in numbers:
        told = numbers[:MOST_PLACES]
        unknown = refusal_phrase("application_unknown", numbers=told) if told else refusal_phrase("no_application_rows")
        raise InvalidRequest([Fault("/application", unknown)])
    return applicant.application


def _applications(rows: Rows) -> tuple[str, ...]:
    return tuple(sorted({row["application"] for row in rows.get("applications", ())}))


def asked_for(applicant: ApplicantRequest, rows: Rows) -> list[Row]:
    """Rows saying that a source was asked about each table that the caller gave, be it empty.

    What the caller says of a table's coverage itself stands.
    """
    told = {row["about"] for row in rows.get("coverage", ())}
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
        if table != "coverage" and table not in told
    ]


def known_by(day: date, rows: Rows, places: bool) -> tuple[Rows, list[dict[str, object]]]:
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


def bank_assumptions(applicant: ApplicantRequest) -> BankAssumptions:
    """What the bank assumes of its own."""
    own = applicant.assumptions or ()
    return BankAssumptions(
        {one.patent: BankAssumption(**one.model_dump(exclude={"patent"}, exclude_none=True)) for one in own}
    )
