"""Lists that are answered in the background: checked before anything runs, each row entered once, nobody starved."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from csv import reader
from dataclasses import replace
from datetime import timedelta
from io import BytesIO, StringIO
from threading import Barrier
from time import monotonic, sleep
from typing import Any
from zipfile import ZipFile

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from python_calamine import CalamineWorkbook
from sqlalchemy import func, select, update

from models.words.faults import place_said
from service.access.roles import OPEN
from service.application.job_runner import AT_ONCE, JobRunner
from service.application.state import AppState
from service.assessing.assessment_index import ASSESSMENTS
from service.edge.database import writing_apart
from service.jobs.entering import NewJob, NewRow, enter_job
from service.jobs.queue import forget_old_jobs, take_rows
from service.jobs.tables import JOB_ROWS, JOBS
from tests.service.conftest import NOON
from tests.service.jobs.spoiled import WAYS, MadeList, made_list
from tests.service.made import applicant

Body = dict[str, Any]


class AtWork:
    """A service whose jobs are worked on by hand, a few rows at a time."""

    def __init__(self, app: FastAPI) -> None:
        self.state: AppState = app.state.pledgescore
        self.client = TestClient(app, raise_server_exceptions=False)  # no lifespan: no thread works beside
        self.runner = JobRunner(self.state)

    def send(self, made: MadeList, key: str = "") -> Body:
        """A list as it is sent."""
        told = self.client.post("/v1/jobs?name=list.zip", content=made.content, headers={"Idempotency-Key": key or "k"})
        assert told.status_code == 201, told.text
        found: Body = told.json()
        return found

    def job(self, job: str) -> Body:
        """How far it is."""
        found: Body = self.client.get(f"/v1/jobs/{job}").json()
        return found

    def rows(self, job: str, **filters: Any) -> list[Body]:
        """Its rows."""
        told = self.client.get(f"/v1/jobs/{job}/rows", params={"limit": 500, **filters})
        assert told.status_code == 200, told.text
        found: list[Body] = told.json()["items"]
        return found

    def finish(self, runner: JobRunner | None = None) -> int:
        """Work until nothing waits; how many times rows were taken."""
        steps = 0
        while (runner or self.runner).step() == 0.0:
            steps += 1
        return steps

    def entered(self) -> int:
        """How many assessments stand in the ledger."""
        with self.state.engine.connect() as connection:
            return int(connection.execute(select(func.count()).select_from(ASSESSMENTS)).scalar_one())


@pytest.fixture
def work(app: FastAPI) -> AtWork:
    """The service, on either database."""
    return AtWork(app)


def test_wrong_cells_are_told_before_anything_runs(work: AtWork) -> None:
    """Twenty ways, each by its cell; nothing is asked until it is started, and then the right rows alone."""
    made = made_list(45, len(WAYS))
    told = work.send(made)
    assert (told["state"], told["counts"]["wrong"], told["counts"]["waiting"]) == ("checked", 20, 25)
    wrong = work.rows(told["id"], state="wrong")
    assert {row["n"]: row["faults"][0]["pointer"] for row in wrong} == made.wrong
    assert all(row["faults"][0]["message"] for row in wrong)
    assert (work.runner.step() > 0, work.entered()) == (True, 0)
    started = work.client.post(f"/v1/jobs/{told['id']}/start").json()
    assert started["state"] == "queued"
    assert work.client.post(f"/v1/jobs/{told['id']}/start").status_code == 409
    work.finish()
    over = work.job(told["id"])
    assert (over["state"], over["counts"]["done"], work.entered()) == ("done", 25, 25)


def test_a_list_is_answered_as_each_would_be_alone(work: AtWork) -> None:
    """The same figures as when it is asked over HTTP; what was asked is kept no longer, names come from entries."""
    job = work.send(made_list(3))
    assert job["state"] == "queued"
    work.finish()
    rows = work.rows(job["id"])
    alone = work.client.post("/v1/assessments", json=applicant(2, 2)).json()
    of_list = work.client.get(f"/v1/assessments/{rows[0]['assessment']}").json()
    for part in ("points", "pd", "recommendation", "limit", "findings", "patents"):
        assert of_list[part] == alone[part], part
    assert rows[0]["legal_name"] == "试验企业2有限公司"
    assert (rows[0]["advice"], rows[0]["points"]) == (alone["recommendation"]["advice"], alone["points"])
    with work.state.engine.connect() as connection:
        kept = connection.execute(select(JOB_ROWS.c.question, JOB_ROWS.c.firm, JOB_ROWS.c.case)).all()
    assert {tuple(row) for row in kept} == {(None, None, None)}


def test_the_same_sent_twice_at_once_is_one_job(work: AtWork) -> None:
    """Whoever clicks twice, or whose proxy tries again, finds the one job: none of the two is refused."""
    job = NewJob("pledge", "list.xlsx", "d" * 64, [NewRow("A2", "1", "row:1", b"{}")], "zh", "twice")
    ready = Barrier(4)

    def send(_: int) -> str:
        ready.wait()
        return enter_job(work.state.engine, OPEN, job, 3, NOON)

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(send, range(4)))) == 1


def test_sent_twice_is_one_job(work: AtWork) -> None:
    """Under one key with the same file; another file is another job."""
    made = made_list(2)
    assert work.send(made)["id"] == work.send(made)["id"] != work.send(made_list(2, first=50))["id"]


@pytest.mark.parametrize("settled", [0, 5])
def test_every_row_is_entered_once_though_a_process_dies(work: AtWork, settled: int) -> None:
    """Killed after rows were answered and before they were told: another takes them up and finds their entries."""
    job = work.send(made_list(AT_ONCE + 4))
    state = work.state
    taken = take_rows(state.engine, "dead", AT_ONCE, 3600, NOON)
    assert taken is not None
    for row in taken.rows[:settled]:
        asked = state.question(row.question, f"job {job['id']}/{row.n}", work.runner._owner(taken), "zh")  # type: ignore[arg-type]
        state.batcher.enter(asked).result()
    work.finish()
    assert (work.job(job["id"])["state"], work.entered()) == ("running", settled + 4)
    with writing_apart(state.engine) as connection:
        connection.execute(update(JOB_ROWS).where(JOB_ROWS.c.holder == "dead"), {"held_until": 0.0})
    work.finish(JobRunner(state))
    over = work.job(job["id"])
    assert (over["state"], over["counts"]["done"], work.entered()) == ("done", over["rows"], over["rows"])
    assert len({row["assessment"] for row in work.rows(job["id"])}) == over["rows"]


def test_callers_take_turns(work: AtWork) -> None:
    """A short list that was sent behind a long one is over long before it; one caller's lists follow each other."""
    rows = [NewRow(f"questions!{n}", None, None, b"{}") for n in range(5 * AT_ONCE)]
    one, other = replace(OPEN, id="1" * 32), replace(OPEN, id="2" * 32)
    engine = work.state.engine
    long = enter_job(engine, one, NewJob("pledge", "long", "a", rows, "zh"), 3, NOON)
    later = NOON + timedelta(seconds=1)
    second = enter_job(engine, one, NewJob("pledge", "second", "b", rows[:2], "zh"), 3, later)
    short = enter_job(engine, other, NewJob("pledge", "short", "c", rows[:AT_ONCE], "zh"), 3, later)
    served = [take.job.id for _ in range(8) if (take := take_rows(engine, "me", AT_ONCE, 3600, NOON))]
    assert served == [long, short, long, long, long, long]
    assert second not in served


