"""新建测算 typed on a page: begun from the lake or empty, kept as a draft, checked, and sent as the API is asked."""

from datetime import date

from fastapi import APIRouter, Depends, Response
from fastapi.responses import RedirectResponse
from starlette.concurrency import run_in_threadpool

from features.errors import Fault
from features.lake import NamedFirm
from models.words.templates import SHIPPED
from service.access.drafts import DraftWindow, StoredDraft, new_id
from service.assessing.stages import Question
from service.desk.forms import Sent, SentForm, own_page
from service.desk.intake.checking import Checked, checked, filled
from service.desk.intake.drafting import RecordChange, begun, changed, name_of, opened, sent_on, stored
from service.desk.intake.entries import HEAD, TypedApplicant, TypedQuestion, question_of
from service.desk.pages import DeskPage, Link, Shown
from service.desk.parts import Part, part, part_not_saved
from service.desk.routes.asking import Asking, show_new
from service.desk.views.drafts import window_of
from service.desk.views.intake import IntakeView
from service.edge.errors import InvalidRequest, NotInTurn, Refused
from service.workbooks.prefilled import Row, known_rows

router = APIRouter(prefix="/desk/new", include_in_schema=False)


@router.get("")
def new(page: Shown) -> Response:
    name, firms = page.query.get("name", "").strip()[:200], list[NamedFirm]()
    try:
        firms = (
            list(page.state.assessor.firms.named(name, page.caller.place))
            if name and "look_up" in page.caller.may
            else []
        )
    except Refused as refused:
        return show_new(page, Asking(wrong=refused.sentence(page.language), status=int(refused.status)))
    return show_new(page, Asking(firms=firms, sent=SentForm.of({"name": name})))


@router.post("", dependencies=[Depends(own_page)])
def begin(page: Shown, sent: Sent) -> Response:
    head = {name: sent.text(name)[:200] for name in HEAD}
    state, brought = page.state, dict[str, list[Row]]()
    if head["firm"] and not sent.ticked("empty"):
        with state.engine.connect() as connection:
            brought = known_rows(connection, state.assessor.firms, head["firm"], page.caller, _today(page))
    draft = page.drafts().save(stored(new_id(), begun(head, brought)))
    to = "" if brought or not head["firm"] or sent.ticked("empty") else "?found=0"
    return RedirectResponse(f"/desk/new/{draft.id}{to}", 303)


@router.get("/{draft}")
def form(page: Shown, draft: str) -> Response:
    held = page.drafts().one(draft)
    note = page.say("intake.not_found") if page.query.get("found") == "0" else ""
    return _show(page, held, opened(held), note=note)


@router.post("/{draft}", dependencies=[Depends(own_page)])
async def sent_form(page: Shown, draft: str, sent: Sent, x_part: Part = "") -> Response:
    held, typed = await run_in_threadpool(_sent_on, page, draft, sent)
    try:
        held = await run_in_threadpool(page.drafts().save, stored(draft, typed), window_of(sent))
    except NotInTurn as refused:
        return part_not_saved(page, refused) if x_part else await run_in_threadpool(_wrong, page, held, typed, refused)
    if x_part:
        return await run_in_threadpool(_part, page, held, typed)
    match sent.text("do"):
        case "ask":
            return await _ask(page, held, typed)
        case "check":
            return await run_in_threadpool(_check, page, held, typed)
    change = RecordChange.of(sent)
    return RedirectResponse(f"/desk/new/{draft}{_anchor(change, typed)}", 303)


@router.post("/{draft}/deletion", dependencies=[Depends(own_page)])
def discard(page: Shown, draft: str) -> Response:
    page.drafts().drop(page.drafts().one(draft).id)
    return RedirectResponse("/desk/new", 303)


def _sent_on(page: DeskPage, draft: str, sent: SentForm) -> tuple[StoredDraft, TypedApplicant]:
    """The draft as it is held, and the page as it was sent. Raises `NoSuchDraft`."""
    held = page.drafts().one(draft)
    typed = sent_on(opened(held), sent)
    change = RecordChange.of(sent)
    return held, typed if change is None else changed(typed, change)


