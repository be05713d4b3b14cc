"""What a deployer may change: environment variables, read once when the service starts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta, timezone
from os import pathsep
from pathlib import Path
from typing import Any, Literal, get_args
from urllib.parse import unquote, urlsplit

from features.errors import PledgeScoreError
from service.edge.guessing import too_easy

MEBIBYTE = 2**20
SignIn = Literal["required", "none"]


class BadSetting(PledgeScoreError):
    """An environment variable says something that cannot be used."""


@dataclass(frozen=True)
class Settings:
    """The settings with their defaults; `from_environment` says which variable holds each.

    `bundles`: plain bundle folders to serve from; where none is named, the champions are found through MLflow.
    `sign_in`: `none` opens everything to whoever is on the same machine, for a demonstration.
    `per_client`: requests a second of one client; `per_stranger`: of one address that is nobody.
    `origin`: the address under which browsers see us, as `https://host`.
    `oidc_claim`: the claim that names a person as the accounts' subjects do.
    `zone`: in which zone it is today, since an answer for another day is retrospective.
    """

    database: str = "sqlite:///pledgescore.db"
    bundles: tuple[Path, ...] = ()
    lake: Path | None = None
    policy: Path | None = None
    cache: Path = Path("mlruns/bundles")
    tracking_uri: str = "sqlite:///mlruns/mlflow.db"
    registry_uri: str = ""
    poll_seconds: float = 3.0
    body_limit: int = 32 * MEBIBYTE
    waiting_at_most: int = 256
    together_at_most: int = 32
    applicants_at_most: int = 1000
    keys: Path = Path("keys")
    fund_keys: tuple[Path, ...] = ()
    fund_folder: Path | None = None
    checkpoint_seconds: float = 3600.0
    checkpoint_file: Path | None = None
    checkpoint_webhook: str = ""
    sign_in: SignIn = "required"
    per_client: float = 200.0
    per_stranger: float = 10.0
    origin: str = ""
    oidc_issuer: str = ""
    oidc_client: str = ""
    oidc_secret: str = field(default="", repr=False)
    oidc_claim: str = "sub"
    zone: timezone = field(default=timezone(timedelta(hours=8)))

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Settings":
        """The settings that the environment states. Raises `BadSetting`, naming the variable."""
        stated = {variable: environment[variable] for variable in _VARIABLES if environment.get(variable)}
        _check_secrets(environment)
        return cls(**dict(_read(variable, text) for variable, text in stated.items()))


def _read(variable: str, text: str) -> tuple[str, Any]:
    name, read = _VARIABLES[variable]
    try:
        return name, read(text)
    except ValueError:
        raise BadSetting(f"{variable} is {text!r}, which makes no sense there") from None


def _check_secrets(environment: Mapping[str, str]) -> None:
    """Raises `BadSetting` for a secret that is empty, an example, or what guessing begins with; it is not repeated."""
    if environment.get("PLEDGESCORE_OIDC_ISSUER"):
        why = too_easy(environment.get("PLEDGESCORE_OIDC_SECRET", ""), environment.get("PLEDGESCORE_OIDC_CLIENT", ""))
        if why is not None:
            raise BadSetting(f"the secret in PLEDGESCORE_OIDC_SECRET {why}. 密钥不得为空、示例或易猜。")
    for variable in ("DATABASE_URL", "PLEDGESCORE_DATABASE", "PLEDGESCORE_CHECKPOINT_WEBHOOK"):
        found = _password(environment.get(variable, ""))
        why = None if found is None else too_easy(found[1], found[0])
        if why is not None:
            raise BadSetting(f"the password in {variable} {why}. 口令不得为空、示例或易猜。")


def _password(url: str) -> tuple[str, str] | None:
    """Name and password that a URL states; None where it states no password."""
    try:
        told = urlsplit(url)
    except ValueError:
        return None
    return None if told.password is None else (unquote(told.username or ""), unquote(told.password))


def _positive(text: str) -> float:
    number = float(text)
    if not 0 < number < float("inf"):
        raise ValueError(number)
    return number


def _one_of(text: str, words: tuple[str, ...]) -> str:
    if text not in words:
        raise ValueError(text)
    return text


def _count(text: str) -> int:
    return int(_positive(str(int(text))))


_VARIABLES: dict[str, tuple[str, Callable[[str], Any]]] = {
    "DATABASE_URL": ("database", str),  # what hosts set; ours, below, comes before it
    "PLEDGESCORE_DATABASE": ("database", str),
    "PLEDGESCORE_BUNDLE": ("bundles", lambda text: tuple(Path(folder) for folder in text.split(pathsep))),
    "PLEDGESCORE_LAKE": ("lake", Path),
    "PLEDGESCORE_POLICY_DIR": ("policy", Path),
    "PLEDGESCORE_CACHE": ("cache", Path),
    "MLFLOW_TRACKING_URI": ("tracking_uri", str),
    "MLFLOW_REGISTRY_URI": ("registry_uri", str),
    "PLEDGESCORE_POLL_SECONDS": ("poll_seconds", _positive),
    "PLEDGESCORE_BODY_LIMIT_MIB": ("body_limit", lambda text: int(_positive(text) * MEBIBYTE)),
    "PLEDGESCORE_WAITING": ("waiting_at_most", _count),
    "PLEDGESCORE_TOGETHER": ("together_at_most", _count),
    "PLEDGESCORE_APPLICANTS": ("applicants_at_most", _count),
    "PLEDGESCORE_SIGN_IN": ("sign_in", lambda text: _one_of(text, get_args(SignIn))),
    "PLEDGESCORE_PER_CLIENT": ("per_client", _positive),
    "PLEDGESCORE_PER_STRANGER": ("per_stranger", _positive),
    "PLEDGESCORE_ORIGIN": ("origin", lambda text: text.rstrip("/")),
    "PLEDGESCORE_OIDC_ISSUER": ("oidc_issuer", str),
    "PLEDGESCORE_OIDC_CLIENT": ("oidc_client", str),
    "PLEDGESCORE_OIDC_SECRET": ("oidc_secret", str),
    "PLEDGESCORE_OIDC_CLAIM": ("oidc_claim", str),
    "PLEDGESCORE_KEYS": ("keys", Path),
    "PLEDGESCORE_FUND_KEY": ("fund_keys", lambda text: tuple(Path(file) for file in text.split(pathsep))),
    "PLEDGESCORE_FUND_FOLDER": ("fund_folder", Path),
    "PLEDGESCORE_CHECKPOINT_SECONDS": ("checkpoint_seconds", _positive),
    "PLEDGESCORE_CHECKPOINT_FILE": ("checkpoint_file", Path),
    "PLEDGESCORE_CHECKPOINT_WEBHOOK": ("checkpoint_webhook", str),
    "PLEDGESCORE_UTC_OFFSET_HOURS": ("zone", lambda text: timezone(timedelta(hours=float(text)))),
}