def test_a_caller_has_a_bounded_number_of_jobs(work: AtWork) -> None:
    """Beyond it another is refused until one is over or cancelled."""
    sent = [work.send(made_list(1, first=n), key=str(n)) for n in range(3)]
    more = work.client.post("/v1/jobs", content=made_list(1, first=9).content)
    assert (more.status_code, more.json()["code"]) == (429, "too_many_jobs")
    assert work.client.post(f"/v1/jobs/{sent[0]['id']}/cancellation").json()["state"] == "cancelled"
    assert work.client.post(f"/v1/jobs/{sent[0]['id']}/cancellation").status_code == 409
    assert work.client.post("/v1/jobs", content=made_list(1, first=9).content).status_code == 201


def test_a_cancelled_job_asks_no_more(work: AtWork) -> None:
    """What was answered stays; what waited is left, and what it would have asked is gone."""
    job = work.send(made_list(AT_ONCE + 3))
    work.runner.step()
    told = work.client.post(f"/v1/jobs/{job['id']}/cancellation").json()
    assert (told["counts"]["done"], told["counts"]["left"]) == (AT_ONCE, 3)
    work.finish()
    assert work.entered() == AT_ONCE


def test_a_row_that_the_service_refuses_is_told_and_the_others_go_on(work: AtWork) -> None:
    """A firm that nobody knows: its place and why."""
    body = b"case,firm,as_of\nN1,91350100M000100Y43,2026-11-20\n"
    job = work.client.post("/v1/jobs", content=body).json()
    work.finish()
    (row,) = work.rows(job["id"])
    assert (row["state"], row["faults"][0]["pointer"]) == ("refused", ".csv!2")
    assert work.job(job["id"])["state"] == "done"


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"case,firm,as_of\n", b"\x00" * 100])
def test_what_is_no_list_is_refused(work: AtWork, content: bytes) -> None:
    """As the workbook's route refuses it."""
    assert work.client.post("/v1/jobs", content=content).status_code == 422


