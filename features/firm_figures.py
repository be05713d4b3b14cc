"""Figures of a firm that features, rules and values all name: each is worked out here and nowhere else.

A ratio keeps its two whole numbers, so that a feature takes it as float64 and a rule as an exact share.
"""

from dataclasses import dataclass
from fractions import Fraction
from math import isnan

import numpy as np

from features.arithmetic import either, over_positive
from features.arrays import NOT_KNOWN, Floats, Ints
from features.asof import Known, derived
from features.books import books
from features.days import plus_months, whole_months
from features.tables import TABLES

TITLE_MONTHS = "title_validity.months"
_TITLES = TABLES["titles"].columns["title"].choices
_DAYS_OF_YEAR = 365.25


@dataclass(frozen=True)
class Ratio:
    """A part over a whole, one entry per case; not known where either is not, or the whole is not above zero."""

    part: Floats
    whole: Floats

    @property
    def value(self) -> Floats:
        """The quotient as float64; NaN where it is not known."""
        return over_positive(self.part, self.whole)

    def exact(self, case: int) -> Fraction | None:
        """The exact quotient of one case; None where it is not known."""
        part, whole = float(self.part[case]), float(self.whole[case])
        return Fraction(int(part), int(whole)) if whole > 0 and not isnan(part) else None


# --- the books -------------------------------------------------------------------------------------------------------


def equity(known: Known, years_ago: int = 0) -> Floats:
    """Owners' equity, in the minor unit; total assets less liabilities where it is not told."""
    item = books(known).item
    return either(item("equity", years_ago), item("total_assets", years_ago) - item("total_liabilities", years_ago))


def liabilities(known: Known, years_ago: int = 0) -> Floats:
    """Total liabilities, in the minor unit; total assets less equity where they are not told."""
    item = books(known).item
    return either(item("total_liabilities", years_ago), item("total_assets", years_ago) - item("equity", years_ago))


def debt_ratio(known: Known, years_ago: int = 0) -> Ratio:
    """Liabilities over total assets."""
    return Ratio(liabilities(known, years_ago), books(known).item("total_assets", years_ago))


def research_share(known: Known) -> Ratio:
    """Research and development expense over revenue of the latest year."""
    return Ratio(books(known).item("rd_expense"), books(known).item("revenue"))


def revenue_ratio(known: Known, years_ago: int) -> Ratio:
    """Revenue of the latest year over that of so many years before: one more than its growth."""
    return Ratio(books(known).item("revenue"), books(known).item("revenue", years_ago))


def main_revenue_ratio(known: Known, years_ago: int = 0) -> Ratio:
    """Revenue of the main business over that of the year before; all revenue where either main part is not told.

    `years_ago`: the later of the two years, counted back from the latest.
    """
    item = books(known).item
    years = (years_ago, years_ago + 1)
    told = ~np.isnan([item("main_revenue", ago) for ago in years]).any(axis=0)
    return Ratio(*(np.where(told, item("main_revenue", ago), item("revenue", ago)) for ago in years))


# --- the register of firms -------------------------------------------------------------------------------------------


@derived
def _register(known: Known) -> Ints:
    return known.firms.last()


def registered(known: Known, name: str) -> Floats:
    """A registered fact of each case's firm, a text or choice as its code; NaN where it is not known."""
    return known.firms.at(name, _register(known))


@derived
def staff(known: Known) -> Floats:
    """Employees as last registered."""
    return registered(known, "staff")


def research_staff_share(known: Known) -> Ratio:
    """Employees in research and development over all employees."""
    return Ratio(registered(known, "rd_staff"), staff(known))


@derived
def days_since_foundation(known: Known) -> Floats:
    """Days since foundation."""
    return known.as_of - registered(known, "founded_on")


def age(known: Known) -> Floats:
    """Time since foundation, in years of 365.25 days."""
    return days_since_foundation(known) / _DAYS_OF_YEAR


@derived
def lived_years(known: Known) -> Floats:
    """Whole calendar years since foundation."""
    return np.floor(whole_months(registered(known, "founded_on"), known.as_of) / 12)


# --- certificates ----------------------------------------------------------------------------------------------------


@derived
def certificate_last_day(known: Known) -> Floats:
    """The last day of each row of `titles`: as stated, else by the usual months of its kind; NaN where neither is."""
    rows, found = known.titles, known.titles.valid_until
    for months, on_day in known.policy(TITLE_MONTHS).periods(known.as_of):
        usual = np.array([months.get(title, np.nan) for title in _TITLES], dtype=np.float64)[rows.codes("title")]
        found = np.where(on_day[rows.case], either(found, plus_months(rows.issued_on, usual) - 1), found)
    return found


@derived
def _certificates(known: Known) -> Ints:
    """The place in `titles` of the latest certificate of each case and kind: (cases, kinds); -1 where there is none."""
    rows = known.titles
    found = np.full((len(known), len(_TITLES)), NOT_KNOWN, dtype=np.int64)
    issued = np.flatnonzero((rows.issued_on <= known.as_of[rows.case]) & (rows.codes("title") >= 0))
    found[rows.case[issued], rows.codes("title")[issued]] = issued  # the last assignment wins, and places ascend
    return found


@derived
def _certificates_held(known: Known) -> Floats:
    rows, as_of, place = known.titles, known.as_of.repeat(len(_TITLES)), _certificates(known).ravel()
    until = rows.pick(certificate_last_day(known), place)
    held = np.where(np.isnan(until), np.nan, until >= as_of)
    held = np.where(rows.at("revoked_on", place) <= as_of, 0.0, held)
    none = np.where(known.asked("titles"), 0.0, np.nan).repeat(len(_TITLES))
    return np.where(place >= 0, held, none).reshape(len(known), len(_TITLES))


def certificate(known: Known, *titles: str) -> Ints:
    """The place in `titles` of each case's latest certificate of each kind: (cases, titles); -1 where there is none."""
    found: Ints = _certificates(known)[:, [_TITLES.index(title) for title in titles]]
    return found


def certificate_held(known: Known, *titles: str) -> Floats:
    """Whether the latest certificate of each kind is valid on the day: 1, 0, or NaN where not known; (cases, titles).

    0 where there is none and the authority's list was asked, NaN where nobody asked.
    """
    found: Floats = _certificates_held(known)[:, [_TITLES.index(title) for title in titles]]
    return found
