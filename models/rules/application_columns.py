"""What rules read of the application that is asked about: columns over the cases of a batch.

Every column has one entry per case.
"""

import numpy as np

from features.arithmetic import one_of, or_nothing
from features.arrays import Bools, Floats, Ints, run_ends
from features.firm import size_class
from features.lazy import lazy
from features.tables import TABLES
from models.records.applicant import Facts
from models.rules.batch_columns import BatchColumns


class ApplicationColumns(BatchColumns):
    """The columns of the applications."""

    def __init__(self, facts: Facts) -> None:
        super().__init__(facts, np.arange(len(facts.known)))

    @lazy
    def application(self) -> Ints:
        """The place in `applications` of the one that is asked about; -1 where none is named or known."""
        return self.known.applications.find(np.arange(len(self)), self.known.application, "application")

    def asked_for(self, name: str) -> Floats:
        """A column of that application."""
        return self.known.applications.at(name, self.application)

    @lazy
    def amount(self) -> Floats:
        """The amount asked."""
        return self.asked_for("amount")

    @lazy
    def renewed(self) -> Floats:
        """The part of the loan asked for that repays bank debt, ours or another's; 0 where none is told.

        By its uses; else the balance of the loan of ours that the application renews.
        """
        rows, months, cases = self.known.uses, self.known.performance, np.arange(len(self))
        own = self._own_uses & rows.where("use", "renewal")
        loan = self.asked_for("renews")
        last = months.find_last(cases, np.where(np.isnan(loan), -1, loan).astype(np.int64), "loan")
        balance = np.minimum(months.at("balance", last), self.amount)
        return or_nothing(np.where(rows.any(own), rows.total(rows.amount, own), balance))

    @lazy
    def added(self) -> Floats:
        """What the loan adds to the firm's debt: the amount asked less what it repays."""
        return self.amount - self.renewed

    @lazy
    def term(self) -> Floats:
        """The term asked, in months."""
        return self.asked_for("term_months")

    def repays_by(self, *ways: str) -> Bools:
        """Whether the application states one of these ways of repayment."""
        return self._chosen("repayment", ways)

    def purpose_is(self, *purposes: str) -> Bools:
        """Whether the application states one of these purposes."""
        return self._chosen("purpose", purposes)

    def product_is(self, *products: str) -> Bools:
        """Whether the application is for one of these kinds of loan; where none is told, by its purpose."""
        told = np.isnan(self.asked_for("product"))
        turning = self.purpose_is("working_capital", "refinance") & ("working_capital" in products)
        return self._chosen("product", products) | (told & turning)

    def _chosen(self, name: str, choices: tuple[str, ...]) -> Bools:
        words = TABLES["applications"].columns[name].choices
        return one_of(self.asked_for(name), *map(words.index, choices))

    @lazy
    def _own_uses(self) -> Bools:
        """The rows of `uses` of the application."""
        rows = self.known.uses
        return rows.of_case("application", self.known.application)

    def has_use(self, *uses: str) -> Bools:
        """Whether one of these uses is stated."""
        rows = self.known.uses
        return rows.any(self._own_uses & rows.where("use", *uses))

    def total_of_uses(self, *uses: str) -> Floats:
        """The amount that these uses take, all of them where none is named; NaN where none is stated."""
        rows = self.known.uses
        return rows.total(rows.amount, self._own_uses & rows.where("use", *uses) if uses else self._own_uses)

    @lazy
    def documented(self) -> Floats:
        """The amount of uses whose contract or invoice was seen."""
        rows = self.known.uses
        return or_nothing(rows.total(rows.amount, self._own_uses & (rows.codes("document") >= 0)))

    @lazy
    def has_payees(self) -> Bools:
        """Whether it is told who is paid."""
        return self.known.uses.any(self._own_uses & (self.known.uses.codes("payee") >= 0))

    @lazy
    def pays_related(self) -> Bools:
        """Whether a related firm or a person tied to the firm is paid."""
        rows, related, people = self.known.uses, self.known.related, self.known.people
        tied = [set() for _ in range(len(self))]  # type: list[set[int]]
        for of, codes in ((related, related.codes("other")), (people, people.codes("person"))):
            for case, code in zip(of.case.tolist(), codes.tolist(), strict=True):
                tied[case].add(code)
        told = zip(rows.case.tolist(), rows.codes("payee").tolist(), strict=True)
        hit = np.fromiter((code in tied[case] for case, code in told), dtype=bool, count=len(rows))
        return rows.any(hit & self._own_uses)

    @lazy
    def unproved_orders(self) -> Floats:
        """Orders that lack their paper, their signature or an account to which the buyer pays."""
        rows = self.known.orders
        proved = (rows.account == 1) & (rows.codes("document") >= 0) & ~np.isnan(rows.signed_on)
        return rows.count(~proved)

    @lazy
    def principal_of_year_one(self) -> Floats:
        """What of the loan falls due within a year: by its plan, else evenly over the term."""
        rows = self.known.instalments
        year = self.known.months_ago(-12)
        own = rows.of_case("application", self.known.application)
        planned = rows.total(rows.amount, own & (rows.due_on <= year[rows.case]))
        evenly = np.floor(self.amount * 12 / self.term)
        return np.where(rows.any(own), or_nothing(planned), evenly)

    @lazy
    def exposure(self) -> Floats:
        """What the bank asked has lent to the firm and its group by the latest balances; 0 where none is told."""
        rows = self.known.exposures
        latest = np.append(run_ends(rows.case, rows.codes("other")), False)[: len(rows)]
        return or_nothing(rows.total(rows.amount, latest))

    @lazy
    def light(self) -> Bools:
        """The cases of the light profile: a micro or small firm, and little lent to it and its group."""
        found = np.zeros(len(self), dtype=bool)
        for profile, on_day in self.periods("profiles.light"):
            small = one_of(size_class(self.known), 0, 1)
            fits = small & (self.amount + self.exposure <= profile["most"])
            found |= on_day & bool(profile["in_force"]) & fits
        return found
