"""Plain lists: dated policy, the ledger's standing, and accounts."""

from fastapi import APIRouter, Response

from service.desk.pages import Shown

router = APIRouter(prefix="/desk", include_in_schema=False)


@router.get("/policy")
def policy(page: Shown) -> Response:
    found, today = page.state.assessor.policy, page.state.today(page.state.now())
    text = page.query.get("q", "").strip()[:100]
    values = found.in_force(today)
    names = [name for name in values if text.casefold() in f"{name} {found(name).description}".casefold()]
    rows = [(name, found(name), found(name).on(today)) for name in names]
    return page.show(
        "policy.html.jinja", page.say("nav.policy"), active="nav.policy", rows=rows, text=text, digest=found.digest,
        own={one.name for one in found.overrides}, today=today.isoformat(),
    )  # fmt: skip


@router.get("/ledger")
def ledger(page: Shown) -> Response:
    with page.state.engine.connect() as connection:
        standing = page.state.checkpoint_signer.standing(connection)
    return page.show("ledger.html.jinja", page.say("nav.ledger"), active="nav.ledger", standing=standing)


@router.get("/users")
def users(page: Shown) -> Response:
    found = page.state.accounts.listed(page.caller.reach)
    return page.show("users.html.jinja", page.say("nav.users"), active="nav.users", users=found)
