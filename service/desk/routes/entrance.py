"""Where one comes in, and the help."""

from fastapi import APIRouter, Response
from fastapi.responses import RedirectResponse

from service.access.roles import roles_on
from service.desk.pages import HOME, Shown

_TERMS = (
    "assessment", "trial", "pd", "grade", "score", "base", "limit", "carries", "confirmed", "ltv", "ceiling",
    "on_default", "recovery", "blocks", "refer", "before_drawdown", "standing", "caution", "record", "seal",
    "synthetic",
)  # fmt: skip
_KEYS = ("/", "j · k", "Enter", "g + …", "a", "p", "Esc", "?")

router = APIRouter(include_in_schema=False)


@router.get("/")
def root() -> Response:
    return RedirectResponse(HOME, 303)


@router.get("/desk")
def desk() -> Response:
    return RedirectResponse(HOME, 303)


@router.get("/desk/help")
def help_page(page: Shown) -> Response:
    roles = roles_on(page.state.assessor.policy, page.state.today(page.state.now()))
    return page.show("help.html.jinja", page.say("nav.help"), terms=_TERMS, keys=_KEYS, roles=list(roles))
