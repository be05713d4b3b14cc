"""What is refused over HTTP: errors with a status and a type of problem."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import ClassVar

from features.errors import MOST_FAULTS, Fault, PledgeScoreError
from features.phrase import Language
from models.words.templates import SHIPPED


class Refused(PledgeScoreError):
    """A request that is answered by a problem (RFC 9457) with this status; `problem` names its type and title.

    Refused
    ├── NotJson 400 · InvalidRequest 422 · BodyTooLarge, TooHeavy 413 · QueryTooLong 414 · NoRoute 404 · WrongMethod 405
    ├── Defect 500
    ├── NotSignedIn 401 · Forbidden, ForeignOrigin, AuthorityTooLow 403 · TooMany 429
    ├── UnknownFirm, NoSuchAssessment, NoLake, NoSuchParameter, NotInForce,
    │   NoSuchUser, NoSuchKey, NoSuchProposal, NoSuchErasure, NoSuchLoanFile, NoSuchDraft, NoSuchAttachment,
    │   NoSuchJob, NoSuchPush, NotConfigured 404
    ├── KeyReused, NotAnswerable, Taken, OwnQuestion, SeenChanged, OnHold, NotInTurn 409 · Erased 410
    ├── NoModel, Busy, DatabaseAway, ProviderAway 503
    └── DiskFull 507
    """

    status: ClassVar[HTTPStatus] = HTTPStatus.BAD_REQUEST
    problem: ClassVar[str] = "refused"
    headers: Mapping[str, str] = {}

    def title(self, language: Language) -> str:
        """What kind of refusal it is."""
        return SHIPPED.name(f"problem.{self.problem}", language)


class NotJson(Refused):
    """The body cannot be read as JSON."""

    problem = "not-json"


class InvalidRequest(Refused):
    """The body is JSON, but not what is asked for: `faults` names every place that is wrong, up to a hundred.

    `more`: what came behind them was not read.
    """

    status, problem = HTTPStatus.UNPROCESSABLE_ENTITY, "invalid-request"

    def __init__(self, faults: Sequence[Fault], more: bool = False) -> None:
        told = "invalid_request_more" if more or len(faults) > MOST_FAULTS else "invalid_request"
        super().__init__(told, count=min(len(faults), MOST_FAULTS), faults=faults)


class BodyTooLarge(Refused):
    """The body is over the limit."""

    status, problem = HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "body-too-large"
    headers: Mapping[str, str] = {"Connection": "close"}


class TooHeavy(Refused):
    """What is asked takes more time or memory than one request may."""

    status, problem = HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too-heavy"


class QueryTooLong(Refused):
    """The query is over the limit."""

    status, problem = HTTPStatus.REQUEST_URI_TOO_LONG, "query-too-long"


class NoRoute(Refused):
    """There is no such path."""

    status, problem = HTTPStatus.NOT_FOUND, "not-found"


class WrongMethod(Refused):
    """The path does not take that method; the header `Allow` names those that it takes."""

    status, problem = HTTPStatus.METHOD_NOT_ALLOWED, "method-not-allowed"

    def __init__(self, allowed: Sequence[str]) -> None:
        super().__init__("method_not_allowed", allowed=tuple(sorted(allowed)))
        self.headers = {"Allow": ", ".join(sorted(allowed))}


class Defect(Refused):
    """Something went wrong here that nobody foresaw."""

    status, problem = HTTPStatus.INTERNAL_SERVER_ERROR, "unforeseen"


class NotSignedIn(Refused):
    """Nobody is signed in, or what was shown to sign in is not accepted; never says which part of it."""

    status, problem = HTTPStatus.UNAUTHORIZED, "not-signed-in"
    headers: Mapping[str, str] = {"WWW-Authenticate": "Bearer"}


class Forbidden(Refused):
    """Whoever asks may not do that."""

    status, problem = HTTPStatus.FORBIDDEN, "forbidden"


class ForeignOrigin(Refused):
    """A browser's session would be used by a page that is not ours."""

    status, problem = HTTPStatus.FORBIDDEN, "foreign-origin"


class TooMany(Refused):
    """One client asks more often than is allowed."""

    status, problem = HTTPStatus.TOO_MANY_REQUESTS, "too-many"
    headers: Mapping[str, str] = {"Retry-After": "1"}


class UnknownFirm(Refused):
    """Nobody knows a firm by that key."""

    status, problem = HTTPStatus.NOT_FOUND, "unknown-firm"


class NoLake(Refused):
    """There is nowhere to look a firm up."""

    status, problem = HTTPStatus.NOT_FOUND, "no-lake"


class LakeOfNobody(Refused):
    """Several banks are served, and a lake does not say which of them may read it."""

    status, problem = HTTPStatus.SERVICE_UNAVAILABLE, "lake-of-nobody"


