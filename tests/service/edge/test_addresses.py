"""What of an address may be told."""

import pytest

from service.edge.addresses import without_secrets


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("GET https://li:pass@host/a?key=K failed", "GET https://host/a failed"),
        ("for url 'https://host/hook?key=K'", "for url 'https://host/hook'"),
        ("postgresql://li:p%40ss@db:5432/mlflow", "postgresql://db:5432/mlflow"),
        ("sqlite:///mlruns/mlflow.db is locked. Why?", "sqlite:///mlruns/mlflow.db is locked. Why?"),
    ],
)
def test_an_address_is_told_without_what_opens_something(said: str, told: str) -> None:
    """No user, password or query; all else stays, so that whoever reads it finds the place."""
    assert without_secrets(said) == told
