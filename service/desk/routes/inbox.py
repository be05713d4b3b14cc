"""我的待办 and 业务查询: what waits for whom, and any file that can be found."""

from dataclasses import dataclass, field, replace
from typing import get_args

from fastapi import APIRouter, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import QueryParams

from models.rules.recommendation import Advice
from service.access.roles import Caller
from service.desk.pages import DeskPage, Link, Shown, home_of
from service.desk.views.drafts import draft_lines
from service.desk.views.firm_lists import list_names
from service.firm_lists.listing import PushShown, pushes_to_tell
from service.loan_files.listing import FileFilter, counted, due_items, found_by, listed
from service.loan_files.queues import STEPS, Queue, Queues, own_queue, queues, steps_for
from service.loan_files.record import State

_ADVICE = get_args(Advice)
_STATES: tuple[str, ...] = get_args(State)
_AT_ONCE = 50
_WARNINGS = "warnings"
_DRAFTS = "drafts"
_PUSHES = "pushes"
_MOST_WARNINGS = 10_000

router = APIRouter(prefix="/desk", include_in_schema=False)


@router.get("/")
def inbox(page: Shown) -> Response:
    caller, query = page.caller, page.query
    if "read" not in caller.may or caller.place.fund is not None:
        return RedirectResponse(home_of(caller), 303)
    state, today, own = page.state, page.state.today(page.state.now()), steps_for(caller)
    chosen = query.get("state", "")
    with state.engine.connect() as connection:
        counts = queues(connection, caller.reach, today)
        mine = own_queue(connection, caller, today) if own else _all(counts)
        lists = pushes_to_tell(connection, caller.reach, today) if tells_back(caller) else []
        found = _Found(counts, mine, lists)
        if chosen == _WARNINGS:
            until = today.replace(year=today.year + 50)
            warned = due_items(connection, caller.reach, until, None, _MOST_WARNINGS, warnings=True)
            return _show(page, replace(found, warned=warned["items"]))
        if chosen in (_DRAFTS, _PUSHES):
            return _show(page, found)
        states = [chosen] if chosen in STEPS else [] if own else list(STEPS)
        wanted = FileFilter(states, order="due", advice=_one_of(query, "advice", _ADVICE),
                            branch=query.get("branch") or None, cursor=page.number("cursor", 15),
                            mover=caller if own and chosen not in STEPS else None)  # fmt: skip
        files = listed(connection, caller.reach, wanted, _AT_ONCE, today)
        total = counted(connection, caller.reach, wanted)
    return _show(page, replace(found, files=files, total=total))


@dataclass(frozen=True)
class _Found:
    """What the page shows: the queues, what is the caller's own, lists to tell back on, the files that were chosen."""

    counts: Queues
    mine: Queue
    pushes: list[PushShown]
    files: dict[str, object] = field(default_factory=lambda: {"items": [], "next": None})
    total: int = 0
    warned: object = ()


def _all(counts: Queues) -> Queue:
    """All files that wait for anybody, to whoever moves none on."""
    every = counts.files.values()
    return Queue(sum(one.number for one in every), sum(one.late for one in every))


def tells_back(caller: Caller) -> bool:
    """Whether lists are pushed to the caller, who says what became of their firms."""
    return "submit" in caller.may and caller.place.branch is not None


def _show(page: DeskPage, found: _Found) -> Response:
    query, own = page.query, steps_for(page.caller)
    cards = [("", page.say("queue.own" if own else "queue.all"), found.mine)]
    cards += [(state, page.say.name("loan_state", state), found.counts.files[state]) for state in STEPS]
    drafts = draft_lines(page)
    if found.pushes or query.get("state") == _PUSHES:
        cards.insert(1, (_PUSHES, page.say("queue.pushes"), Queue(len(found.pushes), 0)))
    if drafts or query.get("state") == _DRAFTS:
        cards.insert(1, (_DRAFTS, page.say("draft"), Queue(len(drafts), 0)))
    cards.append((_WARNINGS, page.say("queue.warnings"), found.counts.warnings))
    return page.show(
        "inbox.html.jinja", page.say("nav.inbox"), active="nav.inbox", cards=cards, chosen=query.get("state", ""),
        files=found.files, total=found.total, warned=found.warned, pushes=found.pushes, names=list_names(page),
        advices=_ADVICE, advice=query.get("advice", ""), branch=query.get("branch", ""),
        following=_following(page, found.files), drafts=drafts,
    )  # fmt: skip


@router.get("/files")
def find(page: Shown) -> Response:
    caller, query = page.caller, page.query
    today, text = page.state.today(page.state.now()), query.get("q", "").strip()[:100]
    chosen = _one_of(query, "state", _STATES)
    with page.state.engine.connect() as connection:
        if text:
            files = found_by(connection, caller.reach, text, _AT_ONCE, today)
            total = 0
        else:
            wanted = FileFilter([chosen] if chosen else (), advice=_one_of(query, "advice", _ADVICE),
                                branch=query.get("branch") or None, cursor=page.number("cursor", 15))  # fmt: skip
            files = listed(connection, caller.reach, wanted, _AT_ONCE, today)
            total = counted(connection, caller.reach, wanted)
    return page.show(
        "files.html.jinja", page.say("nav.files"), active="nav.files", files=files, total=total, text=text,
        states=_STATES, chosen=chosen or "", advices=_ADVICE, advice=query.get("advice", ""),
        branch=query.get("branch", ""),
        following=_following(page, files),
    )  # fmt: skip


def _one_of(query: QueryParams, name: str, words: tuple[str, ...]) -> str | None:
    found = query.get(name)
    return found if found in words else None


def _following(page: DeskPage, files: dict[str, object]) -> Link | None:
    """Where the list goes on."""
    if files["next"] is None:
        return None
    kept = page.query
    told = {name: kept[name] for name in ("state", "advice", "branch") if kept.get(name)}
    return Link(page.say("next_page"), f"?{QueryParams(told | {'cursor': str(files['next'])})}")
