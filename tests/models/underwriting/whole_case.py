"""A worked case as a whole: the base firm with its patents, a valuation given by the case, and what is advised."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import numpy as np
import yaml

from features.asof import Case, as_known
from features.encoded import Tables
from features.identifiers import application_check
from features.policy import Policy, load, shipped
from models.collateral import security
from models.collateral.pledge import Recoverable
from models.collateral.terms import Pool
from models.collateral.valuation import Range, Worth
from models.lending import Lending, lending
from models.rules.finding import Finding
from models.rules.order import in_order
from tests.builders import NORMS
from tests.models.underwriting.base_firm import DAY, FIRM, WAN, Row, Rows, complete, rows

__all__ = ["PATENTS", "RANGE", "WAN", "Advised", "advised", "changed", "valued", "whole", "write_policy"]

SHIPPED = Path(__file__).parents[3] / "features" / "policy"
RECOVERY = 0.15
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


def changed(*changes: tuple[str, int, Row | None]) -> Rows:
    """The base firm with some values of some rows changed, in turn.

    A place that is none adds a row; None takes the row out, at the place -1 the whole table, as if nobody had asked.
    """
    given = deepcopy(whole())
    for table, place, values in changes:
        own = given.setdefault(table, [])
        if values is None and place < 0:
            del given[table]
        elif values is None:
            del own[place]
        elif place < len(own):
            own[place] |= values
        else:
            own.append(dict(values))
    return given


@dataclass(frozen=True)
class Advised:
    """What the product says of a case: advice, amount in ten thousand yuan, reasons, and what is open, in order."""

    advice: str
    amount: float | None
    because: tuple[str, ...]
    every: tuple[Finding, ...]
    lent: Lending


@contextmanager
def valued(own: tuple[int, int, int] | None, parts: Sequence[int] = ()) -> Iterator[None]:
    """Our own valuation as the case gives it, in ten thousand yuan and parts, and a recovery of 15 per cent."""

    def worth(pool: Pool, *_: object) -> Worth:
        assert own is not None
        whole = Range(*(point * WAN for point in own))
        weight = parts or (1,) * len(pool)
        each = tuple(Range(*(point * WAN * part // max(sum(weight), 1) for point in own)) for part in weight)
        draws = np.sort(np.array([whole.p10, whole.p50, whole.p90], dtype=np.float64))
        return Worth(whole, whole, each, each, draws, draws)

    def recoverable(_: Worth, exposure: int, other: int, guarantee: int) -> Recoverable:
        return Recoverable(exposure, RECOVERY, RECOVERY, RECOVERY, other / exposure, guarantee / exposure)

    with patch.object(security, "worth", worth), patch.object(security, "recoverable", recoverable):
        if own is None:
            with patch.object(security, "terms_of", lambda _: None):
                yield
        else:
            yield


@cache
def stated(overrides: tuple[tuple[str, str], ...]) -> Policy:
    """The shipped policy with some parameters as a bank states them; `overrides`: name and value as YAML."""
    with TemporaryDirectory() as folder:
        write_policy(Path(folder), dict(overrides))
        return load(SHIPPED, Path(folder)) if overrides else shipped()


def as_overrides(policy: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Parameters with their values as YAML."""
    return tuple((name, yaml.safe_dump(value)) for name, value in policy.items())


def write_policy(folder: Path, overrides: Mapping[str, str]) -> None:
    """The policy files of a bank that states some parameters; of those that it does not, as they are shipped."""
    for name, value in overrides.items():
        file, parameter = name.split(".")
        told = yaml.load((SHIPPED / f"{file}.yaml").read_text("utf-8"), Loader=yaml.CSafeLoader)
        told[parameter]["values"] = {date(2000, 1, 1): yaml.safe_load(value)}
        (folder / f"{file}.yaml").write_text(yaml.safe_dump(told, allow_unicode=True), "utf-8")


def advised(
    given: Rows,
    points: float = 620.0,
    own: tuple[int, int, int] | None = RANGE,
    parts: Sequence[int] = (),
    policy: Mapping[str, Any] | None = None,
) -> Advised:
    """What is advised on the rows of a case, with its score and our own valuation as the case gives them."""
    case = Case(case="1", firm=FIRM, as_of=DAY, application="A1", bank=None, branch=None)
    known = as_known(Tables.from_rows(complete(given)), [case], NORMS, stated(as_overrides(policy or {})))
    with valued(own, parts):
        lent = lending(known, 0, points, pd=0.0099)
        said = lent.recommendation
        assert said is not None
        amount = None if said.amount is None else said.amount / WAN
        return Advised(said.advice, amount, tuple(one.rule for one in said.because), in_order(lent.judged.open), lent)
