"""What of an assessment is sealed beside its answer: the question, every raw row by audience, the contributions."""

from functools import cache
from typing import Any

import orjson

from features.columns import AUDIENCES
from features.tables import TABLES
from models.assess import Assessment
from service.ledger.canonical import canonical, float_text
from service.ledger.seal import Leaves
from service.ports import Rows
from service.wire import Applicant


def assessment_leaves(applicant: Applicant, rows: Rows, assessment: Assessment) -> Leaves:
    """The canonical leaves by pointer: all that is needed, with bundle and policy, to ask again."""
    asked = applicant.model_dump(exclude={"rows"}, exclude_none=True)
    contributions = dict(zip(assessment.bundle.features, assessment.contributions.tolist(), strict=True))
    return {
        "/asked": canonical(asked),
        "/contributions": canonical(contributions),
        **row_leaves(rows),
    }


def row_leaves(rows: Rows) -> dict[str, bytes]:
    """One leaf per row and audience: the audience's known columns as one object, by `/rows/TABLE/PLACE/AUDIENCE`."""
    leaves = {}
    for table, own in rows.items():
        columns, numbers = _columns(table), _numbers(table)
        for place, row in enumerate(own):
            told = _with_hex(row, numbers) if numbers else row
            for audience, names in columns:
                # One audience's columns of a row are plain but for numbers: no walk through them is needed.
                part = {name: value for name in names if (value := told.get(name)) is not None}
                if part:
                    leaves[f"/rows/{table}/{place}/{audience}"] = orjson.dumps(part)
    return leaves


def _with_hex(row: dict[str, Any], numbers: tuple[str, ...]) -> dict[str, Any]:
    return row | {name: float_text(value) for name in numbers if (value := row.get(name)) is not None}


@cache
def _columns(table: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Each audience of the table with its columns by code point, so that they are written in canonical order."""
    declared = TABLES[table].columns.values()
    found = ((audience, tuple(sorted(c.name for c in declared if c.audience == audience))) for audience in AUDIENCES)
    return tuple((audience, names) for audience, names in found if names)


@cache
def _numbers(table: str) -> tuple[str, ...]:
    return tuple(column.name for column in TABLES[table].columns.values() if column.kind == "number")
