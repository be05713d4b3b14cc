"""我的待办 and 业务查询: what waits for whom, and any file that can be found."""

from typing import get_args

from fastapi import APIRouter, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import QueryParams

from models.rules.recommendation import Advice
from service.desk.pages import DeskPage, Link, Shown, home_of
from service.desk.views.drafts import draft_lines
from service.loan_files.listing import FileFilter, due_items, found_by, listed
from service.loan_files.queues import STEPS, Queue, Queues, queues, steps_for
from service.loan_files.record import State

_ADVICE = get_args(Advice)
_STATES: tuple[str, ...] = get_args(State)
_AT_ONCE = 50
_WARNINGS = "warnings"
_DRAFTS = "drafts"

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
        if chosen == _WARNINGS:
            warned = due_items(connection, caller.reach, today.replace(year=today.year + 50), None, 500)
            return _show(page, counts, {"items": [], "next": None}, warned["items"])
        if chosen == _DRAFTS:
            return _show(page, counts, {"items": [], "next": None}, [])
        states = [chosen] if chosen in STEPS else own or list(STEPS)
        wanted = FileFilter(states, order="due", advice=_one_of(query, "advice", _ADVICE),
                            branch=query.get("branch") or None, cursor=page.number("cursor", 15))  # fmt: skip
        files = listed(connection, caller.reach, wanted, _AT_ONCE, today)
    return _show(page, counts, files, [])


def _show(page: DeskPage, counts: Queues, files: dict[str, object], warned: object) -> Response:
    query = page.query
    own = steps_for(page.caller)
    every = Queue(
        sum(counts.files[state].number for state in own or STEPS),
        sum(counts.files[state].late for state in own or STEPS),
    )
    cards = [("", page.say("queue.own" if own else "queue.all"), every)]
    cards += [(state, page.say.name("loan_state", state), counts.files[state]) for state in STEPS]
    drafts = draft_lines(page)
    if drafts or query.get("state") == _DRAFTS:
        cards.insert(1, (_DRAFTS, page.say("draft"), Queue(len(drafts), 0)))
    cards.append((_WARNINGS, page.say("queue.warnings"), counts.warnings))
    return page.show(
        "inbox.html.jinja", page.say("nav.inbox"), active="nav.inbox", cards=cards, chosen=query.get("state", ""),
        files=files, warned=warned, advices=_ADVICE, advice=query.get("advice", ""), branch=query.get("branch", ""),
        following=_following(page, files), drafts=drafts,
    )  # fmt: skip


@router.get("/files")
def find(page: Shown) -> Response:
    caller, query = page.caller, page.query
    today, text = page.state.today(page.state.now()), query.get("q", "").strip()[:100]
    chosen = _one_of(query, "state", _STATES)
    with page.state.engine.connect() as connection:
        if text:
            files = found_by(connection, caller.reach, text, _AT_ONCE, today)
        else:
            wanted = FileFilter([chosen] if chosen else (), advice=_one_of(query, "advice", _ADVICE),
                                branch=query.get("branch") or None, cursor=page.number("cursor", 15))  # fmt: skip
            files = listed(connection, caller.reach, wanted, _AT_ONCE, today)
    return page.show(
        "files.html.jinja", page.say("nav.files"), active="nav.files", files=files, text=text, states=_STATES,
        chosen=chosen or "", advices=_ADVICE, advice=query.get("advice", ""), branch=query.get("branch", ""),
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
