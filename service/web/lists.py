"""Assesses a list of applicants: each place is answered, and one that is wrong takes no other down."""

import asyncio
import logging
from collections.abc import Callable, Collection, Sequence
from typing import Annotated

import msgspec
from fastapi import Header, Response

from features.errors import Fault
from features.phrase import Language
from service.access.roles import Caller
from service.application.state import AppState
from service.assessing.selection import Include
from service.assessing.stages import Question
from service.assessing.wording import leaving, wording_of
from service.edge.errors import Busy, Defect, InvalidRequest, Refused
from service.web.problems import to_problem
from service.web.responses import JSON

log = logging.getLogger("pledgescore")
LONGEST_KEY = 200
Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key", min_length=1, max_length=LONGEST_KEY, description="The same key twice gives one entry"
    ),
]
AtCell = Callable[[Fault], Fault]
"""What is wrong with a place of a question, at the cell of a file that it comes from."""
_BUSY_SECONDS = 0.05
"""How long a list waits before it asks again where the line is full."""


def questions_of_list(
    state: AppState, bodies: Sequence[bytes], key: str | None, caller: Caller, language: Language | None
) -> list[Question]:
    """The questions of a list, each under a key of its own where the list has one."""
    keys = [None if key is None else f"{key}/{place}" for place in range(len(bodies))]
    return [state.question(body, own, caller, language) for body, own in zip(bodies, keys, strict=True)]


async def answered_list(
    state: AppState, asked: Sequence[Question], include: Collection[Include], cells: Sequence[AtCell] | None = None
) -> Response:
    """What became of each question, in their order; `cells`: of each, where what is refused stands in a file."""
    # A list waits for its turn among the others: it never fills the whole line.
    turns = asyncio.Semaphore(max(1, min(state.settings.together, state.settings.waiting // 4)))
    places = cells or [_in_place] * len(asked)
    pairs = zip(asked, places, strict=True)
    results = await asyncio.gather(*(_result(state, turns, one, include, at_cell) for one, at_cell in pairs))
    return Response(b'{"results":[' + b",".join(results) + b"]}", media_type=JSON)


def _in_place(one: Fault) -> Fault:
    return one


async def _result(
    state: AppState, turns: asyncio.Semaphore, question: Question, include: Collection[Include], at_cell: AtCell
) -> bytes:
    """What became of one question: its assessment or its problem."""
    async with turns:
        while True:
            try:
                recorded = await state.batcher.ask(question)
            except Busy:
                await asyncio.sleep(_BUSY_SECONDS)
            except InvalidRequest as refused:
                return _problem(InvalidRequest([at_cell(one) for one in refused.faults]), question.language)
            except Refused as refused:
                return _problem(refused, question.language)
            except Exception:  # one applicant never takes a list down: the others are recorded, and answered
                log.exception("an applicant of a list failed")
                return _problem(Defect("defect"), question.language)
            else:
                body = leaving(recorded.body, wording_of(question.language), include, recorded.parts)
                return b'{"assessment":' + body + b"}"


def _problem(refused: Refused, language: Language | None) -> bytes:
    return b'{"problem":' + msgspec.json.encode(to_problem(refused, language)) + b"}"
