"""How one fact is written for people: amounts, shares, days and names, in Chinese or English.

A template says `{amount:money}`: the fact's name, then one of `FORMATS`. A format is never removed or changed, only
added, because old answers are shown with the templates of their time. A fact that is None is written as a dash.
"""

import re
from collections.abc import Callable, Collection, Mapping
from decimal import ROUND_HALF_EVEN, Decimal
from math import isinf
from typing import NamedTuple

from features.phrase import Fact, Language

ABSENT = "–"
_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][-+]?\d+)?")
_KIND_OF_KEY = re.compile("^(uscc|row|cik):")


class Reader(NamedTuple):
    """For whom a text is written: the language, the currency of the money, the names by code and whole phrases.

    `valued`: the features and units some of whose values have names.
    """

    language: Language
    currency: str
    names: Mapping[str, str]
    valued: Collection[str]
    say: Callable[[str, Mapping[str, Fact], "Reader"], str]

    def said(self, code: str, facts: Mapping[str, Fact]) -> str:
        """A phrase within a phrase, for the same reader."""
        return self.say(code, facts, self)

    def name(self, code: str, otherwise: str) -> str:
        """The name of a code; a code of a bank's own, which has no template, is shown as it is."""
        return self.names.get(code, otherwise)

    def counted(self, fact: Fact, zh: str, one: str, many: str) -> str:
        """A whole number with its unit: `3 天`, `1 day`, `3 days`."""
        unit = zh if self.language == "zh" else one if fact == 1 else many
        return f"{_count(fact, self)} {unit}"


Format = Callable[[Fact, Reader], str]


def in_wan(fen: int) -> str:
    """Fen in ten thousand yuan with two decimals, without the unit: `107.88`."""
    return f"{_quantized(Decimal(fen) / 1_000_000, 2):,}"


def _money(fact: Fact, reader: Reader) -> str:
    """Fen as `107.88 万元` and `RMB 1,078,811`; another currency in whole major units, `1,078,811 美元`."""
    minor = _whole(fact)
    if reader.currency == "CNY" and reader.language == "zh":
        return f"{in_wan(minor)} 万元"
    return _in_major_units(_quantized(Decimal(minor) / 100, 0), reader)


def _exact_money(fact: Fact, reader: Reader) -> str:
    """Fen to the fen: `1,234.50 元` and `RMB 1,234.50`."""
    return _in_major_units(_quantized(Decimal(_whole(fact)) / 100, 2), reader)


def _in_major_units(amount: Decimal, reader: Reader) -> str:
    if reader.language == "zh":
        return f"{amount:,} {reader.name(f'currency.{reader.currency}', reader.currency)}"
    return f"{'RMB' if reader.currency == 'CNY' else reader.currency} {amount:,}"


def _share(fact: Fact, _: Reader) -> str:
    """Decimal text as a percentage with up to two decimals: `56.3%`."""
    return f"{_plainest(_decimal(fact) * 100)}%"


def _ratio(fact: Fact, _: Reader) -> str:
    """Decimal text or a whole number, with up to two decimals: `1.5`."""
    return _plainest(_decimal(fact))


def _points(fact: Fact, _: Reader) -> str:
    """Tenths of a point with one decimal: `12.3`."""
    return f"{_whole(fact) / 10:,.1f}"


def _count(fact: Fact, _: Reader) -> str:
    """A whole number with thousands separated."""
    return f"{_whole(fact):,}"


def _figure(fact: Fact, reader: Reader) -> str:
    """A feature's value: (feature, unit, decimal text or word); a class, grade or category by its name."""
    feature, unit, value = _three(fact)
    if value is None:
        return reader.name("figure.not_known", ABSENT)
    for family in (feature, unit):
        if family in reader.valued and (named := reader.names.get(f"value.{family}.{value}")):
            return named
    if not _NUMBER.fullmatch(value):
        return value
    number = float(value)
    if unit == "minor unit":  # to a hundred, as `figure_text` has it
        return _money(int(_quantized(Decimal(value) / 10_000, 0)) * 10_000, reader)
    return reader.said(f"unit.{unit.replace(' ', '_')}", {"figure": figure_text(unit, number)})


def figure_text(unit: str, value: float) -> str:
    """A feature's value without its unit, alike in every language: money in ten thousands, shares in per cent."""
    if unit == "share":
        return f"{value:.1%}"
    return f"{value / 1e6:,.2f}" if unit == "minor unit" else f"{value:,.4g}"


def written_alike(unit: str, one: float, other: float) -> bool:
    """Whether `figure_text` writes two values alike; those that lie apart are not written."""
    step = {"share": 1e-3, "minor unit": 1e4}.get(unit, 1e-3 * max(abs(one), abs(other)))
    near = abs(one - other) <= 1.01 * step or isinf(100 * one)  # per cent of such a share is written as infinite
    return near and figure_text(unit, one) == figure_text(unit, other)


def _phrase(fact: Fact, reader: Reader) -> str:
    """A phrase within a phrase: its code, then the names and values of its facts in turn."""
    code, *facts = fact if isinstance(fact, tuple | list) else (fact,)
    return reader.said(str(code), dict(zip(map(str, facts[::2]), facts[1::2], strict=True)))


