"""试算: an assessment tried on other facts, before and after side by side; it is marked, counted and no assessment."""

from fastapi import APIRouter, Depends, Response
from fastapi.responses import RedirectResponse
from sqlalchemy import Connection

from service.application.trials import try_out
from service.assessing.sealed_answer import SealedAssessment, sealed_assessment
from service.assessing.trial_records import TrialShown, trial_on
from service.assessing.trial_rows import TrialRequest
from service.assessing.trials import outcome_of
from service.desk.formats import code
from service.desk.forms import Sent, own_page
from service.desk.intake.entries import TypedApplicant
from service.desk.intake.trying import ADDED, TrialSheet
from service.desk.pages import DeskPage, Link, Shown
from service.desk.views import trial as view
from service.edge.errors import InvalidRequest, NotAnswerable, Refused

_LISTED = 20

router = APIRouter(prefix="/desk/assessments/{assessment}/what-if", include_in_schema=False)


@router.get("")
def form(page: Shown, assessment: str) -> Response:
    with page.state.engine.connect() as connection:
        of, number = _sealed(connection, assessment), page.number("trial", 12)
        made = None if number is None else trial_on(connection, assessment, number)
    sheet = TrialSheet.of(of)
    return _show(page, of, sheet, sheet.stands if made is None else sheet.with_trial(made.changes), made=made)


@router.post("", dependencies=[Depends(own_page)])
def send(page: Shown, sent: Sent, assessment: str) -> Response:
    with page.state.engine.connect() as connection:
        of = _sealed(connection, assessment)
    sheet = TrialSheet.of(of)
    typed = sheet.sent(sent)
    asked = sheet.asked(typed)
    if asked.faults:
        return _show(page, of, sheet, typed, refused=InvalidRequest(asked.faults))
    try:
        entered = try_out(page.state, page.caller, assessment, TrialRequest.model_validate(asked.body))
    except InvalidRequest as refused:
        return _show(page, of, sheet, typed, refused=InvalidRequest(asked.with_faults(refused.faults)))
    except Refused as refused:
        return _show(page, of, sheet, typed, refused=refused)
    return RedirectResponse(f"/desk/assessments/{assessment}/what-if?trial={entered.entry}", 303)


def _sealed(connection: Connection, assessment: str) -> SealedAssessment:
    """The assessment. Raises `NoSuchAssessment`, `Erased`; `NotAnswerable` where nothing can be tried on it."""
    of = sealed_assessment(connection, assessment)
    if of.answer.kind != "pledge":
        raise NotAnswerable("trial_pledge_alone")
    return of


def _show(
    page: DeskPage,
    of: SealedAssessment,
    sheet: TrialSheet,
    typed: TypedApplicant,
    *,
    made: TrialShown | None = None,
    refused: Refused | None = None,
) -> Response:
    say, before = page.say, outcome_of(of.sent)
    shown = view.view_of(page, view.parties_of(of), typed, () if refused is None else refused.faults)
    with page.state.engine.connect() as connection:
        card = view.trials_card(page, connection, of.answer.id, _LISTED)
    stands = sheet.stands.texts
    back = f"/desk/assessments/{of.answer.id}"
    return page.show(
        "trial.html.jinja",
        f"{say('trial')}{say('colon')}{of.answer.legal_name or code(of.answer.case.firm)}",
        refused=refused,
        crumbs=[Link(say("assessment"), back)],
        active="nav.files",
        of=of.answer,
        back=back,
        before=before,
        made=made,
        lines=view.figure_lines(before, made.after, say) if made else [],
        turned=view.turned_groups(made.findings, say) if made else [],
        changes=list(view.change_lines(made.changes, shown)) if made else [],
        told=view.told_faults(shown) if refused else [],
        loan=view.records_of(sheet, shown, "applications"),
        uses=view.records_of(sheet, shown, "uses"),
        books=view.records_of(sheet, shown, "statements"),
        patents=view.records_of(sheet, shown, "patents"),
        beyond=sheet.patents_beyond,
        items=[*view.records_of(sheet, shown, "collateral"), *view.records_of(sheet, shown, "guarantees")],
        added={table: view.added_fields(shown, table) for table in ADDED},
        stands=stands,
        card=card,
    )  # fmt: skip
