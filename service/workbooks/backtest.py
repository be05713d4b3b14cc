"""What would have been advised about old files, each by what was known on its own day, beside how it came out.

Nothing is recorded: what is asked is a bank's past. A file that cannot be assessed stands in the table with the reason.
"""

import logging
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import islice
from typing import Literal, get_args

import msgspec
import orjson

from features.errors import Fault, PledgeScoreError
from service.assessing.stages import Assessed, Question
from service.assessing.story import Assessor
from service.edge.errors import Defect
from service.ledger import actors
from service.ledger.ledger_settings import settings_of
from service.ledger.redaction import Part
from service.workbooks.reading import ReadQuestion, Workbook

log = logging.getLogger("pledgescore")
TOGETHER = 64
"""Files that are assessed at once, and no more of which are held."""
BAD_DAYS = 90
"""Days past due from more than which a loan counts as bad, where no outcome is stated."""
NO_ADVICE = "no_advice"
"""How files are counted that ask for no loan and offer no patent."""
_BAD_CLASSES = ("substandard", "doubtful", "loss")
CameOut = Literal["bad", "good", "unknown"]
OUTCOMES: tuple[CameOut, ...] = get_args(CameOut)


class OldFile(msgspec.Struct, frozen=True):
    """What would have been advised about an old file. Money in fen; None where it could not be told.

    `reason`: the rule that comes first. `missing`: rules whose facts were not known and that weigh. `later`: rows that
    became known only after the day, which were not read. `came_out`: as the workbook tells it. `faults`: why it could
    not be assessed.
    """

    number: str
    firm: str
    as_of: str
    name: str | None = None
    asked: int | None = None
    advice: str | None = None
    amount: int | None = None
    pd: float | None = None
    grade: str | None = None
    binding: str | None = None
    reason: str | None = None
    missing: tuple[str, ...] = ()
    later: int = 0
    came_out: CameOut = "unknown"
    faults: tuple[Fault, ...] = ()


class Counts:
    """How many files were advised how, by how they came out; `refused`: those that could not be assessed."""

    def __init__(self) -> None:
        self.files = self.refused = 0
        self.by_advice: dict[str, Counter[CameOut]] = {}

    def seen(self, files: Iterable[OldFile]) -> Iterator[OldFile]:
        """The same files, counted as they pass."""
        for one in files:
            self.files += 1
            if one.faults:
                self.refused += 1
            else:
                self.by_advice.setdefault(one.advice or NO_ADVICE, Counter())[one.came_out] += 1
            yield one


def old_files(workbook: Workbook, assessor: Assessor, now: datetime) -> Iterator[OldFile]:
    """Every file of the workbook in its order, a few at a time."""
    asked, today = workbook.questions(later=True), settings_of(assessor.engine).day_of(now)
    while questions := list(islice(asked, TOGETHER)):
        wrong = {place: found for place, one in enumerate(questions) if (found := one.wrong)}
        right = [one for place, one in enumerate(questions) if place not in wrong]
        answers = iter(_assessed(assessor, [_asked(one, now, today) for one in right]))
        for place, one in enumerate(questions):
            yield _told(one, wrong[place] if place in wrong else next(answers))


def _asked(one: ReadQuestion, now: datetime, today: date) -> Question:
    """The question without what was stated of its outcome."""
    rows = one.body.get("rows")
    told = {table: own for table, own in rows.items() if table != "outcomes"} if isinstance(rows, Mapping) else {}
    body = orjson.dumps({**one.body, "rows": told} if told else {k: v for k, v in one.body.items() if k != "rows"})
    return Question(body, now, today, actors.COMMAND)


def _assessed(assessor: Assessor, questions: Sequence[Question]) -> list[Part | PledgeScoreError]:
    """The answers; a defect in one of them takes no other down."""
    try:
        found = assessor.assess(assessor.gather(questions))
    except Exception:
        if len(questions) == 1:
            log.exception("an old file could not be assessed")
            return [Defect("defect")]
        return [answer for one in questions for answer in _assessed(assessor, [one])]
    return [one.parts if isinstance(one, Assessed) else one for one in found]


def _told(one: ReadQuestion, answer: Part | PledgeScoreError | Sequence[Fault]) -> OldFile:
    asked = one.body
    number = str(asked.get("case") or one.row.number)
    known = OldFile(number, str(asked.get("firm", "")), str(asked.get("as_of", "")), came_out=_came_out(one))
    if isinstance(answer, PledgeScoreError):
        faults = [one.at_cell(told) for told in answer.faults] or answer.as_faults()
        return msgspec.structs.replace(known, faults=tuple(faults))
    if not isinstance(answer, Mapping):
        return msgspec.structs.replace(known, faults=tuple(answer))
    advice, limit = answer["recommendation"] or {}, answer["limit"] or {}
    because = advice.get("because") or [{}]
    return msgspec.structs.replace(
        known,
        name=answer["legal_name"],
        asked=(limit.get("bounds") or {}).get("asked"),
        advice=advice.get("advice"),
        amount=advice.get("amount"),
        pd=answer["pd"]["value"],
        grade=answer["grade"],
        binding=limit.get("binding"),
        reason=because[0].get("rule"),
        missing=tuple(_missing(answer)),
        later=sum(row["count"] for row in answer["ignored"]),
    )


def _missing(answer: Part) -> Iterable[str]:
    every = [*answer["findings"], *(found for row in answer["patents"] for found in row["findings"])]
    open_ = (one["rule"] for one in every if one["outcome"] == "unknown" and one.get("effect", "info") != "info")
    return dict.fromkeys(open_)


def _came_out(one: ReadQuestion) -> CameOut:
    """As it is stated, else by the months of the loans that the file knows."""
    stated = [row.values.get("label") for row in one.rows.get("outcomes", ())]
    if any(label is not None for label in stated):
        return "bad" if True in stated else "good"
    months = [row.values for row in one.rows.get("performance", ())]
    if not months:
        return "unknown"
    bad = (
        _number(month.get("days_past_due")) > BAD_DAYS or month.get("risk_class") in _BAD_CLASSES for month in months
    )
    return "bad" if any(bad) else "good"


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0