def _each(fact: Fact, reader: Reader) -> str:
    """Pairs of a code and the text that fills its `value`, one after the other, joined by semicolons."""
    parts = list(map(str, fact)) if isinstance(fact, tuple | list) else []
    said = (reader.said(code, {"value": value}) for code, value in zip(parts[::2], parts[1::2], strict=True))
    return ("；" if reader.language == "zh" else "; ").join(said)


def _choices(fact: Fact, reader: Reader) -> str:
    """All codes of a family of names, each with its name: `working_capital (流动资金周转), …`."""
    start = f"{fact}."
    named = [(code.removeprefix(start), name) for code, name in reader.names.items() if code.startswith(start)]
    if reader.language == "zh":
        return "、".join(f"{name}（{code}）" for code, name in named)
    return ", ".join(f"{code} ({name})" for code, name in named)


def _flag(fact: Fact, reader: Reader) -> str:
    return reader.name(f"flag.{str(fact).lower()}", str(fact).lower())


def _plain(fact: Fact, _: Reader) -> str:
    """A text or number as it is; texts that only people write (remarks, names, numbers of patents)."""
    return str(fact)


def key_said(key: str) -> str:
    """The key of a firm without the kind of its code."""
    return _KIND_OF_KEY.sub("", key)


def _party(fact: Fact, reader: Reader) -> str:
    """Firms by name, or by code without the kind of the code; the bank that asks by what it calls itself."""
    firms = list(fact) if isinstance(fact, tuple | list) else [fact]
    told = [ABSENT if one is None else str(one) for one in firms] or [reader.name("empty", ABSENT)]
    return ("、" if reader.language == "zh" else ", ").join(reader.name(f"party.{one}", key_said(one)) for one in told)


def _titled(fact: Fact, reader: Reader) -> str:
    """Something that a bank itself named in both languages: its code, the Chinese name, the English one."""
    if not isinstance(fact, tuple | list) or len(fact) != 3:
        raise TypeError(f"{fact!r} is no code with a name in both languages")
    return str(fact[1] if reader.language == "zh" else fact[2])


FORMATS: Mapping[str, Format] = {
    "money": _money,
    "exact_money": _exact_money,
    "share": _share,
    "ratio": _ratio,
    "points": _points,
    "count": _count,
    "days": lambda fact, reader: reader.counted(fact, "天", "day", "days"),
    "months": lambda fact, reader: reader.counted(fact, "个月", "month", "months"),
    "years": lambda fact, reader: reader.counted(fact, "年", "year", "years"),
    "day": _plain,
    "figure": _figure,
    "phrase": _phrase,
    "each": _each,
    "choices": _choices,
    "flag": _flag,
    "plain": _plain,
    "party": _party,
    "titled": _titled,
}
NAMES = ("name", "list", "counts")
"""Formats of codes that have a template of their own: one code, a tuple of them, or each followed by its count. With
the fact `need`, `{binding:name.bound}` is the template `bound.need`; without a family the fact is the whole code."""


def of(written: str) -> Format | None:
    """The format that a template names, None if there is none of that name."""
    kind, _, family = written.partition(".")
    if kind not in NAMES:
        return FORMATS.get(written)
    before = f"{family}." if family else ""

    def name(fact: Fact, reader: Reader) -> str:
        return reader.names.get(f"{before}{fact}") or str(fact)

    def names(fact: Fact, reader: Reader) -> str:
        if not isinstance(fact, tuple | list):
            return name(fact, reader)
        if not fact:
            return reader.name("empty", ABSENT)
        return ("、" if reader.language == "zh" else ", ").join(name(one, reader) for one in fact)

    def counts(fact: Fact, reader: Reader) -> str:
        pairs = list(fact) if isinstance(fact, tuple | list) else []
        told = [
            f"{name(code, reader)} {_count(number, reader)}"
            for code, number in zip(pairs[::2], pairs[1::2], strict=True)
        ]
        return ("、" if reader.language == "zh" else ", ").join(told) or reader.name("empty", ABSENT)

    return {"name": name, "list": names, "counts": counts}[kind]


def _whole(fact: Fact) -> int:
    if isinstance(fact, bool) or not isinstance(fact, int):
        raise TypeError(f"{fact!r} is no whole number")
    return fact


def _three(fact: Fact) -> tuple[str, str, str | None]:
    if not isinstance(fact, tuple | list) or len(fact) != 3:
        raise TypeError(f"{fact!r} is no figure of a feature, its unit and its value")
    feature, unit, value = fact
    return str(feature), str(unit), None if value is None else str(value)


def _decimal(fact: Fact) -> Decimal:
    if isinstance(fact, bool) or not isinstance(fact, str | int):
        raise TypeError(f"{fact!r} is no decimal text")
    return Decimal(fact)


def _plainest(value: Decimal) -> str:
    text = f"{_quantized(value, 2):,f}"
    return text.rstrip("0").rstrip(".")


def _quantized(value: Decimal, places: int) -> Decimal:
    """Rounded to so many decimals, of two as near to the even one; never a negative zero."""
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN) + 0
