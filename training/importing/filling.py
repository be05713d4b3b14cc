"""One of our columns filled from somebody's text columns by one rule: exactly, or refused with the reason.

Amounts are decimal all the way: "65.07600000000001" million dollars are 6507600000 cents after one rounding (half to
even, which is counted), never a binary fraction.
"""

import hashlib
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation, localcontext
from fnmatch import fnmatchcase
from string import Formatter

import polars as pl

from features.columns import LARGEST_WHOLE, Column
from features.written import amount_in_text, text_reader
from models.words.output import told
from training.importing.mapping import FieldRule
from training.importing.sources import ROW

FLAGS = {
    **dict.fromkeys(("true", "t", "yes", "y", "1"), True),
    **dict.fromkeys(("false", "f", "no", "n", "0"), False),
}
MISSING = "missing"
PRECISION = 60
"""Decimal digits kept before the one rounding; far more than any amount has."""


@dataclass(frozen=True)
class RefusedRow:
    """Why one row of a batch is refused: its place in the batch, our column, their value."""

    place: int
    column: str
    value: str
    reason: str


@dataclass
class Filled:
    """One column: a value or null per row of the batch, and what was noticed."""

    values: pl.Series
    faults: list[RefusedRow] = field(default_factory=list)
    rounded: int = 0
    unknown: Counter[str] = field(default_factory=Counter)
    written: pl.Series | None = None
    """What was written, where it was brought to normal form."""


def fill(column: Column, rule: FieldRule, batch: pl.DataFrame, ours: Mapping[str, pl.Series]) -> Filled:
    """Fill `column` by `rule` from a batch of text columns; `ours` holds our columns that were filled before."""
    if rule.after is not None:
        return Filled(ours[rule.after].dt.offset_by(f"{rule.days}d"))
    texts, filled = _translate(column, rule, _texts(rule, batch))
    texts, filled.written = _in_normal_form(column, texts)
    made = _KINDS[column.kind](texts, rule, batch)
    filled.values, filled.rounded = made.values, made.rounded
    unreadable = texts.is_not_null() & made.values.is_null()
    for place in unreadable.arg_true():
        filled.faults.append(RefusedRow(place, column.name, texts[place], told("value_unreadable", kind=column.kind)))
    return filled


def _in_normal_form(column: Column, texts: pl.Series) -> tuple[pl.Series, pl.Series | None]:
    """Texts in normal form, each different one read once, and those that were written otherwise."""
    reader = text_reader(column)
    if reader is None:
        return texts, None
    read = _by_value(texts, reader, pl.String())
    changed = texts.ne_missing(read)
    return (read, texts.set(~changed, None)) if changed.any() else (texts, None)


def _texts(rule: FieldRule, batch: pl.DataFrame) -> pl.Series:
    """The texts that the rule starts from."""
    if rule.constant is not None:
        return pl.Series([_plain(rule.constant)]).new_from_index(0, batch.height)
    if rule.hash_of:
        return _hashes(rule, batch)
    if rule.template is not None:
        parts = [(text, name) for text, name, _, _ in Formatter().parse(rule.template)]
        said = [e for text, name in parts for e in (pl.lit(text), *([pl.col(name)] if name else []))]
        return batch.select(pl.concat_str(said).alias("text")).to_series()
    texts = batch[rule.column or ""]
    if rule.strip:
        texts = texts.str.replace_many(list(rule.strip), [""] * len(rule.strip))
    return texts.str.head(rule.take) if rule.take else texts


def _plain(constant: bool | int | float | date | str) -> str:
    return str(constant).lower() if isinstance(constant, bool) else str(constant)


def _hashes(rule: FieldRule, batch: pl.DataFrame) -> pl.Series:
    names = [c for c in batch.columns if c != ROW and any(fnmatchcase(c, glob) for glob in rule.hash_of)]
    rows = batch.select(names).iter_rows()
    found = (hashlib.sha256("\x1f".join("" if v is None else v for v in row).encode()).hexdigest() for row in rows)
    return pl.Series([rule.prefix + digest[:16] for digest in found], dtype=pl.String)


def _translate(column: Column, rule: FieldRule, texts: pl.Series) -> tuple[pl.Series, Filled]:
    """Texts by the rule's list of values or codes; what is in neither is counted, and refused or left out."""
    filled = Filled(texts)
    known = {theirs: _plain(ours) for theirs, ours in rule.values.items()}
    known |= {theirs: str(code) for code, theirs in enumerate(rule.codes)}
    if not known:
        return texts, filled
    translated = texts.replace_strict(known, default=None, return_dtype=pl.String)
    unknown = texts.is_not_null() & ~texts.is_in(list(known))
    if unknown.any():
        filled.unknown = Counter(texts.filter(unknown).to_list())
        if rule.otherwise is None:
            filled.faults = [RefusedRow(p, column.name, texts[p], told("value_unknown")) for p in unknown.arg_true()]
        elif rule.otherwise != MISSING:
            translated = translated.zip_with(~unknown, pl.Series([_plain(rule.otherwise)]))
    return translated, filled


# --- one reader per kind of column -----------------------------------------------------------------------------------


def _as_text(texts: pl.Series, rule: FieldRule, batch: pl.DataFrame) -> Filled:  # noqa: ARG001
    return Filled(texts)


