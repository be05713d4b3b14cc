"""Whether the process lives, whether it can answer, and what it counts."""

import msgspec
from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST
from sqlalchemy import select

from features.phrase import DEFAULT_WORDS, Language, language_of
from service.application.shared_look import SharedLook
from service.application.state import AppState, Readiness, State
from service.assessing.governance import StoppedModel
from service.edge.database import is_full
from service.edge.errors import Refused
from service.edge.faults import problem_faults
from service.edge.leases import held, present
from service.ledger.resumption import clock_trouble
from service.ledger.tables import HEAD
from service.ledger.token_keys import TokenKey
from service.web.words import WordsParam

NEVER = float("inf")
"""The age of what was never signed: any alarm on an age goes off."""

LOOK_SECONDS = 0.1
"""Between two looks whether it can answer: anybody may ask, however often, and each look asks the database."""

router = APIRouter(tags=["health"])


@router.get("/healthz", summary="Check that the process lives")
async def healthz() -> object:
    return {"alive": True}


@router.get(
    "/readyz", summary="Check that it can answer", responses={503: {"description": "It cannot: the body says why"}}
)
async def readyz(state: State, words: WordsParam = DEFAULT_WORDS) -> Response:
    language = language_of(words)
    if language not in state.readiness:
        state.readiness[language] = SharedLook(lambda: _readiness(state, language), LOOK_SECONDS)
    ready, told = await state.readiness[language]()
    return JSONResponse(told, status_code=200 if ready else 503)


def _readiness(state: AppState, language: Language | None) -> Readiness:
    models = {kind: one.bundle.id for kind, one in state.model_store.held.items()}
    database = _database(state)
    stopped = _stopped(state, language) if database == "answers" else None
    refused = state.model_store.stopped() if database == "answers" else []
    answering = models.keys() - {one.kind for one in refused if one.everywhere}
    full = is_full(state.engine)
    ready = bool(answering) and database == "answers" and not stopped and not full
    trouble = state.model_store.trouble
    told: dict[str, object] = {
        "ready": ready,
        "models": models,
        "validation": [_refused(one) for one in refused] or "right",
        "registry": msgspec.to_builtins(trouble.shown(language)) if trouble else "answers",
        "database": database,
        "disk": "full" if full else "right",
        "ledger": _signed(state) if database == "answers" else None,
        "clock": stopped or "right",
        "keys": _keys(state),
        "administrators": _administrators(state) if database == "answers" else None,
        "waiting": state.batcher.waiting,
        "workers": _workers(state) if database == "answers" else None,
    }
    return ready, told


@router.get("/metrics", summary="Read metrics for Prometheus", response_class=PlainTextResponse)
def metrics(state: State) -> Response:
    state.metrics.waiting.set(state.batcher.waiting)
    for what, age in (_signed(state) if _database(state) == "answers" else {}).items():
        state.metrics.signed.labels(what.removesuffix("_age_seconds")).set(NEVER if age is None else age)
    return Response(state.metrics.told(), media_type=CONTENT_TYPE_LATEST)


def _signed(state: AppState) -> dict[str, int | None]:
    """How many seconds ago the ledger was signed last, and countersigned by the fund; null: never."""
    with state.engine.connect() as connection:
        told = state.checkpoint_signer.standing(connection)
    signed = {"checkpoint": told["checkpoint"], "receipt": told["receipt"]}
    return {f"{what}_age_seconds": one and one["age_seconds"] for what, one in signed.items()}


def _keys(state: AppState) -> dict[str, object]:
    """Where the signing key lies (null: there is none), and whether keys lie apart from the ledger."""
    signer = state.checkpoint_signer.signer
    lies = None if signer is None else "device" if isinstance(signer.device, TokenKey) else "file"
    return {"signing": lies, "apart_from_ledger": state.settings.keys_apart}


def _workers(state: AppState) -> dict[str, object]:
    """Which process answers this, how many its command started, all that use the database, and who housekeeps."""
    with state.engine.connect() as connection:
        lease, there = held(connection), present(connection)
    housekeeper = None if lease is None else {"worker": lease.holder, "seconds": round(lease.seconds, 1)}
    own = state.housekeeper.holder
    return {"this": own, "started": state.worker.of, "present": there, "housekeeper": housekeeper}


def _administrators(state: AppState) -> object:
    """How many administrators can confirm what another asks for; with fewer than are needed nobody is given a role."""
    return None if state.settings.sign_in == "none" else msgspec.to_builtins(state.accounts.administrators(state.now()))


def _stopped(state: AppState, language: Language | None) -> object:
    """Why nothing may be entered: the clock is wrong; None where it is right."""
    with state.engine.connect() as connection:
        wrong = clock_trouble(connection)
    return wrong and msgspec.to_builtins(problem_faults(wrong.as_faults(), language))


def _refused(model: StoppedModel) -> dict[str, object]:
    """A model that serves and may not answer by what validators said: everywhere or at some bank, and why.

    Codes alone: anybody reads this, and whose bank or which validator it is concerns the bank.
    """
    told = {"kind": model.kind, "bundle": model.bundle, "everywhere": model.everywhere}
    return told | {"why": [{"code": one.code} for one in model.why]}


def _database(state: AppState) -> str:
    try:
        with state.engine.connect() as connection:
            connection.execute(select(HEAD.c.size))
    except Refused as error:
        return f"away: {error.problem}"
    return "answers"
