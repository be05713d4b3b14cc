"""What rules read over columns: places of a batch, the case of each, policy on its day, and facts for findings.

A place is a patent or a case. NaN and -1 are *not known*; money in fen, days as ordinals.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import lru_cache
from math import isnan

import numpy as np

from features.arrays import NOT_KNOWN, Bools, Encoded, Floats, Ints
from features.exact import exactly
from features.lazy import lazy
from features.phrase import Fact
from features.policy.parameters import PolicyValue
from features.tables import SOURCE_KINDS
from features.vocabulary import UNKNOWN, VOCABULARY
from models.need.result import decimal
from models.records.applicant import Applicant, Facts
from models.rules.finding import Proof

FactColumn = Callable[[int], Fact | date]
"""A fact of the patent or case at a place, decoded when a finding is made of it."""


@dataclass(frozen=True)
class EvidenceColumn:
    """The latest paper about one fact of each patent: its place in `evidence`, and whether it still counts.

    `answer`: the place of its answer among the fact's `codes`; -1 where none was seen, or it says that it is not known.
    `worded`: it answers in words of its own, as older papers do.
    """

    place: Ints
    fresh: Bools
    answer: Ints
    codes: tuple[str, ...]
    worded: Bools

    def says(self, code: str) -> Bools:
        """Where a paper that still counts gives this answer."""
        found: Bools = self.fresh & (self.answer == self.codes.index(code))
        return found

    @property
    def answered(self) -> Bools:
        """Where a paper that still counts gives an answer."""
        found: Bools = self.fresh & (self.answer >= 0)
        return found

    @property
    def free(self) -> Bools:
        """Where a paper that still counts answers in words of its own."""
        found: Bools = self.fresh & self.worded
        return found

    def word(self, place: int) -> str:
        """The code of the answer, as a fact."""
        return self.codes[int(self.answer[place])]


class BatchColumns:
    """The places of a batch; `case`: the case of each."""

    def __init__(self, facts: Facts, case: Ints) -> None:
        self.facts, self.known, self.case = facts, facts.known, case
        self.as_of = facts.known.as_of[case]
        self.applicants = facts.applicants
        self._periods: dict[str, list[tuple[PolicyValue, Bools]]] = {}
        self._thresholds: dict[tuple[str, str], Floats] = {}
        self.outcomes: dict[str, Ints] = {}  # of rules that have answered, by code

    def __len__(self) -> int:
        return len(self.case)

    def a(self, place: int) -> Applicant:
        """The applicant whose case the place belongs to."""
        return self.applicants[int(self.case[place])]

    def subject(self, place: int) -> str:
        """What a finding is about."""
        raise NotImplementedError

    # --- policy ------------------------------------------------------------------------------------------------------

    def param(self, name: str) -> Floats:
        """A number of policy on the day of each place's case; NaN before its first value."""
        return self.known.policy(name).along(self.known.as_of)[self.case]

    def periods(self, name: str) -> list[tuple[PolicyValue, Bools]]:
        """Each value of a parameter that is in force on one of the days, with the places for which it is."""
        if name not in self._periods:
            found = self.known.policy(name).periods(self.known.as_of)
            self._periods[name] = [(value, days[self.case]) for value, days in found]
        return self._periods[name]

    def in_force(self, name: str) -> Bools:
        """Whether a parameter has a value on the day of each place's case."""
        found: Bools = self.as_of >= self.known.policy(name).first_days[0]
        return found

    def early(self, name: str) -> Bools | None:
        """Whether the day of each place's case lies before the first value of a parameter; None where no day does."""
        return None if self._first_day >= self.known.policy(name).first_days[0] else ~self.in_force(name)

    @lazy
    def _first_day(self) -> float:
        """The earliest day of any case."""
        return float(self.known.as_of.min(initial=np.inf))

    def case_table(self, name: str) -> dict[str, Floats]:
        """The numbers of a table of policy on the day of each case; NaN before its first value."""
        found: dict[str, Floats] = {}
        for value, on_day in self.known.policy(name).periods(self.known.as_of):
            for key, number in value.items():
                found.setdefault(key, np.full(len(self.known), np.nan))[on_day] = number
        return found

    def threshold(self, name: str, key: str) -> Floats:
        """One number of a table of policy on the day of each place's case; NaN before its first value."""
        if (name, key) not in self._thresholds:
            found = np.full(len(self), np.nan)
            for value, on_day in self.periods(name):
                found[on_day] = value[key]
            self._thresholds[name, key] = found
        return self._thresholds[name, key]

    # --- papers ------------------------------------------------------------------------------------------------------

    def evidence_at(self, fact: str, place: Ints) -> EvidenceColumn:
        """The papers about a fact at places of `evidence`, one for each place of the batch; -1 where none was seen."""
        rows, answers = self.known.evidence, VOCABULARY.answers(fact)
        codes = tuple(code for code in answers.words if code != UNKNOWN)
        if not (place >= 0).any():
            return EvidenceColumn(place, place >= 0, place, codes, place >= 0)
        age, expires = self.as_of - at(rows.seen_on, place), at(rows.expires_on, place)
        lasting = np.where(np.isnan(expires), age <= self.param("freshness_days.evidence"), expires >= self.as_of)
        of_code: dict[str | None, int] = {code: number for number, code in enumerate(codes)}
        words = self.known.tables.words("answer")
        said = words.map(lambda text: of_code.get(answers.code(text), NOT_KNOWN), NOT_KNOWN)
        told = np.where(place >= 0, rows.codes("answer")[place], NOT_KNOWN)
        answer = np.where(told >= 0, np.array(said, dtype=np.int64)[told], NOT_KNOWN)
        own = np.array(words.map(lambda text: answers.code(text) is None, False), dtype=bool)[told] & (told >= 0)
        return EvidenceColumn(place, (place >= 0) & lasting, answer, codes, own)

    # --- facts of findings -------------------------------------------------------------------------------------------

    def day(self, days: Floats) -> FactColumn:
        """A column of days as a fact."""
        return lambda place: as_day(days[place])

    def count(self, numbers: Floats) -> FactColumn:
        """A column of whole numbers as a fact: counts, or amounts."""
        return lambda place: None if isnan(numbers[place]) else int(numbers[place])

    def decimal(self, numbers: Floats) -> FactColumn:
        """A column of numbers as policy states them, as decimal text."""
        return lambda place: None if isnan(numbers[place]) else _written(float(numbers[place]))

    def ratio(self, part: Floats, whole: Floats) -> FactColumn:
        """A quotient of whole numbers as decimal text; None where the whole is not above zero."""

        def told(place: int) -> Fact:
            if isnan(part[place]) or isnan(whole[place]) or whole[place] <= 0:
                return None
            return decimal(Fraction(int(part[place]), int(whole[place])))

        return told

    def change(self, now: Floats, before: Floats) -> FactColumn:
        """By which share something grew (below zero: fell), as decimal text; None where there was nothing before."""

        def told(place: int) -> Fact:
            if isnan(now[place]) or isnan(before[place]) or before[place] <= 0:
                return None
            return decimal(Fraction(int(now[place]), int(before[place])) - 1)

        return told

    def choice(self, codes: Floats, words: tuple[str, ...]) -> FactColumn:
        """A column of choices, as places in their words, as a fact."""
        return lambda place: None if isnan(codes[place]) else words[int(codes[place])]

    def word(self, codes: Ints, domain: str) -> FactColumn:
        """A column of coded texts as a fact."""
        words = self.known.tables.words(domain).words
        return lambda place: words[codes[place]] if codes[place] >= 0 else None

    def proof(self, table: str, row: int, day: str, place: int) -> Proof:
        """A row of a table as the source of a finding; `day`: the column that says when it was seen."""
        rows, words = self.known.rows(table), self.known.tables.words("source").words
        source, seen_on = int(rows.codes("source")[row]), as_day(rows.numbers(day)[row])
        assert seen_on is not None
        named = words[source] if source >= 0 else SOURCE_KINDS[int(rows.codes("source_kind")[row])]
        return Proof(named, seen_on, self.a(place).age(seen_on))

    def dated(self, kind: str, days: Floats, place: int) -> Proof:
        """A kind of paper of that day as the source of a finding."""
        return Proof(kind, as_day(days[place]), int(self.as_of[place] - days[place]))


@lru_cache(maxsize=1024)
def _written(number: float) -> str:
    """A number of policy as decimal text; there are few, and every case asks for them."""
    return decimal(exactly(number))


def as_day(ordinal: float) -> date | None:
    """A day, None where it is not known."""
    return None if isnan(ordinal) else date.fromordinal(int(ordinal))


def at(values: Encoded, place: Ints) -> Floats:
    """The values at some places; NaN where the place is -1."""
    return np.where(place >= 0, values[place], np.nan) if len(values) else np.full(len(place), np.nan)
