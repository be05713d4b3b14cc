"""The papers that an officer brings in when a firm is asked about again.

What the world tells after the day of an application follows from its own course of the loan, and is left out but for
the books that the firm closed since. The papers say what was known: an extract of the register what the gazette said,
credit reports queried anew what they had said. People sign and declare what is asked of them, contracts are seen, and
orders are proved.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from features.schema import Row
from features.vocabulary.evidence import is_about
from service.assessing.gathering import known_by
from service.assessing.ports import Rows
from service.demonstration.applications import DemoApplication
from service.loan_files.advised import AdvisedAnswer

_BY_EXTRACT = frozenset({"register_extract", "fee_arrears"})
_BY_QUERY = frozenset({"bureau_report"})
_BY_EVIDENCE: Mapping[str, tuple[str, str]] = {
    "controller_guarantee": ("controller_guarantee", "signed"),
    "bank_related": ("bank_related", "not_related"),
    "purpose_documents": ("purpose_evidence", "contracts_seen"),
    "same_day_invention": ("same_day_statement", "stated"),
    "co_owner_consent": ("co_owner_consent", "consented"),
}
"""By rule the fact that a paper tells, and what it says of it."""
_BY_ROWS = frozenset({"need_orders", "controller_known"})
CURED = _BY_EXTRACT | _BY_QUERY | _BY_EVIDENCE.keys() | _BY_ROWS
"""The rules whose conditions an officer of the demonstration can meet."""
_BOOKS = "statements"
_REPORTS = ("bureau", "person_bureau")
_SOURCE = "synthetic loan file"


@dataclass
class Papers:
    """The papers that the answers so far asked for; `declared`: subject, fact, and what a paper says of it."""

    rules: set[str] = field(default_factory=set)
    declared: set[tuple[str, str, str]] = field(default_factory=set)

    def wanting(self, answer: AdvisedAnswer) -> frozenset[str]:
        """The rules whose conditions an officer could meet by papers that were not brought in yet."""
        return CURED.intersection(answer.conditions) - self.rules

    def take(self, answer: AdvisedAnswer, one: DemoApplication) -> None:
        """Bring in what the answer's conditions ask for."""
        self.rules |= self.wanting(answer)
        for rule in answer.conditions:
            if rule in _BY_EVIDENCE:
                fact, says = _BY_EVIDENCE[rule]
                self.declared |= {(subject, fact, says) for subject in _subjects(answer, rule, fact, one)}


def supplied(papers: Papers, answer: AdvisedAnswer, rows: Rows, one: DemoApplication, today: date) -> dict[str, object]:
    """The members of a question with all that was known and the papers that were brought in."""
    known = known_by(one.applied_on, rows, places=False)[0]
    known |= known_by(today, {_BOOKS: rows.get(_BOOKS, [])}, places=False)[0]
    for table in _REPORTS:
        known[table] = [*known.get(table, []), *_queried_anew(known.get(table, []), today)]
    known["evidence"] = [*known.get("evidence", []), *_declared(papers, one, today)]
    if "need_orders" in papers.rules:
        known["orders"] = [_proved(row, today) for row in known.get("orders", [])]
    if "controller_known" in papers.rules:
        known["people"] = [*known["people"], *_owners(known["people"], today)]
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


def _declared(papers: Papers, one: DemoApplication, today: date) -> Iterator[Row]:
    for subject, fact, says in sorted(papers.declared):
        told = {"firm": one.firm, "subject": subject, "fact": fact, "answer": says, "seen_on": today}
        yield told | _from_file(today)


def _subjects(answer: AdvisedAnswer, rule: str, fact: str, one: DemoApplication) -> list[str]:
    """What the paper is about: the application, the firm, or the patents that the rule speaks of."""
    if not is_about(fact, "patent"):
        return [one.id if is_about(fact, "application") else one.firm]
    return [
        patent.patent
        for patent in answer.patents
        if any(finding.rule == rule and finding.open for finding in patent.findings)
    ]


def _proved(order: Row, today: date) -> Row:
    """An order with its contract, to be paid to an account of ours."""
    own = {"account": True, "document": order.get("document") or _SOURCE, "signed_on": order.get("signed_on") or today}
    return order | own | _from_file(today)


def _owners(people: list[Row], today: date) -> list[Row]:
    """Whoever controls the firm benefits from it."""
    return [row | {"role": "beneficial_owner"} | _from_file(today) for row in people if row["role"] == "controller"]


def _from_file(today: date) -> Row:
    return {"known_on": today, "source_kind": "document", "source": _SOURCE}


def _plain(row: Mapping[str, object]) -> dict[str, object]:
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in row.items()}
