"""The papers of a drawn loan: the signed contract, the notice of registration, the statement of payment.

A paper beside the file says which it is by what it is about: `contract`, `registration`, or the number of the loan
whose payment it states.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Literal, get_args

import msgspec
from sqlalchemy import Connection, and_, select

from service.access.roles import Caller
from service.loan_files.attachments import ATTACHMENTS, audiences_of
from service.loan_files.tables import DOCUMENTS

PaperKind = Literal["contract", "registration", "payment"]
PAPER_KINDS: tuple[PaperKind, ...] = get_args(PaperKind)
OF_FILE: tuple[PaperKind, ...] = ("contract", "registration")
"""Those that are about the file; a statement of payment is about its loan, by its number."""


class LoanPaper(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A paper of a drawn loan. `hash`: its SHA-256, as `entry` holds it.

    `n`: its number among the papers that are kept, for a reader who may fetch it; null elsewhere, and where the file
    holds the digest alone.
    """

    kind: PaperKind
    what: str
    dated_on: str | None
    hash: str
    entry: int
    n: int | None


class PaperBeside(msgspec.Struct, frozen=True):
    """A paper beside a file before it is known of which loan it is."""

    about: str
    what: str
    dated_on: str | None
    hash: str
    entry: int
    n: int | None


def papers_beside(connection: Connection, files: Collection[str], reader: Caller) -> Mapping[str, list[PaperBeside]]:
    """By loan file the papers that say what they are about, the first first."""
    told, kept = DOCUMENTS.c, ATTACHMENTS.c
    there = and_(kept.file == told.file, kept.seq == told.seq, kept.audience.in_(audiences_of(reader)))
    wanted = select(told.file, told.about, told.what, told.dated_on, told.hash, told.seq, kept.n)
    wanted = wanted.outerjoin(ATTACHMENTS, there).where(told.file.in_(files), told.about.is_not(None))
    found: dict[str, list[PaperBeside]] = {}
    for file, *paper in connection.execute(wanted.order_by(told.seq)):
        found.setdefault(file, []).append(PaperBeside(*paper))
    return found


def papers_of(loan: str | None, beside: Iterable[PaperBeside]) -> tuple[LoanPaper, ...]:
    """Those of a loan, by kind and then in the order of their entries."""
    found = [
        LoanPaper(kind=kind, what=one.what, dated_on=one.dated_on, hash=one.hash, entry=one.entry, n=one.n)
        for one in beside
        if (kind := _kind(one.about, loan)) is not None
    ]
    return tuple(sorted(found, key=lambda one: (PAPER_KINDS.index(one.kind), one.entry)))


def _kind(about: str, loan: str | None) -> PaperKind | None:
    if loan is not None and about == loan:
        return "payment"
    return next((kind for kind in OF_FILE if about == kind), None)


def missing(papers: Iterable[LoanPaper]) -> tuple[PaperKind, ...]:
    """The kinds of which there is none."""
    there = {one.kind for one in papers}
    return tuple(kind for kind in PAPER_KINDS if kind not in there)
