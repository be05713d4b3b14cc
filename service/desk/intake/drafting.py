"""The draft of a new assessment: begun, kept, changed record by record."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import msgspec
from msgspec.structs import replace

from features.identifiers import IdentifierError, firm_key
from features.tables import TABLES
from service.access.drafts import StoredDraft
from service.desk.forms import SentForm
from service.desk.intake.entries import HEAD, TypedApplicant
from service.desk.intake.layout import EXTRACT, FILLED, LISTS, blocks, column_of
from service.workbooks.layout import GIVEN, HIDDEN

FORM = "new/"
"""Begins the form of every such draft."""
_RECORD = "record"
"""The field that names each record of the page."""
_MOST_LISTED = 20
_FEN = 10**6


@dataclass(frozen=True)
class RecordChange:
    """Something that a button of the page does with its records: `add`, `drop` or `amend`, and where."""

    what: str
    place: str

    @classmethod
    def of(cls, sent: SentForm) -> "RecordChange | None":
        """What was pressed; None where it was another button."""
        what, _, place = sent.text("do").partition(":")
        return cls(what, place) if place and what in ("add", "drop", "amend") else None


def begun(head: Mapping[str, str], brought: dict[str, list[dict[str, object]]]) -> TypedApplicant:
    """A page as it begins: the records that stand there from the beginning, but where rows were brought."""
    records: list[str] = []
    texts = {name: text for name, text in head.items() if name in HEAD and text}
    for table, block in blocks().items():
        for number in range(0 if table in brought else block.begins):
            records += _with_lists(f"{table}.{number}")
            texts |= _defaults(f"{table}.{number}", table)
    return TypedApplicant(texts, tuple(records), brought)


def sent_on(typed: TypedApplicant, sent: SentForm) -> TypedApplicant:
    """The page as it was sent: what was brought stays as it is held here."""
    names = [one for one in sent.texts(_RECORD) if _is_place(one)]
    texts = {name: value for name, value in sent.data.items() if isinstance(value, str) and value.strip()}
    kept = {name: value for name, value in texts.items() if name in HEAD or "." in name}
    return replace(typed, texts=kept, records=tuple(dict.fromkeys(names)))


def changed(typed: TypedApplicant, change: RecordChange) -> TypedApplicant:
    """The page with a record more or less, or with a copy of a row that was brought, to be put right."""
    place = change.place
    if change.what == "drop":
        left = [one for one in typed.records if one != place and not one.startswith(f"{place}.")]
        texts = {name: text for name, text in typed.texts.items() if not name.startswith(f"{place}.")}
        return replace(typed, texts=texts, records=tuple(left))
    table = place.partition(".")[0]
    if change.what == "amend":
        return _amended(typed, table, place)
    if not _may_add(typed, place):
        return typed
    new = typed.following(place)
    records = (*typed.records, *(_with_lists(new) if "." not in place else [new]))
    return replace(typed, texts=typed.texts | _defaults(new, table), records=records)


def _amended(typed: TypedApplicant, table: str, place: str) -> TypedApplicant:
    number = place.rpartition(".")[2]
    own = typed.brought.get(table, [])
    if not number.isdigit() or int(number) >= len(own):
        return typed
    new, texts = typed.following(table), {}
    for name, value in own[int(number)].items():
        if name not in (*GIVEN, *HIDDEN, *FILLED) and value is not None and name in TABLES[table].columns:
            texts[f"{new}.{name}"] = as_typed(table, name, value)
    if table == "evidence":
        row = own[int(number)]
        texts[f"{new}.fact"] = f"{row['fact']}={row.get('answer') or ''}"
    return replace(typed, texts=typed.texts | texts, records=(*typed.records, new))


def as_typed(table: str, name: str, value: object) -> str:
    """A value as one would type it."""
    column = column_of(table, name)
    if isinstance(value, bool):
        return "是" if value else "否"
    if column.kind == "money" and isinstance(value, int):
        return f"{value / _FEN:.6f}".rstrip("0").rstrip(".")
    if column.unit == "share" and isinstance(value, int | float):
        return f"{value * 100:.12g}%"
    return str(value)


def _may_add(typed: TypedApplicant, place: str) -> bool:
    table, _, rest = place.partition(".")
    if table not in blocks():
        return False
    if not rest:
        return len(typed.of(table)) < blocks()[table].most
    return rest.rpartition(".")[2] in LISTS and len(typed.of(place)) < _MOST_LISTED


def _is_place(name: str) -> bool:
    parts = name.split(".")
    numbers = [part for part in parts if part.isascii() and part.isdigit() and len(part) < 4]
    known = parts[0] in blocks() and (len(parts) == 2 or (len(parts) == 4 and parts[2] in LISTS))
    return known and len(numbers) == len(parts) // 2


def _with_lists(place: str) -> list[str]:
    """A record, and of an extract a first holder."""
    return [place, f"{place}.holders.0"] if place.startswith(f"{EXTRACT}.") else [place]


def _defaults(place: str, table: str) -> dict[str, str]:
    """What a record begins with: a patent of an extract is pledged to us."""
    return {f"{place}.pledgee": "本行"} if table == EXTRACT and place.count(".") == 1 else {}


def stored(identity: str, typed: TypedApplicant) -> StoredDraft:
    """The page as a draft."""
    firm: str | None
    try:
        firm = firm_key(typed.text("firm"), registered=True) if typed.text("firm") else None
    except IdentifierError:
        firm = None
    return StoredDraft(identity, f"{FORM}{identity}", firm, "", msgspec.json.encode(typed))


def opened(draft: StoredDraft) -> TypedApplicant:
    """The page of a draft."""
    return msgspec.json.decode(draft.content, type=TypedApplicant)


def name_of(typed: TypedApplicant) -> str:
    """Whom a draft is about: by name, else by code; empty where neither is known."""
    told: Iterable[object] = (
        *(typed.text(f"{place}.legal_name") for place in typed.of("firms")),
        *(row.get("legal_name") for row in reversed(typed.brought.get("firms", []))),
        typed.text("firm"),
    )
    return next((str(one) for one in told if one), "")
