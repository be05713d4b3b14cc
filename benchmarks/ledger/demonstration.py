"""The demonstration's applicants, asked in this process: what the ledger's contents are measured and trained on."""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from service.assessing.stages import Question
from service.assessing.story import Assessor
from service.edge.clock import system_clock
from service.edge.settings import Settings
from service.ledger.actors import OPEN
from service.ledger.opening import open_database
from service.ledger.stored_artifacts import StoredArtifacts
from service.web.app import open_assessor

TOGETHER = 8
QUESTIONS = Path(__file__).parents[1] / "serving" / "demonstration_questions.py"


def assessor_of(demonstration: Path, database: str) -> Assessor:
    """What answers by the demonstration's lake and model, and records in a database."""
    settings = Settings(
        bundles=(demonstration / "pledge" / "bundle",), lakes=(demonstration / "world",), database=database
    )
    return open_assessor(settings, system_clock, StoredArtifacts(open_database(database)))[0]


def applicants(demonstration: Path, many: int) -> list[bytes]:
    """The last applicants that offer three patents or more."""
    command = [sys.executable, str(QUESTIONS), str(demonstration / "world"), str(many)]
    return subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout.splitlines()


def questions(bodies: Sequence[bytes]) -> Iterator[list[Question]]:
    """The questions, a few at a time."""
    for first in range(0, len(bodies), TOGETHER):
        now = system_clock()
        yield [Question(body, now, now.date(), OPEN) for body in bodies[first : first + TOGETHER]]
