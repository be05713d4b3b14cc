"""测算结果: an answer with all that follows from it."""

from dataclasses import dataclass

import orjson
from fastapi import APIRouter, Response
from sqlalchemy import Connection, select

from service.assessing.assessment_index import EarlierAssessment, earlier, reached
from service.assessing.fund_view import answer_for_fund
from service.assessing.loan_file_index import LOAN_FILES
from service.assessing.records import answer_of
from service.assessing.selection import Include, rules_by_outcome
from service.assessing.wording import leaving, wording_of
from service.desk.formats import code
from service.desk.pages import HOME, DeskPage, Link, Shown
from service.desk.views import answer as view
from service.desk.views.loan_file import Stage, stages, way
from service.desk.views.trial import trials_card
from service.edge.errors import NotAnswerable
from service.ledger.redaction import Part
from service.loan_files.listing import shown
from service.reports.advice import advice_lines, need_blocks
from service.reports.full import security_blocks
from service.reports.material import Material
from service.reports.one_page import of_grade, recovery, sharing, titles
from service.reports.papers import papers as papers_in
from service.reports.report import material_of

_EARLIER = 8
_SHOWN: tuple[Include, ...] = ("reasons",)

router = APIRouter(prefix="/desk/assessments", include_in_schema=False)


@dataclass(frozen=True)
class Beside:
    """What stands beside the answer of a bank: the file it lies in, and how it came there."""

    file: Part | None
    stages: list[Stage]


@router.get("/{assessment}")
def one(page: Shown, assessment: str) -> Response:
    fund = page.caller.place.fund is not None
    with page.state.engine.connect() as connection:
        material = None if fund else _material(page, connection, assessment)
        answer = _alone(page, connection, assessment) if material is None else material.answer
        beside = Beside(None, []) if fund else _beside(page, connection, answer)
        before = [] if fund else _earlier(page, connection, assessment)
        tried = trials_card(page, connection, assessment) if material else None
    say = page.say
    return page.show(
        "assessment.html.jinja",
        str(answer.get("legal_name") or code(answer["case"].get("firm") or answer["case"]["case"])),
        crumbs=_crumbs(page, beside.file),
        active="nav.inbox" if beside.file else "nav.files",
        answer=answer,
        fund=fund,
        application=material.application if material else {},
        material=material,
        verdict=view.verdict(answer, say),
        bounds=view.bounds_chart(answer, say),
        grades=view.grade_chart(answer, say),
        judged=[one for one in of_grade(material) if one.known][1:] if material else [],
        yearly=view.yearly_pd(answer, say),
        pledge=view.pledge_pairs(answer, say),
        groups=view.issue_groups(answer, say),
        passed=rules_by_outcome(answer, "pass"),
        not_applicable=rules_by_outcome(answer, "not_applicable"),
        waterfall=view.waterfall(answer["base"], answer["reasons"], answer["points"], say)
        if "reasons" in answer
        else None,
        peers=None if fund or "reasons" not in answer else f"/desk/assessments/{assessment}/peers",
        patents=view.patent_rows(answer, titles(material) if material else {}, say),
        values=view.values_chart(answer, say),
        value_rows=view.value_rows(answer, say),
        sources=view.source_rows(answer, say),
        need=need_blocks(material) if material else [],
        security=list(security_blocks(material)) if material else [],
        shared=[sharing(material), recovery(material)] if material else [],
        paragraph=advice_lines(material) if material else None,
        papers=papers_in(material) if material else None,
        file=beside.file,
        stages=beside.stages,
        steps=way(beside.file, page) if beside.file else [],
        earlier=before,
        trials_made=tried,
    )


def _material(page: DeskPage, connection: Connection, assessment: str) -> Material | None:
    """What a report is made of, where there is one about such an answer: the answer is in it with its sentences."""
    try:
        return material_of(connection, assessment, page.language, page.state.assessor.policy)
    except NotAnswerable:
        return None


def _alone(page: DeskPage, connection: Connection, assessment: str) -> Part:
    """The answer with its sentences, as far as the caller's fund may see it. Raises `NotAnswerable`."""
    if page.caller.place.fund is not None:
        sent = orjson.dumps(answer_for_fund(connection, assessment))
    else:
        sent = answer_of(connection, assessment)
    answer: Part = orjson.loads(leaving(sent, wording_of(page.language), _SHOWN))
    if "says" not in answer.get("base", {}):
        raise NotAnswerable("no_report", assessment=assessment)
    return answer


def _beside(page: DeskPage, connection: Connection, answer: Part) -> Beside:
    """The loan file of a bank's answer, where there is one."""
    told = answer["record"].get("loan_file") or {}
    held = select(LOAN_FILES.c.id).where(LOAN_FILES.c.id == told.get("id"))
    if connection.execute(held).first() is None:
        return Beside(None, [])
    state = page.state
    file = shown(connection, told["id"], state.assessor.policy, state.today(state.now()))
    return Beside(file, stages(file, page.say))


def _earlier(page: DeskPage, connection: Connection, assessment: str) -> list[tuple[EarlierAssessment, bool]]:
    """What the bank asked about the firm before, each with whether the reader may open it."""
    items = earlier(connection, assessment, _EARLIER).items
    may = reached(connection, [one.id for one in items], page.caller.reach)
    return [(one, one.id in may) for one in items]


def _crumbs(page: DeskPage, file: Part | None) -> list[Link]:
    if file is None:
        return [] if page.caller.place.fund is not None else [Link(page.say("nav.files"), "/desk/files")]
    state = page.say.name("loan_state", file["state"])
    return [Link(page.say("nav.inbox"), HOME), Link(state, f"{HOME}?state={file['state']}"),
            Link(f"{page.say('file')} {str(file['id'])[:8]}", f"/desk/files/{file['id']}")]  # fmt: skip
