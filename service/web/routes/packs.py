"""Packs for readers who trust no server: of a loan file, a month or a day, streamed as they are made."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query

from service.application.caller import Who
from service.application.leaving import LeavableStream
from service.application.proofs import ZIP, PackAsked, pack_of, period_for
from service.application.state import State
from service.edge.fields import Ordinal
from service.edge.readers import Reader
from service.proofs.pack_plans import of_assessment, of_file
from service.web.openapi import CONFLICTS, Responses

_For = Annotated[Reader, Query(alias="for", description="Who will read it: what is not for them stays a digest")]
_Since = Annotated[
    Ordinal | None, Query(description="Size of a checkpoint that the reader holds: history from it is proven")
]
_Period = Annotated[str, Query(pattern=r"^\d{4}-\d\d(-\d\d)?$", description="A month or a day, in the ledger's zone")]
_Fund = Annotated[
    str | None,
    Query(max_length=200, description="Which fund reads it, where the caller is none and policy knows several"),
]
_Models = Annotated[bool, Query(description="With models and policies; else they are named by their digests")]
_PACK: Responses = {200: {"description": "A zip that verify.py checks", "content": {ZIP: {}}}, **CONFLICTS}

router = APIRouter(tags=["proofs"])


@router.get("/v1/assessments/{assessment}/pack", summary="Download the proof of an assessment's file", responses=_PACK)
async def of_one(
    state: State, assessment: str, reader: _For, who: Who, since: _Since = None, fund: _Fund = None
) -> LeavableStream:
    return await pack_of(state, who, partial(of_assessment, assessment=assessment), PackAsked(reader, since, fund))


@router.get("/v1/loan-files/{loan_file}/pack", summary="Download the proof of a loan file", responses=_PACK)
async def of_loan_file(
    state: State, loan_file: str, reader: _For, who: Who, since: _Since = None, fund: _Fund = None
) -> LeavableStream:
    return await pack_of(state, who, partial(of_file, file=loan_file), PackAsked(reader, since, fund))


@router.get("/v1/ledger/pack", summary="Download the proof of a month or a day", responses=_PACK)
async def of_many(  # noqa: PLR0913, PLR0917  (one parameter for each thing that is asked)
    state: State,
    period: _Period,
    reader: _For,
    who: Who,
    since: _Since = None,
    fund: _Fund = None,
    models: _Models = False,
) -> LeavableStream:
    return await pack_of(state, who, period_for(period, who), PackAsked(reader, since, fund, models))
