"""What a pledge of patents carries, how much may be lent on it and how long, and what comes back after a default.

The limit is the least of need, debt capacity, pledge, product cap, scheme cap and what was asked; it names the binding
one and the next. PD and recoverable share stay two numbers; a table of policy says how they are read together. Money
is in whole fen, rounded down where it is lent.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import floor, prod
from typing import Literal

import msgspec
import numpy as np

from features.arrays import Floats
from features.policy import PolicyError
from models.collateral.capacity import DebtCapacity, WorkingCapitalNeed
from models.collateral.terms import KINDS, Pool
from models.collateral.valuation import ON_DEFAULT, Worth
from models.records.in_force import InForce

STATUS_NOT_KNOWN = "status_not_known"
"""Why it is not known what a patent is worth and carries."""
BOUNDS = ("need", "debt_capacity", "pledge", "product_cap", "scheme_cap", "asked")


@dataclass(frozen=True)
class Appraisal:
    """The appraiser's one figure for the pool, and the value that the bank confirmed, in fen."""

    value: int | None
    confirmed: int | None
    stale: bool = False


class Basis(msgspec.Struct, frozen=True):
    """The value in fen on which the pledge is lent, and whose it is: bank, appraiser or internal; None is unknown.

    `revalue`: a patent of the appraised pool carries nothing, so that the figure for the whole pool no longer holds.
    """

    amount: int | None
    by: str | None
    appraiser: int | None
    internal: int | None
    revalue: bool


def basis(internal: int | None, appraisal: Appraisal | None, lost: bool) -> Basis:
    """The lower of appraiser and internal value, or what the bank confirmed.

    Where a patent of the pool is `lost`, or the figures are stale, neither the appraiser's nor the confirmed figure can
    lift the amount above the internal value.
    """
    given = appraisal if appraisal is not None and not appraisal.stale else None
    figures: dict[str, int | None] = {"appraiser": given.value if given else None, "internal": internal}
    if given and given.confirmed is not None:
        figures = {"bank": given.confirmed, "internal": internal if lost else None}
    known = {by: figure for by, figure in figures.items() if figure is not None}
    by = min(known, key=lambda name: known[name]) if known else None
    amount = known[by] if by else None
    appraiser = appraisal.value if appraisal else None
    return Basis(amount, by, appraiser, internal, lost and appraisal is not None)


class Carried(msgspec.Struct, frozen=True, omit_defaults=True):
    """What one patent carries, in fen, and how it came to that: part of the basis, ladder, life, encumbrances, cut.

    `carries` is None where it is not known whether the patent is in force. `exclusion_reason` is why it carries
    nothing, or why that is not known.
    """

    patent: str
    carries: int | None
    cut_for_concentration: int
    part_of_basis: float
    share_of_value: float
    for_life: float
    for_encumbrance: float
    encumbrances: tuple[str, ...]
    exclusion_reason: str | None = None


def parts(pool: Pool, found: Worth | None, weight: Floats) -> Floats:
    """Each patent's part in the pool's one figure: by our own values, else by `weight`; never in equal parts."""
    own = np.array([one.p50 for one in found.patents_going_concern], dtype=np.float64) if found else np.zeros(len(pool))
    chosen = own if own.sum() > 0 else np.where(pool.excluded, 0.0, weight)
    total = chosen.sum()
    return chosen / total if total > 0 else chosen


def carried(
    pool: Pool, amount: int, part: Floats, encumbrances: Mapping[str, Sequence[str]], param: InForce
) -> list[Carried]:
    """What each patent of the pool carries of the basis `amount`, after all cuts."""
    ladder = param("pledge.share_of_value", dict[str, float])
    full = param("pledge_terms.remaining_years", dict[str, int])
    factors = param("pledge.encumbrance", dict[str, float])
    rows = []
    for place, patent in enumerate(pool.patents):
        kind, burdens = KINDS[pool.kind[place]], tuple(encumbrances.get(patent, ()))
        life = min(max(float(pool.legal_life[place]) / full[kind], 0.0), 1.0)
        free = prod(factors[burden] for burden in burdens)
        share, reason = float(part[place]), pool.exclusion_reason[place]
        carries: int | None = 0 if reason else floor(amount * share * ladder[kind] * life * free)
        if pool.uncertain[place] and not reason:  # no rule and no encumbrance took it out
            carries, reason = None, STATUS_NOT_KNOWN
        rows.append((patent, carries, share, ladder[kind], life, free, burdens, reason))
    most = floor(param("pledge.largest_part", float) * sum(row[1] or 0 for row in rows))
    return [
        Carried(patent, *_cut(carries, most), share, ltv, life, free, burdens, reason or None)
        for patent, carries, share, ltv, life, free, burdens, reason in rows
    ]


