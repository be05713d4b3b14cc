"""Plain lists: dated policy, and the ledger's standing."""

from urllib.parse import urlencode

from fastapi import APIRouter, Response

from features.phrase import Language
from features.policy import Parameter
from models.words.policy_names import policy_description, policy_title
from service.access.roles import funds_of
from service.application.proofs import readers_for
from service.desk.pages import Link, Shown
from service.desk.views.policy import parameter_row
from service.ledger.checkpoints import checkpoints_listed

_CHECKPOINTS = 20
_PARAMETERS = 30
"""Parameters of policy on a page."""

router = APIRouter(prefix="/desk", include_in_schema=False)


@router.get("/policy")
def policy(page: Shown) -> Response:
    found, today = page.state.assessor.policy, page.state.today(page.state.now())
    text = page.query.get("q", "").strip()[:100]
    values = found.in_force(today)
    names = [name for name in values if text.casefold() in _findable(found(name), page.language)]
    start = min(page.number("cursor", 8) or 0, len(names))
    rows = [parameter_row(found(name), values[name], page.say) for name in names[start : start + _PARAMETERS]]
    following = None
    if start + _PARAMETERS < len(names):
        kept = {"q": text} if text else {}
        following = Link(page.say("next_page"), f"?{urlencode({**kept, 'cursor': str(start + _PARAMETERS)})}")
    return page.show(
        "policy.html.jinja", page.say("nav.policy"), active="nav.policy", rows=rows, count=len(names), start=start,
        following=following, text=text, digest=found.digest, own={one.name for one in found.overrides},
        today=today.isoformat(),
    )  # fmt: skip


def _findable(parameter: Parameter, language: Language) -> str:
    """What a search looks through."""
    told = (parameter.name, policy_title(parameter, language), policy_description(parameter, language))
    return " ".join(told).casefold()


@router.get("/ledger")
def ledger(page: Shown) -> Response:
    with page.state.engine.connect() as connection:
        standing = page.state.checkpoint_signer.standing(connection)
        signed = checkpoints_listed(connection, _CHECKPOINTS).items
    today = page.state.today(page.state.now())
    return page.show(
        "ledger.html.jinja", page.say("nav.ledger"), active="nav.ledger", standing=standing, signed=signed,
        readers=readers_for(page.caller), funds=funds_of(page.state.assessor.policy, today, page.caller),
        period=today.isoformat()[:7],
    )  # fmt: skip
