"""What a deployer may change: environment variables, read once when the service or a command starts.

`docs/settings.md` lists them; a test holds it against this class.
"""

from datetime import timedelta, timezone
from ipaddress import ip_network
from os import environ, pathsep
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import unquote, urlsplit

from pydantic import (
    AfterValidator,
    AliasChoices,
    BeforeValidator,
    Field,
    PositiveInt,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from features.errors import Fault, PledgeScoreError
from features.phrase import Phrase
from models.words.faults import phrase_of
from service.edge.secret_files import TokenPlace
from service.edge.weak_secrets import weakness

MEBIBYTE = 2**20
SignIn = Literal["required", "none"]


class BadSetting(PledgeScoreError):
    """Environment variables say something that cannot be used: `faults` names each."""


def _refused(why: Phrase) -> PydanticCustomError:
    """What pydantic is told of a secret that is refused; the code comes back as the error's type."""
    return PydanticCustomError(why.code.removeprefix("refusal."), "is refused", dict(why.facts))


def _paths(text: object) -> object:
    """The paths that a variable names, one after the other as PATH has them."""
    return tuple(text.split(pathsep)) if isinstance(text, str) else text


def _strong_password(url: str) -> str:
    """The address, whose password is none that guessing begins with. Raises `PydanticCustomError`."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    if parts.password is not None and (why := weakness(unquote(parts.password), unquote(parts.username or ""))):
        raise _refused(why)
    return url


def _networks(text: object) -> object:
    """The addresses and networks that a variable names. Raises `PydanticCustomError`."""
    if not isinstance(text, str):
        return text
    found = tuple(one.strip() for one in text.split(",") if one.strip())
    for one in found:
        try:
            ip_network(one)
        except ValueError:
            raise PydanticCustomError("no_network", "is no network", {"network": one}) from None
    return found


Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_networks)]
Paths = Annotated[tuple[Path, ...], NoDecode, BeforeValidator(_paths)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Address = Annotated[str, AfterValidator(_strong_password)]


class Settings(BaseSettings):
    """The settings with their defaults. What is given to the class comes before what the environment says.

    A variable is PLEDGESCORE_ and the field's name, unless the field names others; of several the first counts. Raises
    `ValidationError`; `from_environment` says which variable cannot be used.
    """

    model_config = SettingsConfigDict(
        env_prefix="PLEDGESCORE_",
        env_ignore_empty=True,
        case_sensitive=False,
        frozen=True,
        populate_by_name=True,
        hide_input_in_errors=True,
    )

    database: Address = Field(
        "sqlite:///pledgescore.db",
        validation_alias=AliasChoices("PLEDGESCORE_DATABASE", "DATABASE_URL"),
        description="URL of the database: `sqlite:///FILE`, or `postgresql://ROLE@HOST/NAME`.",
    )
    bundles: Paths = Field(
        (),
        validation_alias="PLEDGESCORE_BUNDLE",
        description="Folders of bundles to serve from, separated as in PATH. Without one, MLflow names the champions.",
    )
    lakes: Paths = Field(
        (),
        validation_alias="PLEDGESCORE_LAKE",
        description="Folders of the lakes in which firms are looked up, separated as in PATH. One that names a bank is "
        "read by that bank alone; beside such lakes, of one that names none only what public registers say is read.",
    )
    policy: Path | None = Field(
        None,
        validation_alias="PLEDGESCORE_POLICY_DIR",
        description="Folder of the bank's own policy and lists, which come before those that are shipped.",
    )
    cache: Path = Field(Path("mlruns/bundles"), description="Folder in which bundles of the registry are kept.")
    tracking_uri: str = Field(
        "sqlite:///mlruns/mlflow.db", validation_alias="MLFLOW_TRACKING_URI", description="Where MLflow keeps runs."
    )
    registry_uri: str = Field(
        "",
        validation_alias="MLFLOW_REGISTRY_URI",
        description="Where MLflow keeps models; where nothing is said, with the runs.",
    )
    second_person: bool = Field(
        False, description="Whether a champion of the registry serves only once a validator, another person, signed it."
    )
    poll_seconds: Positive = Field(3.0, description="Seconds between looks for a new champion.")
    body_limit_mib: Positive = Field(32.0, description="Largest body of a request, in MiB.")
    body_mib_per_second: Positive = Field(
        16.0, description="MiB a second of one client's bodies that a process takes in; after a rest one body more."
    )
    head_seconds: Positive = Field(
        10.0, description="Seconds within which the head of a request must be whole; else it is 408, and the end."
    )
    body_seconds: Positive = Field(
        20.0,
        description="Seconds in which a body, and the taking of an answer, go on by 500 bytes a second; or they end.",
    )
    connections: PositiveInt = Field(
        1000, description="Connections of a process at a time; where one more comes, an idle one ends."
    )
    per_address: PositiveInt = Field(200, description="The same of one address that is no trusted proxy.")
    waiting: PositiveInt = Field(256, description="Questions that may stand in line; more are told to ask again.")
    together: PositiveInt = Field(32, description="Questions that are answered together at most.")
    applicants: PositiveInt = Field(1000, description="Applicants in one list at most.")
    job_rows: PositiveInt = Field(10_000, description="Applicants in one list that is answered in the background.")
    jobs: PositiveInt = Field(3, description="Such lists of one caller that may wait or run at a time.")
    keys: Path = Field(
        Path("keys"), description="Folder of the keys that sign checkpoints and wrap secrets; mode 0600 each."
    )
    pkcs11_module: Path | None = Field(
        None,
        description="Library of a device that may hold the signing key (PKCS #11): `/usr/lib/softhsm/libsofthsm2.so`.",
    )
    pkcs11_token: str = Field("", description="Label of the token in that device.")
    pkcs11_key: str = Field("pledgescore", description="Label of the signing key in the token.")
    pkcs11_pin_file: Path | None = Field(
        None, validate_default=True, description="File with the PIN of the token; mode 0600."
    )
    fund_keys: Paths = Field(
        (),
        validation_alias="PLEDGESCORE_FUND_KEY",
        description="Files of the fund's public keys, separated as in PATH.",
    )
    fund_folder: Path | None = Field(
        None, description="Folder shared with the fund: checkpoints are put there, receipts are taken from there."
    )
    lease_seconds: Positive = Field(
        15.0, description="Seconds after which another process does the housekeeping of one that died."
    )
    checkpoint_seconds: Positive = Field(3600.0, description="Seconds between checkpoints.")
    checkpoint_file: Path | None = Field(None, description="File that each checkpoint is added to.")
    checkpoint_webhook: Address = Field("", description="URL that each checkpoint is posted to.")
    sign_in: SignIn = Field(
        "required", description="`none` opens everything to whoever is on this machine, for a demonstration."
    )
    per_client: Positive = Field(200.0, description="Requests a second of one client that is known.")
    per_stranger: Positive = Field(10.0, description="Requests a second of one address that is nobody's.")
    sessions: PositiveInt = Field(5, description="Sessions of one account at a time; with one more the oldest ends.")
    invitation_hours: Positive = Field(
        24.0, description="Hours within which a person sets password and authenticator with the code of an invitation."
    )
    trusted_proxies: Names = Field(
        (),
        description="Addresses or networks, by commas, of proxies whose word counts on where a request is from.",
    )
    audit_log_days: int = Field(
        366, ge=180, le=3660, description="Days for which a row of the audit log is kept; the law asks for six months."
    )
    origin: Annotated[str, AfterValidator(lambda text: text.rstrip("/"))] = Field(
        "", description="Address under which browsers see the service: `https://HOST`."
    )
    oidc_issuer: str = Field(
        "", description="The OpenID Connect provider; without one, people sign in by local accounts."
    )
    oidc_client: str = Field("", description="The name under which the provider knows the service.")
    oidc_secret: SecretStr = Field(
        SecretStr(""), validate_default=True, description="The secret that the provider gave to the service."
    )
    oidc_claim: str = Field("sub", description="The claim that names a person as `--subject` of the accounts does.")
    utc_offset_hours: float = Field(
        8.0, gt=-24, lt=24, description="The zone in which it is today: an answer for another day is retrospective."
    )

    @field_validator("pkcs11_pin_file")
    @classmethod
    def _whole_token(cls, pin_file: Path | None, info: ValidationInfo[object]) -> Path | None:
        if info.data.get("pkcs11_module") is not None and (pin_file is None or not info.data.get("pkcs11_token")):
            raise PydanticCustomError("token_incomplete", "is incomplete")
        return pin_file

    @field_validator("oidc_secret")
    @classmethod
    def _strong_secret(cls, secret: SecretStr, info: ValidationInfo[object]) -> SecretStr:
        if info.data.get("oidc_issuer") and (
            why := weakness(secret.get_secret_value(), str(info.data.get("oidc_client", "")))
        ):
            raise _refused(why)
        return secret

    @classmethod
    def from_environment(cls, sign_in: SignIn | None = None) -> Self:
        """The settings that the environment states; `sign_in` comes before its own.

        Raises `BadSetting`, naming each variable that cannot be used; no value is repeated.
        """
        try:
            return cls() if sign_in is None else cls(sign_in=sign_in)
        except ValidationError as error:
            found = error.errors(include_input=False)
        faults = [Fault(cls._variable(one["loc"][0]), phrase_of(one)) for one in found]
        raise BadSetting("settings", faults=faults)

    @classmethod
    def variables(cls, field: str) -> tuple[str, ...]:
        """The environment variables that state a field; the first that is there counts."""
        alias = cls.model_fields[field].validation_alias
        if isinstance(alias, AliasChoices):
            return tuple(str(choice) for choice in alias.choices)
        return (str(alias or f"PLEDGESCORE_{field.upper()}"),)

    @classmethod
    def _variable(cls, place: str | int) -> str:
        """The variable that is to blame for a fault; pydantic names the field, or the first variable of several."""
        of_field = {name: cls.variables(name) for name in cls.model_fields}
        named = next(names for field, names in of_field.items() if place == field or place in names)
        return next((name for name in named if environ.get(name)), named[0])

    @property
    def token(self) -> TokenPlace | None:
        """Where a signing key may lie in a device; None where none is named."""
        if self.pkcs11_module is None or self.pkcs11_pin_file is None:
            return None
        return TokenPlace(self.pkcs11_module, self.pkcs11_token, self.pkcs11_key, self.pkcs11_pin_file)

    @property
    def keys_apart(self) -> bool:
        """Whether the folder of keys lies elsewhere than with a ledger that is a file."""
        kind, _, file = self.database.partition(":///")
        if kind != "sqlite" or not file:
            return True
        return not self.keys.resolve().is_relative_to(Path(file).resolve().parent)

    @property
    def zone(self) -> timezone:
        """The zone in which it is today."""
        return timezone(timedelta(hours=self.utc_offset_hours))
