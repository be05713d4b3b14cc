"""An act on the file as it was seen, and once: a second click is told that it was done, and breaks no rule."""

import hmac
from collections.abc import Mapping

import msgspec

from service.edge.errors import NotInTurn, SeenChanged
from service.ledger.canonical import float_text
from service.ledger.entry_contents import EntryRef
from service.ledger.kinds import Kind
from service.loan_files.requests import PersonalAct, SeenAct
from service.loan_files.steps import EnteredAct, reversed_by, steps_of_file, who_did
from service.loan_files.turns import FileTurn

_SAID: Mapping[str, tuple[str, ...]] = {
    Kind.SUBMITTED: ("seen", "amount", "term_months", "rate", "note", "reason_code"),
    Kind.REVIEWED: ("seen", "outcome", "opinion"),
    Kind.VOTE: ("seen", "meeting", "vote", "reason"),
    Kind.MINUTES: ("seen", "meeting", "held_on", "vetoed", "amount", "term_months"),
    Kind.APPROVAL: ("seen", "outcome", "amount", "term_months", "rate", "reason_code", "reason"),
    Kind.DRAWDOWN_CHECK: ("seen", "amount", "contract"),
    Kind.DRAWDOWN: ("loan", "amount", "drawn_on", "due_on"),
    Kind.CLOSURE: ("closed_on", "outcome", "loss", "recovered"),
    Kind.CORRECTION: ("entry", "reason"),
}
"""By which members of what is told an act is known again."""


def check_new(turn: FileTurn, told: PersonalAct, kind: Kind) -> None:
    """Raises `NotInTurn` where the same person did the same already, in the same words, and it counts."""
    steps = steps_of_file(turn.connection, turn.file.id)
    gone = reversed_by(one.content for one in steps if one.kind == Kind.CORRECTION)
    now = told.model_dump(mode="json")
    if now.get("rate") is not None:
        now["rate"] = float_text(now["rate"])
    who = turn.desk.caller.id if turn.desk.caller.signed_in else told.person
    for one in steps:
        own = one.kind == kind and who_did(one) == who and one.record.entry not in gone
        if own and all(now.get(name) == _said(one, name) for name in _SAID[kind]):
            raise NotInTurn("done_already", entry=one.record.entry)


def _said(step: EnteredAct, name: str) -> object:
    if name == "entry":
        return msgspec.convert(step.content["reverses"], EntryRef).seq
    return step.content.get(name)


def check_seen(turn: FileTurn, told: SeenAct, kind: Kind) -> None:
    """Raises `NotInTurn` for a second click, `SeenChanged` where the file is no longer as it was seen."""
    check_new(turn, told, kind)
    if not hmac.compare_digest(told.seen, turn.file.head):
        raise SeenChanged("seen_changed")
