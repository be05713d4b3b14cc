"""What every test begins with."""

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import certifi
import pytest

from tests import rendering  # isort: skip  (first: it notes every phrase that is made from here on)
from features.chosen_words import VARIABLE, choose
from service.edge.settings import Settings
from tests.amount import one_database

END_OF_CERTIFICATE = "-----END CERTIFICATE-----\n"
gc.disable()  # until all is imported and collected, which makes objects that stay

LONG = (
    "service/desk/test_browser.py",
    "service/demonstration/test_year.py",
    "service/access/test_matrix.py",
    "training/learning/test_train.py",
    "service/test_crashes.py",
    "service/test_commands.py",
    "service/test_erased_everywhere.py",
    "service/offline/test_bank_lies.py",
    "service/test_service.py",
    "service/ledger/test_verify.py",
    "training/screening/test_screen.py",
    "training/realism/test_judgement.py",
    "service/access/test_openapi.py",
    "service/commands/test_workers.py",
    "examples/test_examples.py",
    "service/test_load.py",
    "service/loan_files/test_refused.py",
    "service/loan_files/test_forbidden.py",
    "models/rules/test_laws.py",
    "service/test_orphans.py",
    "service/test_form1.py",
    "service/test_model_store.py",
    "service/test_trials.py",
    "models/rules/test_cases.py",
    "service/access/test_signin.py",
    "training/screening/test_cluster.py",
    "service/ledger/test_form2.py",
)
"""The files that take longest, from about ten seconds of processor on, the longest first: begun first, so that at the
end no worker waits for another's long file."""


def pytest_xdist_auto_num_workers() -> int:
    """One worker more than there are cores: tests wait for databases, services and browsers."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the long files begin; leave out what each run tries on one database."""
    place = {Path(__file__).parent / name: number for number, name in enumerate(LONG)}
    items.sort(key=lambda item: place.get(item.path, len(LONG)))
    items[:] = one_database(items)


def pytest_collection_finish() -> None:
    """Let no collection look again at what was imported and collected, as a worker of the service does."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


@pytest.hookimpl(tryfirst=True)  # a process that runs what it is dealt has a loop of its own
def pytest_runtestloop() -> None:
    """Collect garbage from the first test on: also in the process that only deals tests out and collects none."""
    gc.enable()


@pytest.fixture(scope="session", autouse=True)
def one_authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """One authority is trusted in place of some hundred: each HTTP client reads them all, and no test speaks TLS."""
    first = Path(certifi.where()).read_text(encoding="utf-8").partition(END_OF_CERTIFICATE)
    file = tmp_path_factory.mktemp("authority") / "one.pem"
    file.write_text("".join(first[:2]), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", str(file))
        yield


@pytest.fixture(scope="session", autouse=True)
def every_phrase_renders() -> Iterator[None]:
    """Whatever the tests of this process made a phrase of can be said in both languages with its facts."""
    yield
    assert not rendering.not_rendered()


@pytest.fixture(scope="session", autouse=True)
def bare_environment() -> Iterator[None]:
    """No setting of the machine that the tests run on reaches them."""
    with pytest.MonkeyPatch.context() as patch:
        for field in Settings.model_fields:
            for variable in Settings.variables(field):
                patch.delenv(variable, raising=False)
        patch.setenv(VARIABLE, "en")  # what commands print is compared in English, unless a test asks otherwise
        choose()
        yield


@pytest.fixture(autouse=True)
def own_language(bare_environment: None) -> Iterator[None]:
    """A language that a test chose, by calling a command within this process, ends with the test."""
    yield
    choose()
