"""How amounts, shares and days are written for people: 万元 with two decimals in Chinese, yuan in English."""

from datetime import date
from decimal import Decimal
from functools import lru_cache

from models.rules.finding import Says

_HELD = 10_000
"""Texts kept: policy's figures are written in every answer."""


@lru_cache(_HELD)
def money(minor: int | float) -> Says:
    """An amount given in the minor unit (fen)."""
    fen = round(minor)
    sign, fen = "-" if fen < 0 else "", abs(fen)
    hundreds, yuan = _over(fen, 10_000), _over(fen, 100)
    return Says(f"{sign}{hundreds // 100:,}.{hundreds % 100:02}万元", f"RMB {sign}{yuan:,}")


def _over(part: int, whole: int) -> int:
    """The nearest whole number to a quotient; of two as near the even one."""
    found, rest = divmod(part, whole)
    return found + (2 * rest > whole or (2 * rest == whole and found % 2 == 1))


@lru_cache(_HELD)
def share(value: float | Decimal) -> Says:
    """A share as a percentage with up to two decimals."""
    text = f"{Decimal(str(value)) * 100:.2f}".rstrip("0").rstrip(".") + "%"
    return Says(text, text)


@lru_cache(_HELD)
def number(value: float | Decimal) -> Says:
    """A plain number with up to two decimals."""
    text = f"{Decimal(str(value)):,.2f}".rstrip("0").rstrip(".")
    return Says(text, text)


def day(value: date | None) -> str:
    """A calendar day as YYYY-MM-DD, or a dash."""
    return value.isoformat() if value else "–"
