"""Signing in and out, setting what one signs in with, the language of the pages, and what every page loads."""

from collections.abc import Mapping

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from service.access.authentication import session_of
from service.access.invitations import authenticator
from service.access.requests import InvitationOpened, InvitationTaken, SignIn
from service.access.sessions import drop_cookie
from service.application.sign_in import opened, session_cookie, signed_in, took_up
from service.desk.acts import checked, shape_of
from service.desk.assets import asset
from service.desk.forms import Sent, own_page
from service.desk.pages import HOME, LANGUAGE_COOKIE, DeskPage, Shown
from service.desk.watermark import watermark
from service.edge.errors import Refused

_YEAR = 31_536_000
_SIGN_IN, _OPENED, _TAKEN = shape_of(SignIn), shape_of(InvitationOpened), shape_of(InvitationTaken)
_LABELS = {
    "name": "sign_in.name", "password": "sign_in.password", "new_password": "sign_in.new_password",
    "code": "sign_in.code", "invitation": "invitation.code", "authenticator": "sign_in.code",
}  # fmt: skip

router = APIRouter(prefix="/desk", include_in_schema=False)


@router.get("/sign-in")
def sign_in_page(page: Shown) -> Response:
    return _form(page, within(page.query.get("to", HOME)), renew="renew" in page.query)


@router.post("/sign-in", dependencies=[Depends(own_page)])
def sign_in(page: Shown, request: Request, sent: Sent) -> Response:
    state, to = page.state, within(sent.text("to") or HOME)
    seat = sent.text("seat")
    if state.demonstration is not None and seat in state.demonstration.accounts:
        return _begun(page, request, seat, to)
    told = {"name": sent.optional("name"), "password": sent.raw("password") or None, "code": sent.optional("code"),
            "new_password": sent.raw("new_password") or None}  # fmt: skip
    try:
        name = signed_in(state, request.scope, checked(_SIGN_IN(), told))
    except Refused as refused:
        return _form(page, to, sent.text("name"), refused, renew=bool(sent.raw("new_password")))
    return _begun(page, request, name, to)


def _begun(page: DeskPage, request: Request, name: str, to: str) -> Response:
    response = RedirectResponse(to, 303)
    response.headers["set-cookie"] = session_cookie(page.state, request.scope, name)
    return response


@router.get("/invitation")
def invitation_page(page: Shown) -> Response:
    return _invitation(page, {})


@router.post("/invitation", dependencies=[Depends(own_page)])
def invitation(page: Shown, request: Request, sent: Sent) -> Response:
    """First the code is opened, which tells the secret for the authenticator; then password and six digits are set."""
    told = {name: sent.optional(name) for name in ("name", "invitation", "secret", "authenticator")}
    password = sent.raw("password") or None
    try:
        if told["secret"] is None:
            opening = checked(_OPENED(), {name: told[name] for name in ("name", "invitation")})
            secret = opened(page.state, request.scope, opening)
            return _invitation(page, {**told, "secret": secret.secret}, link=secret.link)
        name = took_up(page.state, request.scope, checked(_TAKEN(), {**told, "password": password}))
    except Refused as refused:
        link = "" if told["secret"] is None else authenticator(str(told["name"]), told["secret"]).link
        return _invitation(page, told, refused, link)
    return _begun(page, request, name, HOME)


@router.post("/sign-out", dependencies=[Depends(own_page)])
def sign_out(page: Shown, request: Request) -> Response:
    if identity := session_of(request.scope):
        page.state.sessions.end(identity)
    response = RedirectResponse("/desk/sign-in", 303)
    response.headers["set-cookie"] = drop_cookie()
    return response


@router.get("/language")
def language(page: Shown) -> Response:
    chosen = "en" if page.query.get("set") == "en" else "zh"
    response = RedirectResponse(within(page.query.get("to", HOME)), 303)
    cookie = f"{LANGUAGE_COOKIE}={chosen}; Path=/desk; HttpOnly; SameSite=Lax; Max-Age={_YEAR}"
    response.headers["set-cookie"] = cookie
    return response


@router.get("/static/{digest}/{name}")
def static(digest: str, name: str) -> Response:
    return asset(digest, name)


@router.get("/watermark.svg")
def mark(page: Shown) -> Response:
    text = f"{page.person()} {page.account()} {page.moment(page.state.now().isoformat())}"
    return Response(watermark(text), media_type="image/svg+xml")


def within(to: str) -> str:
    """An address of the desk; the first page where it is any other."""
    inside = to.startswith(HOME) and "\\" not in to and to.isprintable()
    return to if inside and not to.startswith("/desk/sign-") else HOME


def _form(page: DeskPage, to: str, name: str = "", refused: Refused | None = None, *, renew: bool = False) -> Response:
    return page.show(
        "sign_in.html.jinja", page.say("sign_in"), refused=refused, to=to, name=name, note="", renew=renew,
        fields=_LABELS, problem="" if refused is None else refused.problem,
    )  # fmt: skip


def _invitation(
    page: DeskPage, told: Mapping[str, str | None], refused: Refused | None = None, link: str = ""
) -> Response:
    return page.show(
        "invitation.html.jinja", page.say("invitation"), refused=refused, told=told, link=link,
        fields=_LABELS, problem="" if refused is None else refused.problem,
    )  # fmt: skip
