"""The loan file and what people do in it: opinions, votes, conditions, releases, checks."""

from collections.abc import Mapping

from fastapi import APIRouter, Depends, Response
from fastapi.responses import RedirectResponse

from features.errors import fault
from models.words.templates import SHIPPED
from service.access.drafts import DraftWindow
from service.access.roles import Permission
from service.access.route_rules import DESK_ACTS
from service.desk.acts import ACTS, DeskAct, acts_for, checked, reversible, shape_of
from service.desk.formats import code
from service.desk.forms import Sent, SentForm, own_page
from service.desk.pages import HOME, DeskPage, Link, Shown
from service.desk.parts import Part as PartHeader
from service.desk.parts import part as part_of
from service.desk.parts import part_not_saved
from service.desk.views.act_form import ActForm, act_form, codes_of, field_labels
from service.desk.views.drafts import form_of, stored_act, typed_again, window_of
from service.desk.views.loan_file import stages, way, worse_lines
from service.desk.views.trial import trials_card
from service.edge.errors import InvalidRequest, NotInTurn, Refused, SeenChanged
from service.edge.fields import Ordinal
from service.ledger.redaction import Part
from service.loan_files.advised import advised
from service.loan_files.attachments import FileAttachment, NewAttachment, attach, attachments
from service.loan_files.authority import Proposed
from service.loan_files.comments import comments
from service.loan_files.drawdown_papers import OF_FILE
from service.loan_files.listing import shown
from service.loan_files.preparing import submit
from service.loan_files.previewing import AuthorityPreview, preview
from service.loan_files.requests import Submission
from service.loan_files.turns import act_in_file

_SUBMISSION = shape_of(Submission)
_ATTACHMENT = shape_of(NewAttachment)

router = APIRouter(prefix="/desk/files/{loan_file}", include_in_schema=False)


@router.get("")
def whole(page: Shown, loan_file: str) -> Response:
    return show_file(page, file_of(page, loan_file))


def show_file(page: DeskPage, file: Part, *, refused: Refused | None = None, text: str = "") -> Response:
    """The file; with a comment that was refused, and why."""
    did = page.query.get("did", "")
    with page.state.engine.connect() as connection:
        said = comments(connection, str(file["id"]))
        kept = attachments(connection, str(file["id"]), page.caller)
        tried = trials_card(page, connection, str(file["newest"]))
    faults = page.faults_of(refused, {})
    return page.show(
        "file.html.jinja",
        name_of(file),
        refused=refused,
        crumbs=crumbs(page, file),
        active="nav.inbox",
        file=file,
        stages=stages(file, page.say),
        steps=way(file, page),
        worse=worse_lines(file, page.say),
        acts=acts_for(page.caller, file),
        done=page.say(ACTS[did].label if did in ACTS else "act.reassessment") if did in (*ACTS, "reassessment") else "",
        sent_back=file["state"] == "returned" and did not in ("return", "reassessment", "documents"),
        today=page.state.today(page.state.now()).isoformat(),
        trials_made=tried,
        comments=said,
        kept=kept,
        papers=[one for one in file["documents"] if one["hash"] not in {paper.hash for paper in kept}],
        wrong="" if refused is None else faults[0].sentence if faults else refused.sentence(page.language),
        text=text,
    )


def _form(act: DeskAct, page: Shown, loan_file: str, n: int = 0) -> Response:
    file = file_of(page, loan_file)
    draft = page.drafts().of_form(form_of(file, act.place(n)))
    typed = typed_again(draft)
    if draft is None and act.key == "documents" and (about := page.query.get("about")):
        typed = SentForm.of({"about": about, "what": about})
    return _show(page, file, act, act_form(file, typed, page), n, DraftWindow.of(draft))


def _sent(act: DeskAct, page: Shown, sent: Sent, loan_file: str, n: int = 0, part: bool = False) -> Response:
    file = file_of(page, loan_file)
    drafts = page.drafts()
    if sent.ticked("draft") or part:
        return _kept_for_later(page, file, act, sent, n, part)
    if sent.ticked("check"):
        return _show(page, file, act, act_form(file, sent, page), n, window_of(sent))
    try:
        _record(page, file, act, sent, n)
    except Refused as refused:
        if refused.code == "done_already":  # a second click leads where the first one did
            return _recorded(page, file, act, n)
        draft = drafts.save(stored_act(file, act.place(n), name_of(file), sent))
        return _show(page, file_of(page, loan_file), act, act_form(file, sent, page, refused), n, DraftWindow.of(draft))
    return _recorded(page, file, act, n)


