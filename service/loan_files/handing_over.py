"""Open files go from one officer to another with a reason; papers are laid beside a file."""

from sqlalchemy import Connection, Engine, or_, select

from features.errors import fault
from service.access.roles import roles_on
from service.access.tables import USERS
from service.assessing.loan_file_index import LOAN_FILES
from service.edge.database import in_turn
from service.edge.errors import InvalidRequest, NotInTurn
from service.ledger.entry_contents import EntryContent
from service.ledger.kinds import Kind
from service.ledger.loan_file_kinds import DocumentEntry, HandedOverEntry
from service.loan_files.record import ENDED, LoanFile
from service.loan_files.refusing import refusals_entered
from service.loan_files.requests import HandOver, Paper
from service.loan_files.tables import TASKS, read_file
from service.loan_files.turns import Desk, FileDone, FileTurn, accounts_of, check_apart, check_day, entered


def hand_over(engine: Engine, desk: Desk, told: HandOver) -> list[FileDone]:
    """All open files of a person within the caller's reach, or those named, go to another: all or none.

    Raises `NotInTurn` where the other holds another duty in one of them, `InvalidRequest` for who may not have them.
    """
    desk.who(told.person)

    trying: list[str] = []

    def write(connection: Connection) -> list[FileDone]:
        done = []
        for file in _files(connection, desk, told):
            trying[:] = [file.id]
            done.append(_one(FileTurn(connection, file, desk), told))
        return done

    with refusals_entered(engine, desk.policy, lambda: desk.tried(Kind.HANDED_OVER, *trying) if trying else None):
        return in_turn(engine, write)


def _one(turn: FileTurn, told: HandOver) -> FileDone:
    before, after = accounts_of(turn, [("/from", told.before), ("/to", told.after)], gone={"/from"})
    if before == after:
        raise NotInTurn("same_person_twice")
    file = turn.file
    if before not in (file.lead, *(one.owner for one in file.tasks if one.closed_seq is None)):
        raise NotInTurn("not_theirs", file=file.id)
    check_apart(file, after, "investigate")

    def work(_: FileTurn) -> EntryContent:
        return HandedOverEntry(
            assessment=turn.about, before=before, after=after, reason=told.reason, person=told.person
        )

    return entered(turn, work)


def _files(connection: Connection, desk: Desk, told: HandOver) -> list[LoanFile]:
    """The open files that are meant. Raises `InvalidRequest` where there is none, or the receiver may not have them."""
    own = told.before
    if desk.caller.signed_in:
        found = {row.name: row for row in connection.execute(select(USERS).where(USERS.c.name.in_((own, told.after))))}
        if own not in found or told.after not in found:
            missing = "from" if own not in found else "to"
            raise InvalidRequest([fault(f"/{missing}", "account_unknown", account=getattr(told, _FIELD[missing]))])
        role = roles_on(desk.policy, desk.today).get(found[told.after].role)
        if role is None or "submit" not in role.may:
            raise InvalidRequest([fault("/to", "account_may_not", account=told.after, needs="submit")])
        own = found[own].id
    table = LOAN_FILES.c
    tasks = select(TASKS.c.file).where(TASKS.c.owner == own, TASKS.c.closed_seq.is_(None))
    wanted = select(table.id).where(
        or_(table.lead == own, table.id.in_(tasks)),
        table.state.not_in(sorted(ENDED)),
        desk.caller.reach.of(LOAN_FILES),
    )
    if told.files is not None:
        wanted = wanted.where(table.id.in_(told.files))
    ids = connection.execute(wanted.order_by(table.seq)).scalars().all()
    if not ids or (told.files is not None and len(ids) != len(set(told.files))):
        raise InvalidRequest([fault("/files", "no_open_files", account=told.before)])
    return [read_file(connection, one) for one in ids]


_FIELD = {"from": "before", "to": "after"}


def lay_beside(turn: FileTurn, told: Paper, audience: str = "bank") -> EntryContent:
    """A paper, by its digest, and who may see it. Raises `Refused`."""
    turn.desk.who(told.person, personal=False)
    if turn.file.state in ENDED:
        raise NotInTurn("state_other", state=turn.file.state, wanted=())
    if told.dated_on is not None:
        check_day("/dated_on", told.dated_on, turn.desk.today)
    if any(one.hash == told.hash and one.about == told.about for one in turn.file.documents):
        raise NotInTurn("paper_there", hash=told.hash)
    return DocumentEntry(
        assessment=turn.about,
        hash=told.hash,
        what=told.what,
        dated_on=None if told.dated_on is None else told.dated_on.isoformat(),
        audience=audience,
        about=told.about,
        person=told.person,
    )
