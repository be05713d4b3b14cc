"""What of an assessment is sealed beside its answer: question, raw rows by audience, contributions, how it is cut."""

from collections.abc import Mapping
from datetime import date
from functools import cache, lru_cache
from typing import Any

import orjson

from features.columns import AUDIENCES
from features.tables import TABLES
from models.assess import Assessment
from models.words.phrase import Language
from models.words.templates import SHIPPED
from service.assessing.audiences import audience_of, cut_for, strictest
from service.assessing.ports import Rows
from service.assessing.requests import Applicant
from service.ledger.canonical import canonical, float_of, float_text
from service.ledger.redaction import CUT
from service.ledger.seal import Leaves

WORDS = "/words"
"""The leaf that says how an answer was worded when it left."""


def assessment_leaves(applicant: Applicant, rows: Rows, assessment: Assessment) -> Leaves:
    """The canonical leaves by pointer: all that is needed, with bundle and policy, to ask again."""
    asked = applicant.model_dump(exclude={"rows"}, exclude_none=True)
    features = assessment.bundle.features
    contributions = dict(zip(features, assessment.contributions.tolist(), strict=True))
    return {
        "/asked": canonical(asked),
        # To the last bit they would tell of the others too, so who sees one must be allowed to see all.
        f"/contributions/{strictest(audience_of(name) for name in features)}": canonical(contributions),
        CUT: cut_for(features),
        **row_leaves(rows),
    }


def words_leaf(language: Language | None) -> Leaves:
    """In which language the answer left, and from which word templates; null where it left in codes alone."""
    digest = None if language is None else SHIPPED.digest
    return {WORDS: canonical({"language": language, "templates": digest})}


def row_leaves(rows: Rows) -> dict[str, bytes]:
    """One leaf per row and audience: the audience's known columns as one object, by `/rows/TABLE/PLACE/AUDIENCE`."""
    leaves = {}
    for table, own in rows.items():
        numbers = _numbers(table)
        for place, row in enumerate(own):
            told = _plain(row, numbers)
            for audience, names in _columns(table, tuple(told)):
                # Nothing in it needs the walk of `canonical`: floats are texts by now, and the names are in order.
                leaves[f"/rows/{table}/{place}/{audience}"] = orjson.dumps({name: told[name] for name in names})
    return leaves


def rows_of(body: Mapping[str, Any]) -> Rows:
    """The raw rows that a sealed body holds (leaves as values by pointer), put together from their audiences."""
    places: dict[str, dict[int, dict[str, Any]]] = {}
    for pointer, told in body.items():
        if pointer.startswith("/rows/"):
            _, _, table, place, _ = pointer.split("/")
            places.setdefault(table, {}).setdefault(int(place), {}).update(told)
    return {table: [_typed(table, own[place]) for place in sorted(own)] for table, own in places.items()}


def _typed(table: str, told: Mapping[str, Any]) -> dict[str, Any]:
    """A row as it was before it was written: days as days, floats as floats."""
    columns = TABLES[table].columns
    read = {"day": date.fromisoformat, "number": float_of}
    return {name: read[kind](v) if (kind := columns[name].kind) in read else v for name, v in told.items()}


def _plain(row: dict[str, Any], numbers: tuple[str, ...]) -> dict[str, Any]:
    """The known values of a row, floats as their canonical text."""
    if None in row.values():
        row = {name: value for name, value in row.items() if value is not None}
    if numbers:
        row = row | {name: float_text(row[name]) for name in numbers if name in row}
    return row


@lru_cache(10_000)
def _columns(table: str, present: tuple[str, ...]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Of the columns present in a row, those of each audience, by code point; rows of one source have the same."""
    declared = TABLES[table].columns
    found = (
        (audience, tuple(sorted(n for n in present if declared[n].audience == audience))) for audience in AUDIENCES
    )
    return tuple((audience, names) for audience, names in found if names)


@cache
def _numbers(table: str) -> tuple[str, ...]:
    return tuple(column.name for column in TABLES[table].columns.values() if column.kind == "number")
