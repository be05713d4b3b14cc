"""What the service refuses: errors that carry their status and facts."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, ClassVar

from features.errors import PledgeScoreError

MOST_FAULTS = 100
"""Faults listed in one problem: enough to correct a file by, not enough to fill a disk."""


class Refused(PledgeScoreError):
    """A request that is answered by a problem (RFC 9457): `status`, a stable `code`, a title, and its own facts.

    Refused
    ├── NotJson 400 · InvalidRequest 422 · BodyTooLarge 413
    ├── NotSignedIn 401 · Forbidden, PasswordExpired, ForeignOrigin,
    │   AuthorityTooLow 403 · TooMany 429
    ├── UnknownFirm, NoSuchAssessment, NoLake, NoSuchParameter, NotInForce,
    │   NoSuchUser, NoSuchKey, NoSuchErasure, NotConfigured 404
    ├── KeyReused, NotDecidable, NotAnswerable, Taken, OwnQuestion, SeenChanged, OnHold 409 · Erased 410
    ├── NoModel, Busy, DatabaseAway, ProviderAway 503
    └── DiskFull 507
    """

    status: ClassVar[HTTPStatus] = HTTPStatus.BAD_REQUEST
    code: ClassVar[str] = "refused"
    title: ClassVar[str] = "The request was refused"
    headers: ClassVar[Mapping[str, str]] = {}

    def __init__(self, detail: str, **facts: Any) -> None:
        super().__init__(detail)
        self.detail, self.facts = detail, facts


class NotJson(Refused):
    """The body cannot be read as JSON."""

    code, title = "not-json", "The body is not JSON"


class InvalidRequest(Refused):
    """The body is JSON, but not what is asked for; `errors` lists pointers and messages."""

    status, code, title = (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "invalid-request",
        "The request breaks the rules of its schema",
    )

    def __init__(self, faults: Sequence[tuple[str, str]]) -> None:
        errors = [{"pointer": pointer, "message": message} for pointer, message in faults[:MOST_FAULTS]]
        super().__init__(f"{len(faults)} values are not allowed: see errors", errors=errors)

    def __str__(self) -> str:
        """The faults too: a command line shows nothing else."""
        told = [f"{fault['pointer'].strip('/') or 'the body'}: {fault['message']}" for fault in self.facts["errors"]]
        return "\n  ".join([self.title, *told])


class BodyTooLarge(Refused):
    """The body is over the limit."""

    status, code, title = HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "body-too-large", "The body is over the limit"
    headers: ClassVar[Mapping[str, str]] = {"Connection": "close"}


class NotSignedIn(Refused):
    """Nobody is signed in, or what was shown to sign in is not accepted; never says which part of it."""

    status, code, title = HTTPStatus.UNAUTHORIZED, "not-signed-in", "Nobody is signed in"
    headers: ClassVar[Mapping[str, str]] = {"WWW-Authenticate": "Bearer"}


class Forbidden(Refused):
    """Whoever asks may not do that."""

    status, code, title = HTTPStatus.FORBIDDEN, "forbidden", "The role does not allow this"


class PasswordExpired(Refused):
    """The password was good for one sign-in, in which another one takes its place."""

    status, code, title = HTTPStatus.FORBIDDEN, "password-expired", "A new password is needed"


class ForeignOrigin(Refused):
    """A browser's session would be used by a page that is not ours."""

    status, code, title = HTTPStatus.FORBIDDEN, "foreign-origin", "The request does not come from our own pages"


class TooMany(Refused):
    """One client asks more often than is allowed."""

    status, code, title = HTTPStatus.TOO_MANY_REQUESTS, "too-many", "Too many requests from one client"
    headers: ClassVar[Mapping[str, str]] = {"Retry-After": "1"}


class UnknownFirm(Refused):
    """Nobody knows a firm by that key."""

    status, code, title = HTTPStatus.NOT_FOUND, "unknown-firm", "No such firm"


class NoLake(Refused):
    """There is nowhere to look a firm up."""

    status, code, title = HTTPStatus.NOT_FOUND, "no-lake", "No lake to look firms up in"


