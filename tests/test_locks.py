"""The locks: every set pinned and hashed, the same versions in all, no registry named, the serving set small."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LOCKS = sorted(ROOT.glob("requirements*.lock"))


def pins(lock: Path) -> dict[str, str]:
    """Name to version of every package in the lock."""
    return dict(re.findall(r"^([a-z0-9._-]+)==([^ \\]+)", lock.read_text(), re.MULTILINE))


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_package_is_hashed_and_no_registry_named(lock: Path) -> None:
    """Each pinned package carries a SHA-256, and the file names no host from which it came."""
    text = lock.read_text()
    blocks = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)[1:]
    assert len(blocks) == len(pins(lock)) > 0
    assert all("--hash=sha256:" in block for block in blocks)
    assert "://" not in text
    assert "--index-url" not in text


def test_all_sets_agree_with_the_largest() -> None:
    """A package has one version, whichever set it is installed from; what a bare machine lacks is in no other set."""
    largest = pins(ROOT / "requirements-dev.lock")
    for lock in LOCKS:
        if lock.name == "requirements-bare.lock":
            assert not pins(lock).keys() & largest.keys()
        else:
            assert pins(lock).items() <= largest.items(), lock.name


def test_one_lock_serves_every_python() -> None:
    """No line is for some Pythons or platforms alone, and `make lock` resolves for each Python that pyproject names."""
    for lock in LOCKS:
        assert not re.findall(r"^[a-z0-9._-]+==[^ \\]+ *;.*", lock.read_text(), re.MULTILINE), lock
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    named = [
        c.rpartition(" ")[2] for c in project["classifiers"] if c.startswith("Programming Language :: Python :: 3.")
    ]
    script = (ROOT / ".ci" / "lock").read_text()
    oldest, later = (
        re.findall(r"^oldest=(.*)$", script, re.MULTILINE)[0],
        re.findall(r"^later='(.*)'$", script, re.MULTILINE)[0],
    )
    assert [oldest, *later.split()] == named
    assert project["requires-python"] == f">={oldest}"


def test_what_pyproject_asks_for_is_locked() -> None:
    """A dependency added to pyproject.toml without `make lock` is found here, not at a customer's."""
    asked = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = {
        "requirements.lock": asked["project"]["dependencies"],
        "requirements-train.lock": asked["project"]["optional-dependencies"]["train"],
        "requirements-pkcs11.lock": asked["project"]["optional-dependencies"]["pkcs11"],
        "requirements-dev.lock": [entry for entry in asked["dependency-groups"]["dev"] if isinstance(entry, str)],
        "requirements-build.lock": asked["dependency-groups"]["build"],
        "requirements-sbom.lock": asked["dependency-groups"]["sbom"],
        "requirements-bare.lock": asked["dependency-groups"]["bare"],
    }
    for lock, requirements in wanted.items():
        names = {re.split(r"[^A-Za-z0-9-]", requirement)[0] for requirement in requirements}
        assert names <= pins(ROOT / lock).keys(), lock


def test_the_serving_set_stays_small() -> None:
    """To answer a request needs neither the full MLflow nor shap nor plotting nor a second data frame."""
    serving = pins(ROOT / "requirements.lock").keys()
    assert not {"mlflow", "shap", "numba", "matplotlib", "pandas", "pyarrow", "scikit-learn"} & serving
    assert {"mlflow", "shap", "matplotlib"} <= pins(ROOT / "requirements-train.lock").keys()


def test_mlflow_is_one_version_in_both_its_forms() -> None:
    """What training registers is read by the same version's slim form in the service."""
    assert pins(ROOT / "requirements.lock")["mlflow-skinny"] == pins(ROOT / "requirements-train.lock")["mlflow"]


def test_the_licence_of_every_package_that_serves_is_told() -> None:
    """docs/licences.md has a line for each package of the serving set, of the version that is locked."""
    rows = re.findall(
        r"^\| ([a-z0-9._-]+) \| ([^ ]+) \| (.+) \|$", (ROOT / "docs" / "licences.md").read_text(), re.MULTILINE
    )
    told = {name: version for name, version, licence in rows[1:] if licence.strip()}
    assert told == pins(ROOT / "requirements.lock"), "make wheel"


def test_the_base_of_the_image_can_be_pinned() -> None:
    """Both stages stand on the one argument, so that one digest pins them; nothing else is pulled."""
    images = re.findall(r"^FROM (\S+)", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert images == ["${BASE}", "${BASE}"]