def _kept_for_later(page: DeskPage, file: Part, act: DeskAct, sent: SentForm, n: int, part: bool) -> Response:
    """The form saved as a draft, or the form again where it was not."""
    drafts, begun = page.drafts(), stored_act(file, act.place(n), name_of(file), sent)
    try:
        draft = drafts.save(begun, window_of(sent))
    except NotInTurn as refused:
        if part:
            return part_not_saved(page, refused)
        return _show(
            page, file, act, act_form(file, sent, page, refused), n, DraftWindow.of(drafts.of_form(begun.form))
        )
    return part_of(page, draft) if part else RedirectResponse(f"/desk/{draft.form}", 303)


def _recorded(page: DeskPage, file: Part, act: DeskAct, n: int) -> Response:
    """To the file, which says what was recorded; a draft of the form is gone."""
    drafts = page.drafts()
    if (begun := drafts.of_form(form_of(file, act.place(n)))) is not None:
        drafts.drop(begun.id)
    return RedirectResponse(f"/desk/files/{file['id']}?did={act.key}", 303)


def _record(page: DeskPage, file: Part, act: DeskAct, sent: SentForm, n: int) -> None:
    """Do it, by the use case that the API calls. Raises `Refused`."""
    state, told = page.state, act.read(sent, file)
    desk = state.desk(page.caller)
    if act.key == "submission":
        given = checked(_SUBMISSION(), told)
        if given.assessment != file["newest"] and given.assessment != file["assessment"]:
            raise InvalidRequest([fault("/assessment", "value", type="assessment")])
        state.batcher.write(lambda: submit(state.engine, desk, given))
        return
    if act.key == "documents" and sent.file_name("file"):
        _attached(page, file, sent)
        return
    work = act.make(told)
    held = str(file["id"])
    state.batcher.write(
        lambda: act_in_file(state.engine, held, desk, act.kind, lambda turn: work(turn, n), by_form=True)
    )


def _attached(page: DeskPage, file: Part, sent: SentForm) -> None:
    """Keep the paper that was chosen. Raises `Refused`."""
    names = ("what", "dated_on", "about", "person", "audience")
    given = checked(_ATTACHMENT(), {"name": sent.file_name("file"), **{name: sent.optional(name) for name in names}})
    content, state = sent.content("file"), page.state
    state.batcher.write(lambda: attach(state.engine, str(file["id"]), state.desk(page.caller), given, content))


def _show(page: DeskPage, file: Part, act: DeskAct, form: ActForm, n: int, window: DraftWindow) -> Response:
    say, refused, kept = page.say, form.refused, _kept(page, file)
    title = f"{say(act.label)}{say('colon')}{name_of(file)}"
    with page.state.engine.connect() as connection:
        tried = trials_card(page, connection, str(file["newest"]))
    return page.show(
        "act.html.jinja",
        title,
        refused=refused,
        fields=field_labels(act.key),
        crumbs=[*crumbs(page, file), Link(f"{say('file')} {str(file['id'])[:8]}", f"/desk/files/{file['id']}")],
        active="nav.inbox",
        act=act,
        n=n,
        file=file,
        form=form,
        stages=stages(file, say),
        steps=way(file, page),
        worse=worse_lines(file, page.say),
        between=form.steps_between(file, page) if isinstance(refused, SeenChanged) else [],
        standing=_standing(page, file, form) if act.key in ("submission", "minutes", "approval") else None,
        reasons=codes_of(page, "authority.reason_codes"),
        people=_people(page, act),
        file_reasons=codes_of(page, "loan_file.reasons"),
        today=page.state.today(page.state.now()).isoformat(),
        trials_made=tried,
        kept=kept,
        visit_days=page.state.assessor.policy("papers.visit").on(page.state.today(page.state.now()))["days"],
        paper_places=_paper_places(page, file) if act.key == "documents" else [],
        named_papers=[(one.hash, f"{one.name} · {one.hash[:8]}") for one in kept],
        preconditions=_preconditions(page, file) if act.key == "release" else [],
        reversible=reversible(file) if act.key == "corrections" else None,
        window=window,
        saved=page.say("draft.saved", at=page.clock(window.shown)) if window.shown else "",
    )


