"""A worked case as a whole: the base firm with its patents, a valuation given by the case, and what is advised."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from datetime import date
from typing import Any
from unittest.mock import patch

import numpy as np

from features.asof import Case, as_known
from features.encoded import Tables
from features.identifiers import application_check
from features.policy import shipped
from models.collateral import security
from models.collateral.valuation import Range, Worth
from models.lending import Lending, lending
from models.rules.finding import Finding
from tests.builders import NORMS
from tests.models.underwriting.base_firm import DAY, FIRM, WAN, Rows, complete, rows

__all__ = ["PATENTS", "RANGE", "WAN", "Advised", "advised", "changed", "valued", "whole"]

RANGE = (900, 1600, 2600)
"""P10, P50 and P90 of the base firm's own valuation, in ten thousand yuan."""


def _number(digits: str) -> str:
    return f"CN{digits}.{application_check(digits)}"


PATENTS = (_number("201810561574"), _number("201910150000"), _number("201910800000"))
FILED = (date(2018, 6, 3), date(2019, 3, 1), date(2019, 9, 1))


def whole() -> Rows:
    """The rows of the base firm with its three patents, offered to us and appraised."""
    given = rows()
    paid = (date(2027, 6, 3), date(2027, 3, 1), date(2027, 9, 1))
    given["patents"] = [
        {"patent": number, "kind": "invention", "office": "CN", "filed_on": filed, "granted_on": date(2021, 1, 5),
         "fees_paid_to": fees, "in_use": True, "ipc": "G06F17/00", "source_kind": "register"}
        for number, filed, fees in zip(PATENTS, FILED, paid, strict=True)
    ]  # fmt: skip
    given["people"] += [
        {"person": f"person:inventor-{place}", "role": "inventor", "patent": number, "employed": True}
        for place, number in enumerate(PATENTS)
    ]
    given["credit_events"] = [{"happened_on": date(2026, 4, 30), "event": "tax_grade", "grade": "A"}]
    given["holdings"] = [
        {"patent": number, "holder": FIRM, "from_on": filed, "how": "original"}
        for number, filed in zip(PATENTS, FILED, strict=True)
    ]
    given["patent_events"] = [
        {"patent": number, "happened_on": DAY, "event": "register_extract", "extract_status": "in_force",
         "detail": "in force", "source_kind": "register"}
        for number in PATENTS
    ]  # fmt: skip
    given["collateral"] = [
        {"application": "A1", "kind": "patent", "item": number, "pledgor": FIRM} for number in PATENTS
    ]
    given["appraisals"] = [
        {"pool": "P", "application": "A1", "base_on": date(2026, 5, 31), "purpose": "pledge", "value_type": "market",
         "method": "income", "appraiser_filed": True, "signers": 2, "patents": 3, "value": 2000 * WAN,
         "confirmed_value": 1500 * WAN}
    ]  # fmt: skip
    return given


def changed(*changes: tuple[str, int, dict[str, Any]]) -> Rows:
    """The base firm with some values of some rows changed; a place that is none adds a row."""
    given = deepcopy(whole())
    for table, place, values in changes:
        own = given.setdefault(table, [])
        if place < len(own):
            own[place] |= values
        else:
            own.append(values)
    return given


@dataclass(frozen=True)
class Advised:
    """What the product says of a case: advice, amount in ten thousand yuan, what is open about firm and loan."""

    advice: str
    amount: float | None
    because: tuple[str, ...]
    open: Mapping[str, str]
    of_patents: Mapping[str, Sequence[str]]
    lent: Lending


def _listed(finding: Finding) -> bool:
    """Whether a worked case lists the finding: what is information alone is left out, but for two."""
    return finding.effect != "info" or finding.rule in ("pool_concentration", "within_limit")


@contextmanager
def valued(low: int, middle: int, high: int) -> Iterator[None]:
    """Our own valuation as the case gives it, in equal parts."""

    def worth(pool: Any, *_: Any) -> Worth:
        number = max(len(pool), 1)
        whole = Range(low * WAN, middle * WAN, high * WAN)
        each = tuple(Range(whole.p10 // number, whole.p50 // number, whole.p90 // number) for _ in range(len(pool)))
        draws = np.sort(np.array([whole.p10, whole.p50, whole.p90], dtype=np.float64))
        return Worth(whole, Range(45 * WAN, 45 * WAN, 45 * WAN), each, each, draws, draws)

    with patch.object(security, "worth", worth):
        yield


def advised(given: Rows, points: float = 620.0, own: tuple[int, int, int] = RANGE) -> Advised:
    """What is advised on the rows of a case, with its score and our own valuation as the case gives them."""
    case = Case(case="1", firm=FIRM, as_of=DAY, application="A1", bank=None, branch=None)
    known = as_known(Tables.from_rows(complete(given)), [case], NORMS, shipped())
    with valued(*own):
        lent = lending(known, 0, points, pd=0.0099)
        said = lent.recommendation
        assert said is not None
        about = {f.rule: f"{f.outcome} {f.effect}" for f in lent.judged.findings if f.open and _listed(f)}
        patents = {one: [f"{f.rule}: {f.outcome} {f.effect}" for f in found.open]
                   for one, found in lent.judged.patents.items() if found.open}  # fmt: skip
        amount = None if said.amount is None else said.amount / WAN
        return Advised(said.advice, amount, tuple(one.rule for one in said.because), about, patents, lent)
