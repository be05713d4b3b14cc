"""Who runs a command, as the machine tells it."""

import getpass

import pytest

from service.edge.process import who_runs


def test_whoever_runs_a_command_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without variables by the machine's list of users; behind sudo whoever called it."""
    for name in ("SUDO_USER", "LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)
    assert who_runs() == getpass.getuser() != "unknown"
    monkeypatch.setenv("SUDO_USER", "wang")
    assert who_runs() == "wang"
