"""What is answered about who is signed in, accounts and keys."""

from typing import Annotated, Literal

import msgspec

from service.access.audit_log import AuditLines


class Given(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When and by whom an account was given what it may do, or was reset."""

    at: str
    asked_by: Annotated[str | None, msgspec.Meta(description="The administrator who asked for it")]
    confirmed_by: Annotated[
        str | None, msgspec.Meta(description="The administrator who confirmed it; null where no second one was asked")
    ]
    ran_by: Annotated[str | None, msgspec.Meta(description="Who ran a command, by the name at the machine")]


class SignedIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who is signed in, with which role, and where it holds: a bank, a branch of it, a fund, or everywhere."""

    name: str
    person: bool
    role: str
    bank: str | None
    branch: str | None
    fund: str | None
    reset: Annotated[
        Given | None, msgspec.Meta(description="Of a person whose sign-in was reset within the last 30 days")
    ] = None


class ListedUser(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A person's account, without what anybody could sign in with."""

    name: str
    shown: str
    role: str
    bank: str | None
    branch: str | None
    fund: str | None
    authority: int
    subject: Annotated[str | None, msgspec.Meta(description="What the OpenID Connect provider calls the person")]
    disabled: bool
    locked_until: str | None
    temporary: Annotated[bool, msgspec.Meta(description="Its person has yet to set password and authenticator")]
    made_at: str
    given: Annotated[Given | None, msgspec.Meta(description="Who gave it its role and place")]
    reset: Annotated[Given | None, msgspec.Meta(description="Its last reset")]


ProposalState = Literal["waiting", "done", "dropped", "lapsed"]


class AccountProposal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An act on an account or key, and who still must want it."""

    id: Annotated[str | None, msgspec.Meta(description="Null where one administrator sufficed, so nobody confirms it")]
    act: Annotated[str, msgspec.Meta(description="made, changed or reset; key: an API key is made")]
    state: ProposalState
    needs: Annotated[int, msgspec.Meta(description="How many administrators still must confirm it")]
    name: str
    role: str
    bank: str | None
    branch: str | None
    fund: str | None
    authority: int
    asked_by: str | None
    ran_by: str | None
    asked_at: str
    settled_by: str | None
    settled_at: str | None
    code: Annotated[
        str | None,
        msgspec.Meta(
            description="Told this once: what the person sets password and authenticator with (`/v1/invitations`). Of "
            "two administrators each is told one part, and the person needs both"
        ),
    ] = None


class AccountProposals(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Acts on accounts and keys within reach, the latest first."""

    items: list[AccountProposal]


class Standing(msgspec.Struct, frozen=True):
    """How many administrators can sign in and reach the account that fewest reach, and how many are needed."""

    able: int
    needed: int

    @property
    def enough(self) -> bool:
        """Whether what one asks for can be confirmed by another."""
        return self.able >= self.needed


class AuthenticatorSecret(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A new secret for an authenticator app; kept nowhere until it is sent back with a code of the app."""

    secret: str
    link: Annotated[str, msgspec.Meta(description="otpauth:// for an authenticator app")]


class Users(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The accounts within reach."""

    items: list[ListedUser]


class Credentials(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a person was once told to sign in with for the first time."""

    password: str
    totp: str
    link: Annotated[str, msgspec.Meta(description="otpauth:// for an authenticator app")]


class MadeUser(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An account as it is now, and the act that took effect, with the code for its person."""

    account: ListedUser
    proposal: AccountProposal | None = None
    credentials: Annotated[
        Credentials | None,
        msgspec.Meta(description="Always null: a person sets the own password and authenticator (`/v1/invitations`)"),
    ] = None


class ListedKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A machine's key, without what it opens with."""

    name: str
    role: str
    bank: str | None
    branch: str | None
    fund: str | None
    scopes: list[str]
    made_at: str
    expires_at: str
    withdrawn: bool
    given: Annotated[Given | None, msgspec.Meta(description="Who asked for it, and who confirmed it")]


class Keys(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The keys within reach."""

    items: list[ListedKey]


class MadeKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A key, told this once."""

    name: str
    key: str
    proposal: Annotated[
        AccountProposal | None, msgspec.Meta(description="Where the key opens nothing until another confirms it")
    ]


ACCESS = (SignedIn, Users, MadeUser, AccountProposal, AccountProposals, AuthenticatorSecret, AuditLines, Keys, MadeKey)
"""The answers that OpenAPI names."""
