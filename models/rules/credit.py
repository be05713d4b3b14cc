"""Public records that speak against a loan: listings open and removed, tax grade, register status, first loan."""

from fractions import Fraction

import numpy as np

from features.arithmetic import over_positive
from features.arrays import NOT_KNOWN as NO_CODE
from features.arrays import Ints
from features.credit import courts_asked
from features.firm_figures import equity, registered
from features.lazy import lazy
from features.phrase import Fact
from features.tables import TABLES
from models.records.applicant import Facts
from models.rules.batch_columns import BatchColumns
from models.rules.column_rules import (
    Branches,
    Say,
    fails,
    firm_rule,
    item_rule,
    not_applicable,
    passes,
    unknown,
)
from models.rules.common import NONE, NOT_KNOWN
from models.rules.decimals import decimal_text
from models.rules.finding import EFFECTS, Effect, Proof
from models.rules.firm_columns import FirmColumns
from models.rules.item_columns import ItemColumns
from models.rules.listings import IN_ALL, KINDS, REMOVED_MONTHS, latest_tax_grade, listings
from models.words.templates import phrase

CREDIT_NOT_ASKED = phrase("finding.any.observed.credit_not_asked")
NO_REPORT = phrase("finding.any.observed.no_report")
TAX_GRADES = TABLES["credit_events"].columns["grade"].choices
_WEIGHTS: tuple[Effect, ...] = ("blocks", "refer", "before_drawdown", "caution", "info")
_INFO = EFFECTS.index("info")
_WEIGHT_OF_LISTING = "credit_exclusions.listings"
_SMALL = "credit_exclusions.small_enforcement"


def _weights(p: BatchColumns, policy: str, words: tuple[str, ...], codes: Ints) -> Ints:
    """The effect that a table of policy gives the word of each place, as its place in `EFFECTS`; -1 for none."""
    found = np.full(len(p), NO_CODE, dtype=np.int64)
    for table, on_day in p.periods(policy):
        of_word = [EFFECTS.index(table[word]) if word in table else NO_CODE for word in words]
        found = np.where(on_day, np.array([*of_word, NO_CODE])[codes], found)
    return found


# --- lists and enforcement -------------------------------------------------------------------------------------------


class ListingColumns(ItemColumns):
    """Each case once for each kind of public record, and once for all kinds together."""

    def __init__(self, facts: Facts) -> None:
        super().__init__(facts, KINDS)

    def subject(self, place: int) -> str:
        """The kind, or the firm where all kinds are meant."""
        return super().subject(place) or self.a(place).firm

    @lazy
    def open(self) -> Ints:
        """The place in `credit_events` of a record that is open on the day; -1 where there is none."""
        return listings(self.known).open.ravel()

    @lazy
    def removed(self) -> Ints:
        """The place of a record that was removed lately enough to be told; -1 where there is none."""
        return listings(self.known).removed.ravel()

    def of_open(self, place: int) -> Proof:
        """The open record as the source of a finding."""
        return self.proof("credit_events", int(self.open[place]), "known_on", place)

    def told_of(self, case: int) -> list[int]:
        """The places that are told of a case: where nobody asked, one for all kinds, and what is known all the same."""
        kinds = self.places(case, self.applicants[case].value(_WEIGHT_OF_LISTING))
        if courts_asked(self.known)[case]:
            return kinds
        known = [place for place in kinds if self.open[place] >= 0 or self.removed[place] >= 0]
        return [*self.places(case, [IN_ALL]), *known]


