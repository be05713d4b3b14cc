"""The facts of a firm that scorecards and gates are stated in, by name; None is *not known*.

Shares are exact fractions and money is in yuan, as policy states it. Facts that stand in no table are told as a measure
or as evidence of the same name.
"""

from collections.abc import Callable
from fractions import Fraction
from math import isnan
from typing import TypeVar, TypeVarTuple, Unpack

from features import firm_figures as figures
from features.arrays import Floats
from features.asof import Known
from features.exact import exactly
from features.firm_figures import Ratio
from models.records.applicant import Applicant
from models.records.calendar import add_months
from models.records.columns import Record
from models.rules.certificates import held
from models.rules.held_patents import CountRange, held_count

Value = Fraction | bool | str
Fact = Callable[[Applicant], Value | None]
F = TypeVar("F", bound=Fact)
Years = TypeVarTuple("Years")
FACTS: dict[str, Fact] = {}


def fact(compute: F) -> F:
    """Enter the function under its own name."""
    FACTS[compute.__name__] = compute
    return compute


class FirmFacts(dict[str, Value | None]):
    """The facts of a firm by name: computed, else told as a measure, else told as evidence; None where not known."""

    def __init__(self, a: Applicant) -> None:
        super().__init__()
        self._a = a

    def __missing__(self, name: str) -> Value | None:
        found = self[name] = self._found(name)
        return found

    def _found(self, name: str) -> Value | None:
        if name in FACTS:
            return FACTS[name](self._a)
        measured = self._a.measure(name)
        return exactly(measured) if measured is not None else self._a.yes(name)


def facts_of(a: Applicant) -> FirmFacts:
    """The facts of one firm, each found when it is first asked for."""
    found: FirmFacts = a.once("facts", FirmFacts)
    return found


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


def _ratio(a: Applicant, of: Callable[[Known, Unpack[Years]], Ratio], *years_ago: *Years) -> Fraction | None:
    """A figure that features read as well, as an exact share."""
    found: Ratio = a.facts.once(lambda facts: of(facts.known, *years_ago), f"{of.__name__} {years_ago}")
    return found.exact(a.i)


def _whole(a: Applicant, figure: Floats) -> Fraction | None:
    found = float(figure[a.i])
    return None if isnan(found) else Fraction(int(found))


def _latest(a: Applicant, item: str) -> int | None:
    return getattr(a.year, item) if a.year is not None else None


def _sum(years: list[Record], item: str, count: int) -> int | None:
    values = [getattr(y, item) for y in years[:count]]
    return None if len(values) < count or None in values else sum(values)


@fact
def staff(a: Applicant) -> Fraction | None:
    """Employees."""
    return _whole(a, figures.staff(a.facts.known))


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
    return _ratio(a, figures.research_staff_share)


@fact
def rd_expense(a: Applicant) -> Fraction | None:
    """Research and development expense of the latest year, in yuan."""
    return yuan(_latest(a, "rd_expense"))


@fact
def rd_over_sales(a: Applicant) -> Fraction | None:
    """Research and development expense over revenue, latest year."""
    return _ratio(a, figures.research_share)


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
    return _less_one(_ratio(a, figures.main_revenue_ratio))


@fact
def growth_two_years(a: Applicant) -> Fraction | None:
    """Mean of the last two years' growth of the main business's revenue."""
    now, before = _ratio(a, figures.main_revenue_ratio), _ratio(a, figures.main_revenue_ratio, 1)
    return None if now is None or before is None else (now + before) / 2 - 1


def _less_one(ratio: Fraction | None) -> Fraction | None:
    return None if ratio is None else ratio - 1


@fact
def revenue_over_two_years_before(a: Applicant) -> Fraction | None:
    """Revenue of the latest year over that of two years before: (1 + compound growth of three years) squared."""
    return _ratio(a, figures.revenue_ratio, 2)


@fact
def debt_ratio(a: Applicant) -> Fraction | None:
    """Total liabilities over total assets; assets less equity where liabilities are not told."""
    return _ratio(a, figures.debt_ratio)


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
    return _whole(a, figures.lived_years(a.facts.known))


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


@fact
def inventions_in_force(a: Applicant) -> Fraction | None:
    """Inventions in force that the firm holds."""
    return _exact(held_count(a, "inventions_in_force"))


@fact
def patents_in_force(a: Applicant) -> Fraction | None:
    """Patents of any kind in force that the firm holds."""
    return _exact(held_count(a, "patents_in_force"))


@fact
def industrialised_inventions(a: Applicant) -> Fraction | None:
    """Inventions in force that are worked in a product."""
    return _exact(held_count(a, "industrialised_inventions"))


def _exact(found: CountRange | None) -> Fraction | None:
    return None if found is None or found.told is None else Fraction(found.told)


@fact
def property_tech_sme(a: Applicant) -> str | None:
    """The class of intellectual property that the scorecard of science-and-technology SMEs counts."""
    inventions, patents = held_count(a, "inventions_in_force"), held_count(a, "patents_in_force")
    if inventions is None or patents is None:
        return None
    if inventions.least:
        return "class_one"
    classes = {_CLASS_TWO[min(patents.least, 4)], _CLASS_TWO[min(patents.most, 4)]}
    return classes.pop() if not inventions.most and len(classes) == 1 else None


_CLASS_TWO = ("none", "class_two_1", "class_two_2", "class_two_3", "class_two_4")


@fact
def property_innovative_sme(a: Applicant) -> str | None:
    """The class of intellectual property that the scorecard of innovative SMEs counts, the best first."""
    for name, counted in _INNOVATIVE:
        found = held_count(a, counted)
        if found is None or (found.most and not found.least):
            return None
        if found.least:
            return name
    return "none"


_INNOVATIVE = (
    ("class_one_high_value", "high_value_inventions"),
    ("class_one_own", "own_inventions"),
    ("class_one", "inventions_in_force"),
    ("class_two", "patents_in_force"),
)
