"""Accounts, proposals and invitations, keys of machines, sessions, sign-ins; nothing here can be used if it is stolen.

Passwords are kept as Argon2id hashes, what is random and told once (keys, ids of sessions, codes of invitations) as its
SHA-256, the secrets of authenticators under the wrapping key.
"""

from sqlmodel import Field, SQLModel


class UserRecord(SQLModel, table=True):
    """A person. `failures` counts wrong sign-ins in a row; `counter` is the last one-time code's, so none works twice.

    `id` is random: entries name the account by it.
    `subject` is how the OIDC provider names the person; without one (and with a password) the account is local.
    """

    __tablename__ = "users"

    name: str = Field(primary_key=True)
    id: str = Field(unique=True)
    shown: str
    role: str
    bank: str | None = Field(default=None, index=True)
    branch: str | None = None
    fund: str | None = None
    authority: int = 0
    password: str | None = None
    totp: str | None = None
    counter: int = 0
    failures: int = 0
    locked_until: str | None = None
    subject: str | None = Field(default=None, unique=True)
    disabled: bool = False
    made_at: str


class ProposalRecord(SQLModel, table=True):
    """An act on an account or key that two administrators must want: who asked for it, and what came of it.

    `asked_by`: an administrator's account; null while nobody but whoever ran a command (`ran_by`) asked. `part`: the
    digest of the part of the invitation's code that the one who asked was told. `content`: the account or key as JSON.
    """

    __tablename__ = "account_proposals"

    id: str = Field(primary_key=True)
    act: str
    subject: str = Field(index=True)
    content: str
    bank: str | None = None
    branch: str | None = None
    ran_by: str | None = None
    asked_by: str | None = None
    asked_at: str
    part: str | None = None
    state: str = Field(index=True)
    settled_by: str | None = None
    settled_at: str | None = None


class InvitationRecord(SQLModel, table=True):
    """What lets a person set password and authenticator of the own account, once: the digests of the code's parts."""

    __tablename__ = "invitations"

    user: str = Field(primary_key=True)
    first: str
    second: str
    ends_at: str


class ApiKeyRecord(SQLModel, table=True):
    """A machine's key: what it may do (no more than its role), until when, and whether it was withdrawn.

    `id` is random: entries name the key by it.
    """

    __tablename__ = "api_keys"

    name: str = Field(primary_key=True)
    id: str = Field(unique=True)
    digest: str = Field(unique=True)
    role: str
    bank: str | None = Field(default=None, index=True)
    branch: str | None = None
    fund: str | None = None
    scopes: str
    made_at: str
    expires_at: str
    withdrawn: bool = False


class SessionRecord(SQLModel, table=True):
    """One id of a session. An id is replaced as it ages: all ids of one sign-in share `family` and `over_at`."""

    __tablename__ = "sessions"

    digest: str = Field(primary_key=True)
    family: str = Field(index=True)
    user: str = Field(index=True)
    made_at: str
    ends_at: str
    over_at: str


class SignInRecord(SQLModel, table=True):
    """A sign-in under way at the OIDC provider: used once, by the browser that began it, within minutes."""

    __tablename__ = "sign_ins"

    state: str = Field(primary_key=True)
    browser: str
    nonce: str
    verifier: str
    ends_at: str


class TokenRecord(SQLModel, table=True):
    """An ID token that was used, until it expires: it is not taken twice."""

    __tablename__ = "used_tokens"

    digest: str = Field(primary_key=True)
    ends_at: str


PROPOSALS = SQLModel.metadata.tables["account_proposals"]
INVITATIONS = SQLModel.metadata.tables["invitations"]
USERS = SQLModel.metadata.tables["users"]
API_KEYS = SQLModel.metadata.tables["api_keys"]
SESSIONS = SQLModel.metadata.tables["sessions"]
SIGN_INS = SQLModel.metadata.tables["sign_ins"]
USED_TOKENS = SQLModel.metadata.tables["used_tokens"]
