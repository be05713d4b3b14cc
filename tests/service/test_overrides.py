"""A bank's own folder of policy over HTTP: applied and told, and no reason for a bundle to be refused."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from features.policy import PolicyError, load
from features.policy.parameters import SHIPPED
from models.score.bundle import BundleRefused
from models.score.bundle import load as load_bundle
from service.edge.settings import Settings
from service.web.app import create_app
from tests.service.conftest import NOON
from tests.service.made import offering
from tests.service.test_lending import ask, finding

READ = "freshness_days.statements_annual"
"""A parameter that features of the made bundle read, so that its self-test guards it."""
OWN = """\
statements_annual:
  description: "Oldest yearly statements that this bank reads."
  unit: day
  reviewed_on: 2026-11-01
  confidence: assumed
  reference: [{title: "Decision of our credit committee", document: "2026/17"}]
  values: {2000-01-01: 30}
"""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A bank's folder that changes a past value of a parameter which the model reads."""
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "freshness_days.yaml").write_text(OWN, encoding="utf-8")
    return folder


@pytest.fixture
def overriding(settings: Settings, own: Path) -> Iterator[TestClient]:
    """A service that is started with the bank's folder."""
    stated = Settings(**{**vars(settings), "policy": own})
    with TestClient(create_app(stated, lambda: NOON)) as client:
        yield client


def test_a_banks_override_is_applied_and_told_and_the_exam_still_holds(
    client: TestClient, overriding: TestClient
) -> None:
    """The bundle serves although what it reads was overridden; the answer names the override, and follows it."""
    ours, theirs = (ask(each, offering(1)) for each in (client, overriding))
    assert ours["overrides"] == []
    assert theirs["overrides"] == [{"policy": READ, "kind": "superseded"}]
    assert ours["versions"]["bundle"] == theirs["versions"]["bundle"]
    assert ours["versions"]["policy"] != theirs["versions"]["policy"]
    assert finding(ours, "statements_fresh")["outcome"] == "pass"
    assert finding(theirs, "statements_fresh")["outcome"] == "unknown"
    assert ours["coverage"]["finance"]["known"] > theirs["coverage"]["finance"]["known"]


def test_a_shipped_past_value_that_changed_is_refused_by_name(tmp_path: Path, bundle: Path) -> None:
    """The same change in the shipped files themselves: the bundle does not serve, and the refusal names it."""
    folder = shutil.copytree(SHIPPED, tmp_path / "shipped", ignore=shutil.ignore_patterns("*.py", "*.md"))
    file = folder / "freshness_days.yaml"
    before = file.read_text(encoding="utf-8")
    changed = re.sub(r"(?ms)^(statements_annual:.*?values: \{2000-01-01: )457", r"\g<1>456", before)
    assert changed != before
    assert load_bundle(bundle, load(folder))
    file.write_text(changed, encoding="utf-8")
    with pytest.raises(BundleRefused, match=READ):
        load_bundle(bundle, load(folder))


def test_an_override_without_a_reference_stops_the_service_and_names_the_file(settings: Settings, own: Path) -> None:
    """Nothing is served on a value that nobody can trace."""
    text = re.sub(r"  reference: .*\n", "", OWN)
    (own / "freshness_days.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(PolicyError, match=r"freshness_days\.yaml:2: statements_annual has no reference: add it"):
        create_app(Settings(**{**vars(settings), "policy": own}), lambda: NOON)
