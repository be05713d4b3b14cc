"""A readable view of one case's known rows, with the policy of its day: what rules and collateral read."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import takewhile
from math import isnan
from typing import Any, TypeVar

from features.asof import Known
from features.books import books
from features.firm import SIZES, size_class
from features.firm_figures import lived_years
from features.lazy import lazy
from features.policy import Policy
from features.vocabulary import UNKNOWN, VOCABULARY
from models.records.calendar import add_months
from models.records.columns import Columns, Record, Records
from models.records.in_force import InForce

T = TypeVar("T")


class Stated(dict[str, Any]):
    """The policy values of one day by name, as they are stated. Raises `NotYetInForce` before the first."""

    def __init__(self, policy: Policy, day: date) -> None:
        super().__init__()
        self._policy, self._day = policy, day

    def __missing__(self, name: str) -> Any:
        value = self[name] = self._policy(name).on(self._day)
        return value


class Since(dict[str | None, date | None]):
    """The first day of the policy value that is in force on one day, by the policy's name."""

    def __init__(self, policy: Policy, day: date) -> None:
        super().__init__({None: None})
        self._policy, self._day = policy, day

    def __missing__(self, name: str) -> date | None:
        first = self[name] = max((day for day in self._policy(name).values if day <= self._day), default=None)
        return first


class Facts:
    """What is known of a whole batch, for rules: `of(i)` is the applicant of case i."""

    def __init__(self, known: Known) -> None:
        self.known = known
        self._columns: dict[str, Columns] = {}
        self._asked: dict[str, list[bool]] = {}
        self._held: dict[str, Any] = {}
        self._of_cases: dict[int, dict[str, Any]] = {}

    def of(self, i: int) -> "Applicant":
        """The applicant of case i."""
        return self.applicants[i]

    @property
    def applicants(self) -> "list[Applicant]":
        """The applicants of all cases."""
        found: list[Applicant] = self.once(_applicants, "applicants")
        return found

    def _table(self, table: str) -> Columns:
        if table not in self._columns:
            self._columns[table] = Columns(self.known, table)
        return self._columns[table]

    def records(self, table: str, i: int) -> Records:
        """The known rows of a table for case i, in the table's key order."""
        return Records(self._table(table), i)

    def in_force(self, day: date) -> InForce:
        """The policy values of a day."""
        return self.known.policy.held(day, InForce)

    def since(self, day: date) -> Since:
        """Since when the policies of a day have the values that they have then."""
        return self.known.policy.held(day, Since)

    def once(self, make: "Callable[[Facts], Any]", name: str) -> Any:
        """`make(self)`, computed once for the batch and held under a name."""
        if name not in self._held:
            self._held[name] = make(self)
        return self._held[name]

    def held_of(self, i: int) -> dict[str, Any]:
        """Where what was computed of case i is held."""
        return self._of_cases.setdefault(i, {})

    def forget(self) -> None:
        """Let go of all that is held, most of which refers back here."""
        for held in (self._held, *self._of_cases.values()):
            held.clear()

    def asked(self, table: str, i: int) -> bool:
        """Whether the source of the table was asked about the firm of case i."""
        if table not in self._asked:
            self._asked[table] = self.known.asked(table).tolist()
        return self._asked[table][i]


def _applicants(facts: Facts) -> "list[Applicant]":
    return [
        Applicant(facts, i, case.as_of, case.firm, case.bank, case.application)
        for i, case in enumerate(facts.known.cases)
    ]


@dataclass(frozen=True)
class Asked:
    """The loan that is asked for: amount in the minor unit, term in months, last day, and the loan that it renews."""

    amount: int | None
    term_months: int | None
    matures_on: date | None
    renews: str | None


@dataclass(frozen=True)
class Told:
    """A fact with its paper, as evidence states it; `answer` is a code of the vocabulary, None where not known."""

    fact: str
    answer: str | None
    seen_on: date
    source: str
    fresh: bool

    @property
    def yes(self) -> bool | None:
        """Whether the paper says what *yes* stands for; None where it says that it is not known."""
        return None if self.answer is None else self.answer == VOCABULARY.answers(self.fact).yes


