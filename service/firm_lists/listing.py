"""Lists as they are shown: what each asks, what was pushed of it, its firms with why and why not, and one firm."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Annotated

import msgspec
from sqlalchemy import Connection, select

from features.phrase import Language
from features.policy import Policy
from models.rules import lists
from service.access.account_names import account_names
from service.access.roles import Reach
from service.assessing.assessment_index import ASSESSMENTS
from service.edge.errors import Erased, UnknownFirm
from service.firm_lists.acts import ids_of, push_record
from service.firm_lists.standing import GateLine, ListStandingShown, about_list, gate_lines, sealed_standing
from service.firm_lists.tables import PUSH_FEEDBACK, PUSHES, PushFeedbackRecord, PushRecord

DUE_DAYS = 30
"""Days before the last day of a list from which on its renewal is due."""
_PARTS = ("gates", "property", "admission")


PolicyValue = Annotated[object, msgspec.Meta(extra_json_schema={"description": "As policy states it"})]


class PushShown(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A list that was pushed. `left`: screened firms that do not stand on it; `told`: feedback by outcome."""

    id: str
    list: str
    edition: str
    came: str
    bank: str | None
    branch: str | None
    received_on: str
    expires_on: str
    due: bool
    renewed: bool
    firms: int
    left: int
    told: dict[str, int]
    digest: str
    by: str
    at: str
    entry: int


class PushesListed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Lists that were pushed, the latest first."""

    items: list[PushShown]


class ListShown(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A list of policy on a day: its names, for how many months it holds, what it asks, and its newest edition."""

    list: str
    zh: str
    en: str
    kind: str
    valid_months: int
    asks: dict[str, PolicyValue]
    newest: PushShown | None


