"""Screens a lake against lists, a partition at a time: per firm and list both models' scores with reasons, and why.

A partition's rows follow from the question and from nothing else, so it does not matter which process answers, nor in
which order: one after another on a laptop, or on the workers of a cluster.
"""

import gc
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib.metadata import version
from io import BytesIO
from pathlib import Path
from time import perf_counter

import polars as pl

from features.asof import Case, Known, as_known
from features.encoded import Tables
from features.errors import PledgeScoreError
from features.lake import Lake
from features.matrix import matrix
from features.norms import NO_NORMS
from features.phrase import DEFAULT_WORDS, Language, Phrase, WordsChoice, language_of
from features.policy import Policy, shipped
from features.policy import load as load_policy
from features.policy.parameters import SHIPPED
from models.assess import MeasuredReasons, explain
from models.rules import Finding, Listed, applicant, lists, screen
from models.rules.checks import check_policy
from models.rules.whitelists import UnknownList
from models.score.bundle import Bundle, load
from models.score.kind import ModelKind
from models.score.phrases import say_reason
from models.score.reasons import base_of
from models.score.self_test import work
from models.words.formats import ABSENT
from models.words.templates import SHIPPED as WORDS
from models.words.templates import phrase, say

TOGETHER = 4000
"""Firms looked at together: a usual partition, whose words are then read once, and no more of a large one."""

_MODELS = ("admission", "pd")
_OfModel = tuple[float | None, str | None, str | None, str | None]
_OF_MODEL = ("", "_grade", "_reasons", "_reasons_text")
COLUMNS: dict[str, type[pl.DataType]] = {
    "firm": pl.String, "legal_name": pl.String, "as_of": pl.Date, "list": pl.String, "list_kind": pl.String,
    "outcome": pl.String, "why_not": pl.String,
    "why_text": pl.String, "why_not_text": pl.String, "cautions_text": pl.String,
} | {f"{model}{part}": pl.String if part else pl.Float64 for model in _MODELS for part in _OF_MODEL}  # fmt: skip
"""Of a screened row. `outcome`: pass, fail, unknown or not_applicable; `why_not`: the rules that keep the firm off the
list, each with its outcome; `admission`: the whitelist model's probability; `pd`: the pledge model's, no loan being
asked for; `_reasons`: each model's first reasons, features with their points. `_text`: sentences in the language that
is asked for; where codes alone are asked for there are no such columns."""


class NotTheSame(PledgeScoreError):
    """A worker does not see what the one who asks sees."""


@dataclass(frozen=True)
class ScreeningQuestion:
    """What is asked of every firm of a lake, so that any process that sees the folders can answer.

    `whitelist`, `pledge`: bundles; None: nobody's probability is known. `policy`: a bank's own folder, if it has one.
    `reasons`: how many of each model's reasons are kept. `words`: the language of the sentences.
    """

    lake: Path
    day: date
    lists: tuple[str, ...]
    whitelist: Path | None = None
    pledge: Path | None = None
    policy: Path | None = None
    reasons: int = 4
    words: WordsChoice = DEFAULT_WORDS

    @property
    def columns(self) -> list[str]:
        """The columns of its rows, out of `COLUMNS`."""
        return [name for name in COLUMNS if self.words != "none" or not name.endswith("_text")]


@dataclass(frozen=True)
class Sources:
    """What a question's folders hold."""

    lake: Lake
    policy: Policy
    whitelist: Bundle | None
    pledge: Bundle | None


@dataclass
class ScreenedPartition:
    """One partition screened: its rows as a Parquet file's bytes, how many firms, and the seconds by stage."""

    index: int
    rows: bytes = b""
    firms: int = 0
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Count the seconds of a block."""
        began = perf_counter()
        yield
        self.seconds[name] = self.seconds.get(name, 0.0) + perf_counter() - began


@cache
def sources(question: ScreeningQuestion) -> Sources:
    """What the folders hold, checked, and read once in a process. Raises `PledgeScoreError`s that say what is wrong."""
    policy = policy_of(question.policy)
    whitelist, pledge = (
        load(folder, shipped()) if folder else None for folder in (question.whitelist, question.pledge)
    )
    return Sources(Lake(question.lake), policy, whitelist, pledge)


def policy_of(own: Path | None) -> Policy:
    """The shipped policy, with a bank's own folder over it."""
    policy = load_policy(SHIPPED, own) if own else shipped()
    check_policy(policy)
    return policy


def chosen_lists(name: str, policy: Policy) -> tuple[str, ...]:
    """The list of that name, or `all`. Raises `UnknownList`."""
    stated = tuple(lists(policy))
    if name == "all":
        return stated
    if name not in stated:
        raise UnknownList("no_list", name=name, lists=(*stated, "all"))
    return (name,)


def identity(question: ScreeningQuestion) -> dict[str, str]:
    """All that a row follows from, by name: two questions alike in it have the same answer to the last bit."""
    seen = sources(question)
    return {
        "lake": seen.lake.manifest.digest,
        "day": question.day.isoformat(),
        "lists": ", ".join(question.lists),
        "whitelist_model": seen.whitelist.id if seen.whitelist else ABSENT,
        "pledge_model": seen.pledge.id if seen.pledge else ABSENT,
        "policy": seen.policy.digest,
        "reasons": str(question.reasons),
        "words": question.words,
        "version": version("pledgescore"),
    }


