"""Which facts evidence may tell, and whether an answer to one is a code."""

from collections.abc import Iterator
from functools import cache

from features.errors import refusal_phrase
from features.phrase import Phrase
from features.policy import shipped
from features.policy.parameters import PolicyValue
from features.vocabulary.vocabulary import VOCABULARY

YES_OR_NO = "yes_or_no"
"""Under which name the answers stand to a fact that the vocabulary does not name."""
OWN = "own_"
"""What the name of a bank's own fact begins with."""


@cache
def facts_of_scorecards() -> frozenset[str]:
    """The facts that scorecards and gates of the shipped policy name."""
    policy = shipped()
    return frozenset(
        fact for name in policy.names() for value in policy(name).values.values() for fact in _facts(value)
    )


def _facts(value: PolicyValue) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(fact := value.get("fact"), str):
            yield fact
        for part in value.values():
            yield from _facts(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _facts(part)


@cache
def fact_fault(fact: str) -> Phrase | None:
    """Why a fact is refused; None where the vocabulary or a scorecard names it, or it is a bank's own."""
    if fact in VOCABULARY.facts or fact.startswith(OWN) or fact in facts_of_scorecards():
        return None
    return refusal_phrase("row_fact", facts="fact", own=OWN)


def is_about(fact: str, what: str) -> bool:
    """Whether the vocabulary says that the fact is told of a patent, an application, a loan, the firm."""
    return fact in VOCABULARY.facts and VOCABULARY.facts[fact].about == what


def answer_fault(fact: str, answer: str) -> Phrase | None:
    """Why an answer to a fact is refused; None where it is one of the fact's codes."""
    answers = VOCABULARY.answers(fact)
    if answer in answers.words:
        return None
    return refusal_phrase("row_answer", answers=f"answer.{fact if fact in VOCABULARY.facts else YES_OR_NO}")
