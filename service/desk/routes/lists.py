"""Plain lists: dated policy, and the ledger's standing."""

from fastapi import APIRouter, Response

from models.words.policy_names import policy_title
from service.access.roles import funds_of
from service.application.proofs import readers_for
from service.desk.pages import Shown
from service.ledger.checkpoints import checkpoints_listed

_CHECKPOINTS = 20

router = APIRouter(prefix="/desk", include_in_schema=False)


@router.get("/policy")
def policy(page: Shown) -> Response:
    found, today = page.state.assessor.policy, page.state.today(page.state.now())
    text = page.query.get("q", "").strip()[:100]
    values = found.in_force(today)
    called = {name: policy_title(found(name), page.language) for name in values}
    names = [
        name for name in values if text.casefold() in f"{name} {called[name]} {found(name).description}".casefold()
    ]
    rows = [(name, called[name], found(name), found(name).on(today)) for name in names]
    return page.show(
        "policy.html.jinja", page.say("nav.policy"), active="nav.policy", rows=rows, text=text, digest=found.digest,
        own={one.name for one in found.overrides}, today=today.isoformat(),
    )  # fmt: skip


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
