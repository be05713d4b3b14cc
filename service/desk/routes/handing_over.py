"""移交: the open files of one officer go to another, with a reason."""

from dataclasses import dataclass, field

from fastapi import APIRouter, Depends, Response
from fastapi.responses import RedirectResponse

from models.words.templates import SHIPPED
from service.desk.acts import checked, shape_of
from service.desk.forms import Sent, SentForm, by_pointer, own_page
from service.desk.pages import HOME, DeskPage, Link, Shown
from service.edge.errors import InvalidRequest, Refused
from service.loan_files.handing_over import hand_over
from service.loan_files.requests import HandOver

_HAND_OVER = shape_of(HandOver)
_LABELS = {name: f"hand_over.{name}" for name in ("from", "to", "reason", "files")}

router = APIRouter(prefix="/desk", include_in_schema=False)


@dataclass(frozen=True)
class HandOverForm:
    """The form as it was sent, and what is wrong by field."""

    sent: SentForm = field(default_factory=SentForm.empty)
    told: dict[str, list[str]] = field(default_factory=dict)

    def value(self, name: str) -> str:
        """What stands in a field."""
        return self.sent.raw(name)

    def errors(self, name: str) -> list[str]:
        """What is wrong with a field."""
        return self.told.get(name, [])


@router.get("/hand-over")
def hand_over_page(page: Shown) -> Response:
    return _show(page, HandOverForm())


@router.post("/hand-over", dependencies=[Depends(own_page)])
def handed_over(page: Shown, sent: Sent) -> Response:
    given = {"from": sent.optional("from"), "to": sent.optional("to"), "reason": sent.optional("reason"),
             "files": sent.lines("files") or None, "person": sent.optional("person")}  # fmt: skip
    state = page.state
    try:
        told = checked(_HAND_OVER(), given)
        done = state.batcher.write(lambda: hand_over(state.engine, state.desk(page.caller), told))
    except Refused as refused:
        found = by_pointer(refused) if isinstance(refused, InvalidRequest) else {}
        faults = {name: [SHIPPED.say(one.phrase, page.language) for one in own] for name, own in found.items()}
        return _show(page, HandOverForm(sent, faults), refused)
    return RedirectResponse(f"/desk/hand-over?moved={len(done)}", 303)


def _show(page: DeskPage, form: HandOverForm, refused: Refused | None = None) -> Response:
    moved = page.number("moved", 5)
    return page.show(
        "hand_over.html.jinja",
        page.say("hand_over"),
        refused=refused,
        fields=_LABELS,
        crumbs=[Link(page.say("nav.inbox"), HOME)],
        active="nav.inbox",
        form=form,
        moved="" if moved is None else str(moved),
        givers=page.people("submit", gone=True),
        takers=page.people("submit"),
    )
