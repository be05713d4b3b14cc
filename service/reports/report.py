"""The report about an assessment: gathered from its entry, told in a language, as a document that any form prints."""

import orjson
from sqlalchemy import Connection

from features.phrase import Language
from features.policy import Policy
from service.access.people import people_shown
from service.assessing.leaves import rows_of
from service.assessing.records import answer_of
from service.assessing.sealed_answer import sealed_assessment
from service.assessing.wording import Wording
from service.edge.errors import NotAnswerable
from service.reports.acts import shown_steps
from service.reports.document import Part, ReportDocument
from service.reports.full import full_report
from service.reports.material import Material
from service.reports.one_page import one_page
from service.reports.papers import papers


def material_of(connection: Connection, assessment: str, language: Language, policy: Policy) -> Material:
    """What a report about the assessment is made from. Raises `NoSuchAssessment`, `Erased`, or `NotAnswerable`."""
    answer = orjson.loads(answer_of(connection, assessment))
    if answer["kind"] != "pledge" or "meaning" in answer["base"]:
        raise NotAnswerable("no_report", assessment=assessment)
    rows = rows_of(sealed_assessment(connection, assessment).body)
    bank = answer["case"]["bank"]
    people = people_shown(connection, bank, language)
    steps, written = shown_steps(connection, assessment, people)
    worded = Wording(language).answer(answer)
    return Material(worded, rows, language, policy, tuple(written), tuple(steps), people)


def report_of(of: Material, part: Part) -> ReportDocument:
    """The one page, or the report in full."""
    sections = one_page(of) if part == "one_page" else full_report(of, papers(of).items)
    answer, record = of.answer, of.answer["record"]
    notices = [of.say("synthetic")] if answer["synthetic"] else []
    notices += [of.say("retrospective", day=answer["as_of"])] if answer["retrospective"] else []
    case = answer["case"]
    subtitle = of.say(
        "subtitle",
        bank=of.bank or of.absent,
        branch=of.branch or of.absent,
        file=case["case"],
        day=answer["as_of"],
        until=answer["expires_on"],
    )
    versions = answer["versions"]
    seal = of.say(
        "seal", entry=record["entry"], seal=record["seal"], model=versions["model"], policy=versions["policy"][:12],
        code=versions["code"],
    )  # fmt: skip
    return ReportDocument(part, of.language, of.say(f"title.{part}"), subtitle, tuple(notices), sections, seal)
