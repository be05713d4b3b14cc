"""The facts of a firm that scorecards and gates are stated in, by name; None is *not known*.

Shares are exact fractions and money is in yuan, as policy states it. Facts that stand in no table are told as a measure
or as evidence of the same name.
"""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import TypeVar

from features.patents import held_in_force
from features.patents import inventions as inventions_of
from models.records.applicant import Applicant, Facts
from models.records.calendar import add_months
from models.records.columns import Record
from models.records.right import Right, known_rights
from models.rules.certificates import held
from models.rules.criteria import is_high_value

Value = Fraction | bool | str
Fact = Callable[[Applicant], Value | None]
F = TypeVar("F", bound=Fact)
FACTS: dict[str, Fact] = {}


def fact(compute: F) -> F:
    """Enter the function under its own name."""
    FACTS[compute.__name__] = compute
    return compute


def value(a: Applicant, name: str) -> Value | None:
    """The fact of that name: computed, else told as a measure, else told as evidence; None where not known."""
    held: dict[str, Value | None] = a.once("facts", lambda _: {})
    if name not in held:
        held[name] = _value(a, name)
    return held[name]


def _value(a: Applicant, name: str) -> Value | None:
    if name in FACTS:
        return FACTS[name](a)
    measured = a.measure(name)
    if measured is not None:
        return Fraction(str(measured))
    return a.yes(name)


@cache
def exactly(limit: int | float) -> Fraction:
    """A limit of policy as it is written there."""
    return Fraction(str(limit))


def over(part: int | float | None, whole: int | float | None) -> Fraction | None:
    """An exact share; None where either is not known or the whole is not above zero."""
    if part is None or whole is None or whole <= 0:
        return None
    if type(part) is int and type(whole) is int:
        return Fraction(part, whole)
    return Fraction(part) / Fraction(whole)


def yuan(minor: int | None) -> Fraction | None:
    """An amount in yuan from one in the minor unit."""
    return None if minor is None else Fraction(minor, 100)


def _latest(a: Applicant, item: str) -> int | None:
    return getattr(a.year, item) if a.year is not None else None


def _sum(years: list[Record], item: str, count: int) -> int | None:
    values = [getattr(y, item) for y in years[:count]]
    return None if len(values) < count or None in values else sum(values)


@fact
def staff(a: Applicant) -> Fraction | None:
    """Employees."""
    count = a.profile.staff if a.profile else None
    return None if count is None else Fraction(count)


@fact
def revenue(a: Applicant) -> Fraction | None:
    """Revenue of the latest year, in yuan."""
    return yuan(_latest(a, "revenue"))


@fact
def assets(a: Applicant) -> Fraction | None:
    """Total assets at the end of the latest year, in yuan."""
    return yuan(_latest(a, "total_assets"))


@fact
def rd_staff_share(a: Applicant) -> Fraction | None:
    """Employees in research and development over all employees."""
    return over(a.profile.rd_staff, a.profile.staff) if a.profile else None


@fact
def rd_expense(a: Applicant) -> Fraction | None:
    """Research and development expense of the latest year, in yuan."""
    return yuan(_latest(a, "rd_expense"))


@fact
def rd_over_sales(a: Applicant) -> Fraction | None:
    """Research and development expense over revenue, latest year."""
    return over(_latest(a, "rd_expense"), _latest(a, "revenue"))


@fact
def rd_over_cost(a: Applicant) -> Fraction | None:
    """Research and development expense over all costs and expenses, latest year."""
    items = ("cost_of_sales", "selling_expense", "admin_expense", "rd_expense")
    costs = [_latest(a, item) for item in items]
    return None if None in costs else over(costs[-1], sum(c for c in costs if c is not None))


@fact
def rd_three_years(a: Applicant) -> Fraction | None:
    """Research and development expense of the last three years, in yuan."""
    return yuan(_sum(a.last_years, "rd_expense", 3))


@fact
def rd_share_three_years(a: Applicant) -> Fraction | None:
    """Research and development expense over revenue, summed over the last three years (or since foundation)."""
    years = min(3, a.lived_years) if a.lived_years else 3
    return over(_sum(a.last_years, "rd_expense", years), _sum(a.last_years, "revenue", years))


@fact
def rd_share_least_of_two_years(a: Applicant) -> Fraction | None:
    """The lower of the last two years' research and development expense over revenue."""
    shares = [over(y.rd_expense, y.revenue) for y in a.last_years[:2]]
    known = [s for s in shares if s is not None]
    return min(known) if len(known) == 2 else None


@fact
def growth(a: Applicant) -> Fraction | None:
    """Growth of the main business's revenue over the year before (of all revenue where the main part is not told)."""
    return _growth(a.last_years, 1)


@fact
def growth_two_years(a: Applicant) -> Fraction | None:
    """Mean of the last two years' growth of the main business's revenue."""
    first, second = _growth(a.last_years, 1), _growth(a.last_years[1:], 1)
    return None if first is None or second is None else (first + second) / 2


def _growth(years: list[Record], apart: int) -> Fraction | None:
    if len(years) <= apart:
        return None
    now, before = years[0], years[apart]
    item = "revenue" if now.main_revenue is None or before.main_revenue is None else "main_revenue"
    ratio = over(getattr(now, item), getattr(before, item))
    return None if ratio is None else ratio - 1


