"""Signing in and out, the language of the pages, and what every page loads."""

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from service.access.accounts import Attempt
from service.access.authentication import RENEWED, session_of
from service.access.requests import SignIn
from service.access.sessions import drop_cookie, set_cookie
from service.desk.acts import checked, shape_of
from service.desk.assets import asset
from service.desk.forms import Sent, own_page
from service.desk.pages import HOME, LANGUAGE_COOKIE, DeskPage, Shown
from service.desk.watermark import watermark
from service.edge.errors import PasswordExpired, Refused

_YEAR = 31_536_000
_SIGN_IN = shape_of(SignIn)

router = APIRouter(prefix="/desk", include_in_schema=False)


@router.get("/sign-in")
def sign_in_page(page: Shown) -> Response:
    return _form(page, within(page.query.get("to", HOME)))


@router.post("/sign-in", dependencies=[Depends(own_page)])
def sign_in(page: Shown, request: Request, sent: Sent) -> Response:
    state, moment, to = page.state, page.state.now(), within(sent.text("to") or HOME)
    seat = sent.text("seat")
    if state.demonstration is not None and seat in state.demonstration.accounts:
        return _begun(page, request, seat, to)
    told = {"name": sent.optional("name"), "password": sent.raw("password") or None, "code": sent.optional("code"),
            "new_password": sent.raw("new_password") or None}  # fmt: skip
    try:
        given = checked(_SIGN_IN(), told)
        name = state.accounts.signed_in(Attempt(given.name, given.password, given.code, given.new_password), moment)
    except PasswordExpired as expired:
        return _form(page, to, sent.text("name"), expired, renew=True)
    except Refused as refused:
        return _form(page, to, sent.text("name"), refused, renew=bool(sent.raw("new_password")))
    return _begun(page, request, name, to)


def _begun(page: DeskPage, request: Request, name: str, to: str) -> Response:
    state = page.state
    response = RedirectResponse(to, 303)
    response.headers["set-cookie"] = set_cookie(state.sessions.begin(name, state.now(), session_of(request.scope)))
    return response


@router.post("/sign-out", dependencies=[Depends(own_page)])
def sign_out(page: Shown, request: Request) -> Response:
    if identity := session_of(request.scope):
        page.state.sessions.end(identity)
        request.scope[RENEWED] = None
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
    status = 200 if refused is None else int(refused.status)
    wrong = "" if refused is None else refused.sentence(page.language)
    return page.show(
        "sign_in.html.jinja", page.say("sign_in"), status=status, to=to, name=name, wrong=wrong, note="", renew=renew,
        problem="" if refused is None else refused.problem,
    )  # fmt: skip