def _as_flag(texts: pl.Series, rule: FieldRule, batch: pl.DataFrame) -> Filled:  # noqa: ARG001
    return Filled(texts.str.to_lowercase().replace_strict(FLAGS, default=None, return_dtype=pl.Boolean))


def _as_day(texts: pl.Series, rule: FieldRule, batch: pl.DataFrame) -> Filled:  # noqa: ARG001
    days = pl.Series([None], dtype=pl.Date).new_from_index(0, len(texts))
    for form in rule.format:
        days = days.zip_with(days.is_not_null(), texts.str.to_date(form, strict=False, exact=True))
    return Filled(days.dt.offset_by(f"{rule.days}d") if rule.days else days)


def _as_number(texts: pl.Series, rule: FieldRule, batch: pl.DataFrame) -> Filled:
    values = texts.cast(pl.Float64, strict=False)
    if rule.factor != 1:
        values = _by_value(texts, lambda text: float(_decimal(text) * rule.factor), pl.Float64())
    if rule.over:
        below = batch[rule.over].cast(pl.Float64, strict=False)
        values = pl.select(pl.when(below != 0).then(values / below)).to_series()
    return Filled(values)


def _as_money(texts: pl.Series, rule: FieldRule, batch: pl.DataFrame) -> Filled:
    """Amounts: one that carries its own unit by that, whatever the factor; the others as whole numbers."""
    with_unit = texts.str.contains("[分元]\\s*$").fill_null(value=False)
    made = _as_whole(texts.set(with_unit, None), rule, batch)
    if with_unit.any():
        own = texts.set(~with_unit, None)
        made.values = made.values.zip_with(~with_unit, _by_value(own, _in_fen, pl.Int64()))
    return made


def _in_fen(text: str) -> int:
    amount = amount_in_text(text)
    if amount is None:
        raise InvalidOperation
    return _rounded(amount)


def _as_whole(texts: pl.Series, rule: FieldRule, batch: pl.DataFrame) -> Filled:  # noqa: ARG001
    """Whole numbers: by moving the decimal point in the text where that is exact, else by one rounding per value."""
    shift = rule.factor.normalize().as_tuple()
    power = int(shift.exponent) if shift.digits == (1,) and not shift.sign else -1
    moved = (
        _moved(texts, power) if 0 <= power <= 12 else pl.Series([None], dtype=pl.Int64).new_from_index(0, len(texts))
    )
    rest = texts.is_not_null() & moved.is_null()
    if not rest.any():
        return Filled(moved)
    slow = texts.zip_with(rest, pl.Series([None], dtype=pl.String))
    exact = _by_value(slow, lambda text: _is_whole(_decimal(text) * rule.factor), pl.Boolean())
    whole = _by_value(slow, lambda text: _rounded(_decimal(text) * rule.factor), pl.Int64())
    return Filled(moved.zip_with(moved.is_not_null(), whole), rounded=int((~exact).sum() or 0))


def _moved(texts: pl.Series, power: int) -> pl.Series:
    """Plain decimals of few digits, their point moved `power` places right; null where that leaves a fraction."""
    parts = pl.col("t").str.extract_groups(r"^([+-]?[0-9]{1,6})(?:\.([0-9]*))?$" if power > 9 else _PLAIN_DECIMAL)
    fraction = parts.struct.field("2").fill_null("").str.strip_chars_end("0")
    digits = pl.concat_str(parts.struct.field("1"), fraction.str.pad_end(power, "0"))
    fits = fraction.str.len_bytes() <= power
    return texts.to_frame("t").select(pl.when(fits).then(digits).cast(pl.Int64, strict=False)).to_series()


_PLAIN_DECIMAL = r"^([+-]?[0-9]{1,9})(?:\.([0-9]*))?$"


def _by_value(texts: pl.Series, read: Callable[[str], object], dtype: pl.DataType) -> pl.Series:
    """`read` each different text once; null where it cannot be read."""
    known = {text: _tried(read, text) for text in texts.drop_nulls().unique()}
    return pl.Series([None if text is None else known[text] for text in texts], dtype=dtype)


def _tried(read: Callable[[str], object], text: str) -> object:
    try:
        with localcontext(prec=PRECISION):
            return read(text)
    except (InvalidOperation, OverflowError, ValueError):
        return None


def _decimal(text: str) -> Decimal:
    plain = unicodedata.normalize("NFKC", text).strip().replace("\N{MINUS SIGN}", "-")
    accounted = plain.startswith("(") and plain.endswith(")")  # how books write what is below zero
    number = -Decimal(plain[1:-1]) if accounted else Decimal(plain)
    if not number.is_finite():
        raise InvalidOperation
    return number


def _is_whole(number: Decimal) -> bool:
    return number == number.to_integral_value()


def _rounded(number: Decimal) -> int:
    whole = int(number.to_integral_value(ROUND_HALF_EVEN))
    if abs(whole) > LARGEST_WHOLE:
        raise OverflowError
    return whole


_KINDS: dict[str, Callable[[pl.Series, FieldRule, pl.DataFrame], Filled]] = {
    "text": _as_text,
    "choice": _as_text,
    "flag": _as_flag,
    "day": _as_day,
    "number": _as_number,
    "money": _as_money,
    "count": _as_whole,
}
