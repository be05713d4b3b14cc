"""How amounts, shares and days are written for people: 万元 with two decimals in Chinese, yuan in English."""

from datetime import date
from decimal import Decimal

from models.rules.finding import Says


def money(minor: int | float) -> Says:
    """An amount given in the minor unit (fen)."""
    yuan = Decimal(round(minor)) / 100
    return Says(f"{yuan / 10_000:,.2f}万元", f"RMB {yuan:,.0f}")


def share(value: float | Decimal) -> Says:
    """A share as a percentage with up to two decimals."""
    text = f"{Decimal(str(value)) * 100:.2f}".rstrip("0").rstrip(".") + "%"
    return Says(text, text)


def number(value: float | Decimal) -> Says:
    """A plain number with up to two decimals."""
    text = f"{Decimal(str(value)):,.2f}".rstrip("0").rstrip(".")
    return Says(text, text)


def day(value: date | None) -> str:
    """A calendar day as YYYY-MM-DD, or a dash."""
    return value.isoformat() if value else "–"
