"""Assesses the applicants of a file as the service would, one after another, and prints what became of each."""

import sys
from pathlib import Path

import orjson

from features.chosen_words import language
from models.words.output import complain, told
from service.assessing.records import Recorded
from service.assessing.stages import Question
from service.commands.applicants import applicants
from service.commands.printing import printed
from service.commands.workbook_files import questions_of
from service.edge.clock import system_clock
from service.edge.errors import Refused
from service.edge.settings import Settings
from service.ledger import actors, wrapping
from service.ledger.opening import open_database
from service.web.app import assessor_for
from service.workbooks.grids import is_workbook


def score_file(file: Path, as_json: bool) -> int:
    """Print the answer to each applicant of the file, recorded; returns how many were refused."""
    wanted = None if as_json else language()
    bodies = list(questions_of(file) if is_workbook(file) else applicants(file))
    settings = Settings.from_environment()
    engine = open_database(settings.database)
    wrapping.use(engine, settings.keys)
    refused = 0
    with assessor_for(engine, settings, system_clock) as assessor:
        for place, body in enumerate(bodies, start=1):
            moment = system_clock()
            question = Question(body, moment, moment.astimezone(settings.zone).date(), actors.COMMAND)
            match assessor.answer([question])[0]:
                case Recorded(body=recorded):
                    print(recorded.decode() if wanted is None else printed(orjson.loads(recorded), wanted))
                case Refused() as error:
                    refused += 1
                    print(told("applicant_refused", place=place), file=sys.stderr)
                    complain(error)
                case defect:
                    raise defect
    return refused
