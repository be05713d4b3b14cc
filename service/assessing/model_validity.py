"""What validators said of models, and whether one may answer for a bank on a day.

A validator speaks for the bank of the account, or for every bank. The last word of each counts: a refusal stands until
whoever speaks for the same banks signs, and a signature holds until its day is over.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Literal, NamedTuple

import msgspec
from sqlalchemy import Connection

from features.errors import refusal_phrase
from features.phrase import Phrase
from models.score.kind import KindName
from service.access.roles import Reach
from service.edge.errors import Busy, Refused
from service.ledger.canonical import time_text
from service.ledger.change_log import ChangeInForce, every_change
from service.ledger.kinds import Kind
from service.ledger.ledger_settings import settings_of


class ModelRefused(Refused):
    """A validator refused the model that answered, or no signature holds for it."""

    status, problem = Busy.status, "model-refused"


class ServedBy(NamedTuple):
    """That a bundle answers for a bank (None: a question that names none)."""

    bundle: str
    kind: KindName
    bank: str | None


class Word(msgspec.Struct, frozen=True):
    """What a validator said of a model last. `bank`: for which bank (None: for every one)."""

    outcome: Literal["signed", "refused"]
    by: str
    expires_on: date | None = None
    bank: str | None = None


class Objection(NamedTuple):
    """Why a model may not answer: it was refused, its signature is over, or nobody signed it."""

    why: Literal["refused", "over", "needed"]
    by: str = ""
    day: date | None = None

    @property
    def phrase(self) -> Phrase:
        """As a reason among others."""
        if self.why == "refused":
            return refusal_phrase("validator_refused", by=self.by)
        if self.why == "over":
            return refusal_phrase("validation_over", by=self.by, day=self.day)
        return refusal_phrase("validator_needed")

    def refusal(self, kind: KindName) -> ModelRefused:
        """As what a question is refused with."""
        if self.why == "refused":
            return ModelRefused("model_refused", by=self.by, kind=kind)
        if self.why == "over":
            return ModelRefused("model_validation_over", by=self.by, day=self.day, kind=kind)
        return ModelRefused("model_unsigned", kind=kind)


def validations_in_force(
    connection: Connection, bundles: Collection[str] | None = None, at: datetime | None = None
) -> list[ChangeInForce]:
    """The last validation of each model (None: of all) by each bank that was spoken for, in order of their entries.

    `at`: those of that moment; None: of now.
    """
    found = {}
    for one in every_change(connection, Kind.VALIDATION, bundles):
        if at is None or one.record.at <= time_text(at):
            found[one.subject, one.content.get("bank")] = one
    return sorted(found.values(), key=lambda one: one.record.entry)


def validations_within(connection: Connection, reach: Reach, at: datetime | None = None) -> list[ChangeInForce]:
    """The same of banks within reach, and of whoever spoke for all."""
    found = validations_in_force(connection, at=at)
    return [one for one in found if reach.banks is None or one.content.get("bank") in {None, *reach.banks}]


def words_on(connection: Connection, bundles: Collection[str]) -> Mapping[str, Sequence[Word]]:
    """What stands about each of the models; nothing of one that nobody validated."""
    found: dict[str, list[Word]] = {}
    for one in validations_in_force(connection, bundles):
        found.setdefault(one.subject, []).append(msgspec.convert(one.content, Word))
    return found


def objection(words: Sequence[Word], bank: str | None, today: date, *, signed_only: bool) -> Objection | None:
    """Why the model may not answer for the bank today; None where it may.

    `signed_only`: whether a validator must have signed it.
    """
    own = [one for one in words if one.bank in (None, bank)]
    for one in own:
        if one.outcome == "refused":
            return Objection("refused", one.by)
    last = max(own, key=lambda one: one.expires_on or date.max, default=None)
    if last is None:
        return Objection("needed") if signed_only else None
    if last.expires_on is not None and last.expires_on < today:
        return Objection("over", last.by, last.expires_on)
    return None


def objections(words: Sequence[Word], today: date, *, signed_only: bool) -> Mapping[str | None, Objection]:
    """By bank why the model may not answer for it (None: for banks of which nothing was said)."""
    banks = {None, *(one.bank for one in words)}
    found = {bank: objection(words, bank, today, signed_only=signed_only) for bank in banks}
    return {bank: one for bank, one in found.items() if one is not None}


def stopped(words: Sequence[Word], today: date, *, signed_only: bool) -> list[Objection]:
    """Why the model may answer for no bank at all; nothing where it may for one."""
    found = objections(words, today, signed_only=signed_only)
    every = {None, *(one.bank for one in words)}
    return list(dict.fromkeys(found.values())) if len(found) == len(every) else []


def check_answering(connection: Connection, by: ServedBy) -> None:
    """Raises `ModelRefused` where the model was refused by now, or its signature is over."""
    settings = settings_of(connection)
    today = settings.day_of(settings.clock())
    words = words_on(connection, [by.bundle]).get(by.bundle, ())
    found = objection(words, by.bank, today, signed_only=False)
    if found is not None:
        raise found.refusal(by.kind)