_NAMES: Mapping[str, Permission] = {"submission": "submit", "warnings": "watch", "minutes": "vote"}
"""What those may do whom an act names."""


def _people(page: DeskPage, act: DeskAct) -> list[tuple[str, str]]:
    """The people whom an act may name, but who is signed in."""
    needs = _NAMES.get(act.key)
    own = page.account() if act.key == "submission" else ""
    return [] if needs is None else [one for one in page.people(needs) if one[0] != own]


def _kept(page: DeskPage, file: Part) -> list[FileAttachment]:
    with page.state.engine.connect() as connection:
        return attachments(connection, str(file["id"]), page.caller)


def _paper_places(page: DeskPage, file: Part) -> list[tuple[str, str]]:
    """What a paper may belong to: what the file was returned for, its contract and registration, or a payment."""
    wanted = [(one["what"], one["what"]) for one in file["wanted"]]
    of_file = [(kind, page.say.name("drawdown_paper", kind)) for kind in OF_FILE]
    payment = page.say.name("drawdown_paper", "payment")
    paid = [(one["loan"], f"{payment} {one['loan']}") for one in file["drawdowns"] if one["loan"]]
    return [*wanted, *of_file, *paid]


def _preconditions(page: DeskPage, file: Part) -> list[str]:
    """What must hold before every drawdown, as the answer says it, in the order of the file's codes."""
    with page.state.engine.connect() as connection:
        told = advised(connection, str(file["newest"])).preconditions
    return [SHIPPED.say(one, page.language) for one in told]


def _standing(page: DeskPage, file: Part, form: ActForm) -> AuthorityPreview | None:
    """How the terms on the form stand to the advice; None where they are no terms yet."""
    amount, months = form.fen("amount"), form.count("term_months")
    if not isinstance(amount, int) or not isinstance(months, int) or not (0 < amount < 2**53 and 0 < months <= 600):
        return None
    state = page.state
    desk = state.desk(page.caller)
    try:
        with state.engine.connect() as connection:
            return preview(connection, str(file["id"]), desk, Proposed(amount, months, form.set_aside(file)))
    except Refused:
        return None


def file_of(page: DeskPage, loan_file: str) -> Part:
    """The file as a whole."""
    state = page.state
    with state.engine.connect() as connection:
        return shown(connection, loan_file, state.assessor.policy, state.today(state.now()))


def name_of(file: Part) -> str:
    """Whose file it is."""
    return str(file["legal_name"] or code(file["firm"]))


def crumbs(page: DeskPage, file: Part) -> list[Link]:
    """Where a file stands among the queues."""
    state = page.say.name("loan_state", file["state"])
    return [Link(page.say("nav.inbox"), HOME), Link(state, f"{HOME}?state={file['state']}")]


def _add(act: DeskAct) -> None:
    """The page with the form of an act, and what takes what it sends."""
    path = f"/{act.key}"
    if act.nth:

        @router.get(path)
        def form_nth(page: Shown, loan_file: str, n: Ordinal) -> Response:
            return _form(act, page, loan_file, n)

        @router.post(path, dependencies=[Depends(own_page)])
        def sent_nth(page: Shown, sent: Sent, loan_file: str, n: Ordinal, x_part: PartHeader = "") -> Response:
            return _sent(act, page, sent, loan_file, n, bool(x_part))
    else:

        @router.get(path)
        def form(page: Shown, loan_file: str) -> Response:
            return _form(act, page, loan_file)

        @router.post(path, dependencies=[Depends(own_page)])
        def sent(page: Shown, sent: Sent, loan_file: str, x_part: PartHeader = "") -> Response:
            return _sent(act, page, sent, loan_file, part=bool(x_part))


for _key in DESK_ACTS:
    _add(ACTS[_key])
