"""What is said to sign in, and to make accounts and keys, checked while it is parsed."""

from typing import Annotated

from pydantic import BaseModel, Field

from service.access.roles import Place
from service.edge.fields import STRICT, Moment, Name


class SignIn(BaseModel):
    """What a person signs in with; `new_password` takes the place of a password that was good for once."""

    model_config = STRICT

    name: Name
    password: Annotated[str, Field(min_length=1, max_length=200)]
    code: Annotated[str, Field(pattern=r"^[0-9]{6}$", description="The authenticator app's six digits")]
    new_password: Annotated[str, Field(min_length=1, max_length=200)] | None = None


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


class NewApiKey(RoleAt):
    """A machine's key to be made; without scopes it may do all that a machine of its role may."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{1,63}$")]
    scopes: Annotated[list[Name], Field(max_length=50)] = Field(default_factory=list)
    expires_at: Moment
