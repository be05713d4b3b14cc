"""The papers that an officer brings in when a firm is asked about again.

What the world tells after the day of an application follows from its own course of the loan, and is left out. The
papers say what was known: an extract of the register what the gazette said, credit reports queried anew what they had
said; and the controller signs.
"""

from collections.abc import Mapping
from datetime import date, timedelta

from features.schema import Row
from features.vocabulary.evidence import is_about
from service.assessing.gathering import known_by
from service.assessing.ports import Rows
from service.demonstration.applications import DemoApplication
from service.loan_files.advised import AdvisedAnswer

_BY_EXTRACT = frozenset({"register_extract", "fee_arrears"})
_BY_QUERY = frozenset({"bureau_report"})
_BY_EVIDENCE: Mapping[str, str] = {"controller_guarantee": "signed"}
CURED = _BY_EXTRACT | _BY_QUERY | _BY_EVIDENCE.keys()
"""The rules whose conditions an officer of the demonstration can meet."""
_REPORTS = ("bureau", "person_bureau")
_SOURCE = "synthetic loan file"


def supplied(answer: AdvisedAnswer, rows: Rows, one: DemoApplication, today: date) -> dict[str, object]:
    """The members of a question with all that was known and the papers that were brought in."""
    known = known_by(one.applied_on, rows, places=False)[0]
    for table in _REPORTS:
        known[table] = [*known.get(table, []), *_queried_anew(known.get(table, []), today)]
    signed = [_evidence(rule, one, today) for rule in answer.conditions if rule in _BY_EVIDENCE]
    known["evidence"] = [*known.get("evidence", []), *signed]
    found: dict[str, object] = {"rows": {table: [_plain(row) for row in own] for table, own in known.items() if own}}
    patents = [one.patent for one in answer.patents if one.pledgeable is not False]
    if patents:
        found["extract"] = [_extract(patent, today) for patent in patents]
    return found


def _queried_anew(reports: list[Row], today: date) -> list[Row]:
    """The last reports once more, as of today."""
    last = max((row["known_on"] for row in reports), default=today)
    newest = [row for row in reports if row["known_on"] == last and last < today]
    return [row | {"queried_on": today, "known_on": today} for row in newest]


def _extract(patent: str, today: date) -> dict[str, object]:
    return {
        "patent": patent, "drawn_on": today.isoformat(), "status": "专利权维持", "pledges": [], "preservations": [],
        "fees_paid_to": (today + timedelta(days=365)).isoformat(),
    }  # fmt: skip


def _evidence(rule: str, one: DemoApplication, today: date) -> Row:
    return {
        "firm": one.firm, "known_on": today, "source_kind": "document", "source": _SOURCE,
        "subject": one.id if is_about(rule, "application") else one.firm, "fact": rule,
        "answer": _BY_EVIDENCE[rule], "seen_on": today,
    }  # fmt: skip


def _plain(row: Mapping[str, object]) -> dict[str, object]:
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in row.items()}
