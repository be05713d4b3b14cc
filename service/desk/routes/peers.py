"""与同业对比: what sets an applicant apart from firms of the training cases, from their average to its score."""

from typing import Annotated

import orjson
from fastapi import APIRouter, Query, Response

from models.score.reference_sample import AGAINST, Against
from service.assessing.contrasts import compared
from service.assessing.sealed_answer import sealed_assessment
from service.assessing.wording import wording_of
from service.desk.pages import Link, Shown
from service.desk.views.answer import waterfall
from service.edge.errors import NotAnswerable

_USUAL: Against = "approved_sector"

router = APIRouter(prefix="/desk/assessments/{assessment}/peers", include_in_schema=False)


@router.get("")
def peers(page: Shown, assessment: str, against: Annotated[Against, Query()] = _USUAL) -> Response:
    with page.state.engine.connect() as connection:
        of = sealed_assessment(connection, assessment)
    table, cases = None, 0
    refused: NotAnswerable | None = None
    try:
        found = compared(of, against, page.state.assessor, wording_of(page.language))
    except NotAnswerable as why:
        refused = why
    else:
        table = waterfall(found["base"], found["sets_apart"], of.answer.points, page.say)
        cases = found["base"]["n"]
    answer = orjson.loads(of.sent)
    return page.show(
        "peers.html.jinja",
        page.say("peers"),
        refused=refused,
        crumbs=[Link(answer["legal_name"] or page.say("assessment"), f"/desk/assessments/{assessment}")],
        active="nav.files",
        answer=answer,
        groups=AGAINST,
        group=against,
        waterfall=table,
        cases=cases,
    )
