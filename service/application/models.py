"""The models as people look at them; the same for the API and the desk."""

from features.phrase import Language
from service.application.state import AppState
from service.assessing.models_shown import ShownModels, models_shown


def models_of(state: AppState, language: Language | None) -> ShownModels:
    """Champions and challengers as they stand now; asks the registry."""
    now = state.now()
    with state.engine.connect() as connection:
        return models_shown(connection, state.model_store, now.isoformat(), state.today(now), language)
