"""How terms would stand to the advice, and which authority they would need, before anybody signs."""

from datetime import date
from typing import Annotated

import msgspec
from sqlalchemy import Connection

from service.loan_files.advised import advised
from service.loan_files.authority import Proposed, committee_sits
from service.loan_files.tables import read_file
from service.loan_files.terms import authority_for
from service.loan_files.turns import Desk, FileTurn


class AuthorityPreview(msgspec.Struct, frozen=True):
    """How terms stand to the advice, what counts, in fen, and who may sign. Nothing is entered."""

    stands: str
    better_in: tuple[str, ...]
    counted: int
    level: int
    signatures: int
    committee: bool
    yours: Annotated[int, msgspec.Meta(description="The caller's own authority")]
    expires_on: date


def preview(connection: Connection, file: str, desk: Desk, terms: Proposed) -> AuthorityPreview:
    """The authority that terms need on the file as it stands. Raises `NoSuchLoanFile`, or `Erased`."""
    held = read_file(connection, file)
    answer = advised(connection, held.newest)
    found = authority_for(FileTurn(connection, held, desk), terms, answer)
    return AuthorityPreview(
        stands=found.stands,
        better_in=found.better_in,
        counted=found.counted,
        level=found.level.level,
        signatures=found.level.signatures,
        committee=committee_sits(found.level, answer, terms.waives),
        yours=desk.caller.authority,
        expires_on=answer.expires_on,
    )