def _cut(carries: int | None, most: int) -> tuple[int | None, int]:
    """What is carried at the most, and what is cut off."""
    return (None, 0) if carries is None else (min(carries, most), max(carries - most, 0))


def carries_together(each: Sequence[Carried]) -> int | None:
    """What the patents carry as far as is known; None where one may carry something and none is known to."""
    known = sum(one.carries or 0 for one in each)
    return None if not each or (known == 0 and any(one.carries is None for one in each)) else known


class LoanToValue(msgspec.Struct, frozen=True):
    """The loan to the appraiser's figure and to the confirmed value, and the contract's part on the patents to it."""

    on_appraiser: float | None
    on_confirmed: float | None
    of_ip_part: float | None


def loan_to_value(loan: int | None, ip_part: int | None, value: Basis) -> LoanToValue:
    """The three forms of the ratio; None where a figure is not known."""
    return LoanToValue(_ratio(loan, value.appraiser), _ratio(loan, value.amount), _ratio(ip_part, value.amount))


def _ratio(part: int | None, whole: int | None) -> float | None:
    return part / whole if part is not None and whole else None


class Limit(msgspec.Struct, frozen=True):
    """The largest loan in fen, the bound that sets it and the next; `unknown` names the bounds that are not known.

    `need` and `debt_capacity`: how these two bounds were computed.
    """

    amount: int | None
    binding: str | None
    next: str | None
    bounds: Mapping[str, int]
    unknown: tuple[str, ...]
    need: WorkingCapitalNeed | None = None
    debt_capacity: DebtCapacity | None = None


def limit(
    bounds: Mapping[str, int | None],
    not_applicable: Sequence[str] = (),
    need: WorkingCapitalNeed | None = None,
    debt: DebtCapacity | None = None,
) -> Limit:
    """The least of the bounds. Of equal ones the first of `BOUNDS` binds."""
    known = {name: bound for name in BOUNDS if (bound := bounds.get(name)) is not None}
    order = sorted(known, key=lambda name: known[name])
    unknown = tuple(name for name in BOUNDS if name not in known and name not in not_applicable)
    if not order:
        return Limit(None, None, None, known, unknown, need, debt)
    following = order[1] if len(order) > 1 else None
    return Limit(max(known[order[0]], 0), order[0], following, known, unknown, need, debt)


class Term(msgspec.Struct, frozen=True):
    """The longest term in months, what sets it, and the patent where it is one."""

    months: int
    binding: Literal["product_term", "patent_life"]
    patent: str | None


def longest_term(months_left: Mapping[str, int], param: InForce) -> Term:
    """The longest term: the product's, or what the patent that ends first allows. `months_left`: patents that carry."""
    product, buffer = param("pledge.product_term", int), param("pledge_terms.life_buffer_months", int)
    if months_left:
        patent = min(months_left, key=lambda name: months_left[name])
        allowed = max(months_left[patent] - buffer, 0)
        if allowed < product:
            return Term(allowed, "patent_life", patent)
    return Term(product, "product_term", None)


class Recoverable(msgspec.Struct, frozen=True):
    """The share of an exposure in fen that the pledge brings back after a default, as a range.

    `policy`: the parameter that the cuts follow from; where it is laid down, and how far verified, the catalogue tells.
    """

    exposure: int
    p10: float
    p50: float
    p90: float
    policy: str = ON_DEFAULT


def recoverable(found: Worth, exposure: int) -> Recoverable | None:
    """The recoverable share of an exposure; None where nothing is lent."""
    if exposure <= 0:
        return None
    worth = found.liquidation
    low, middle, high = (min(value / exposure, 1.0) for value in (worth.p10, worth.p50, worth.p90))
    return Recoverable(exposure, low, middle, high)


class Together(msgspec.Struct, frozen=True):
    """PD and recoverable share read together: the word of the table `pledge.read_together`, with its row and column."""

    word: str
    row: int
    column: int


def together(pd: float, share: float, param: InForce) -> Together:
    """The table's word for a PD and a recoverable share; a number on the end of a band lies in that band."""
    pd_bands, bands = param("pledge.pd_bands", list[float]), param("pledge.recoverable_bands", list[float])
    table = param("pledge.read_together", list[list[str]])
    if [len(row) for row in table] != [len(bands) + 1] * (len(pd_bands) + 1):
        raise PolicyError("policy_matrix", name="pledge.read_together")
    row, column = int(np.searchsorted(pd_bands, pd)), int(np.searchsorted(bands, share))
    return Together(table[row][column], row, column)