class ListsShown(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The lists of policy on a day."""

    items: list[ListShown]


class FeedbackShown(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What became of a firm, as it was told back last."""

    outcome: str
    reason_code: str | None
    reason: str | None
    reported_on: str
    by: str
    entry: int


class PushedFirm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A firm of a list: why it stands on it or why not, and what became of it. An erased one tells nothing."""

    assessment: str
    on_list: bool
    firm: str | None
    legal_name: str | None
    as_of: str | None
    outcome: str | None
    probability: float | None
    grade: str | None
    meets: tuple[GateLine, ...]
    short: tuple[GateLine, ...]
    feedback: FeedbackShown | None


class PushedFirms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A list with a page of its firms; `next`: how many firms come before the following page."""

    push: PushShown
    items: list[PushedFirm]
    next: int | None


class FirmOnList(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a firm stands to one list by its newest screening, and the editions on which it stands."""

    list: str
    outcome: str
    meets: tuple[GateLine, ...]
    short: tuple[GateLine, ...]
    editions: tuple[PushShown, ...]
    feedback: FeedbackShown | None


class FirmLists(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A firm and the lists: by its newest screening within reach."""

    firm: str
    legal_name: str | None
    assessment: str
    as_of: str
    expires_on: str
    lists: list[FirmOnList]


def lists_shown(connection: Connection, policy: Policy, reach: Reach, today: date) -> ListsShown:
    """The lists of policy, each with what it asks and its newest edition within reach."""
    newest: dict[str, PushShown] = {}
    for one in pushes_listed(connection, reach, today, 1_000):
        newest.setdefault(one.list, one)
    values, items = policy.in_force(today), []
    for name in lists(policy):
        if (about := about_list(policy, name, today)) is not None:
            asks = {part: told for part in _PARTS if (told := values.get(f"list_{name}.{part}")) is not None}
            told = msgspec.structs.asdict(about)
            items.append(ListShown(list=name, **told, asks=asks, newest=newest.get(name)))
    return ListsShown(items)


def pushes_listed(connection: Connection, reach: Reach, today: date, limit: int) -> list[PushShown]:
    """The lists that were pushed within reach, the latest first."""
    query = select(PUSHES).where(reach.of(PUSHES)).order_by(PUSHES.c.seq.desc()).limit(limit)
    return _shown(connection, [PushRecord(**row) for row in connection.execute(query).mappings()], today)


def firms_of_push(
    connection: Connection, push_id: str, language: Language, today: date, start: int = 0, limit: int | None = None
) -> PushedFirms:
    """A list with its firms: those that stand on it, then those that do not. Raises `NoSuchPush`."""
    record = push_record(connection, push_id)
    on, left = ids_of(record.assessments), ids_of(record.left)
    every = [(one, True) for one in on] + [(one, False) for one in left]
    some = every[start:] if limit is None else every[start : start + limit]
    told = _feedback(connection, push_id)
    items = [_firm(connection, one, str(record.list), language, told.get(one), on=on) for one, on in some]
    following = None if limit is None or start + limit >= len(every) else start + limit
    return PushedFirms(_shown(connection, [record], today)[0], items, following)


def firm_lists(connection: Connection, firm: str, reach: Reach, language: Language, today: date) -> FirmLists:
    """A firm and the lists. Raises `UnknownFirm` where it was neither screened nor pushed within reach."""
    table = ASSESSMENTS.c
    query = select(table.id, table.bank, table.branch).where(table.firm == firm, table.kind == "whitelist")
    pushes = connection.execute(select(PUSHES.c.assessments).where(reach.of(PUSHES))).scalars()
    told = {one for push in pushes for one in ids_of(push)}
    screened = [
        str(row.id)
        for row in connection.execute(query.order_by(table.seq.desc()))
        if row.id in told or reach.holds(row.bank, row.branch)
    ]
    if not screened:
        raise UnknownFirm("firm_not_screened", firm=firm)
    newest, editions = sealed_standing(connection, screened[0]), list(_editions(connection, reach, screened, today))
    items = [_on_list(connection, one, editions, screened, language) for one in newest.lists]
    return FirmLists(firm, newest.legal_name, newest.id, newest.as_of, newest.expires_on, items)


def _on_list(
    connection: Connection,
    found: ListStandingShown,
    editions: Sequence[PushShown],
    screened: Sequence[str],
    language: Language,
) -> FirmOnList:
    own = [one for one in editions if one.list == found.list]
    told = [one for push in own for key, one in _feedback(connection, push.id).items() if key in screened]
    return FirmOnList(
        found.list,
        found.outcome,
        gate_lines(found, language, short=False),
        gate_lines(found, language, short=True),
        tuple(own),
        max(told, key=lambda one: one.entry, default=None),
    )


def _editions(connection: Connection, reach: Reach, screened: Sequence[str], today: date) -> Iterator[PushShown]:
    query = select(PUSHES).where(reach.of(PUSHES)).order_by(PUSHES.c.seq.desc())
    records = [PushRecord(**row) for row in connection.execute(query).mappings()]
    yield from _shown(connection, [one for one in records if set(ids_of(one.assessments)) & set(screened)], today)


def _firm(
    connection: Connection, assessment: str, name: str, language: Language, told: FeedbackShown | None, *, on: bool
) -> PushedFirm:
    row = connection.execute(select(ASSESSMENTS).where(ASSESSMENTS.c.id == assessment)).mappings().one()
    try:
        standing = sealed_standing(connection, assessment)
    except Erased:
        return PushedFirm(assessment, on, None, None, None, None, None, None, (), (), told)
    found = standing.on(name)
    meets, short = ((), ()) if found is None else (gate_lines(found, language, short=one) for one in (False, True))
    return PushedFirm(
        assessment, on, row["firm"], standing.legal_name, row["as_of"], None if found is None else found.outcome,
        row["probability"], row["grade"], meets, short, told,
    )  # fmt: skip


def _feedback(connection: Connection, push_id: str) -> dict[str, FeedbackShown]:
    """What was told back last of each firm of a list, by its assessment."""
    query = select(PUSH_FEEDBACK).where(PUSH_FEEDBACK.c.push == push_id).order_by(PUSH_FEEDBACK.c.seq)
    rows = [PushFeedbackRecord(**row) for row in connection.execute(query).mappings()]
    names = account_names(connection, (one.actor for one in rows))
    return {
        str(one.assessment): FeedbackShown(
            str(one.outcome), one.reason_code, one.reason, str(one.reported_on),
            one.person or names.get(one.actor, one.actor).removeprefix("user:"), one.seq,
        )
        for one in rows
    }  # fmt: skip


def pushes_to_tell(connection: Connection, reach: Reach, today: date) -> list[PushShown]:
    """The lists that were pushed to a branch within reach and hold still, with firms of which nobody has told back."""
    found = pushes_listed(connection, reach, today, 1_000)
    running = [one for one in found if one.branch is not None and one.expires_on >= today.isoformat()]
    return [one for one in running if not one.renewed and sum(one.told.values()) < one.firms]


def _shown(connection: Connection, records: Sequence[PushRecord], today: date) -> list[PushShown]:
    names = account_names(connection, (one.actor for one in records))
    found = []
    for one in records:
        told: dict[str, int] = {}
        for fed in _feedback(connection, str(one.id)).values():
            told[fed.outcome] = told.get(fed.outcome, 0) + 1
        renewed = _renewed(connection, one)
        due = not renewed and str(one.expires_on) <= (today + timedelta(days=DUE_DAYS)).isoformat()
        found.append(
            PushShown(
                str(one.id),
                str(one.list),
                str(one.edition),
                str(one.came),
                one.bank,
                one.branch,
                str(one.received_on),
                str(one.expires_on),
                due,
                renewed,
                one.firms or 0,
                len(ids_of(one.left)),
                told,
                str(one.digest),
                names.get(one.actor, one.actor).removeprefix("user:"),
                one.at,
                one.seq,
            )
        )
    return found


def _renewed(connection: Connection, one: PushRecord) -> bool:
    """Whether the same list was pushed again since, by the same bank and branch."""
    table = PUSHES.c
    same = [getattr(table, name).is_not_distinct_from(getattr(one, name)) for name in ("list", "bank", "branch")]
    return connection.execute(select(table.seq).where(*same, table.seq > one.seq).limit(1)).first() is not None
