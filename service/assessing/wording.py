"""Adds sentences to an answer on its way out: what is sealed holds codes and typed values alone.

`says` is what a part says in the language that was asked for. An answer of an earlier version holds its own sentences,
in both languages, and leaves as it was.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec
import orjson
from sqlalchemy import Connection

from features.contradictions import Contradiction
from features.phrase import Fact, Language, Phrase
from models.score.kind import ModelKind
from models.score.kinds import KINDS
from models.score.phrases import base_phrase, meaning, say_reason
from models.score.reasons import Base, Reason
from models.score.warnings import CaseWarning
from models.words.formats import ABSENT
from models.words.templates import SHIPPED, Words
from service.assessing.leaves import WORDS
from service.assessing.records import entry_of
from service.assessing.selection import Include, is_whole, selected
from service.edge.errors import NotAnswerable
from service.ledger.contents import content_of
from service.ledger.redaction import Part
from service.ledger.stored_artifacts import NotStored
from service.ledger.stored_artifacts import words as templates


@dataclass(frozen=True)
class Wording:
    """Who reads: the language, the templates that are filled, and the currency of the money."""

    language: Language
    words: Words = field(default_factory=lambda: SHIPPED)
    currency: str = "CNY"

    def answer(self, answer: Part) -> Part:
        """The same of an answer that was read; parts that a reader may not see are missing."""
        kind = KINDS[answer["kind"]]
        probability = answer[kind.part]
        says = {"says": self._say(meaning(kind, probability["horizon"]))}
        return answer | {kind.part: probability | says} | self.reasons(answer, "reasons", kind) | self._beside(answer)

    def reasons(self, of: Part, part: str, kind: ModelKind) -> Part:
        """The base and a list of reasons measured from it, with their sentences."""
        base, reasons = msgspec.convert(of["base"], Base), msgspec.convert(of.get(part, []), list[Reason])
        said = [say_reason(self.words, kind, one, base, self.language, self.currency) for one in reasons]
        return {"base": of["base"] | {"says": self._say(base_phrase(base))}} | _each(of, part, said)

    def changes(self, found: Part) -> Part:
        """What would change an answer, with its sentences."""
        offers = [offer | {"changes": [self._change(one) for one in offer["changes"]]} for offer in found["offers"]]
        parts = {part: self._findings(found[part]) for part in ("cures", "incurable", "open")}
        return found | {"says": self._name(f"what_if.{found['state']}"), "offers": offers} | parts

    def _change(self, change: Part) -> Part:
        option = "" if change["option"] is None else f".{change['option']}"
        return change | {"says": self._name(f"lever.{change['lever']}{option}")}

    def _beside(self, answer: Part) -> Part:
        """What stands beside the score: warnings, findings, advice, patents or lists, and what is not told."""
        found = self._warnings(answer) | self._contradictions(answer) | self._sources(answer) | self._topics(answer)
        if "findings" in answer:
            found["findings"] = self._findings(answer["findings"])
        for part in ("patents", "lists"):
            if part in answer:
                found[part] = [one | {"findings": self._findings(one["findings"])} for one in answer[part]]
        if answer.get("recommendation") is not None:
            advice = answer["recommendation"]
            conditions = [self._condition(one) for one in advice["conditions"]]
            standing = [one | {"says": self._say_part(one)} for one in advice.get("standing", ())]
            told = {"says": self._advised(advice, answer.get("limit") or {})}
            found["recommendation"] = advice | {"conditions": conditions, "standing": standing} | told
        if "absent" in answer:
            found["absent"] = [one | {"says": self._say_part(one["reason"])} for one in answer["absent"]]
        return found

    def _advised(self, advice: Part, limit: Part) -> str:
        """The first sentence of an answer: the advice, what was asked, what is advised, and the first reason."""
        asked, amount = limit.get("bounds", {}).get("asked"), advice["amount"]
        reason = next((one["rule"] for one in advice["because"]), None)
        if advice["advice"] == "advise_against":
            return self._say(Phrase("advised.against", {"asked": asked, "reason": reason}))
        if amount is None:
            return self._say(Phrase("advised.open", {"asked": asked, "reason": reason}))
        if advice["advice"] == "refer":
            return self._say(Phrase("advised.refer", {"asked": asked, "amount": amount, "reason": reason}))
        if asked is not None and amount < asked:
            facts = {"asked": asked, "amount": amount, "bound": limit["binding"]}
            return self._say(Phrase("advised.less", facts))
        return self._say(Phrase("advised.whole", {"asked": asked, "amount": amount}))

    def _findings(self, findings: Sequence[Part]) -> list[Part]:
        """Findings with their sentences; those that weigh nothing stand by code and outcome alone."""
        return [self._finding(one) if "observed" in one else one for one in findings]

    def _finding(self, finding: Part) -> Part:
        said: Part = {"title": self._name(f"rule.{finding['rule']}")}
        for part in ("observed", "required"):
            if part in finding:
                said[part] = finding[part] | {"says": self._say_part(finding[part])}
        if "proof" in finding:
            said["proof"] = finding["proof"] | {"says": self._source_name(finding["proof"]["source"])}
        return finding | said | self._cure(finding.get("cure"))

    def _condition(self, condition: Part) -> Part:
        return condition | {"title": self._name(f"rule.{condition['rule']}")} | self._cure(condition["cure"])

    def _cure(self, cure: Part | None) -> Part:
        """What can be done about it, and with whom."""
        if cure is None:
            return {}
        what = self._say(Phrase(f"cure.{cure['code']}", cure.get("facts", {})))
        return {"cure": cure | {"says": what, "where": self._name(f"office.{cure['office']}")}}

    def _sources(self, answer: Part) -> Part:
        """The tables that were read, by name, with the kinds of their rows."""
        told = {}
        for table, of in answer.get("sources", {}).items():
            kinds = tuple(part for pair in of["kinds"].items() for part in pair)
            facts: Mapping[str, Fact] = {"table": table, "kinds": kinds}
            told[table] = of | {"says": self._say(Phrase("source.table", facts))}
        return {"sources": told} if told else {}

    def _source_name(self, source: str | None) -> str:
        """A source by its name; a kind of source by what it is called."""
        return self.words.texts[self.language].get(f"choice.firms.source_kind.{source}", source or ABSENT)

    def _topics(self, answer: Part) -> Part:
        if "topics" not in answer:
            return {}
        return {"topics": [one | {"says": self._name(f"topic.{one['code']}")} for one in answer["topics"]]}

    def _name(self, code: str) -> str:
        return self.words.name(code, self.language)

    def _warnings(self, answer: Part) -> Part:
        found = msgspec.convert(answer.get("warnings", []), list[CaseWarning])
        return _each(answer, "warnings", [self._say(warning.phrase) for warning in found])

    def _contradictions(self, answer: Part) -> Part:
        found = msgspec.convert(answer.get("contradictions", []), list[Contradiction])
        return _each(answer, "contradictions", [self._say(one.phrase) for one in found])

    def _say_part(self, read: Part) -> str:
        return self._say(Phrase(read["code"], read.get("facts", {})))

    def _say(self, phrase: Phrase) -> str:
        return self.words.say(phrase, self.language, self.currency)


def cure_line(cure: Part, language: Language) -> str:
    """A cure of an answer with its sentences, in one line: what to do, with whom, in about how many days, its fee."""

    def say(code: str, /, **facts: str) -> str:
        return SHIPPED.say(Phrase(f"cure_line.{code}", facts), language)

    days = say("days", days=str(cure["days"])) if cure.get("days") else ""  # none: at once
    fee = "" if cure.get("fee") is None else say("fee", fee=f"{cure['fee'] / 100:,.2f}")
    return say("told", what=cure["says"], where=cure["where"], days=days, fee=fee)


def leaving(
    sent: bytes, wording: Wording | None, include: Collection[Include] = (), parts: Mapping[str, object] | None = None
) -> bytes:
    """A sealed answer as it leaves: the parts that were asked for, with their sentences.

    The whole without sentences is what is sealed. An answer of an earlier version leaves as it was. `parts`: what was
    sent, where it need not be read.
    """
    if wording is None and is_whole(include):
        return sent
    answer = orjson.loads(sent) if parts is None else dict(parts)
    if _has_its_own(answer):
        return sent
    found = selected(answer, include)
    return orjson.dumps(found if wording is None else wording.answer(found))


def wording_of(language: Language | None) -> Wording | None:
    """The wording of today in a language; None where no sentences are wanted."""
    return None if language is None else Wording(language)


def as_seen(connection: Connection, assessment: str) -> Wording | None:
    """The wording in which an assessment left, from the templates kept of then; None where it left in codes alone.

    Raises `NoSuchAssessment`, `Erased`, or `NotAnswerable` where the templates are not kept.
    """
    body = orjson.loads(content_of(connection, entry_of(connection, assessment)).body)
    left = body.get(WORDS)
    if left is None or left["language"] is None:
        return None
    try:
        return Wording(left["language"], templates(connection, left["templates"]))
    except NotStored as missing:
        raise NotAnswerable("templates_not_kept", digest=left["templates"]) from missing


def _each(of: Part, part: str, said: Sequence[str]) -> Part:
    if part not in of:
        return {}
    return {part: [one | {"says": text} for one, text in zip(of[part], said, strict=True)]}


def _has_its_own(answer: Part) -> bool:
    """Whether it was given by a version that sealed sentences."""
    return "meaning" in answer["base"]
