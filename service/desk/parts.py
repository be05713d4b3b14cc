"""What a script of ours is told instead of a page: when the draft was saved or why not, and what is wrong so far."""

from typing import Annotated

import msgspec
from fastapi import Header
from starlette.responses import Response

from service.access.drafts import StoredDraft
from service.desk.pages import DeskPage
from service.edge.errors import Refused

Part = Annotated[str, Header(alias="X-Part")]
"""The header of a request that a script made."""


class PartAnswer(msgspec.Struct, frozen=True):
    """When the draft was saved or why not, what is wrong by field, and what is doubtful under which title."""

    note: str
    faults: dict[str, str] = {}
    doubts: list[str] = []
    title: str = ""


def part(
    page: DeskPage, draft: StoredDraft, faults: dict[str, str] | None = None, doubts: list[str] | None = None
) -> Response:
    """The answer to a script that saved a draft."""
    note = page.say("draft.saved", at=page.clock(draft.saved_at))
    told = PartAnswer(note, faults or {}, doubts or [], page.say("intake.checks"))
    return Response(msgspec.json.encode(told), media_type="application/json")


def part_not_saved(page: DeskPage, refused: Refused) -> Response:
    """The answer to a script whose draft was not saved."""
    told = PartAnswer(refused.sentence(page.language))
    return Response(msgspec.json.encode(told), int(refused.status), media_type="application/json")
