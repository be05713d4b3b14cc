"""What a pledge of patents carries, how much may be lent on it and how long, and what comes back after a default.

The limit is the least of need, debt capacity, pledge, product cap, scheme cap and what was asked; it names the binding
one and the next. PD and recoverable share stay two numbers; a table of policy says how they are read together. Money
is in whole fen, rounded down where it is lent.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import prod
from typing import Literal

import msgspec
import numpy as np

from features.arrays import Floats
from features.exact import exactly
from features.policy import PolicyError
from models.collateral.concentration import PartsStep, concentrated, in_whole
from models.collateral.terms import KINDS, Pool
from models.collateral.valuation import ON_DEFAULT, Range, Worth
from models.need.debt import FurtherDebt
from models.need.result import FinancingNeed
from models.records.in_force import InForce

STATUS_NOT_KNOWN = "status_not_known"
"""Why it is not known what a patent is worth and carries."""
PLEDGED_TO_GUARANTOR = "pledged_to_guarantor"
"""Why a patent carries nothing for us: an institution that stands in takes it for its own claim."""
BOUNDS = ("need", "debt_capacity", "security", "product_cap", "scheme_cap", "exposure", "asked")
AppraisalFault = Literal["not_told", "purpose", "value_type", "not_filed", "signers", "stale", "more_patents"]
"""Why an appraisal's figure cannot lift what is lent on."""


@dataclass(frozen=True)
class Appraisal:
    """The appraiser's one figure for the pool, the value that the bank confirmed, in fen, what is wrong, and how."""

    value: int | None
    confirmed: int | None
    faults: tuple[AppraisalFault, ...] = ()
    method: str | None = None


class Basis(msgspec.Struct, frozen=True):
    """The value in fen on which the pledge is lent, and whose it is; None is unknown.

    `faults`: why the appraisal may lower the amount and never raise it. `internal`, `internal_high`: our own P50, P90.
    `method`: by which it was appraised.
    """

    amount: int | None
    by: Literal["bank", "appraiser", "internal", "internal_high"] | None
    appraiser: int | None
    confirmed: int | None
    internal: int | None
    internal_high: int | None
    faults: tuple[AppraisalFault, ...] = ()
    method: str | None = None


def basis(own: Range | None, appraisal: Appraisal | None, validated: bool) -> Basis:
    """The least of confirmed value, appraisal and, once the bank has validated our valuation, our own P90.

    Our own P50 joins them where the appraisal cannot be used or nothing is confirmed; with neither it is not known.
    """
    confirmed = appraisal.confirmed if appraisal else None
    appraised = appraisal.value if appraisal else None
    faults = appraisal.faults if appraisal else ()
    usable = appraised is not None and not faults
    figures: dict[str, int | None] = {"bank": confirmed, "appraiser": appraised}
    if not usable or confirmed is None:
        figures["internal"] = own.p50 if own else None
    if validated:
        figures["internal_high"] = own.p90 if own else None
    known = {by: figure for by, figure in figures.items() if figure is not None}
    by = min(known, key=lambda name: known[name]) if known and (usable or own is not None) else None
    high, middle = (own.p90, own.p50) if own else (None, None)
    how = appraisal.method if appraisal else None
    return Basis(known[by] if by else None, by, appraised, confirmed, middle, high, faults, how)  # type: ignore[arg-type]


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


def parts(pool: Pool, found: Worth | None, weight: Floats) -> list[Fraction]:
    """Each patent's exact part in the pool's one figure: by our own values, else by `weight`; never in equal parts."""
    own = [Fraction(one.p50) for one in found.patents_going_concern] if found else []
    chosen = own if any(own) else [Fraction(one) for one in np.where(pool.excluded, 0.0, weight).tolist()]
    total = sum(chosen)
    return [one / total for one in chosen] if total > 0 else chosen


def carried(
    pool: Pool,
    amount: int,
    part: Sequence[Fraction],
    encumbrances: Mapping[str, Sequence[str]],
    doubted: Mapping[str, str],
    param: InForce,
) -> list[Carried]:
    """What each patent of the pool carries of the basis `amount`, after all cuts.

    `doubted`: why it is not known of some whether they carry anything.
    """
    ladder = param("pledge.share_of_value", dict[str, float])
    full = param("pledge_terms.remaining_years", dict[str, int])
    factors = param("pledge.encumbrance", dict[str, float])
    rows, exact = [], []
    for place, patent in enumerate(pool.patents):
        kind, burdens = KINDS[pool.kind[place]], tuple(encumbrances.get(patent, ()))
        life = min(max(float(pool.legal_life[place]) / full[kind], 0.0), 1.0)
        free = prod((exactly(factors[burden]) for burden in burdens), start=Fraction(1))
        share, reason = part[place], pool.exclusion_reason[place]
        unknown = bool(pool.uncertain[place]) and not reason  # no rule and no encumbrance took it out
        if unknown:
            reason = doubted.get(patent, STATUS_NOT_KNOWN)
        whole = amount * share * exactly(ladder[kind]) * Fraction(life) * free
        exact.append(Fraction(0) if reason else whole)
        rows.append((patent, unknown, float(share), ladder[kind], life, float(free), burdens, reason))
    uncut = in_whole(exact)
    cut = concentrated(uncut, param("pledge.concentration", list[PartsStep]))
    return [
        Carried(
            patent,
            None if unknown else left,
            carries - left,
            share,
            ltv,
            life,
            free,
            burdens,
            reason or None,
        )
        for (patent, unknown, share, ltv, life, free, burdens, reason), carries, left in zip(
            rows, uncut, cut.each, strict=True
        )
    ]