@item_rule("firm", _WEIGHT_OF_LISTING, REMOVED_MONTHS, _SMALL, weighs=_WEIGHTS)
def credit_listing(p: ListingColumns, say: Say) -> Branches:
    """No open record of the kind; one that was removed within so many months is a caution, not clean.

    Enforcement of a small share of equity, or of an amount that nobody tells, is for a person to weigh.
    """
    rows, kind = p.known.credit_events, np.tile(np.arange(len(p.names)), len(p.known))
    in_all, enforced = kind == KINDS.index(IN_ALL), kind == KINDS.index("enforcement")
    amount, not_told = listings(p.known).amount("enforcement")
    amount, not_told, own = amount[p.case], not_told[p.case], equity(p.known)[p.case]
    large = np.where(own > 0, over_positive(amount, own) > p.param(_SMALL), amount > 0) & ~np.isnan(own)
    weight = _weights(p, _WEIGHT_OF_LISTING, p.names, kind)
    weight = np.where(enforced & ~large, EFFECTS.index("refer"), weight)
    open_ = (p.open >= 0) & (weight >= 0)
    since, until = p.day(rows.happened_on), p.day(rows.lifted_on)

    def share(place: int) -> Fact:
        told = not not_told[place] and own[place] > 0
        return decimal_text(Fraction(int(amount[place]), int(own[place])), 4) if told else None

    listed = say.observed("listed", day=lambda place: since(int(p.open[place])), listing=p.subject)
    under_enforcement = say.observed(
        "enforced",
        day=lambda place: since(int(p.open[place])),
        amount=p.count(np.where(not_told, np.nan, amount)),
        share=share,
    )
    removed = say.observed("removed", day=lambda place: until(int(p.removed[place])), listing=p.subject)
    kinds, one = say.required("any"), say.required(listing=p.subject)
    return Branches(
        [
            unknown(in_all, "refer", CREDIT_NOT_ASKED, cure="ask_source"),
            fails(open_ & enforced, weight, under_enforcement, cure="repair_listing", proof=p.of_open),
            fails(open_, weight, listed, cure="repair_listing", proof=p.of_open),
            fails(p.removed >= 0, "caution", removed),
            passes(None, NONE),
        ],
        asked=lambda place: kinds(place) if in_all[place] else one(place),
    )


# --- register, tax office, bureau ------------------------------------------------------------------------------------


@firm_rule("credit_exclusions.tax_grades", weighs=_WEIGHTS)
def tax_grade(p: FirmColumns, say: Say) -> Branches:
    """The latest tax-credit grade; M is a new firm and no bad sign."""
    policy, grade = "credit_exclusions.tax_grades", latest_tax_grade(p.known)
    weight = _weights(p, policy, TAX_GRADES, grade)
    seen = say.observed("grade", grade=lambda place: TAX_GRADES[grade[place]])
    return Branches(
        [
            unknown(grade < 0, "caution", NOT_KNOWN, cure="ask_source"),
            passes(weight == _INFO, seen),
            unknown(weight < 0, "caution", seen),
            fails(None, weight, seen),
        ],
        required={"grades": lambda place: tuple(g for g, of in p.a(place).value(policy).items() if of == "info")},
    )


@firm_rule("credit_exclusions.register_status", weighs=_WEIGHTS)
def register_status(p: FirmColumns, say: Say) -> Branches:
    """The firm is in business by the register."""
    told = registered(p.known, "status")
    status = np.where(np.isnan(told), NO_CODE, told).astype(np.int64)
    words = TABLES["firms"].columns["status"].choices
    weight = _weights(p, "credit_exclusions.register_status", words, status)
    seen = say.observed("status", status=p.choice(told, words))
    return Branches([
        unknown(status < 0, "refer", NOT_KNOWN, cure="ask_source"),
        passes(weight == _INFO, seen),
        unknown(weight < 0, "refer", seen),
        fails(None, weight, seen),
    ])  # fmt: skip


@firm_rule("first_loan.rule")
def first_loan(p: FirmColumns, say: Say) -> Branches:
    """The credit report shows no bank loan: a missing or stale report is unknown, not a first loan; firms only."""
    record = np.where(
        p.report_age <= p.param("freshness_days.bureau_report"), p.known.bureau.at("record_found", p.report), np.nan
    )
    person = np.array([case.firm.startswith("person:") for case in p.known.cases])
    return Branches([
        not_applicable(person, say.observed("firms_only")),
        unknown(np.isnan(record), "info", NO_REPORT, cure="bureau_report"),
        fails(record == 1, "info", say.observed("loans_on_record"), proof=p.of_report),
        passes(None, say.observed("no_loan"), proof=p.of_report),
    ])  # fmt: skip
