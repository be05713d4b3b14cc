"""The shape of what is answered about who is signed in, accounts and keys."""

from typing import Annotated, Any

from pydantic import Field

from service.web.shapes.part import Part


class SignedIn(Part):
    """Who is signed in, with which role, and where it holds."""

    name: str
    person: bool
    role: str
    bank: str | None
    branch: str | None
    fund: str | None


class User(Part):
    """A person's account; `subject` is what the OpenID Connect provider calls the person."""

    name: str
    shown: str
    role: str
    bank: str | None
    branch: str | None
    fund: str | None
    authority: int
    subject: str | None
    disabled: bool
    locked_until: str | None
    temporary: Annotated[bool, Field(description="The password is good for one sign-in")]
    made_at: str


class Users(Part):
    """The accounts within reach."""

    items: list[User]


class FirstCredentials(Part):
    """What a person signs in with for the first time: told once."""

    password: str
    totp: str
    link: Annotated[str, Field(description="otpauth:// for an authenticator app")]


class MadeUser(Part):
    """An account as it is now, and its first credentials, if it was given some."""

    account: dict[str, Any]
    credentials: FirstCredentials | None


class Key(Part):
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


class Keys(Part):
    """The keys within reach."""

    items: list[Key]


class MadeKey(Part):
    """A key, told this once."""

    name: str
    key: str


ACCESS = (SignedIn, Users, MadeUser, Keys, MadeKey)
