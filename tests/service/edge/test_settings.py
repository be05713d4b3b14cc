"""Settings: read from the environment, refused by the variable's name, and all of them documented."""

import os
from pathlib import Path
from urllib.parse import quote

import pytest
from pydantic import SecretStr

from service.edge.settings import BadSetting, Settings

PAGE = Path(__file__).parents[3] / "docs" / "settings.md"


def stated(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]) -> Settings:
    """The settings that an environment states."""
    with monkeypatch.context() as patch:
        for name, text in variables.items():
            patch.setenv(name, text)
        return Settings.from_environment()


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lists of paths as PATH has them; an empty variable states nothing; ours comes before the host's."""
    told = stated(
        monkeypatch,
        {
            "PLEDGESCORE_BUNDLE": f"a{os.pathsep}b",
            "PLEDGESCORE_BODY_LIMIT_MIB": "0.5",
            "PLEDGESCORE_LAKE": "",
            "PLEDGESCORE_ORIGIN": "https://desk.example/",
            "PLEDGESCORE_UTC_OFFSET_HOURS": "-3.5",
            "DATABASE_URL": "sqlite:///hosts.db",
            "PLEDGESCORE_DATABASE": "sqlite:///ours.db",
        },
    )
    assert (told.bundles, told.body_limit_mib, told.lakes) == ((Path("a"), Path("b")), 0.5, ())
    assert (told.origin, told.zone.utcoffset(None).total_seconds()) == ("https://desk.example", -3.5 * 3600)
    assert told.database == "sqlite:///ours.db"
    assert stated(monkeypatch, {"DATABASE_URL": "sqlite:///hosts.db"}).database == "sqlite:///hosts.db"


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        ("PLEDGESCORE_WAITING", "many"),
        ("PLEDGESCORE_TOGETHER", "0"),
        ("PLEDGESCORE_APPLICANTS", "1.5"),
        ("PLEDGESCORE_POLL_SECONDS", "many"),
        ("PLEDGESCORE_PER_CLIENT", "inf"),
        ("PLEDGESCORE_BODY_LIMIT_MIB", "-1"),
        ("PLEDGESCORE_UTC_OFFSET_HOURS", "24"),
        ("PLEDGESCORE_SIGN_IN", "perhaps"),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused_by_its_name(
    variable: str, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever started the service reads which variable to mend; several are named at once."""
    with pytest.raises(BadSetting, match=variable):
        stated(monkeypatch, {variable: text})
    with pytest.raises(BadSetting, match=rf"(?s)PLEDGESCORE_CHECKPOINT_SECONDS.*{variable}|{variable}.*_SECONDS"):
        stated(monkeypatch, {variable: text, "PLEDGESCORE_CHECKPOINT_SECONDS": "often"})


@pytest.mark.parametrize(
    ("secret", "why"),
    [
        ("", "fewer than 12"),
        ("…", "fewer than 12"),
        ("changeme", "fewer than 12"),
        ("changeme-now", "easily guessed"),
        ("pledgescore-1", "easily guessed"),
        ("aaaaaaaaaaaaaaaa", "different"),
        ("<put the secret here>", "example"),
    ],
)
def test_a_secret_that_is_empty_an_example_or_guessed_is_refused(
    secret: str, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The provider's, the database's and the webhook's alike; the variable is named, the secret is not repeated."""
    provider = {"PLEDGESCORE_OIDC_ISSUER": "https://id.example", "PLEDGESCORE_OIDC_CLIENT": "desk"}
    told = quote(secret, safe="")
    for variable, variables in (
        ("PLEDGESCORE_OIDC_SECRET", provider | {"PLEDGESCORE_OIDC_SECRET": secret}),
        ("DATABASE_URL", {"DATABASE_URL": f"postgresql://serving:{told}@host/ledger"}),
        ("PLEDGESCORE_DATABASE", {"PLEDGESCORE_DATABASE": f"postgresql://serving:{told}@host/ledger"}),
        ("PLEDGESCORE_CHECKPOINT_WEBHOOK", {"PLEDGESCORE_CHECKPOINT_WEBHOOK": f"https://bank:{told}@fund.example/"}),
    ):
        with pytest.raises(BadSetting, match=f"{variable}: .*{why}") as refused:
            stated(monkeypatch, variables)
        assert len(secret) < 3 or secret not in str(refused.value)


def test_a_secret_that_was_drawn_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """So is a database that asks for none here: its role is known by the machine, or by a file of passwords."""
    drawn = "kW9-rT2_bX7mQ4zL"
    provider = {"PLEDGESCORE_OIDC_ISSUER": "https://id.example", "PLEDGESCORE_OIDC_SECRET": drawn}
    assert stated(monkeypatch, provider).oidc_secret == SecretStr(drawn)
    assert drawn not in repr(stated(monkeypatch, provider))
    for url in (f"postgresql://serving:{drawn}@host/ledger", "postgresql://serving@host/ledger", "sqlite:///a.db"):
        assert stated(monkeypatch, {"DATABASE_URL": url}).database == url


def row(field: str) -> str:
    """A field of the settings as a row of the page."""
    about = Settings.model_fields[field]
    default = about.default.get_secret_value() if isinstance(about.default, SecretStr) else about.default
    names = ", ".join(f"`{name}`" for name in Settings.variables(field))
    return f"| {names} | {f'`{default}`' if default not in (None, '', ()) else 'none'} | {about.description} |"


def test_every_setting_is_documented() -> None:
    """The page holds one row for each field of the class, in its order, and no other."""
    rows = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    assert rows == [row(field) for field in Settings.model_fields]


@pytest.mark.parametrize(
    ("database", "keys", "apart"),
    [
        ("sqlite:////data/pledgescore.db", "/keys", True),
        ("sqlite:////data/pledgescore.db", "/data/keys", False),
        ("sqlite:///pledgescore.db", "keys", False),
        ("postgresql://role@host/name", "keys", True),
    ],
)
def test_keys_that_lie_with_the_ledger_are_known(database: str, keys: str, apart: bool) -> None:
    """A folder of keys within that of the database's file is copied with it."""
    assert Settings(database=database, keys=Path(keys)).keys_apart is apart