def test_a_row_of_nobody_stops_the_whole_list(work: AtWork) -> None:
    """A patent whose number names no applicant may belong to any of them: nothing is entered."""
    made = BytesIO(made_list(2).content)
    with ZipFile(made, "a") as packed:
        packed.writestr("titles.csv", "file,title\nN77777,high_tech\n")
    told = work.client.post("/v1/jobs", content=made.getvalue())
    assert told.status_code == 422
    assert [one["code"] for one in told.json()["errors"]] == ["workbook_no_file"]


def test_results_are_taken_away_as_text(work: AtWork) -> None:
    """CSV and Excel hold the same rows under the same headings; who took them stands above; formulas stay text."""
    job = work.send(made_list(4, 1))
    work.client.post(f"/v1/jobs/{job['id']}/start")
    work.finish()
    path = f"/v1/jobs/{job['id']}/rows?format="
    lines = list(reader(StringIO(work.client.get(path + "csv").content.decode("utf-8-sig"))))
    book = CalamineWorkbook.from_filelike(BytesIO(work.client.get(path + "xlsx").content)).get_sheet_by_index(0)
    sheet = book.to_python()
    assert "PledgeScore" in lines[0][0]
    assert [str(one) for one in sheet[1]] == lines[1]
    assert len(lines) == len(sheet) == 2 + 4
    assert [row[0] for row in sheet[2:]] == [row[0] for row in lines[2:]]
    only = work.client.get(path + "csv&state=wrong").content.decode("utf-8-sig")
    assert place_said(made_list(4, 1).wrong[4], "zh") in only


def test_old_jobs_are_forgotten(work: AtWork) -> None:
    """A month after they were sent, with their rows; assessments stay."""
    job = work.send(made_list(2))
    work.finish()
    with writing_apart(work.state.engine) as connection:
        connection.execute(update(JOBS), {"touched": 0.0})
        forget_old_jobs(connection)
    assert work.client.get(f"/v1/jobs/{job['id']}").status_code == 404
    assert work.entered() == 2
    with work.state.engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(JOB_ROWS)).scalar_one() == 0


@pytest.fixture
def threaded(app: FastAPI) -> Iterator[AtWork]:
    """The service with its thread."""
    with TestClient(app):
        yield AtWork(app)


def test_the_thread_of_a_service_works_by_itself(threaded: AtWork) -> None:
    """A job that is sent is over soon, without anybody asking for it."""
    job = threaded.send(made_list(2))
    until = monotonic() + 30
    while threaded.job(job["id"])["state"] != "done" and monotonic() < until:
        sleep(0.05)
    assert threaded.job(job["id"])["counts"]["done"] == 2
