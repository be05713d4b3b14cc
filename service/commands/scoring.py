"""Assesses the applicants of a file as the service would, one after another, and prints what became of each."""

import logging
import sys
from hashlib import sha256
from pathlib import Path

import orjson

from features.chosen_words import language
from models.words.output import complain, told
from service.assessing.records import Recorded
from service.assessing.stages import Question
from service.assessing.story import Assessor
from service.commands.applicants import applicants
from service.commands.printing import printed
from service.commands.workbook_files import questions_of
from service.edge.clock import system_clock
from service.edge.errors import Defect, Refused
from service.edge.settings import Settings
from service.ledger import actors, wrapping
from service.ledger.opening import open_database
from service.web.app import assessor_for
from service.workbooks.grids import is_workbook

log = logging.getLogger("pledgescore")


def score_file(file: Path, as_json: bool, key: str | None = None) -> int:
    """Print the answer to each applicant of the file, recorded; returns how many were refused.

    Under the same `key` each place of the file enters one assessment, however often it is asked.
    """
    wanted = None if as_json else language()
    bodies = list(questions_of(file) if is_workbook(file) else applicants(file))
    settings = Settings.from_environment()
    engine = open_database(settings.database)
    wrapping.use(engine, settings.keys)
    recorded_before, refused = 0, 0
    with assessor_for(engine, settings, system_clock) as assessor:
        for place, body in enumerate(bodies, start=1):
            moment = system_clock()
            own = None if key is None else sha256(f"{key}/{place}".encode()).hexdigest()
            question = Question(body, moment, moment.astimezone(settings.zone).date(), actors.COMMAND, own)
            match _outcome(assessor, question):
                case Recorded(body=recorded, again=again):
                    recorded_before += again
                    print(recorded.decode() if wanted is None else printed(orjson.loads(recorded), wanted))
                case refusal:
                    refused += 1
                    print(told("applicant_refused", place=place), file=sys.stderr)
                    complain(refusal)
    if len(bodies) > 1:
        new = len(bodies) - refused - recorded_before
        print(told("applicants_recorded", new=new, before=recorded_before, refused=refused), file=sys.stderr)
    return refused


def _outcome(assessor: Assessor, question: Question) -> Recorded | Refused:
    """The recorded answer or why there is none: what nobody foresaw in one applicant never takes down the others."""
    try:
        match assessor.answer([question])[0]:
            case Recorded() | Refused() as outcome:
                return outcome
            case defect:
                raise defect
    except Exception:
        log.exception("an applicant of a file failed")
        return Defect("defect")
