"""模型: champions and challengers, how each was judged, and the signature of a second person."""

from fastapi import APIRouter, Depends, Response
from fastapi.responses import RedirectResponse

from service.application.models import models_of
from service.assessing.models_shown import ServingModel, model_of
from service.assessing.validations import Validation, enter_validation
from service.desk.acts import checked, shape_of
from service.desk.forms import Sent, SentForm, own_page
from service.desk.pages import DeskPage, Link, Shown
from service.desk.views import model as view
from service.edge.errors import InvalidRequest

_VALIDATION = shape_of(Validation)

_LABELS = {"outcome": "field.outcome", "expires_on": "models.until", "findings": "models.findings"}

router = APIRouter(prefix="/desk/models", include_in_schema=False)


@router.get("")
def listed(page: Shown) -> Response:
    told = models_of(page.state, page.caller, page.language)
    return page.show("models.html.jinja", page.say("nav.models"), active="nav.models", told=told)


@router.get("/{bundle}")
def one(page: Shown, bundle: str) -> Response:
    return _show(page, bundle, SentForm.empty())


@router.post("/{bundle}/validation", dependencies=[Depends(own_page)])
def validate(page: Shown, sent: Sent, bundle: str) -> Response:
    model_of(models_of(page.state, page.caller, page.language), bundle)
    told = {
        "bundle": bundle,
        "outcome": sent.optional("outcome"),
        "findings": sent.lines("findings"),
        "expires_on": sent.optional("expires_on"),
    }
    try:
        given = checked(_VALIDATION(), told)
        enter_validation(
            page.state.engine, page.state.model_store, given, page.caller, page.state.today(page.state.now())
        )
    except InvalidRequest as refused:
        return _show(page, bundle, sent, refused)
    return RedirectResponse(f"/desk/models/{bundle}?did=validation", 303)


def _show(page: DeskPage, bundle: str, sent: SentForm, refused: InvalidRequest | None = None) -> Response:
    model = model_of(models_of(page.state, page.caller, page.language), bundle)
    version = f" v{model.version}" if model.version else ""
    return page.show(
        "model.html.jinja",
        f"{model.name}{version}",
        refused=refused,
        crumbs=[Link(page.say("nav.models"), "/desk/models")],
        active="nav.models",
        fields=_LABELS,
        sent=sent,
        did=page.query.get("did") == "validation",
        model=model,
        serves=isinstance(model, ServingModel),
        judged=view.judged(model),
        not_for=view.not_for(model, page.say),
        chart=view.calibration_chart(model, page.say) if model.calibration else None,
        card=view.card_lines(model, page.say),
    )
