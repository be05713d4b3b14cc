"""Packs for readers who trust no server: of a loan file, a month or a day, streamed as they are made."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse

from service.access.roles import Caller
from service.application.caller import Who
from service.application.state import AppState, State
from service.edge.errors import Forbidden
from service.edge.readers import Reader
from service.proofs.checkpoint_signer import NoSigner
from service.proofs.pack_plans import PackSubject, of_assessment, of_file, of_period
from service.proofs.packs import Wanted, packed, planned
from service.web.openapi import CONFLICTS, Responses

ZIP = "application/zip"
_For = Annotated[Reader, Query(alias="for", description="Who will read it: what is not for them stays a digest")]
_Since = Annotated[
    int | None,
    Query(ge=1, le=2**53, description="Size of a checkpoint that the reader holds: history from it is proven"),
]
_Period = Annotated[str, Query(pattern=r"^\d{4}-\d\d(-\d\d)?$", description="A month or a day, in the ledger's zone")]
_Fund = Annotated[
    str | None,
    Query(max_length=200, description="Which fund reads it, where the caller is none and policy knows several"),
]
_PACK: Responses = {200: {"description": "A zip that verify.py checks", "content": {ZIP: {}}}, **CONFLICTS}

router = APIRouter(tags=["proofs"])


def _packed(state: AppState, wanted: Wanted, name: str) -> StreamingResponse:
    signer = state.checkpoint_signer.signer
    if signer is None:
        raise NoSigner("no_signer")
    with state.engine.connect() as connection:
        plan = planned(connection, wanted)
    headers = {"Content-Disposition": f'attachment; filename="{name}.zip"'}
    return StreamingResponse(packed(state.engine, signer, plan, state.now()), media_type=ZIP, headers=headers)


@router.get("/v1/assessments/{assessment}/pack", summary="Download the proof of an assessment's file", responses=_PACK)
def of_one(state: State, assessment: str, reader: _For, who: Who, since: _Since = None) -> StreamingResponse:
    _check_reader(reader, who)
    with state.engine.connect() as connection:
        subject = of_assessment(connection, assessment)
    return _packed(state, Wanted(subject, reader, since, who.place.fund), _name(subject, reader))


@router.get("/v1/loan-files/{loan_file}/pack", summary="Download the proof of a loan file", responses=_PACK)
def of_loan_file(state: State, loan_file: str, reader: _For, who: Who, since: _Since = None) -> StreamingResponse:
    _check_reader(reader, who)
    with state.engine.connect() as connection:
        subject = of_file(connection, loan_file)
    return _packed(state, Wanted(subject, reader, since, who.place.fund), _name(subject, reader))


@router.get("/v1/ledger/pack", summary="Download the proof of a month or a day", responses=_PACK)
def of_many(
    state: State, period: _Period, reader: _For, who: Who, since: _Since = None, fund: _Fund = None
) -> StreamingResponse:
    _check_reader(reader, who)
    with state.engine.connect() as connection:
        subject = of_period(connection, period, who.reach)
    return _packed(state, Wanted(subject, reader, since, who.place.fund or fund), f"pack-{period}-{reader}")


def _name(subject: PackSubject, reader: Reader) -> str:
    return f"pack-{subject.begins}-{reader}"


def _check_reader(reader: Reader, who: Caller) -> None:
    """A fund is given packs for a fund alone, whatever it asks for. Raises `Forbidden`."""
    if who.place.fund is not None and reader != "fund":
        raise Forbidden("bank_packs", reader=reader)
