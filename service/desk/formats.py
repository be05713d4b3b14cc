"""How the desk writes figures: amounts in ten thousand yuan, shares, points, and times where the bank is."""

import re
from datetime import tzinfo
from decimal import Decimal

from features.phrase import Language
from models.words.formats import in_wan, key_said
from service.ledger.months import minute_of

_BRACKETED = re.compile(r"（[^（）]*）| \([^()]*\)")
ABSENT = "—"
"""What stands where nothing is known."""


def wan(fen: object, signed: bool = False) -> str:
    """Fen in ten thousand yuan with two decimals, as sentences write it; a dash where it is not known.

    `signed`: with its sign, where it is a difference.
    """
    if not isinstance(fen, int) or isinstance(fen, bool):
        return ABSENT
    return f"{'−' if fen < 0 else '+'}{in_wan(abs(fen))}" if signed else in_wan(fen)


def wan_typed(fen: int) -> str:
    """Fen in ten thousand yuan as a field holds them: no fen is lost when they are read again."""
    number = Decimal(fen) / 1_000_000
    return f"{number:,.2f}" if fen % 10_000 == 0 else f"{number:,f}"


def percent_typed(share: float) -> str:
    """A share in per cent as a field holds it: read again it is the same number."""
    return f"{(Decimal(repr(share)) * 100).normalize():f}"


def yuan(fen: object) -> str:
    """Fen in yuan, to the fen."""
    if not isinstance(fen, int) or isinstance(fen, bool):
        return ABSENT
    return f"{Decimal(fen) / 100:,.2f}"


def percent(share: object, digits: int = 1) -> str:
    """A share in per cent."""
    return ABSENT if not isinstance(share, int | float) else f"{share:.{digits}%}"


def points(value: object, signed: bool = False) -> str:
    """Points with one decimal; with their sign where they are a difference."""
    if not isinstance(value, int | float):
        return ABSENT
    text = f"{value:+,.1f}" if signed else f"{value:,.1f}"
    return text.replace("-", "−")


def moment(told: object, zone: tzinfo) -> str:
    """A moment of an entry as the bank's clock showed it, to the minute."""
    return ABSENT if not told else minute_of(str(told), zone)


def brief(told: object) -> str:
    """What stands before brackets, of one or of several: people without their roles, names without what explains them.

    For columns of lists, whose cells tell the whole when they are pointed at.
    """
    return _BRACKETED.sub("", plain(told))


def plain(value: object) -> str:
    """A value as it is; a dash where it is not known."""
    return ABSENT if value in (None, "") else str(value)


def code(key: object) -> str:
    """The key of a firm without the kind of its code; a dash where it is not known."""
    return ABSENT if key in (None, "") else key_said(str(key))


def in_language(text: str, language: Language) -> str:
    """Of a text that policy states in both languages (`中文 · English`), that in this one; any other as it is."""
    return text.split(" · ")[0 if language == "zh" else -1]


def number(value: float) -> str:
    """A number as it stands, thousands separated: nothing is rounded."""
    return f"{Decimal(repr(value)).normalize():,f}"


def short(digest: object) -> str:
    """The beginning of a digest or a random id."""
    return str(digest)[:8]
