"""Which models are in service, and what is known about how they were made."""

from fastapi import APIRouter

from features.phrase import DEFAULT_WORDS, language_of
from service.application.state import State
from service.assessing.model_store import LoadedModel
from service.web.openapi import answered
from service.web.words import WordsParam

router = APIRouter(prefix="/v1/models", tags=["models"])


@router.get("", summary="List the models in service", responses={200: answered("Models", "The models in service")})
def models(state: State, words: WordsParam = DEFAULT_WORDS) -> object:
    trouble = state.model_store.trouble
    return {
        "items": [_told(one) for one in state.model_store.held.values()],
        "trouble": trouble and trouble.to_dict(language_of(words)),
    }


def _told(one: LoadedModel) -> dict[str, object]:
    bundle = one.bundle
    return {
        "kind": bundle.kind.name,
        "name": bundle.name,
        "bundle": bundle.id,
        "version": one.version,
        "in_service_since": one.since.isoformat(),
        "made_on": bundle.made_on.isoformat(),
        "horizon": bundle.horizon,
        "events": bundle.events,
        "synthetic": bundle.synthetic,
        "features": list(bundle.features),
        "card": bundle.card,
    }
