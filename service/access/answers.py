"""What is answered about who is signed in, accounts and keys."""

from typing import Annotated

import msgspec


class SignedIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who is signed in, with which role, and where it holds: a bank, a branch of it, a fund, or everywhere."""

    name: str
    person: bool
    role: str
    bank: str | None
    branch: str | None
    fund: str | None


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
    temporary: Annotated[bool, msgspec.Meta(description="The password is good for one sign-in")]
    made_at: str


class Users(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The accounts within reach."""

    items: list[ListedUser]


class Credentials(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a person needs to sign in for the first time; told once, kept nowhere."""

    password: str
    totp: str
    link: Annotated[str, msgspec.Meta(description="otpauth:// for an authenticator app")]


class MadeUser(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An account as it is now, and its first credentials, if it was given some."""

    account: ListedUser
    credentials: Credentials | None


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


class Keys(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The keys within reach."""

    items: list[ListedKey]


class MadeKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A key, told this once."""

    name: str
    key: str


ACCESS = (SignedIn, Users, MadeUser, Keys, MadeKey)
"""The answers that OpenAPI names."""