class NoSuchAssessment(Refused):
    """No assessment has that id."""

    status, code, title = HTTPStatus.NOT_FOUND, "no-such-assessment", "No such assessment"


class NotConfigured(Refused):
    """What is asked for was not set up here."""

    status, code, title = HTTPStatus.NOT_FOUND, "not-configured", "This is not set up here"


class NoSuchUser(Refused):
    """No account has that name."""

    status, code, title = HTTPStatus.NOT_FOUND, "no-such-user", "No such account"


class NoSuchErasure(Refused):
    """Nobody asked for that erasure."""

    status, code, title = HTTPStatus.NOT_FOUND, "no-such-erasure", "No such request to erase"


class NoSuchKey(Refused):
    """No key has that name."""

    status, code, title = HTTPStatus.NOT_FOUND, "no-such-key", "No such key"


class Taken(Refused):
    """The name is in use."""

    status, code, title = HTTPStatus.CONFLICT, "taken", "The name is in use"


class NoSuchParameter(Refused):
    """No policy file states a parameter of that name."""

    status, code, title = HTTPStatus.NOT_FOUND, "no-such-parameter", "No such parameter"


class NotInForce(Refused):
    """The parameter has no value on that day yet; `before` says what that means for a rule."""

    status, code, title = HTTPStatus.NOT_FOUND, "not-in-force", "The parameter has no value on that day"


class KeyReused(Refused):
    """An Idempotency-Key came with another body before."""

    status, code, title = HTTPStatus.CONFLICT, "key-reused", "The Idempotency-Key was used for another request"


class NotDecidable(Refused):
    """What the bank says it did cannot follow from how the assessment stands."""

    status, code, title = HTTPStatus.CONFLICT, "not-decidable", "The assessment does not allow this step"


class OwnQuestion(Refused):
    """Whoever asked for an assessment does not decide on it."""

    status, code, title = HTTPStatus.CONFLICT, "own-question", "Nobody decides on what they asked for"


class SeenChanged(Refused):
    """A decision rests on something that is no longer as it was seen."""

    status, code, title = HTTPStatus.CONFLICT, "seen-changed", "What was seen has changed"


class AuthorityTooLow(Refused):
    """The decision is a matter of higher authority."""

    status, code, title = HTTPStatus.FORBIDDEN, "authority-too-low", "The decision needs higher authority"


class NotAnswerable(Refused):
    """What is asked about an assessment cannot be told of it."""

    status, code, title = HTTPStatus.CONFLICT, "not-answerable", "The assessment does not allow this question"


class NoModel(Refused):
    """No model of that kind is in service."""

    status, code, title = HTTPStatus.SERVICE_UNAVAILABLE, "no-model", "No model of this kind is in service"


class Busy(Refused):
    """More requests wait than are allowed to."""

    status, code, title = HTTPStatus.SERVICE_UNAVAILABLE, "busy", "Too many requests are waiting"
    headers: ClassVar[Mapping[str, str]] = {"Retry-After": "1"}


class ProviderAway(Refused):
    """The provider that people sign in by does not answer, or not as it should."""

    status, code, title = HTTPStatus.SERVICE_UNAVAILABLE, "provider-away", "The sign-in provider does not answer"


class Erased(Refused):
    """What an entry held was erased; that it was there, when and by whom stays provable."""

    status, code, title = HTTPStatus.GONE, "erased", "The content was erased"


class OnHold(Refused):
    """A key may not be destroyed yet; `holds` names why, and until when where that is known."""

    status, code, title = HTTPStatus.CONFLICT, "on-hold", "The content must be kept"


class DatabaseAway(Refused):
    """The database does not answer, so nothing can be recorded, and no answer leaves."""

    status, code, title = HTTPStatus.SERVICE_UNAVAILABLE, "database-away", "The database does not answer"
    headers: ClassVar[Mapping[str, str]] = {"Retry-After": "1"}


class DiskFull(Refused):
    """There is no room for another entry."""

    status, code, title = HTTPStatus.INSUFFICIENT_STORAGE, "disk-full", "There is no room to record it"
