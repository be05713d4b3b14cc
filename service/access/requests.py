"""What is said to sign in, and to make accounts and keys, checked while it is parsed."""

from datetime import datetime, time, timedelta, tzinfo
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.json_schema import SkipJsonSchema

from models.words.faults import pydantic_error
from service.access.api_keys import LONGEST
from service.access.audit_log import AuditFilter, AuditKind
from service.access.roles import Place
from service.edge.fields import STRICT, Day, Moment, Name, Ordinal


class SignIn(BaseModel):
    """What a person signs in with; `new_password` takes the place of the password."""

    model_config = STRICT

    name: Name
    password: Annotated[str, Field(min_length=1, max_length=200)]
    code: Annotated[str, Field(pattern=r"^[0-9]{6}$", description="The authenticator app's six digits")]
    new_password: Annotated[str, Field(min_length=1, max_length=200)] | None = None


_Invitation = Annotated[
    str, Field(min_length=1, max_length=100, description="Both parts of the code, one behind the other")
]


class InvitationOpened(BaseModel):
    """The account, and the code that its administrators were told."""

    model_config = STRICT

    name: Name
    invitation: _Invitation


class InvitationTaken(InvitationOpened):
    """What its person sets: a password, and the secret of an authenticator with the six digits that it shows now."""

    password: Annotated[str, Field(min_length=1, max_length=200)]
    secret: Annotated[str, Field(max_length=100, description="As the opening told it")]
    authenticator: Annotated[str, Field(pattern=r"^[0-9]{6}$", description="The authenticator app's six digits")]


class RoleAt(BaseModel):
    """A role and where it holds: a bank, a branch of it, a fund, or (with nothing) everywhere."""

    model_config = STRICT

    role: Name
    bank: Name | None = None
    branch: Name | None = None
    fund: Name | None = None

    @property
    def place(self) -> Place:
        """Where it holds."""
        return Place(self.bank, self.branch, self.fund)


class UserPlace(RoleAt):
    """What an account may do and where: `authority` says how far against the advice (policy `authority`)."""

    authority: Annotated[int, Field(ge=0, le=9)] = 0


class NewUser(UserPlace):
    """An account to be made; with `subject` the person signs in by the OpenID Connect provider alone."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{1,63}$")]
    shown: Name
    subject: Name | None = None


class AuditAsked(BaseModel):
    """Which rows of the audit log are read; days are those of the ledger's zone."""

    model_config = ConfigDict(extra="forbid")

    who: Annotated[Name | None, Field(description="`user:` or `key:` and the name; `unknown`")] = None
    kind: AuditKind | None = None
    outcome: Annotated[Name | None, Field(description="`done`, or the code of the refusal")] = None
    address: Name | None = None
    since: Annotated[Day | None, Field(alias="from", description="On that day or later")] = None
    until: Annotated[Day | None, Field(alias="to", description="On that day or before")] = None
    cursor: Ordinal | None = None

    def filter(self, zone: tzinfo) -> AuditFilter:
        """The same for the log."""
        since = None if self.since is None else datetime.combine(self.since, time.min, zone)
        until = None if self.until is None else datetime.combine(self.until, time.min, zone) + timedelta(days=1)
        return AuditFilter(self.who, self.kind, self.outcome, self.address, since, until, self.cursor)


class NewApiKey(RoleAt):
    """A machine's key to be made; without scopes it may do all that a machine of its role may.

    When it ends is told by `days` from now, as the command tells it, or by the moment `expires_at`.
    """

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{1,63}$")]
    scopes: Annotated[list[Name], Field(max_length=50)] = Field(default_factory=list)
    expires_at: Moment | SkipJsonSchema[None] = None
    days: Annotated[int, Field(ge=1, le=LONGEST.days, description="Days until it expires")] | None = None

    @model_validator(mode="after")
    def _ends(self) -> "NewApiKey":
        if (self.expires_at is None) == (self.days is None):
            raise pydantic_error("key_end", days=LONGEST.days)
        return self

    def ends(self, now: datetime) -> datetime:
        """When the key ends that is made now."""
        return self.expires_at or now + timedelta(days=self.days or 0)
