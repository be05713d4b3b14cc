"""Reads an answer as an officer does, and nothing but the answer: which of its reasons contradict themselves?"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from features.phrase import LANGUAGES
from models.score.kinds import KINDS
from service.assessing.wording import Wording

Answer = Mapping[str, Any]
Both = tuple[str, str]
"""A sentence in Chinese and English."""
WORDS = {
    "better": (re.compile("优于"), re.compile(r"\bbetter than\b")),
    "worse": (re.compile("劣于"), re.compile(r"\bworse than\b")),
    "above": (re.compile("高于"), re.compile(r"\babove the\b")),
    "below": (re.compile("低于"), re.compile(r"\bbelow the\b")),
}
"""What a sentence says of how a value stands to the usual one, in Chinese and English."""
MOVES = {
    "raises": (re.compile("提高"), re.compile(r"\braises the score\b")),
    "lowers": (re.compile("降低"), re.compile(r"\blowers the score\b")),
}
READS_AS: dict[str | None, str] = {"better": "raises", "worse": "lowers"}


def contradictions(answer: Answer) -> list[str]:
    """Everything in the reasons that says two things at once, each named."""
    base, reasons = answer["base"], answer["reasons"]
    told = [Wording(language).reasons(dict(answer), "reasons", KINDS[answer["kind"]]) for language in LANGUAGES]
    bases = tuple(one["base"]["says"] for one in told)
    sentences = zip(*([reason["says"] for reason in one["reasons"]] for one in told), strict=True)
    found = [
        f"{reason['feature']}: {fault}"
        for reason, says in zip(reasons, sentences, strict=True)
        for fault in _of_reason(reason, bases, says)
    ]
    tenths = round(10 * base["points"]) + sum(round(10 * reason["points"]) for reason in reasons)
    if tenths != round(10 * answer["points"]):
        found.append(f"base and reasons sum to {tenths / 10}, the score is {answer['points']}")
    return found


def uncompared(answer: Answer) -> int:
    """How many reasons are worded without comparison."""
    return sum("compared_to" not in reason for reason in answer["reasons"])


def _of_reason(reason: Answer, bases: Both, says: Both) -> Iterator[str]:
    if reason["points"] * (1 if reason["direction"] == "raises" else -1) < 0:
        yield f"{reason['direction']} by {reason['points']} points"
    for move, words in MOVES.items():
        if any(
            bool(word.search(text)) != (move == reason["direction"]) for word, text in zip(words, says, strict=True)
        ):
            yield f"{reason['direction']}, but says: {says}"
    yield from _of_comparison(reason, bases, says)


def _of_comparison(reason: Answer, bases: Both, says: Both) -> Iterator[str]:
    compared = reason.get("compared_to")
    told = {word for word, words in WORDS.items() if any(w.search(text) for w, text in zip(words, says, strict=True))}
    yield from (f"{word}, and {reason['direction']} the score" for word in told if _clashes(word, reason))
    if compared is None:
        if told:
            yield f"is compared with nothing, but says: {says}"
        return
    people = (bases[0].removesuffix("的平均水平"), bases[1].removeprefix("average of "))
    if any(who not in text for who, text in zip(people, says, strict=True)):
        yield f"is measured from {people}, but says: {says}"
    yield from _of_numbers(reason, compared["relation"])
    said = {compared["relation"]} - {"equal"} - ({"above", "below"} if compared["of"] == "yes" else set())
    if told != said:
        yield f"is told as {compared['relation']}, but says: {says}"


def _of_numbers(reason: Answer, relation: str) -> Iterator[str]:
    """What the two numbers alone say; those that are written alike are equal to a reader."""
    seen = stands(reason)
    if relation not in ("equal", seen):
        yield f"is told as {relation}, is {seen}"
    if relation != "equal" and _clashes(seen, reason):
        yield f"{reason['observed']} beside {reason['compared_to']['value']} reads as {seen}, and {reason['direction']}"


def _clashes(word: str | None, reason: Answer) -> bool:
    return word in READS_AS and READS_AS[word] != reason["direction"]


def stands(reason: Answer) -> str | None:
    """How the observed number stands to the usual one, by the two numbers and by which of more and less is better."""
    compared, observed = reason["compared_to"], reason["observed"]
    if compared["of"] not in ("median", "yes") or observed == compared["value"]:
        return None
    above = observed > compared["value"]
    if reason.get("better") is None:
        return "above" if above else "below"
    return "better" if above == (reason["better"] == "more") else "worse"
