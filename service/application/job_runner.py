"""The thread of a process that works on jobs: a few rows at a time, each asked as if its owner asked it just now.

A row goes through the same line as any other question, under a key of its own: killed and begun again, it is entered
once. People come first: rows wait while others stand in line.
"""

import logging
import secrets
import threading
from concurrent.futures import Future, wait
from dataclasses import dataclass
from http import HTTPStatus

import msgspec

from features.errors import Fault, fault, refusal_phrase
from features.phrase import LANGUAGES
from features.question_columns import QUESTION_COLUMNS, QUESTIONS
from service.access.roles import OPEN, Caller
from service.application.state import AppState
from service.assessing.assessment_index import IndexedAnswer
from service.assessing.loan_file_index import listed_of
from service.assessing.records import Recorded
from service.edge.errors import Defect, InvalidRequest, Refused
from service.jobs.queue import RowDone, TakenRow, TakenRows, end, let_go, renew, take_rows, tell

log = logging.getLogger("pledgescore")

AT_ONCE = 16
"""Rows that a process takes together: whoever asks meanwhile waits for no more than these."""
IDLE_SECONDS, RETRY_SECONDS, POLITE_SECONDS = 1.0, 5.0, 0.05
_MOST_POLITE = 20
"""How often rows let others go first before they take their turn all the same."""
_LISTED = ("advice", "asked", "advised", "binding")


@dataclass(frozen=True)
class _Again:
    """A row that could not be asked now, by no fault of its own."""

    why: Fault


class JobRunner:
    """Works on the jobs of a database, beside other processes that do the same."""

    def __init__(self, state: AppState) -> None:
        self.state = state
        self.holder = f"jobs-{state.worker.number}-{secrets.token_hex(4)}"
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Work in a thread of its own."""
        self._thread = threading.Thread(target=self._work, name="jobs", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Finish the rows that were taken, then stop."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def step(self) -> float:
        """Take a few rows and answer them; the seconds to wait before the next few."""
        state = self.state
        taken = take_rows(state.engine, self.holder, AT_ONCE, state.settings.lease_seconds, state.now())
        if taken is None:
            return IDLE_SECONDS
        caller = self._owner(taken)
        if caller is None:
            end(state.engine, taken.job.id, "stopped", state.now(), fault("", "job_owner"))
            return 0.0
        self._let_others_first()
        again = self._answer(taken, caller)
        if again:
            let_go(state.engine, taken.job.id, [n for n, _ in again], again[0][1].why)
            return RETRY_SECONDS
        return 0.0

    def _work(self) -> None:
        pause = 0.0
        while not self._stop.wait(pause):
            try:
                pause = self.step()
            except Refused as away:
                log.warning("jobs: %s", away)
                pause = RETRY_SECONDS
            except Exception:  # what is wrong with one job must not end the thread that works on the others
                log.exception("a job failed")
                pause = RETRY_SECONDS

    def _owner(self, taken: TakenRows) -> Caller | None:
        """Whoever sent the job, where that account may still ask."""
        state, moment = self.state, self.state.now()
        if state.settings.sign_in == "none":
            return OPEN
        found = state.accounts.caller_of(taken.job.owner, moment) or state.keys.caller_of(taken.job.owner, moment)
        return found if found is not None and "assess" in found.may else None

    def _let_others_first(self) -> None:
        for _ in range(_MOST_POLITE):
            if not self.state.batcher.waiting or self._stop.wait(POLITE_SECONDS):
                return

    def _answer(self, taken: TakenRows, caller: Caller) -> list[tuple[int, _Again]]:
        """Ask the rows, and tell each as it is answered; those that must wait."""
        state, job = self.state, taken.job
        language = next((one for one in LANGUAGES if one == job.language), None)
        waiting: dict[Future[Recorded], TakenRow] = {}
        again: list[tuple[int, _Again]] = []
        for row in taken.rows:
            question = state.question(row.question, f"job {job.id}/{row.n}", caller, language)
            try:
                waiting[state.batcher.enter(question)] = row
            except Refused as busy:
                again.append((row.n, _Again(Fault("", busy.phrase))))
        while waiting:
            done, _ = wait(waiting, timeout=state.settings.lease_seconds / 3)
            told = [(waiting.pop(one), one) for one in done]
            outcomes = [_outcome(row, one) for row, one in told]
            again += [(row.n, one) for (row, _), one in zip(told, outcomes, strict=True) if isinstance(one, _Again)]
            finished = [one for one in outcomes if isinstance(one, RowDone)]
            if finished:
                tell(state.engine, job.id, finished, state.now())
            if waiting:
                renew(state.engine, job.id, [row.n for row in waiting.values()], self.holder,
                      state.settings.lease_seconds)  # fmt: skip
        return again


def _outcome(row: TakenRow, answered: "Future[Recorded]") -> RowDone | _Again:
    try:
        recorded = answered.result()
    except InvalidRequest as refused:
        faults = [_at_cell(row, one) for one in refused.faults]
        return RowDone(row.n, faults=faults)
    except Refused as refused:
        if refused.status >= HTTPStatus.INTERNAL_SERVER_ERROR and not isinstance(refused, Defect):
            return _Again(Fault("", refused.phrase))
        return RowDone(row.n, faults=[Fault(row.place, refused.phrase)])
    except Exception:  # one row never takes a job down
        log.exception("a row of a job failed")
        return RowDone(row.n, faults=[Fault(row.place, refusal_phrase("defect"))])
    told = listed_of(msgspec.json.decode(recorded.body, type=IndexedAnswer))
    return RowDone(row.n, recorded.id, {name: told[name] for name in _LISTED})


def _at_cell(row: TakenRow, one: Fault) -> Fault:
    """A fault of the question at its cell; of what stands on other sheets, at the row."""
    first = one.pointer.lstrip("/").partition("/")[0]
    column = f"{QUESTIONS}.{first}" if first in QUESTION_COLUMNS else ""
    return Fault(row.cells.get(first, row.place), one.phrase, column)
