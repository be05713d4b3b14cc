"""What a raw table is: columns, of which six belong to every table, the key of a fact, and the order of its days."""

from dataclasses import replace
from typing import ClassVar

from features.columns import Column, choice, day, flag, note, text

FIRM = "^(uscc|cik|row):[!-~]+$"
SOURCE_KINDS = ("register", "bureau", "document", "typed")


class Table:
    """A raw table. Subclasses declare columns as attributes.

    `key`: the columns that make two rows of one firm the same fact, in the order in which a firm's rows are read.
    `orders`: pairs of day columns of which the first cannot lie after the second.
    `common`: whether a public register keeps it, so that what the register says is read by every bank; the rows of all
    other tables are read by the bank alone that brought them.
    """

    name: ClassVar[str]
    key: ClassVar[tuple[str, ...]] = ()
    orders: ClassVar[tuple[tuple[str, str], ...]] = ()
    common: ClassVar[bool] = False
    columns: ClassVar[dict[str, Column]]

    firm = text(
        "Key of the firm that the row is about · 企业编码", domain="firm", required=True, pattern=FIRM, form="firm"
    )
    known_on = day("Day on which the row could first be known · 可知日", required=True)
    source_kind = choice("Where the row comes from · 来源类别", *SOURCE_KINDS, required=True)
    source = text("Which register, report or document, or who typed it · 来源", domain="source", audience="bank")
    withdrawn = flag("True where the row takes back an earlier one with the same key · 已撤回")
    as_written = note(
        "What was typed where it was brought to normal form, as JSON by column · 原始填写", audience="bank"
    )

    def __init_subclass__(cls, **options: object) -> None:
        cls.name = _snake(cls.__name__)
        declared = {k: v for part in (Table, cls) for k, v in vars(part).items() if isinstance(v, Column)}
        if any(c.audience == "person" for c in declared.values()):
            declared["as_written"] = replace(Table.as_written, audience="person")
        cls.columns = {k: v.named(k, cls.name) for k, v in declared.items()}


def _snake(name: str) -> str:
    return "".join("_" + c.lower() if c.isupper() else c for c in name).lstrip("_")