@fact
def revenue_over_two_years_before(a: Applicant) -> Fraction | None:
    """Revenue of the latest year over that of two years before: (1 + compound growth of three years) squared."""
    years = a.last_years
    return over(years[0].revenue, years[2].revenue) if len(years) > 2 else None


@fact
def debt_ratio(a: Applicant) -> Fraction | None:
    """Total liabilities over total assets."""
    return over(_latest(a, "total_liabilities"), _latest(a, "total_assets"))


@fact
def main_revenue_share(a: Applicant) -> Fraction | None:
    """Revenue of the main business over all revenue."""
    return over(_latest(a, "main_revenue"), _latest(a, "revenue"))


@fact
def high_tech_revenue_share(a: Applicant) -> Fraction | None:
    """Revenue of high-tech products and services over all revenue."""
    return over(_latest(a, "domestic_high_tech_revenue"), _latest(a, "revenue"))


@fact
def age_years(a: Applicant) -> Fraction | None:
    """Whole years since foundation."""
    return None if a.lived_years is None else Fraction(a.lived_years)


@fact
def strategic_sector(a: Applicant) -> bool | None:
    """Whether the industry code lies in a strategic emerging industry (a coarse mapping)."""
    industry = a.profile.industry if a.profile else None
    if industry is None:
        return None
    prefixes = a.value("strategic_industries.industry_codes")
    return any(industry.startswith(code) for codes in prefixes.values() for code in codes)


@fact
def no_major_incident(a: Applicant) -> bool | None:
    """Whether no serious safety, quality or environmental record fell into the last twelve months."""
    if not a.asked("credit_events"):
        return None
    since = add_months(a.as_of, -12)
    return not any(
        e.event in ("safety", "environment", "penalty") and e.serious and e.happened_on > since
        for e in a.rows("credit_events")
    )


@fact
def clean_listing(a: Applicant) -> bool | None:
    """Whether the firm stands neither on the list of abnormal operation nor on that of serious violations."""
    if not a.asked("credit_events"):
        return None
    return not any(
        e.event in ("abnormal_operation", "serious_violation") and e.lifted_on is None for e in a.rows("credit_events")
    )


@fact
def valid_high_tech_certificate(a: Applicant) -> bool | None:
    """Whether a certificate of high-tech enterprise is held on the day."""
    return held(a, "high_tech")


@dataclass(frozen=True)
class _Held:
    """Of each case of a batch, the numbers of the patents held in force, and how many there are of each sort."""

    numbers: list[list[str]]
    patents: list[float]
    inventions: list[float]
    industrialised: list[float]


def _held(facts: Facts) -> _Held:
    known = facts.known
    rows, in_force = known.patents, held_in_force(known) == 1
    inventions = in_force & inventions_of(known)
    words = known.tables.words("patent").words
    numbers: list[list[str]] = [[] for _ in known.cases]
    patents = rows.codes("patent")[in_force]
    for case, code in zip(rows.case[in_force].tolist(), patents.tolist(), strict=True):
        numbers[case].append(words[code])
    counts = (rows.count(mask).tolist() for mask in (in_force, inventions, inventions & (rows.in_use == 1)))
    return _Held(numbers, *counts)


def _holds(a: Applicant) -> _Held | None:
    if not (a.asked("patents") and a.asked("holdings")):
        return None
    found: _Held = a.facts.once(_held, "held")
    return found


def portfolio(a: Applicant) -> list[Right] | None:
    """The rights in force that the firm holds on the day, as features count them; None where nobody asked."""
    held = _holds(a)
    return None if held is None else [known_rights(a)[number] for number in held.numbers[a.i]]


@fact
def inventions_in_force(a: Applicant) -> Fraction | None:
    """Inventions in force that the firm holds."""
    held = _holds(a)
    return None if held is None else Fraction(int(held.inventions[a.i]))


@fact
def patents_in_force(a: Applicant) -> Fraction | None:
    """Patents of any kind in force that the firm holds."""
    held = _holds(a)
    return None if held is None else Fraction(int(held.patents[a.i]))


@fact
def industrialised_inventions(a: Applicant) -> Fraction | None:
    """Inventions in force that are worked in a product."""
    held = _holds(a)
    return None if held is None else Fraction(int(held.industrialised[a.i]))


@fact
def property_tech_sme(a: Applicant) -> str | None:
    """The class of intellectual property that the scorecard of science-and-technology SMEs counts."""
    held = _holds(a)
    if held is None:
        return None
    if held.inventions[a.i]:
        return "class_one"
    return ("none", "class_two_1", "class_two_2", "class_two_3", "class_two_4")[min(int(held.patents[a.i]), 4)]


@fact
def property_innovative_sme(a: Applicant) -> str | None:
    """The class of intellectual property that the scorecard of innovative SMEs counts."""
    rights = portfolio(a)
    if rights is None:
        return None
    inventions = [r for r in rights if r.patent.kind == "invention"]
    if any(is_high_value(r) for r in inventions):
        return "class_one_high_value"
    if any(h.how == "original" for r in inventions for h in r.holders if h.holder == a.firm):
        return "class_one_own"
    return "class_one" if inventions else "class_two" if rights else "none"
