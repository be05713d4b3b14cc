"""Nothing that is sealed or stored of an assessment grows with how often the firm was asked about before."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select
from sqlmodel import SQLModel

from service.assessing.assessment_index import ASSESSMENTS
from service.ledger.contents import content_of, entries_with_keys
from service.ledger.kinds import Kind
from service.ledger.tables import ENTRIES
from tests.service.made import offering

TIMES = 24
COUNTS = 64
"""Bytes by which numbers and random texts may differ between two entries (compressed: their order too)."""
ONCE_EACH = {ENTRIES.name, ASSESSMENTS.name}
"""Tables that get a row for each assessment."""


def rows(engine: Any) -> Mapping[str, int]:
    """The rows of every table."""
    with engine.connect() as connection:
        return {
            name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for name, table in SQLModel.metadata.tables.items()
        }


def sizes(engine: Any) -> list[tuple[int, int, int]]:
    """Of each assessment: bytes of what is sealed, of the entry as it is kept, of its row in the index."""
    asked = entries_with_keys().where(ENTRIES.c.kind == Kind.ASSESSMENT.value).order_by(ENTRIES.c.seq)
    with engine.connect() as connection:
        index = {row.seq: len(json.dumps(list(row), default=str)) for row in connection.execute(select(ASSESSMENTS))}
        found = []
        for entry in connection.execute(asked):
            held = content_of(connection, entry)
            kept = sum(len(column) for column in entry if isinstance(column, str | bytes))
            found.append((len(held.body) + len(held.answer or b""), kept, index[entry.seq]))
    return found


@pytest.mark.parametrize("words", ["zh", "none"])
def test_the_last_of_many_costs_what_the_second_did(client: TestClient, words: str) -> None:
    """One firm under one application: the answer, the sealed entry, the kept one and its index are as large as ever."""
    app: Any = client.app
    engine = app.state.pledgescore.engine
    answers = []
    for time in range(TIMES):
        answers.append(client.post("/v1/assessments", params={"words": words}, json=offering(1, 8, 3)))
        assert answers[-1].status_code == 201, answers[-1].text
        if time == 1:
            after_two = rows(engine)
    assert answers[-1].json()["record"]["of_firm"] == answers[-1].json()["record"]["loan_file"]["n"] == TIMES
    second, last = (len(answers[place].content) for place in (1, -1))
    assert abs(last - second) <= COUNTS
    found = sizes(engine)
    assert all(abs(was - is_) <= COUNTS for was, is_ in zip(found[1], found[-1], strict=True))
    grown = {name: many - after_two[name] for name, many in rows(engine).items() if many != after_two[name]}
    assert grown == dict.fromkeys(ONCE_EACH, TIMES - 2)
