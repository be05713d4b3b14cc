"""The credit report about an assessment, on one page or in full, and the papers of its application."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool

from features.phrase import DEFAULT_WORDS, Language, language_of
from service.application.caller import caller_of
from service.application.state import AppState, State
from service.reports.document import Part, ReportDocument
from service.reports.html import as_html
from service.reports.papers import papers as papers_in
from service.reports.report import material_of, report_of
from service.web.openapi import CONFLICTS, answered
from service.web.responses import json_response
from service.web.words import WordsParam

HTML = "text/html; charset=utf-8"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_REPORT = {
    200: answered("ReportDocument", "The report: as data, as a page for print, or as a Word file", "text/html", WORD)
} | CONFLICTS
_PAPERS = {200: answered("PaperList", "What is asked, what is there, and who brings the rest")} | CONFLICTS
_Part = Annotated[Part, Query(description="The page for the head of a branch, or the whole report")]
_Form = Annotated[Literal["json", "html", "docx"], Query(description="As data, as a page for print, or for Word")]

router = APIRouter(prefix="/v1/assessments/{assessment}", tags=["assessments"])


@router.get("/report", summary="Print the credit report", responses=_REPORT)
async def report(
    state: State,
    request: Request,
    assessment: str,
    part: _Part = "one_page",
    form: _Form = "json",
    words: WordsParam = DEFAULT_WORDS,
) -> Response:
    if form == "docx":
        state.making.check(caller_of(request))
    document = await run_in_threadpool(_document, state, assessment, part, language_of(words) or "zh")
    if form == "json":
        return json_response(document)
    if form == "html":
        return Response(await run_in_threadpool(as_html, document), media_type=HTML)
    from service.reports.word import as_word

    content = await state.making.run(request, as_word, document)
    name = f"attachment; filename={assessment}-{part}.docx"
    return Response(content, media_type=WORD, headers={"Content-Disposition": name})


def _document(state: AppState, assessment: str, part: Part, language: Language) -> ReportDocument:
    with state.engine.connect() as connection:
        material = material_of(connection, assessment, language, state.assessor.policy)
    return report_of(material, part)


@router.get("/papers", summary="List the papers of the application", responses=_PAPERS)
def papers(state: State, assessment: str, words: WordsParam = DEFAULT_WORDS) -> Response:
    with state.engine.connect() as connection:
        material = material_of(connection, assessment, language_of(words) or "zh", state.assessor.policy)
    return json_response(papers_in(material))
