"""Jobs and their rows. They are not evidence: what a row was answered is an entry, found by the row's own key."""

from sqlalchemy import BigInteger, Index
from sqlmodel import Field, SQLModel


class JobRecord(SQLModel, table=True):
    """A list that somebody sent: `state` is checked, queued, running, done, cancelled or stopped.

    `owner` is the account's random id. `turn` says when it was last served, so that callers take turns; `trouble` why
    it waits or stopped, as a fault in JSON. `touched` is a second since 1970 of the database's clock.
    """

    __tablename__ = "jobs"

    id: str = Field(primary_key=True)
    key: str | None = Field(default=None, unique=True)
    owner: str = Field(index=True)
    bank: str | None = None
    branch: str | None = None
    kind: str
    name: str
    digest: str
    language: str
    state: str = Field(index=True)
    made_at: str
    started_at: str | None = None
    ended_at: str | None = None
    rows: int
    turn: int = 0
    trouble: str | None = None
    touched: float


class JobRowRecord(SQLModel, table=True):
    """A row of a job: `state` is wrong, waiting, done, refused or left.

    `question` is what is asked, compressed, until it is answered; `cells` where its own
    parts stand in the file, as JSON; `faults` the cells that are wrong and why, as JSON.
    Whoever works on a row holds it until `held_until`, a second of the database's clock.
    """

    __tablename__ = "job_rows"

    job: str = Field(primary_key=True)
    n: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    place: str
    case: str | None = None
    firm: str | None = Field(default=None, index=True)
    state: str
    question: bytes | None = None
    cells: str | None = None
    faults: str | None = None
    assessment: str | None = Field(default=None, index=True)
    advice: str | None = None
    asked: int | None = Field(default=None, sa_type=BigInteger)
    advised: int | None = Field(default=None, sa_type=BigInteger)
    binding: str | None = None
    holder: str | None = None
    held_until: float = 0.0


JOBS = SQLModel.metadata.tables["jobs"]
JOB_ROWS = SQLModel.metadata.tables["job_rows"]
Index("ix_job_rows_state", JOB_ROWS.c.job, JOB_ROWS.c.state, JOB_ROWS.c.n)
