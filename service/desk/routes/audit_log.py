"""存取日志: who signed in, was refused, read or took something away, when and from where."""

from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response

from models.words.templates import SHIPPED
from service.access.audit_log import KINDS, AuditLines
from service.access.requests import AuditAsked
from service.application.audit_log import audit_log_file, audit_page
from service.desk.acts import checked, shape_of
from service.desk.pages import DeskPage, Link, Shown
from service.edge.errors import InvalidRequest

_ASKED = shape_of(AuditAsked)
_AT_ONCE = 100

_LABELS = {
    "who": "audit_log.who", "kind": "audit_log.kind", "outcome": "audit_log.outcome", "address": "audit_log.address",
    "from": "audit_log.from", "to": "decisions.to",
}  # fmt: skip
_FIELDS = tuple(_LABELS)

router = APIRouter(prefix="/desk", include_in_schema=False)


@router.get("/audit-log")
def listed(page: Shown) -> Response:
    found, refused = AuditLines([], None), None
    try:
        found = audit_page(page.state, page.caller, _wanted(page), _AT_ONCE)
    except InvalidRequest as wrong:
        refused = wrong
    kept = page.typed(_FIELDS)
    following = {**kept, "cursor": str(found.next)}
    return page.show(
        "audit_log.html.jinja", page.say("nav.audit_log"), active="nav.audit_log", refused=refused,
        fields=_LABELS, found=found.items, typed={name: kept.get(name, "") for name in _FIELDS},
        outcome=lambda code: _outcome(page, code), kinds=KINDS, kept=urlencode(kept),
        days=page.state.settings.audit_log_days,
        following=None if found.next is None else Link(page.say("next_page"), f"?{urlencode(following)}"),
    )  # fmt: skip


@router.get("/audit-log/file")
async def file(request: Request, page: Shown) -> Response:
    return await audit_log_file(page.state, request, _wanted(page), page.as_file())


def _wanted(page: DeskPage) -> AuditAsked:
    """Which rows are asked for, as the API reads it. Raises `InvalidRequest`."""
    typed = page.typed(_FIELDS)
    if (who := typed.get("who", "")) and ":" not in who:
        typed["who"] = f"user:{who}"  # the name that somebody signs in by
    words = {page.say(f"audit_log.{code}"): code for code in ("done", "others")}
    typed |= {"outcome": words[one]} if (one := typed.get("outcome", "")) in words else {}
    return checked(_ASKED(), {**typed, "cursor": page.number("cursor", 15)})


def _outcome(page: DeskPage, code: str) -> str:
    """What came of an act in words: of a refusal its sentence, where that needs no facts: the log keeps none."""
    if f"audit_log.{code}" in page.say.texts:
        return page.say(f"audit_log.{code}")
    said = SHIPPED.texts[page.language].get(f"refusal.{code}", "{")
    return page.say("audit_log.refused") if "{" in said else said
