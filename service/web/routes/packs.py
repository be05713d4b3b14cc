"""Packs for readers who trust no server: of one assessment, or of a month."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from service.access.roles import Caller
from service.application.caller import Who
from service.application.state import AppState, State
from service.edge.errors import Forbidden
from service.edge.readers import Reader
from service.proofs.checkpoint_signer import NoSigner
from service.proofs.packs import Wanted, make_pack, of_assessment, of_period
from service.web.openapi import CONFLICTS, Responses

ZIP = "application/zip"
_For = Annotated[Reader, Query(alias="for", description="Who will read it: what is not for them stays a digest")]
_Since = Annotated[
    int | None,
    Query(ge=1, le=2**53, description="Size of a checkpoint that the reader holds: history from it is proven"),
]
_Period = Annotated[str, Query(pattern=r"^\d{4}-\d\d(-\d\d)?$", description="A month or a day, in the ledger's zone")]
_PACK: Responses = {200: {"description": "A zip that verify.py checks", "content": {ZIP: {}}}, **CONFLICTS}

router = APIRouter(tags=["proofs"])


def _packed(state: AppState, wanted: Wanted, name: str) -> Response:
    signer = state.checkpoint_signer.signer
    if signer is None:
        raise NoSigner("no_signer")
    with state.engine.connect() as connection:
        made = make_pack(connection, signer, wanted, state.now())
    return Response(made, media_type=ZIP, headers={"Content-Disposition": f'attachment; filename="{name}.zip"'})


@router.get("/v1/assessments/{assessment}/pack", summary="Download the proof of an assessment", responses=_PACK)
def of_one(state: State, assessment: str, reader: _For, who: Who, since: _Since = None) -> Response:
    _check_reader(reader, who)
    with state.engine.connect() as connection:
        entries = of_assessment(connection, assessment)
    wanted = Wanted({"assessment": assessment}, entries, reader, since, who.place.fund)
    return _packed(state, wanted, f"pack-{entries[0]}-{reader}")


@router.get("/v1/ledger/pack", summary="Download the proof of a month or a day", responses=_PACK)
def of_many(state: State, period: _Period, reader: _For, who: Who, since: _Since = None) -> Response:
    _check_reader(reader, who)
    with state.engine.connect() as connection:
        entries = of_period(connection, period, who.reach)
    return _packed(state, Wanted({"period": period}, entries, reader, since, who.place.fund), f"pack-{period}-{reader}")


def _check_reader(reader: Reader, who: Caller) -> None:
    """A fund is given packs for a fund alone, whatever it asks for. Raises `Forbidden`."""
    if who.place.fund is not None and reader != "fund":
        raise Forbidden("bank_packs", reader=reader)
