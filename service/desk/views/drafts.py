"""A person's drafts as pages list them, and those of the forms of a loan file."""

from dataclasses import dataclass

import msgspec
from starlette.datastructures import FormData, UploadFile

from service.access.drafts import DraftWindow, StoredDraft, new_id
from service.desk.acts import ACTS
from service.desk.forms import SentForm
from service.desk.intake import drafting
from service.desk.pages import DeskPage
from service.ledger.redaction import Part

_FILES = "files/"
_WINDOW, _SHOWN = "window", "saved"
"""The fields by which a form with a draft names its window, and when the draft that it showed was saved."""
_NOT_KEPT = ("check", "draft", _WINDOW, _SHOWN)


class ActDraft(msgspec.Struct, frozen=True):
    """What was typed in a form of a loan file: names and texts, and whose file it is."""

    fields: list[tuple[str, str]]
    name: str


@dataclass(frozen=True)
class DraftLine:
    """A draft in a list: about whom, what is being written, where it goes on, when it was saved."""

    name: str
    what: str
    to: str
    saved: str


def draft_lines(page: DeskPage) -> list[DraftLine]:
    """The caller's drafts, the last saved first."""
    return [_line(page, one) for one in page.drafts().all()]


def _line(page: DeskPage, draft: StoredDraft) -> DraftLine:
    saved, say = page.clock(draft.saved_at), page.say
    if draft.form.startswith(drafting.FORM):
        name = drafting.name_of(drafting.opened(draft))
        return DraftLine(name or say("draft.unnamed"), say("nav.new"), f"/desk/new/{draft.id}", saved)
    act = _act_of(draft.form)
    what = say(ACTS[act].label) if act in ACTS else say("draft")
    return DraftLine(opened_act(draft).name, what, f"/desk/{draft.form}", saved)


def window_of(sent: SentForm) -> DraftWindow:
    """The window from which a form with a draft was sent."""
    return DraftWindow(sent.text(_WINDOW), sent.text(_SHOWN))


def _act_of(form: str) -> str:
    """The act of a form, `files/ID/conditions/3/done`; of one of several its number is left open."""
    return "/".join("{n}" if part.isdigit() else part for part in form.split("/")[2:])


def form_of(file: Part, act: str) -> str:
    """The name of a form of a loan file, as drafts have it."""
    return f"{_FILES}{file['id']}/{act}"


def stored_act(file: Part, act: str, name: str, sent: SentForm) -> StoredDraft:
    """What was typed in a form, as a draft about the file's firm."""
    fields = [(key, text) for key, text in sent.data.multi_items() if isinstance(text, str) and key not in _NOT_KEPT]
    content = msgspec.json.encode(ActDraft(fields, name))
    return StoredDraft(new_id(), form_of(file, act), str(file["firm"]), "", content)


def opened_act(draft: StoredDraft) -> ActDraft:
    """What was typed."""
    return msgspec.json.decode(draft.content, type=ActDraft)


def typed_again(draft: StoredDraft | None) -> SentForm:
    """The form as it was left; nothing where there is no draft."""
    return (
        SentForm.empty()
        if draft is None
        else SentForm(FormData(list[tuple[str, str | UploadFile]](opened_act(draft).fields)))
    )