def _anchor(change: RecordChange | None, typed: TypedApplicant) -> str:
    if change is None:
        return ""
    table = change.place.partition(".")[0]
    added = typed.of(change.place if change.what == "add" else table)
    return f"#f-{added[-1] if added and change.what != 'drop' else table}"


async def _ask(page: DeskPage, held: StoredDraft, typed: TypedApplicant) -> Response:
    """Assess; the draft goes once the answer is recorded."""
    asked = question_of(typed, _today(page).isoformat())
    if wrong := await run_in_threadpool(lambda: asked.wrong):
        return await run_in_threadpool(_wrong, page, held, typed, InvalidRequest(wrong))
    try:
        recorded = await page.state.batcher.ask(_question(page, asked, held.id))
    except InvalidRequest as refused:
        told = InvalidRequest(asked.with_faults(refused.faults))
        return await run_in_threadpool(_wrong, page, held, typed, told)
    except Refused as refused:
        return await run_in_threadpool(_wrong, page, held, typed, refused)
    await run_in_threadpool(page.drafts().drop, held.id)
    to = f"/desk/files/{typed.file}?did=reassessment" if typed.file else f"/desk/assessments/{recorded.id}"
    return RedirectResponse(to, 303)


def _question(page: DeskPage, asked: TypedQuestion, once: str | None) -> Question:
    return page.state.question(asked.json, once, page.caller, page.language)


def _look(page: DeskPage, typed: TypedApplicant) -> Checked:
    asked = question_of(typed, _today(page).isoformat())
    return checked(page.state.assessor, _question(page, asked, None), asked, page.language)


def _part(page: DeskPage, held: StoredDraft, typed: TypedApplicant) -> Response:
    found = _look(page, typed)
    faults = {one.pointer: SHIPPED.say(one.phrase, page.language) for one in filled(found.faults, typed)}
    return part(page, held, faults, found.doubts)


def _check(page: DeskPage, held: StoredDraft, typed: TypedApplicant) -> Response:
    found = _look(page, typed)
    if found.faults:
        return _wrong(page, held, typed, InvalidRequest(found.faults))
    note = "" if found.doubts else page.say("intake.right")
    return _show(page, held, typed, checks=found.doubts, note=note)


def _wrong(page: DeskPage, held: StoredDraft, typed: TypedApplicant, refused: Refused) -> Response:
    return _show(page, held, typed, refused=refused)


def _show(
    page: DeskPage,
    held: StoredDraft,
    typed: TypedApplicant,
    *,
    refused: Refused | None = None,
    checks: list[str] | None = None,
    note: str = "",
) -> Response:
    say, faults = page.say, list[Fault]() if refused is None else list(refused.faults)
    policy, today = page.state.assessor.policy, _today(page)
    view = IntakeView.of(
        typed, say, faults, _as_of(typed, today), lambda kind: policy(f"freshness_days.{kind}").on(today)
    )
    return page.show(
        "intake.html.jinja",
        name_of(typed) or say("nav.new"),
        refused=refused,
        crumbs=[Link(say("nav.new"), "/desk/new"), *_file_of(page, typed)],
        active="nav.new",
        draft=held,
        window=DraftWindow.of(held),
        changed=refused is not None and refused.code == "draft_changed",
        typed=typed,
        cards=view.cards(),
        head=view.head(),
        told=view.told(),
        checks=checks or [],
        note=note,
        saved=page.clock(held.saved_at),
        days=policy("drafts.days").on(today),
    )


def _file_of(page: DeskPage, typed: TypedApplicant) -> list[Link]:
    """The loan file that it is assessed anew for."""
    return [Link(f"{page.say('file')} {typed.file[:8]}", f"/desk/files/{typed.file}")] if typed.file else []


def _as_of(typed: TypedApplicant, today: date) -> date:
    try:
        return date.fromisoformat(str(question_of(typed, today.isoformat()).body["as_of"]))
    except ValueError:
        return today


def _today(page: DeskPage) -> date:
    return page.state.today(page.state.now())
