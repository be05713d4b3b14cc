"""The ledger for whoever holds it to account: its standing, signed checkpoints, proofs, and the fund's receipts."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Annotated

import msgspec
from fastapi import APIRouter, Query, Response
from sqlalchemy import Connection, select

from features.phrase import DEFAULT_WORDS, language_of
from service.application.state import State
from service.edge.errors import InvalidRequest, Refused
from service.edge.faults import problem_faults
from service.edge.fields import Ordinal
from service.ledger.checkpoints import FundReceipt, ReceiptStatement, checkpoint, checkpoints_listed
from service.ledger.tables import ENTRIES, HEAD
from service.ledger.tree import OutsideTree, Tree, leaf
from service.web.openapi import CONFLICTS, NOT_FOUND, Responses, answered
from service.web.responses import json_response
from service.web.shapes.proofs import SignedReceipt
from service.web.words import WordsParam

_Size = Annotated[Ordinal | None, Query(description="Of a tree of so many entries; left out: of all")]
_From = Annotated[Ordinal, Query(alias="from", description="Size of the earlier tree")]
_STANDING: Responses = {200: answered("LedgerStanding", "Size, last checkpoint and last receipt, with their ages")}
_CHECKPOINT = {200: answered("SignedCheckpoint", "The newest checkpoint")} | NOT_FOUND
_LISTED: Responses = {200: answered("SignedSizes", "The newest first")}
_Limit = Annotated[int, Query(ge=1, le=500)]
_SIGNED = {201: answered("SignedCheckpoint", "The checkpoint, kept and delivered")} | CONFLICTS
_INCLUSION = {200: answered("InclusionProof", "The proof")} | CONFLICTS
_CONSISTENCY = {200: answered("ConsistencyProof", "The proof")} | CONFLICTS
_TAKEN = {201: answered("ReceiptTaken", "The entry that holds the receipt")} | CONFLICTS


class NoCheckpoint(Refused):
    """Nothing was signed yet."""

    status, problem = HTTPStatus.NOT_FOUND, "no-checkpoint"


router = APIRouter(prefix="/v1/ledger", tags=["ledger"])


@router.get("", summary="Read how the ledger stands", responses=_STANDING)
def standing(state: State, words: WordsParam = DEFAULT_WORDS) -> object:
    with state.engine.connect() as connection:
        told = state.checkpoint_signer.standing(connection)
    failing = {name: problem_faults(why, language_of(words)) for name, why in told["undelivered"].items()}
    return {**told, "undelivered": msgspec.to_builtins(failing)}


@router.get("/checkpoint", summary="Read the newest signed checkpoint", responses=_CHECKPOINT)
def newest(state: State) -> object:
    with state.engine.connect() as connection:
        found = checkpoint(connection)
    if found is None:
        raise NoCheckpoint("no_checkpoint")
    return found


@router.get("/checkpoints", summary="List signed checkpoints, and which the fund countersigned", responses=_LISTED)
def listed(state: State, limit: _Limit = 50) -> Response:
    with state.engine.connect() as connection:
        return json_response(checkpoints_listed(connection, limit))


@router.post("/checkpoints", status_code=201, summary="Sign a checkpoint now", responses=_SIGNED)
def sign(state: State) -> object:
    return state.checkpoint_signer.sign()


@router.get("/entries/{entry}/proof", summary="Prove that an entry lies in the tree", responses=_INCLUSION)
def inclusion(state: State, entry: Ordinal, size: _Size = None) -> object:
    with state.engine.connect() as connection:
        tree = _tree(connection)
        of = size or tree.size
        proof = _proved(lambda: tree.inclusion(entry, of))
        seal = connection.execute(select(ENTRIES.c.seal).where(ENTRIES.c.seq == entry)).scalar_one()
        root = tree.root(of).hex()
    return {"entry": entry, "seal": seal, "leaf": leaf(seal).hex(), "size": of, "root": root, "proof": proof}


@router.get("/consistency", summary="Prove that the tree begins with an earlier one", responses=_CONSISTENCY)
def consistency(state: State, earlier: _From, size: _Size = None) -> object:
    with state.engine.connect() as connection:
        tree = _tree(connection)
        of = size or tree.size
        proof = _proved(lambda: tree.consistency(earlier, of))
        roots = {"earlier_root": tree.root(earlier).hex(), "root": tree.root(of).hex()}
    return {"earlier_size": earlier, "size": of, **roots, "proof": proof}


@router.post("/receipts", status_code=201, summary="Countersign a checkpoint as the fund", responses=_TAKEN)
def take(state: State, receipt: SignedReceipt) -> object:
    told: FundReceipt = {
        "receipt": msgspec.convert(receipt.receipt.model_dump(), ReceiptStatement),
        "signature": receipt.signature,
    }
    return {"entry": state.checkpoint_signer.take(told)}


def _tree(connection: Connection) -> Tree:
    return Tree(connection, connection.execute(select(HEAD.c.size)).scalar_one_or_none() or 0)


def _proved(proof: Callable[[], list[bytes]]) -> list[str]:
    try:
        return [other.hex() for other in proof()]
    except OutsideTree as outside:
        raise InvalidRequest(outside.as_faults("/size")) from None
