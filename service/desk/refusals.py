"""What the desk shows where a request is refused: the sign-in page, or a page that says why in plain words."""

from collections.abc import Sequence
from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Scope

from models.words.faults import PlacedFault, fault_said, place_said
from service.access.authentication import session_of
from service.access.roles import roles_on
from service.access.sessions import LONGEST
from service.application.state import AppState
from service.desk.pages import HOME, DeskPage
from service.edge.errors import Refused

PLACE = "/desk"


def is_desk(scope: Scope) -> bool:
    """Whether a page of the desk was asked for."""
    path = str(scope["path"])
    return path == PLACE or path.startswith(f"{PLACE}/")


def refusal(scope: Scope, state: AppState, refused: Refused) -> Response:
    """The page; the status is that of the refusal."""
    page = DeskPage(scope, state)
    status = int(refused.status)
    if status == HTTPStatus.UNAUTHORIZED:
        return _sign_in(page)
    needs = refused.phrase.facts.get("needs")
    may = _who_may(page, str(needs)) if needs else ""
    response = page.show(
        "refused.html.jinja",
        refused.title(page.language),
        problem=refused.problem,
        sentence=refused.sentence(page.language),
        refused=refused,
        may=may,
    )
    response.headers.update(refused.headers)
    return response


def by_place(page: DeskPage, faults: Sequence[PlacedFault]) -> list[tuple[str, str]]:
    """What is wrong, each with its place and as a sentence."""
    return [(place_said(one.pointer, page.language), fault_said(one, page.language)) for one in faults]


def _sign_in(page: DeskPage) -> Response:
    """The sign-in page; where a link from elsewhere came without the session, the same address once more."""
    headers = Headers(scope=page.scope)
    reading = page.scope["method"] in ("GET", "HEAD")
    if reading and headers.get("sec-fetch-site") == "cross-site" and session_of(page.scope) is None:
        return page.show("again.html.jinja", page.say("sign_in"), status=HTTPStatus.UNAUTHORIZED)
    return page.show(
        "sign_in.html.jinja",
        page.say("sign_in"),
        status=HTTPStatus.UNAUTHORIZED,
        to=page.path if reading else HOME,
        name="",
        wrong="",
        note=_why_ended(page) + page.say("sign_in.ended" if reading else "sign_in.ended_unsent"),
        renew=False,
        problem="not-signed-in",
    )


def _why_ended(page: DeskPage) -> str:
    """Why whoever was signed in is not any more; empty where that is not known."""
    state, identity = page.state, session_of(page.scope)
    ended = None if identity is None else state.sessions.ended(identity, state.now())
    if ended is None:
        return ""
    hours = round(LONGEST.total_seconds() / 3600)
    return page.say(f"sign_in.ended.{ended}", minutes=page.idle_minutes(), hours=hours)


def _who_may(page: DeskPage, needs: str) -> str:
    state = page.state
    roles = roles_on(state.assessor.policy, state.today(state.now()))
    named = [page.say.name("role", role.name) for role in roles.values() if needs in role.may]
    return page.say("joint").join(named)
