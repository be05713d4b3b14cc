"""What of an assessment is sealed beside its answer: question, raw rows by audience, contributions, how it is cut."""

from collections.abc import Mapping
from datetime import date
from functools import cache, lru_cache, partial

import msgspec
import orjson

from features.columns import AUDIENCES
from features.phrase import Language
from features.schema import Row
from features.tables import TABLES
from models.assess import Assessment
from models.words.templates import SHIPPED
from service.assessing.audiences import audience_of, cut_for, strictest
from service.assessing.ports import Rows
from service.assessing.requests import ApplicantRequest, read_applicant
from service.ledger.canonical import canonical, float_of, float_text, floats_text
from service.ledger.redaction import CUT
from service.ledger.seal import Leaves

PER_ROW = frozenset(t.name for t in TABLES.values() if any(c.audience == "person" for c in t.columns.values()))
"""Tables about persons: people, their credit reports, guarantees, visits."""
WORDS = "/words"
"""The leaf that says how an answer was worded when it left."""
_ASSUMED = ("royalty", "life", "revenue_share")
"""Numbers of an assumption."""


def assessment_leaves(applicant: ApplicantRequest, rows: Rows, assessment: Assessment) -> Leaves:
    """The canonical leaves by pointer: all that is needed, with bundle and policy, to ask again."""
    asked = applicant.model_dump(exclude={"rows", "extract"}, exclude_none=True)  # an extract is sealed as its rows
    features = assessment.bundle.features
    # To the last bit they would tell of the others too, so who sees one must be allowed to see all.
    whole = strictest(audience_of(name) for name in features)
    return {
        "/asked": canonical(asked),
        f"/contributions/{whole}": canonical(floats_text(assessment.contributions.tolist())),
        CUT: cut_for(features),
        **row_leaves(rows),
    }


def words_leaf(language: Language | None) -> Leaves:
    """In which language the answer left, and from which word templates; null where it left in codes alone."""
    digest = None if language is None else SHIPPED.digest
    return {WORDS: canonical({"language": language, "templates": digest})}


def row_leaves(rows: Rows) -> dict[str, bytes]:
    """One leaf per table and audience, `/rows/TABLE/AUDIENCE`: each known column as a list, null where a row has none.

    Rows stand in the order of the public columns of the table's key, and of those as they came: an order by any other
    column would tell of it to whoever may not see it. Tables about persons have a leaf per row and audience
    (`/rows/TABLE/PLACE/AUDIENCE`, an object of the known columns): who may see one person's row need not be shown
    another's.
    """
    leaves: dict[str, bytes] = {}
    for table, own in rows.items():
        if not own:
            continue
        numbers, in_order = _numbers(table), sorted(own, key=partial(_place, _public_key(table)))
        if table in PER_ROW:
            for place, row in enumerate(in_order):
                told = {name: value for name, value in row.items() if value is not None}
                told |= {name: _plain(told[name]) for name in numbers & told.keys()}
                leaves |= {f"/rows/{table}/{place}/{of}": _leaf(told, names) for of, names in _cut(table, told)}
        else:
            columns = ((name, [row.get(name) for row in in_order]) for name in frozenset().union(*in_order))
            lists = {name: values for name, values in columns if values.count(None) < len(values)}
            lists |= {name: list(map(_plain, lists[name])) for name in numbers & lists.keys()}
            leaves |= {f"/rows/{table}/{of}": _leaf(lists, names) for of, names in _cut(table, lists)}
    return leaves


def asked_of(body: Mapping[str, object]) -> ApplicantRequest:
    """The question as it was asked; the numbers of an assumption were sealed as texts."""
    asked = msgspec.convert(body["/asked"], dict[str, object])
    given = msgspec.convert(asked.get("assumptions", []), list[dict[str, str]])
    if given:
        asked["assumptions"] = [
            {name: float_of(text) if name in _ASSUMED else text for name, text in one.items()} for one in given
        ]
    return read_applicant(orjson.dumps(asked))


def rows_of(body: Mapping[str, object]) -> Rows:
    """The raw rows that a sealed body holds (leaves as values by pointer), put together from their audiences."""
    places: dict[str, dict[int, Row]] = {}
    for pointer, leaf in body.items():
        if not pointer.startswith("/rows/"):
            continue
        told = msgspec.convert(leaf, dict[str, object])
        _, _, table, *place, _ = pointer.split("/")
        own = places.setdefault(table, {})
        if place:
            own.setdefault(int(place[0]), {}).update(told)
            continue
        for name, values in told.items():
            for i, value in enumerate(values if isinstance(values, list) else ()):
                if value is not None:
                    own.setdefault(i, {})[name] = value
    return {table: [_typed(table, own[place]) for place in sorted(own)] for table, own in places.items()}


def _typed(table: str, told: Row) -> Row:
    """A row as it was before it was written: days as days, floats as floats."""
    columns = TABLES[table].columns
    read = {"day": date.fromisoformat, "number": float_of}
    return {name: read[kind](v) if (kind := columns[name].kind) in read else v for name, v in told.items()}


def _place(key: tuple[str, ...], row: Row) -> tuple[object, ...]:
    """Where a row stands among its table's: by these columns, what is not known first."""
    return tuple([((value := row.get(name)) is not None, value) for name in key])


def _plain(value: object) -> object:
    """A number as its text; None stays."""
    return float_text(value) if isinstance(value, float | int) else value


def _leaf(told: Mapping[str, object], names: tuple[str, ...]) -> bytes:
    """Nothing in it needs the walk of `canonical`: floats are texts by now, and the names are in order."""
    return orjson.dumps({name: told[name] for name in names})


def _cut(table: str, told: Mapping[str, object]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Of the columns told, those of each audience, by code point."""
    return _columns(table, tuple(sorted(told)))


@cache
def _public_key(table: str) -> tuple[str, ...]:
    """The columns of the key that everybody may see, and the day on which a row became known."""
    own = TABLES[table]
    return tuple(name for name in (*own.key, "known_on") if own.columns[name].audience == "public")


@lru_cache(10_000)
def _columns(table: str, present: tuple[str, ...]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    declared = TABLES[table].columns
    found = ((audience, tuple(n for n in present if declared[n].audience == audience)) for audience in AUDIENCES)
    return tuple((audience, names) for audience, names in found if names)


@cache
def _numbers(table: str) -> frozenset[str]:
    return frozenset(column.name for column in TABLES[table].columns.values() if column.kind == "number")
