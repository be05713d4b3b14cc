"""The front door: help at once, errors that a person can read, exit codes that a script can use."""

import subprocess
import sys
from collections.abc import Iterator

import pytest
import typer
from typer.testing import CliRunner

import pledgescore
import service.commands.root
import training.commands.root
from features.errors import PledgeScoreError


def test_help_imports_nothing_heavy() -> None:
    """Help reads the commands of both packages without importing what only a running command needs."""
    probe = "import sys, pledgescore; print(*{name.partition('.')[0] for name in sys.modules})"
    loaded = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True).stdout.split()
    assert {"training", "service", "typer"} <= set(loaded)
    assert not {"lightgbm", "numpy", "polars", "pydantic", "fastapi", "sqlmodel", "mlflow", "httpx"} & set(loaded)


def test_a_service_starts_without_what_only_learning_needs() -> None:
    """An application is made without LightGBM, whose import brings scikit-learn and pandas: half of a start."""
    probe = "import sys, service.web.app; print(*{name.partition('.')[0] for name in sys.modules})"
    loaded = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True).stdout.split()
    assert {"fastapi", "models", "service"} <= set(loaded)
    assert not {"lightgbm", "mlflow", "pandas", "scipy", "sklearn", "training"} & set(loaded)


def test_help_lists_every_command_in_one_line() -> None:
    """Each command of each package stands in the help of the whole with a line that says what it does."""
    shown = CliRunner().invoke(pledgescore.app, ["--help"])
    assert shown.exit_code == 0
    commands = typer.main.get_group(pledgescore.app).commands
    for package in (training.commands.root, service.commands.root):
        assert set(typer.main.get_group(package.app).commands) <= set(commands)
    for name, command in commands.items():
        assert name in shown.stdout
        assert command.get_short_help_str(), f"{name} has no docstring"


@pytest.fixture
def refusing() -> Iterator[None]:
    """The front door with one more command, which refuses."""

    def refuse(reason: str) -> None:
        """Refuse for a reason."""
        raise PledgeScoreError(reason)

    pledgescore.app.command("refuse")(refuse)
    yield
    pledgescore.app.registered_commands.pop()


@pytest.mark.usefixtures("refusing")
def test_our_own_error_is_told_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A refusal goes to standard error as its message alone, and the exit code is 1."""
    monkeypatch.setattr(sys, "argv", ["pledgescore", "refuse", "receipt_no_key"])
    with pytest.raises(SystemExit) as stopped:
        pledgescore.main()
    assert stopped.value.code == 1
    assert capsys.readouterr().err == (
        "pledgescore: the fund's public key is not known here: name it in PLEDGESCORE_FUND_KEY\n"
    )


@pytest.mark.parametrize("misuse", [["no-such-command"], ["--no-such-option"]])
def test_misuse_exits_2_and_names_what_was_wrong(misuse: list[str]) -> None:
    """A command or option that does not exist is a usage error."""
    shown = CliRunner().invoke(pledgescore.app, misuse)
    assert shown.exit_code == 2
    assert misuse[0] in shown.output


def test_the_version_is_that_of_the_distribution() -> None:
    """`--version` prints what pyproject.toml says, so that a bug report can name it."""
    assert CliRunner().invoke(pledgescore.app, ["--version"]).stdout == "pledgescore 0.2.0\n"
