"""What people do with lists of firms; the same for the API and the desk."""

from service.access.roles import Caller
from service.application.state import AppState
from service.firm_lists.acts import Listing, feed_back, push
from service.firm_lists.requests import FeedbackRequest, PushRequest


def push_list(state: AppState, caller: Caller, told: PushRequest) -> str:
    """Push a list; its id. Raises `Refused`."""
    return state.batcher.write(lambda: push(state.engine, _by(state, caller), told))


def tell_feedback(state: AppState, caller: Caller, push_id: str, told: FeedbackRequest) -> int:
    """Tell what became of a firm of a list; the number of the entry. Raises `Refused`."""
    return state.batcher.write(lambda: feed_back(state.engine, _by(state, caller), push_id, told))


def _by(state: AppState, caller: Caller) -> Listing:
    return Listing(caller, state.today(state.now()), state.assessor.policy)
