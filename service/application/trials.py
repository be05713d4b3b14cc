"""What people do with trials: try an assessment on other facts; the same for the API and the desk."""

from service.access.roles import Caller
from service.application.state import AppState
from service.assessing.sealed_answer import sealed_assessment
from service.assessing.trial_records import TrialAnswer, enter_trial
from service.assessing.trial_rows import TrialRequest


def try_out(state: AppState, caller: Caller, assessment: str, asked: TrialRequest) -> TrialAnswer:
    """What the assessment would come to, entered. Raises `Refused`; what is refused is entered nowhere."""
    with state.engine.connect() as connection:
        of = sealed_assessment(connection, assessment)
    told = state.trials.ask(of, asked)
    entered = state.batcher.write(lambda: enter_trial(state.engine, of, told, caller.id))
    state.metrics.trials.labels(told.after.advice or "none").inc()
    return entered