def carries_together(each: Sequence[Carried]) -> int | None:
    """What the patents carry as far as is known; None where one may carry something and none is known to."""
    known = sum(one.carries or 0 for one in each)
    return None if not each or (known == 0 and any(one.carries is None for one in each)) else known


class LoanToValue(msgspec.Struct, frozen=True):
    """The loan asked for to the appraiser's figure and to the confirmed value, and the part on the patents to it.

    `advised`: the amount advised to the confirmed value; None where none is advised.
    """

    on_appraiser: float | None
    on_confirmed: float | None
    of_ip_part: float | None
    advised: float | None = None


def loan_to_value(loan: int | None, ip_part: int | None, value: Basis) -> LoanToValue:
    """The three forms of the ratio; None where a figure is not known."""
    return LoanToValue(_ratio(loan, value.appraiser), _ratio(loan, value.amount), _ratio(ip_part, value.amount))


def _ratio(part: int | None, whole: int | None) -> float | None:
    return part / whole if part is not None and whole else None


class SecurityLines(msgspec.Struct, frozen=True):
    """What secures the loan, in fen: patents, other items, institutions. They are told apart and never mixed.

    `ip` is None where it is not known what the patents carry. `equal_parts`: how far the pool rests on few patents.
    """

    ip: int | None
    other: int
    guarantee: int
    equal_parts: float | None = None

    @property
    def total(self) -> int | None:
        """All of it; None where the patents' part is not known."""
        return None if self.ip is None else self.ip + self.other + self.guarantee


class Limit(msgspec.Struct, frozen=True):
    """The largest loan in fen, the bound that sets it and the next; None where a bound that applies is not known.

    `unknown` names those bounds; `known_least`: the least of the others, never an amount to lend.
    """

    amount: int | None
    binding: str | None
    next: str | None
    bounds: Mapping[str, int]
    unknown: tuple[str, ...]
    known_least: int | None = None
    lines: SecurityLines | None = None
    need: FinancingNeed | None = None
    debt_capacity: FurtherDebt | None = None


def limit(bounds: Mapping[str, int | None], not_applicable: Sequence[str], step: int) -> Limit:
    """The least of the bounds, each in whole steps but the amount asked; of equal ones the first of `BOUNDS`."""
    known = {name: bound for name in BOUNDS if (bound := bounds.get(name)) is not None}
    lent = {name: max(bound if name == "asked" else bound // step * step, 0) for name, bound in known.items()}
    order = sorted(known, key=lambda name: lent[name])
    unknown = tuple(name for name in BOUNDS if name not in known and name not in not_applicable)
    following = order[1] if len(order) > 1 else None
    if not order or unknown:
        return Limit(None, None, None, known, unknown, max(min(known.values()), 0) if known else None)
    return Limit(lent[order[0]], order[0], following, known, unknown)


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

    `other`, `guarantee`: of other items and of institutions. `total`: of all, with the pledge's middle value, at most
    the whole. `policy`: the parameter that the cuts follow from; the catalogue tells where it is laid down.
    """

    exposure: int
    p10: float
    p50: float
    p90: float
    other: float = 0.0
    guarantee: float = 0.0
    policy: str = ON_DEFAULT
    total: float = -1.0

    def __post_init__(self) -> None:
        """The total follows from the others."""
        msgspec.structs.force_setattr(self, "total", min(self.p50 + self.other + self.guarantee, 1.0))


def recoverable(found: Worth, exposure: int, other: int = 0, guarantee: int = 0) -> Recoverable | None:
    """The recoverable share of an exposure by what secures it; None where nothing is lent."""
    if exposure <= 0:
        return None
    worth = found.liquidation
    low, middle, high = (min(value / exposure, 1.0) for value in (worth.p10, worth.p50, worth.p90))
    return Recoverable(exposure, low, middle, high, min(other / exposure, 1.0), min(guarantee / exposure, 1.0))


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