@dataclass(frozen=True)
class Applicant:
    """One case as rules see it. `loan_due` overrides the maturity that follows from the term asked."""

    facts: Facts
    i: int
    as_of: date
    firm: str
    bank: str | None
    application: str | None
    loan_due: date | None = None

    @property
    def policy(self) -> Policy:
        """The policy in force."""
        return self.facts.known.policy

    def once(self, name: str, make: "Callable[[Applicant], Any]") -> Any:
        """`make(self)`, computed once for the case and held under a name."""
        if name not in self._held:
            self._held[name] = make(self)
        return self._held[name]

    @lazy
    def _held(self) -> dict[str, Any]:
        return self.facts.held_of(self.i)

    def of_the_day(self, make: "Callable[[Policy, date], T]") -> T:
        """What follows from policy and day alone, computed once for all cases."""
        return self.policy.held(self.as_of, make)

    def value(self, name: str) -> Any:
        """A policy value on the day of the question. Raises `NotYetInForce` before the first."""
        return self._stated[name]

    @lazy
    def _stated(self) -> Stated:
        return self.policy.held(self.as_of, Stated)

    @lazy
    def param(self) -> InForce:
        """The policy values on the day of the question, by name and type."""
        return self.facts.in_force(self.as_of)

    @lazy
    def since(self) -> Since:
        """Since when policies have the values that they have on the day of the question."""
        return self.facts.since(self.as_of)

    def rows(self, table: str) -> list[Record]:
        """The known rows of a table, in its key order."""
        return self._records(table).rows

    def record(self, table: str, place: int) -> Record:
        """One of the known rows of a table."""
        return self._records(table).row(place)

    def places(self, table: str) -> slice:
        """Where the known rows of a table lie among those of the batch."""
        own = self._records(table)
        return slice(own.start, own.end)

    def column(self, table: str, name: str) -> list[Any]:
        """One column over the known rows of a table."""
        return self._records(table).values(name)

    def _records(self, table: str) -> Records:
        found = self._tables.get(table)
        if found is None:
            found = self._tables[table] = self.facts.records(table, self.i)
        return found

    @lazy
    def _tables(self) -> dict[str, Records]:
        return {}

    def asked(self, table: str) -> bool:
        """Whether the table's source was asked, and lately enough: only then does an empty table mean none."""
        answer = self._sources.get(table)
        if answer is None:
            answer = self._sources[table] = self._was_asked(table)
        return answer

    @lazy
    def _sources(self) -> dict[str, bool]:
        return {}

    def _was_asked(self, table: str) -> bool:
        if not self.facts.asked(table, self.i):
            return False
        seen_on = self._coverage.get(table)
        return seen_on is None or self.age(seen_on) <= self.value("freshness_days.register_lookup")

    @lazy
    def _coverage(self) -> dict[str, date]:
        return {row.about: row.asked_on for row in self.rows("coverage") if row.asked_on}

    def age(self, seen_on: date) -> int:
        """Days from a day to the day of the question."""
        return (self.as_of - seen_on).days

    def fresh(self, seen_on: date, kind: str) -> bool:
        """Whether a fact of that day may still be used, by `freshness_days.KIND`."""
        return bool(self.age(seen_on) <= self.value(f"freshness_days.{kind}"))

    def stale_since(self, seen_on: date, kind: str) -> date:
        """The first day on which a fact of that day could no longer be used."""
        return seen_on + timedelta(days=int(self.value(f"freshness_days.{kind}")) + 1)

    @lazy
    def profile(self) -> Record | None:
        """The firm's registered facts."""
        rows = self.rows("firms")
        return rows[-1] if rows else None

    @property
    def lived_years(self) -> int | None:
        """Whole years since foundation."""
        years = lived_years(self.facts.known)[self.i]
        return None if isnan(years) else int(years)

    @lazy
    def loan(self) -> Asked:
        """The loan asked for; all of it unknown where there is no application."""
        row = next((r for r in self.rows("applications") if r.application == self.application), None)
        if row is None or self.application is None:
            return Asked(None, None, self.loan_due, None)
        due = self.loan_due
        if due is None and row.term_months is not None:
            due = add_months(self.as_of, row.term_months)
        return Asked(row.amount, row.term_months, due, row.renews)

    @lazy
    def pledged_items(self) -> dict[str, Record]:
        """The collateral rows of this application that name a patent, by patent number."""
        return {
            r.item: r
            for r in self.rows("collateral")
            if r.kind == "patent" and r.item is not None and r.application == self.application
            and self.application is not None
        }  # fmt: skip

    @lazy
    def _evidence(self) -> dict[tuple[str, str], Record]:
        return {(row.subject, row.fact): row for row in self.rows("evidence")}

    def told(self, fact: str, subject: str | None = None) -> Told | None:
        """What the latest paper says about a fact of the firm (or of another subject); None where none was seen."""
        row = self._evidence.get((subject or self.firm, fact))
        if row is None:
            return None
        expired = row.expires_on is not None and row.expires_on < self.as_of
        stale = row.expires_on is None and not self.fresh(row.seen_on, "evidence")
        answer = VOCABULARY.answers(fact).code(row.answer or UNKNOWN)
        said = None if answer == UNKNOWN else answer
        return Told(fact, said, row.seen_on, row.source or row.source_kind, not (expired or stale))

    def yes(self, fact: str, subject: str | None = None) -> bool | None:
        """Whether a paper that still counts says yes; None where none was seen or it is too old."""
        told = self.told(fact, subject)
        return told.yes if told is not None and told.fresh else None

    @lazy
    def _measures(self) -> dict[str, Record]:
        return {row.measure: row for row in self.rows("measures")}

    def measure(self, name: str) -> float | None:
        """The latest value of a measure, None where none is known or it is too old."""
        row = self._measures.get(name)
        if row is None or (row.measured_on is not None and not self.fresh(row.measured_on, "statements_annual")):
            return None
        return float(row.value)

    @lazy
    def last_years(self) -> list[Record]:
        """The yearly books that features read, the latest first, without a gap; empty where the latest is too old."""
        own = self._records("statements")
        places = (int(books(self.facts.known).place(ago)[self.i]) for ago in range(3))
        return [own.rows[place - own.start] for place in takewhile(lambda place: place >= 0, places)]

    @property
    def year(self) -> Record | None:
        """The latest yearly books, None where none is known or they are too old."""
        return next(iter(self.last_years), None)

    @lazy
    def size(self) -> str | None:
        """The size class by the table of 2011; None where a figure that decides is not known."""
        place = size_class(self.facts.known)[self.i]
        return None if isnan(place) else SIZES[int(place)]
