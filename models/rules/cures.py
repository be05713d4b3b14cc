"""What cures a finding, as policy tells it: what to do, where, in how many days, for which fee."""

from collections.abc import Mapping
from typing import Any

from models.rules.applicant import Applicant
from models.rules.finding import Cure, Says


def cure(a: Applicant, name: str, fee: int | None = None) -> Cure:
    """The cure `cures.NAME`; `fee` in the minor unit where it was computed for the case."""
    found: Cure = a.once(f"cure:{name}:{fee}", lambda a: _stated(a.value(f"cures.{name}"), fee))
    return found


def _stated(told: Mapping[str, Any], fee: int | None) -> Cure:
    stated = told.get("fee")
    return Cure(
        what=Says(told["zh"], told["en"]),
        where=Says(told["where_zh"], told["where_en"]),
        days=told.get("days"),
        fee=fee if fee is not None else None if stated is None else stated * 100,
    )
