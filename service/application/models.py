"""The models as people look at them; the same for the API and the desk."""

from features.phrase import Language
from service.access.roles import Caller
from service.application.state import AppState
from service.assessing.models_shown import ShownModels, models_shown, validations_shown


def models_of(state: AppState, caller: Caller, language: Language | None) -> ShownModels:
    """Champions and challengers as they stand now, with what the caller's validators found; asks the registry."""
    now = state.now()
    with state.engine.connect() as connection:
        signed = validations_shown(connection, caller.reach, state.today(now))
    return models_shown(signed, state.model_store, now.isoformat(), language)
