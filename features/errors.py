"""Errors that a person is meant to read: a code with typed facts, from which the word templates make a sentence.

Rule: what a person may read when something is refused (over HTTP, on the command line, in a file) is raised as a
subclass of `PledgeScoreError`. Its code names the template `refusal.CODE` in models/words/zh.yaml and en.yaml, whose
sentence says what to do next. `ValueError`, `TypeError`, `RuntimeError` and `AssertionError` with a sentence of their
own are for defects of the calling code, which keep their traceback (docs/decisions/0016-refusals-are-codes.md).
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import ClassVar, TypeAlias

import msgspec

from features.phrase import Fact, Language, Phrase

MOST_FAULTS = 100
"""Faults listed in one refusal: enough to correct a file by, not enough to fill a disk."""
FAMILY = "refusal."
"""What the templates of refusals begin with."""

AnyFact: TypeAlias = Fact | date | Path
"""A fact as the code has it; days and paths become text."""


def as_facts(given: Mapping[str, AnyFact]) -> dict[str, Fact]:
    """Facts as a phrase holds them: days and paths as text."""
    return {name: _fact(fact) for name, fact in given.items()}


def refusal_phrase(code: str, /, **facts: AnyFact) -> Phrase:
    """The phrase of a code of a refusal. That the facts fit the template is held by a test over all calls."""
    return Phrase(FAMILY + code, as_facts(facts))


class Fault(msgspec.Struct, frozen=True, omit_defaults=True):
    """One place that is wrong: a JSON pointer (RFC 6901) into what was sent, a cell, the name of a setting, or none.

    `column`: of a cell the column of the table that stands there, or should stand there, `patents.filed_on`.
    """

    pointer: str
    phrase: Phrase
    column: str = ""

    @property
    def code(self) -> str:
        """The code without the family of its template."""
        return self.phrase.code.removeprefix(FAMILY)


def fault(pointer: str, code: str, /, **facts: AnyFact) -> Fault:
    """That the place is wrong for the reason that the code says."""
    return Fault(pointer, refusal_phrase(code, **facts))


def _codes(phrase: Phrase, _: Language) -> str:
    return " ".join([phrase.code, *(f"{name}={fact!r}" for name, fact in phrase.facts.items())])


def _line(one: Fault, language: Language) -> str:
    return ": ".join(filter(None, (one.pointer, PledgeScoreError.say(one.phrase, language))))


class PledgeScoreError(Exception):
    """What cannot be done: `code` names the word template `refusal.CODE`, `facts` fill it.

    `faults` lists the places that are wrong, where there are such. `str` is the English text, for logs. Raise a
    subclass where a caller must tell one failure from another.
    """

    say: ClassVar[Callable[[Phrase, Language], str]] = staticmethod(_codes)
    """Makes the sentence: the word templates, once `models.words` is imported, which stands above this module."""

    line: ClassVar[Callable[[Fault, Language], str]] = staticmethod(_line)
    """Makes the line of a place that is wrong: `models.words.faults`, once it is imported."""

    def __init__(self, code: str, /, *, faults: Sequence[Fault] = (), **facts: AnyFact) -> None:
        super().__init__(code)
        self.phrase = refusal_phrase(code, **facts)
        self.faults = tuple(faults[:MOST_FAULTS])

    @property
    def code(self) -> str:
        """The code without the family of its template."""
        return self.phrase.code.removeprefix(FAMILY)

    @property
    def facts(self) -> Mapping[str, Fact]:
        """What the sentence names."""
        return self.phrase.facts

    def as_faults(self, pointer: str = "") -> list[Fault]:
        """The error as what is wrong at a place of something larger, or as the cause of another error."""
        return [Fault(pointer, self.phrase), *self.faults]

    def sentence(self, language: Language) -> str:
        """What cannot be done and what to do about it."""
        return PledgeScoreError.say(self.phrase, language)

    def text(self, language: Language) -> str:
        """The sentence, then a line for each place that is wrong."""
        return "\n  ".join([self.sentence(language), *(PledgeScoreError.line(one, language) for one in self.faults)])

    def __str__(self) -> str:
        return self.text("en")

    def __reduce__(self) -> tuple[object, ...]:
        """So that one process tells another: whatever a subclass is made of, its code, facts and faults go over."""
        return _again, (type(self), self.args, self.__dict__)


def _again(kind: type[PledgeScoreError], arguments: tuple[object, ...], told: dict[str, object]) -> PledgeScoreError:
    error = kind.__new__(kind, *arguments)
    error.__dict__.update(told)
    return error


def _fact(fact: AnyFact) -> Fact:
    if isinstance(fact, Path):
        return str(fact)
    return fact.isoformat() if isinstance(fact, date) else fact