class NoSuchJob(Refused):
    """No list of questions has that id."""

    status, problem = HTTPStatus.NOT_FOUND, "no-such-job"


class NoSuchPush(Refused):
    """No list that was pushed has that id."""

    status, problem = HTTPStatus.NOT_FOUND, "no-such-push"


class NoSuchAssessment(Refused):
    """No assessment has that id."""

    status, problem = HTTPStatus.NOT_FOUND, "no-such-assessment"


class NoSuchModel(Refused):
    """Neither champion nor challenger has that bundle."""

    status, problem = HTTPStatus.NOT_FOUND, "no-such-model"


class NotConfigured(Refused):
    """What is asked for was not set up here."""

    status, problem = HTTPStatus.NOT_FOUND, "not-configured"


class NoSuchUser(Refused):
    """No account has that name."""

    status, problem = HTTPStatus.NOT_FOUND, "no-such-user"


class NoSuchErasure(Refused):
    """Nobody asked for that erasure."""

    status, problem = HTTPStatus.NOT_FOUND, "no-such-erasure"


class NoSuchDraft(Refused):
    """Whoever asks has no such draft: it was sent, its days are over, or it is another's."""

    status, problem = HTTPStatus.NOT_FOUND, "no-such-draft"


class NoSuchAttachment(Refused):
    """Beside the loan file lies no paper of that number, or none that whoever asks may see."""

    status, problem = HTTPStatus.NOT_FOUND, "no-such-attachment"


class NoSuchKey(Refused):
    """No key has that name."""

    status, problem = HTTPStatus.NOT_FOUND, "no-such-key"


class NoSuchProposal(Refused):
    """Nobody asked for that act on an account."""

    status, problem = HTTPStatus.NOT_FOUND, "no-such-proposal"


class Taken(Refused):
    """The name is in use."""

    status, problem = HTTPStatus.CONFLICT, "taken"


class NoSuchParameter(Refused):
    """No policy file states a parameter of that name."""

    status, problem = HTTPStatus.NOT_FOUND, "no-such-parameter"


class NotInForce(Refused):
    """The parameter has no value on that day yet; `before` says what that means for a rule."""

    status, problem = HTTPStatus.NOT_FOUND, "not-in-force"


class KeyReused(Refused):
    """An Idempotency-Key came with another body before."""

    status, problem = HTTPStatus.CONFLICT, "key-reused"


class OwnQuestion(Refused):
    """Whoever asked for an assessment does not decide on it."""

    status, problem = HTTPStatus.CONFLICT, "own-question"


class SeenChanged(Refused):
    """A decision rests on something that is no longer as it was seen."""

    status, problem = HTTPStatus.CONFLICT, "seen-changed"


class AuthorityTooLow(Refused):
    """The decision is a matter of higher authority."""

    status, problem = HTTPStatus.FORBIDDEN, "authority-too-low"


class NotAnswerable(Refused):
    """What is asked about an assessment cannot be told of it."""

    status, problem = HTTPStatus.CONFLICT, "not-answerable"


class NoModel(Refused):
    """No model of that kind is in service."""

    status, problem = HTTPStatus.SERVICE_UNAVAILABLE, "no-model"


class Busy(Refused):
    """More requests wait than are allowed to."""

    status, problem = HTTPStatus.SERVICE_UNAVAILABLE, "busy"
    headers: Mapping[str, str] = {"Retry-After": "1"}


class ProviderAway(Refused):
    """The provider that people sign in by does not answer, or not as it should."""

    status, problem = HTTPStatus.SERVICE_UNAVAILABLE, "provider-away"


class Erased(Refused):
    """What an entry held was erased; that it was there, when and by whom stays provable."""

    status, problem = HTTPStatus.GONE, "erased"


class OnHold(Refused):
    """A key may not be destroyed yet; `holds` names why, and until when where that is known."""

    status, problem = HTTPStatus.CONFLICT, "on-hold"


class DatabaseAway(Refused):
    """The database does not answer, so nothing can be recorded, and no answer leaves."""

    status, problem = HTTPStatus.SERVICE_UNAVAILABLE, "database-away"
    headers: Mapping[str, str] = {"Retry-After": "1"}


class DiskFull(Refused):
    """There is no room for another entry."""

    status, problem = HTTPStatus.INSUFFICIENT_STORAGE, "disk-full"


class NoSuchLoanFile(Refused):
    """No loan file has that id."""

    status, problem = HTTPStatus.NOT_FOUND, "no-such-loan-file"


class NotInTurn(Refused):
    """What is to be done does not follow from where the loan file stands, or not by this person."""

    status, problem = HTTPStatus.CONFLICT, "not-in-turn"