def screened(question: ScreeningQuestion, index: int, expected: dict[str, str]) -> ScreenedPartition:
    """One partition screened by a process that sees what is `expected`. Raises `NotTheSame`."""
    if (found := identity(question)) != expected:
        raise NotTheSame("workers_differ", differing=differing(expected, found))
    with _freed_at_the_end():
        part = ScreenedPartition(index)
        frames = list(_frames(question, part))
        written = BytesIO()
        with part.stage("writing"):
            pl.concat(frames or [pl.DataFrame(schema=COLUMNS)]).select(question.columns).write_parquet(written)
        part.rows = written.getvalue()
        return part


@contextmanager
def _freed_at_the_end() -> Iterator[None]:
    """A partition's records point at each other and hold its tables: the collector frees them once, when all is done.

    Left to itself it looks at them again and again while they grow, and keeps some partitions long after. What was
    there before is not looked at.
    """
    gc.disable()
    gc.freeze()
    try:
        yield
    finally:
        gc.collect()
        gc.unfreeze()
        gc.enable()


def differing(one: dict[str, str], other: dict[str, str]) -> tuple[str, ...]:
    """What two questions do not have in common: each a code with both values."""
    names = sorted(name for name in {*one, *other} if one.get(name) != other.get(name))
    return tuple(
        fact
        for name in names
        for fact in (f"screening_of.{name}", f"{one.get(name, ABSENT)} ≠ {other.get(name, ABSENT)}")
    )


def count_firms(lake: Lake, index: int, day: date) -> int:
    """How many firms of a partition are screened."""
    return len(_firms(lake.read(index, ["firms"]), day))


def _firms(frames: dict[str, pl.DataFrame], day: date) -> list[str]:
    if "firms" not in frames:
        return []
    return frames["firms"].filter(pl.col("known_on") <= day)["firm"].unique().sort().to_list()


def _frames(question: ScreeningQuestion, part: ScreenedPartition) -> Iterator[pl.DataFrame]:
    """The rows (`COLUMNS`) of each firm known by the day, a few firms at a time."""
    seen = sources(question)
    with part.stage("reading"):
        frames = seen.lake.read(part.index)
        tables, firms = Tables.from_frames(frames), _firms(frames, question.day)
    part.firms = len(firms)
    for start in range(0, len(firms), TOGETHER):
        cases = [Case(firm, firm, question.day) for firm in firms[start : start + TOGETHER]]
        norms = seen.whitelist.norms if seen.whitelist else NO_NORMS
        known = as_known(tables, cases, norms, seen.policy)
        language = language_of(question.words)
        scores = _Scores(known, question.reasons, language, part)
        rows = _rows(known, question.lists, language, scores.of(seen.whitelist), scores.of(seen.pledge))
        with part.stage("rules"):
            yield pl.DataFrame(list(rows), schema=COLUMNS, orient="row")


@dataclass(frozen=True)
class _Scores:
    """A model's answers to a few firms."""

    known: Known
    kept: int
    language: Language | None
    part: ScreenedPartition

    def of(self, bundle: Bundle | None) -> list[_OfModel]:
        """Per firm the cells `_OF_MODEL`; without a bundle nothing is known."""
        if bundle is None:
            return [(None, None, None, None)] * len(self.known)
        known = self._read_with(bundle)
        with self.part.stage("features"):
            numbers = matrix(known, bundle.features)
        with self.part.stage("models"):
            worked = work(bundle.trees, numbers)
        with self.part.stage("reasons"):
            grades = bundle.scale.grade(worked.probability)
            told = zip(worked.probability.tolist(), grades, explain(known, bundle, worked, self.kept), strict=True)
            return [(chance, grade, *_worded(bundle.kind, why, self.language)) for chance, grade, why in told]

    def _read_with(self, bundle: Bundle) -> Known:
        """What is known, compared with the bundle's own norms; what both models compare alike is computed once."""
        if bundle.norms_digest == self.known.norms.digest:
            return self.known
        return as_known(self.known.tables, self.known.cases, bundle.norms, self.known.policy)


def _worded(kind: ModelKind, found: MeasuredReasons, language: Language | None) -> tuple[str, str | None]:
    codes = "; ".join(f"{reason.feature}={reason.points:+.1f}" for reason in found.reasons)
    if language is None:
        return codes, None
    base = base_of(found.measured)
    said = (say_reason(WORDS, kind, reason, base, language) for reason in found.reasons)
    return codes, WORDS.name("between", language).join(said)


def _rows(
    known: Known,
    names: Iterable[str],
    language: Language | None,
    admissions: list[_OfModel],
    defaults: list[_OfModel],
) -> Iterator[tuple[object, ...]]:
    for place, (admission, default) in enumerate(zip(admissions, defaults, strict=True)):
        a = applicant(known, place)
        legal_name = a.profile.legal_name if a.profile else None
        for name in names:
            found = _of_list(screen(a, name, admission[0]), language)
            yield (a.firm, legal_name, a.as_of, *found, *admission, *default)


def _of_list(found: Listed, language: Language | None) -> tuple[object, ...]:
    codes = "; ".join(f"{f.rule}={f.outcome}" for f in found.why_not)
    cells = (found.list, found.kind, found.outcome, codes)
    if language is None:
        return (*cells, None, None, None)
    why = [f for f in found.findings if f.outcome == "pass"]
    cautions = [f for f in found.findings if f.open and f.effect == "caution"]
    between = WORDS.name("between", language)
    said = (between.join(say(_line(f, language), language) for f in part) for part in (why, found.why_not, cautions))
    return (*cells, *said)


def _line(f: Finding, language: Language) -> Phrase:
    """What was seen and, where it falls short, what is asked."""
    seen = say(f.observed, language) if f.observed else ""
    if not f.open or f.required is None:
        return phrase("screened_finding.met", rule=f.rule, observed=seen)
    return phrase("screened_finding.short", rule=f.rule, observed=seen, required=say(f.required, language))
