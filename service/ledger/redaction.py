"""How an answer is cut into leaves: a part that is not for the same readers throughout has one leaf per audience.

`/answer/PART/fund` holds what a fund may see; `/answer/PART/bank` and `/answer/PART/person` what has to be joined to it
(`joined`) for whoever sees more. Which leaves there are follows from the question's model alone, never from what was
found. Which names are for whom stands in the entry's own leaf `/cut`: an entry is read as it was cut when it was
sealed, whatever is declared since. An entry without that leaf was cut by whole parts.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from typing import Any, Self

import orjson

from service.ledger.canonical import canonical, without_floats
from service.ledger.seal import Leaves

CUT, SENT = "/cut", "/sent"
FORM = "pledgescore-cut-1"
Answer = Mapping[str, object]
"""The parts of an answer by name."""
Names = Mapping[str, str]
"""Of names that are not for everybody, the audience."""
Part = dict[str, Any]
"""A part of an answer as JSON: which members it has, the version that sealed it says."""
Pieces = dict[str, Any]
"""A part by audience: what is shown to a fund, and what joins it for the readers after."""


@dataclass(frozen=True, eq=False)
class Cut:
    """Which features' values, which features' reasons, which rules' findings and which rules' sources are for whom.

    `members`: by part the members of its object that are not for everybody, with the audience; entries of before name
    none. Those of one text are one object, by which what follows from it alone is held.
    """

    features: Names
    reasons: Names
    rules: Names
    proofs: Names
    members: Mapping[str, Names] = field(default_factory=dict)

    def told(self) -> bytes:
        """The leaf `/cut`."""
        return canonical({"form": FORM, **vars(self)})


def cut_of(leaves: Leaves) -> Cut | None:
    """How the entry with these leaves is cut; None: by whole parts. Raises `ValueError` for a form not known."""
    return _read(leaves[CUT]) if CUT in leaves else None


@lru_cache(1000)
def _read(text: bytes) -> Cut:
    told = orjson.loads(text)
    if told.pop("form") != FORM:
        raise ValueError("an entry is cut in a form that is not known")
    return Cut(**told)


@dataclass(frozen=True)
class SentAnswer:
    """An answer as it leaves for the caller: its bytes, and its leaves."""

    text: bytes
    leaves: Leaves

    @classmethod
    def of(cls, parts: Answer, cut: Cut | None, floats_written: Callable[[Answer], Answer] | None = None) -> Self:
        """The parts as they are cut. `floats_written` writes their floats as texts, quicker than `canonical` does."""
        text = orjson.dumps(parts)
        if floats_written is None:
            return cls(text, answer_leaves(text, parts, cut))
        return cls(text, answer_leaves(text, floats_written(parts), cut, without_floats))


def answer_leaves(
    sent: bytes, parts: Mapping[str, Any], cut: Cut | None = None, text: Callable[[Any], bytes] = canonical
) -> dict[str, bytes]:
    """The leaves of an answer: its parts, as they are cut, and the digest of the bytes that left.

    `text`: how a piece is written; `without_floats` where the floats of the parts are texts by now.
    """
    leaves = {pointer: text(piece) for pointer, piece in pieces_of(parts, cut).items()}
    leaves[SENT] = canonical(sha256(sent).hexdigest())
    return leaves


def pieces_of(parts: Mapping[str, Any], cut: Cut | None) -> dict[str, Any]:
    """The parts of an answer by pointer, cut where they are."""
    pieces: dict[str, Any] = {}
    for part, value in parts.items():
        if cut is not None and part in cut.members:
            pieces |= {f"/answer/{part}/{own}": piece for own, piece in _by_member(value, cut.members[part]).items()}
        elif cut is None or part not in _CUTTERS:
            pieces[f"/answer/{part}"] = value
        else:
            pieces |= {f"/answer/{part}/{own}": piece for own, piece in _CUTTERS[part](value, cut).items()}
    return pieces


def _by_member(part: Mapping[str, Any] | None, hidden: Names) -> Pieces:
    """An object by its members; None where there is no such object."""
    told = part or {}
    shown = part and {name: value for name, value in part.items() if name not in hidden}
    audiences = dict.fromkeys(hidden.values())
    return {"fund": shown} | {
        own: {name: told[name] for name, audience in hidden.items() if audience == own and name in told}
        for own in audiences
    }


def _by_feature(items: Sequence[Mapping[str, Any]], name: str, hidden: Names) -> Pieces:
    """Items by the feature that they are about: a person's counts its place among all, the bank's without those."""
    shown: list[Any] = []
    pieces: Pieces = {"fund": shown, **{audience: {} for audience in hidden.values()}}
    persons = 0
    for place, item in enumerate(items):
        audience = hidden.get(item.get(name, ""))
        if audience is None:
            shown.append(item)
        elif audience == "person":
            pieces[audience][str(place)] = [item]
            persons += 1
        else:
            pieces[audience][str(place - persons)] = [item]
    return pieces


def _findings(items: Sequence[Mapping[str, Any]], cut: Cut) -> tuple[list[Any], dict[str, Any]]:
    """Findings that a fund sees, and what the bank sees besides: others, and where a fact was read."""
    shown: list[Any] = []
    more: dict[str, Any] = {}
    for place, item in enumerate(items):
        rule = item["rule"]
        if rule in cut.rules:
            more[str(place)] = [item]
        elif rule in cut.proofs and "proof" in item:
            shown.append({name: told for name, told in item.items() if name != "proof"})
            more[str(place)] = {"proof": item["proof"]}
        else:
            shown.append(item)
    return shown, more


def _names(rules: Sequence[str], cut: Cut) -> tuple[list[str], dict[str, Any]]:
    return _names_held(tuple(rules), cut)


@lru_cache(10_000)
def _names_held(rules: tuple[str, ...], cut: Cut) -> tuple[list[str], dict[str, Any]]:
    """Codes of rules: most patents pass the same."""
    more = {str(place): rule for place, rule in enumerate(rules) if rule in cut.rules}
    return [rule for rule in rules if rule not in cut.rules], more


_ByRule = Callable[[Any, Cut], tuple[list[Any], dict[str, Any]]]
_OF_A_PATENT: Mapping[str, _ByRule] = {"findings": _findings, "passed": _names, "not_applicable": _names}
_OF_A_LIST: Mapping[str, _ByRule] = {"findings": _findings, "why_not": _names}
_OF_ADVICE: Mapping[str, _ByRule] = {"because": _findings, "conditions": _findings}


def _fields(item: Mapping[str, Any], cut: Cut, fields: Mapping[str, _ByRule]) -> tuple[dict[str, Any], dict[str, Any]]:
    """An object of which some fields are lists by rule."""
    shown, more = dict(item), {}
    for name, by_rule in fields.items():
        shown[name], more[name] = by_rule(item[name], cut)
    return shown, more


def _patent(item: Mapping[str, Any], cut: Cut) -> tuple[dict[str, Any], dict[str, Any]]:
    """A patent; that it carries nothing because of a rule that is not for all is not told to all."""
    shown, more = _fields(item, cut, _OF_A_PATENT)
    carries = item.get("carries")
    for why in ("exclusion_reason", "nothing"):  # its name today, and in answers of an earlier version
        if carries is not None and carries.get(why) in cut.rules:
            shown["carries"] = {name: told for name, told in carries.items() if name != why}
            more["carries"] = {why: carries[why]}
    return shown, more


def _each(items: Iterable[tuple[Any, Any]]) -> Pieces:
    found = list(items)
    return {"fund": [shown for shown, _ in found], "bank": {str(i): more for i, (_, more) in enumerate(found)}}


def _both(shown: Any, more: dict[str, Any]) -> Pieces:
    return {"fund": shown, "bank": more}


def _earlier(item: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Which tables changed since tells of the bank's own."""
    return {name: told for name, told in item.items() if name != "changed"}, {"changed": item["changed"]}


_CUTTERS: Mapping[str, Callable[[Any, Cut], Pieces]] = {
    "features": lambda value, cut: _by_feature(value, "name", cut.features),
    "reasons": lambda value, cut: _by_feature(value, "feature", cut.reasons),
    "warnings": lambda value, cut: _by_feature(value, "feature", cut.features),
    "findings": lambda value, cut: _both(*_findings(value, cut)),
    "recommendation": lambda value, cut: _both(*(_fields(value, cut, _OF_ADVICE) if value else (None, {}))),
    "patents": lambda value, cut: _each(_patent(item, cut) for item in value),
    "lists": lambda value, cut: _each(_fields(item, cut, _OF_A_LIST) for item in value),
    "earlier": lambda value, _: _each(_earlier(item) for item in value),
}
"""The parts that are cut."""
