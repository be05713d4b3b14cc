"""What rules about a firm read: columns over the cases of a batch, one for one applicant as for a nation.

Every column has one entry per case.
"""

from functools import partial

import numpy as np

from features.arithmetic import either, one_of, or_nothing, over_positive
from features.arrays import Bools, Floats, Ints
from features.books import books
from features.firm import industry
from features.firm_figures import equity, liabilities, registered, staff
from features.lazy import lazy
from features.loan import secures
from features.tables import TABLES
from features.vocabulary import VOCABULARY
from models.rules.application_columns import ApplicationColumns
from models.rules.batch_columns import EvidenceColumn, FactColumn
from models.rules.finding import Proof
from models.rules.guarantee_circles import circles
from models.rules.person_reports import PersonReports

USABLE = "bureau.usable_days"
"""The policy that says how long a credit report of either kind may still be used, in days."""


OWNERSHIPS = TABLES["firms"].columns["ownership"].choices
AUDIT_OPINIONS = TABLES["statements"].columns["audit_opinion"].choices
DAYS_OF_YEAR = 365.25
_SLACK = 45.0
"""Days by which a period's end may differ from the anniversary, as for yearly books."""


class FirmColumns(ApplicationColumns):
    """The columns of the cases."""

    def subject(self, place: int) -> str:
        """The firm."""
        return self.known.cases[place].firm

    def evidence(self, fact: str) -> EvidenceColumn:
        """The latest paper about a fact of the firm, or of the application that is asked about."""
        rows, words = self.known.evidence, self.known.tables.words("patent")
        about = VOCABULARY.facts[fact].about
        named = [case.application if about == "application" else case.firm for case in self.known.cases]
        told = rows.codes("fact") == self.known.tables.words("fact").code(fact)
        return self.evidence_at(fact, rows.last(rows.of_case("subject", words.codes(named)) & told))

    @lazy
    def has_industry(self) -> Bools:
        """Whether the firm's industry is known."""
        found: Bools = industry(self.known) >= 0
        return found

    def industry_in(self, prefixes: tuple[str, ...]) -> Bools:
        """Whether the code of the firm's industry begins with one of these."""
        lies_in = self.known.tables.words("industry").map(lambda word: word.startswith(prefixes), False)
        found: Bools = np.array(lies_in)[industry(self.known)]
        return found

    @lazy
    def industry(self) -> FactColumn:
        """The code of the firm's industry, as a fact."""
        return self.word(industry(self.known), "industry")

    def measure(self, name: str) -> Floats:
        """The latest value of a measure; NaN where none is known or it is too old."""
        rows = self.known.measures
        last = rows.last(rows.codes("measure") == self.known.tables.words("measure").code(name))
        stale = self.as_of - rows.at("measured_on", last) > self.param("freshness_days.statements_annual")
        return np.where(stale, np.nan, rows.at("value", last))

    # --- the enterprise's credit report ------------------------------------------------------------------------------

    @lazy
    def report(self) -> Ints:
        """The place of the newest report; -1 where none is known."""
        return self.known.bureau.last()

    @lazy
    def report_age(self) -> Floats:
        """Its age in days."""
        return self.as_of - self.known.bureau.at("queried_on", self.report)

    @lazy
    def report_usable(self) -> Bools:
        """Whether what it does not show may be relied on: it is not too old."""
        found: Bools = self.report_age <= self.param(USABLE)
        return found

    def reported(self, name: str) -> Floats:
        """What the newest report says: what is adverse counts at any age, what is clean only while it is usable.

        0 where the bureau holds no record of the firm.
        """
        rows = self.known.bureau
        value = rows.at(name, self.report)
        value = np.where(np.isnan(value) & (rows.at("record_found", self.report) == 0), 0.0, value)
        return np.where((value > 0) | self.report_usable, value, np.nan)

    def of_report(self, place: int) -> Proof:
        """The report as the source of a finding."""
        return self.proof("bureau", int(self.report[place]), "queried_on", place)

    # --- who controls it ---------------------------------------------------------------------------------------------

    def in_role(self, *roles: str) -> Bools:
        """The rows of `people` that name somebody in one of these roles on the day."""
        rows = self.known.people
        found: Bools = rows.where("role", *roles) & ~(rows.until < self.as_of[rows.case])
        return found

    def has_role(self, role: str) -> Bools:
        """Whether anybody is named in a role."""
        return self.known.people.any(self.in_role(role))

    @lazy
    def has_controller(self) -> Bools:
        """Whether it is known who controls the firm."""
        return self.has_role("controller")

    @lazy
    def not_private(self) -> Bools:
        """The firms that are known to be owned by others than private persons."""
        owned = registered(self.known, "ownership")
        found: Bools = ~np.isnan(owned) & (owned != OWNERSHIPS.index("private"))
        return found

    @lazy
    def principals(self) -> list[set[int]]:
        """Per case the codes of who is behind the firm: controller, legal representative, and who gives a pledge."""
        people, items = self.known.people, self.known.collateral
        own = self.in_role("controller", "legal_representative")
        found: list[set[int]] = [set() for _ in range(len(self))]
        for case, code in zip(people.case[own].tolist(), people.codes("person")[own].tolist(), strict=True):
            found[case].add(code)
        pledged = secures(self.known) & (items.codes("pledgor") >= 0)
        for case, code in zip(items.case[pledged].tolist(), items.codes("pledgor")[pledged].tolist(), strict=True):
            found[case].add(code)
        return found

    @lazy
    def guaranteeing(self) -> Bools:
        """The rows of `guarantees` that are given for the application that is asked about."""
        rows = self.known.guarantees
        return rows.of_case("application", self.known.application)

    @lazy
    def guarantors(self) -> list[set[int]]:
        """Per case the codes of who guarantees the loan."""
        rows, own = self.known.guarantees, self.guaranteeing
        found: list[set[int]] = [set() for _ in range(len(self))]
        for case, code in zip(rows.case[own].tolist(), rows.codes("guarantor")[own].tolist(), strict=True):
            found[case].add(code)
        return found

    def about(self, whom: list[set[int]]) -> Bools:
        """The rows of `credit_events` that are about one of these, per case."""
        rows = self.known.credit_events
        told = zip(rows.case.tolist(), rows.codes("about").tolist(), strict=True)
        return np.fromiter((about in whom[case] for case, about in told), dtype=bool, count=len(rows))

    @lazy
    def controller_signed(self) -> Bools:
        """Whether a controller signed a joint guarantee for the loan, and no spouse is left to sign."""
        rows = self.known.guarantees
        signed = self.guaranteeing & rows.where("kind", "controller_joint") & (rows.signed_on <= self.as_of[rows.case])
        found: Bools = rows.any(signed & (rows.spouse_signed != 0))
        return found

    @lazy
    def in_circle(self) -> Bools:
        """Whether guarantees lead from the firm back to it."""
        return circles(self.known)

    @lazy
    def controllers_report(self) -> PersonReports:
        """The newest credit reports of the controllers of each case."""
        people, rows = self.known.people, self.known.person_bureau
        mine = np.flatnonzero(self.in_role("controller"))
        about = rows.find_last(people.case[mine], people.codes("person")[mine], "person")
        newest = np.zeros(len(rows), dtype=bool)
        newest[about[about >= 0]] = True
        return PersonReports(people.count(self.in_role("controller")), newest, rows, self.as_of, self.param(USABLE))

    # --- the books ---------------------------------------------------------------------------------------------------

    def item(self, name: str, years_ago: int = 0) -> Floats:
        """An item of the latest yearly books that may still be used, or of those before."""
        return books(self.known).item(name, years_ago)

    @lazy
    def has_books(self) -> Bools:
        """Whether there are yearly books that may still be used."""
        found: Bools = books(self.known).latest >= 0
        return found

    @lazy
    def opinion(self) -> Floats:
        """The auditor's opinion on the latest yearly books, a place in `AUDIT_OPINIONS`; NaN where it is not told."""
        told, audited = self.item("audit_opinion"), self.item("audited")
        plain = np.where(audited == 1, AUDIT_OPINIONS.index("unqualified"), np.nan)
        plain = np.where(audited == 0, AUDIT_OPINIONS.index("unaudited"), plain)
        return either(told, plain)

    def has_opinion(self, *opinions: str) -> Bools:
        """Whether the auditor's opinion is one of these."""
        return one_of(self.opinion, *map(AUDIT_OPINIONS.index, opinions))

    @lazy
    def interim(self) -> tuple[Floats, Floats]:
        """Sales of the latest part of a year, and those of the same months before: as told, else as a part of the year.

        NaN where no books of part of a year are later than the yearly ones.
        """
        rows = self.known.statements
        yearly = self.item("period_end")
        part = (rows.months < 12) & (rows.period_end > or_nothing(yearly)[rows.case])
        last = rows.last(part & (rows.period_end == rows.largest(rows.period_end, part)[rows.case]))
        end, months, now = (rows.at(name, last) for name in ("period_end", "months", "revenue"))
        near = np.abs(end[rows.case] - rows.period_end - DAYS_OF_YEAR) <= _SLACK
        same = rows.last(near & (rows.months == months[rows.case]))
        return now, either(rows.at("revenue", same), np.round(self.item("revenue") * months / 12))

    @lazy
    def equity(self) -> Floats:
        """Owners' equity."""
        return equity(self.known)

    @lazy
    def liabilities(self) -> Floats:
        """Total liabilities."""
        return liabilities(self.known)

    @lazy
    def books_debt(self) -> Floats:
        """Interest-bearing debt of the books: short, long, and what falls due of it; NaN where neither is told."""
        short, long, due = self.item("short_term_debt"), self.item("long_term_debt"), self.item("long_term_due")
        return np.where(np.isnan(short) & np.isnan(long), np.nan, _sum(short, long, due))

    @lazy
    def long_term_due(self) -> Floats:
        """What falls due of long debt within a year; nothing where there is no long debt."""
        due, long = self.item("long_term_due"), self.item("long_term_debt")
        return np.where(np.isnan(due) & (long == 0), 0.0, due)

    @lazy
    def debt(self) -> Floats:
        """The greater of the credit report's balance and the debt of the books."""
        return np.fmax(self.reported("balance"), self.books_debt)

    @lazy
    def short_loans(self) -> Floats:
        """The greater of the short loans of the credit report and of the books."""
        return np.fmax(self.reported("balance_short"), self.item("short_term_debt"))

    @lazy
    def interest(self) -> Floats:
        """A year's interest of the books' debt, and of what the loan adds at the rate asked."""
        return np.round(self.item("interest_expense") + self.added * self.asked_for("rate_asked"))

    @lazy
    def units_suspect(self) -> Bools:
        """Whether an amount looks as if it were typed in another unit, and nobody confirmed it."""
        limit = partial(self.threshold, "books.units")
        revenue, before, assets = self.item("revenue"), self.item("revenue", 1), self.item("total_assets")
        per_head = over_positive(revenue, staff(self.known))
        with np.errstate(divide="ignore", invalid="ignore"):
            change = np.fmax(revenue / before, before / revenue)
        found: Bools = (
            (per_head < limit("least_per_head"))
            | (per_head > limit("most_per_head"))
            | ((change >= limit("yearly_times")) & (revenue > 0) & (before > 0))
            | (self.amount > limit("asked_times") * np.fmin(revenue, assets))
            | (self.amount < limit("asked_least"))
            | (self.amount < limit("asked_share") * revenue)
        )
        return found & ~self.evidence("units_confirmed").says("confirmed")

    # --- verified sales ----------------------------------------------------------------------------------------------

    @lazy
    def taxed_sales(self) -> Floats:
        """Sales declared to the tax office over the latest twelve months; NaN where they do not cover a year."""
        rows = self.known.tax_filings
        last = rows.largest(rows.period_end)
        within = rows.period_end > last[rows.case] - 365
        months = rows.total(rows.months, within)
        return np.where(months == 12, rows.total(rows.sales, within), np.nan)

    @lazy
    def inflows(self) -> Floats:
        """What came in on accounts over the latest twelve months, related parties left out; NaN without a year."""
        rows = self.known.account_flows
        last = rows.largest(rows.month_end)
        within = rows.month_end > last[rows.case] - 365
        own = rows.inflow - or_nothing(rows.related_inflow)
        return np.where(rows.count(within) == 12, rows.total(own, within), np.nan)

    @lazy
    def sales(self) -> Floats:
        """Verified sales: the least of revenue, declared sales and inflows; NaN where neither of the two is known."""
        seen = np.fmin(self.taxed_sales, self.inflows)
        return np.where(np.isnan(seen), np.nan, np.fmin(seen, self.item("revenue")))

    # --- what is offered besides -------------------------------------------------------------------------------------

    @lazy
    def offered(self) -> Bools:
        """The rows of `collateral` that secure the application."""
        return secures(self.known)


def _sum(*parts: Floats) -> Floats:
    """A sum in which what is not known counts as nothing."""
    return sum(map(or_nothing, parts[1:]), or_nothing(parts[0]))


def quotient(part: Floats, whole: Floats) -> Floats:
    """A ratio whose whole is not above zero: infinite under a part above zero, else 0 (the worst step, or none)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        found = part / whole
    found = np.where(whole <= 0, np.where(part > 0, np.inf, 0.0), found)
    return np.where(np.isnan(part) | np.isnan(whole), np.nan, found)
