"""Which parts of an answer leave: what an officer needs to say why, and besides it what was asked for by name.

What is sealed is complete, whatever was asked for. Nothing that weighs on the advice is ever left out, and what is left
out is counted or stands by its code. What follows from the catalogue (the first day of a policy's value) is left to it.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from typing import Literal, get_args

from models.score.reasons import PRINCIPAL
from service.ledger.redaction import Part

Include = Literal["features", "reasons", "findings", "titles", "quality", "all"]
INCLUDED: tuple[Include, ...] = get_args(Include)
"""What may be asked for besides.

`features`: every number that the model saw. `reasons`: those of less than a point. `findings`: every finding as it is
sealed, also what passed and what weighs nothing. `titles`: how the self-estimates of titles came out, item by item.
`quality`: indicators and percentiles of each patent. `all`: the whole answer, as it is sealed, without sums by topic.
"""
LEAST_POINTS = 1.0
"""From how many points on a reason is told unless all are asked for; the principal ones are always."""
_ROUGH = ("indicators", "percentiles")
_OF_A_PATENT = {"fail": "failed", "unknown": "unknown"}
_BY_CODE = {"pass": "passed", "not_applicable": "not_applicable", **_OF_A_PATENT}
"""Where findings that weigh nothing stand by code, by outcome."""


def is_whole(include: Collection[Include]) -> bool:
    """Whether everything is asked for."""
    return "all" in include


def selected(answer: Part, include: Collection[Include]) -> Part:
    """The answer without what was not asked for; parts that a reader may not see are missing."""
    if is_whole(include):
        return answer
    found = answer if "features" in include else _without(answer, ("features",))
    if "reasons" in answer:
        found = found | _topics(answer["reasons"])
        found = found if "reasons" in include else found | _principal(answer["reasons"])
    if "findings" in answer:
        found = found | _of_firm(answer["findings"], include)
    for part in ("patents", "lists"):
        if part in answer:
            found = found | {part: [_nested(one, include) for one in answer[part]]}
    return found


def _principal(reasons: Sequence[Part]) -> Part:
    """The reasons that move a point or more, and the sum of the others: base and both sum to the score exactly."""
    told = [one for place, one in enumerate(reasons) if place < PRINCIPAL or abs(one["points"]) >= LEAST_POINTS]
    tenths = sum(round(10 * one["points"]) for one in reasons) - sum(round(10 * one["points"]) for one in told)
    return {"reasons": told, "further_reasons": {"count": len(reasons) - len(told), "points": tenths / 10}}


def topics_of(reasons: Sequence[Part]) -> list[Part]:
    """The sums of the reasons by what they are about, in points to a tenth, the largest first.

    Base and topics sum to the score exactly, as base and reasons do.
    """
    tenths, counts = Counter[str](), Counter[str]()
    for one in reasons:
        tenths[one["code"]] += round(10 * one["points"])
        counts[one["code"]] += 1
    order = sorted(tenths, key=lambda code: (-abs(tenths[code]), code))
    return [{"code": code, "reasons": counts[code], "points": tenths[code] / 10} for code in order]


def _topics(reasons: Sequence[Part]) -> Part:
    """The topics that move a point or more, and the sum of the others."""
    topics = topics_of(reasons)
    told = [one for one in topics if abs(one["points"]) >= LEAST_POINTS]
    left = topics[len(told) :]
    points = sum(round(10 * one["points"]) for one in left) / 10
    return {"topics": told, "further_topics": {"count": len(left), "points": points}}


def _of_firm(findings: Sequence[Part], include: Collection[Include]) -> Part:
    """Open findings that weigh something or can be cured; of the others the subjects by rule."""
    if "findings" in include:
        return {"findings": [_titled(one, include) for one in findings]}
    by_code: dict[str, dict[str, list[str]]] = {name: {} for name in _BY_CODE.values()}
    opened = []
    for one in findings:
        if one["outcome"] in _OF_A_PATENT and _is_told(one, include):
            opened.append(_open(one, include))
        else:
            by_code[_BY_CODE[one["outcome"]]].setdefault(one["rule"], []).append(one["subject"])
    return {"findings": opened, **by_code}


def rules_by_outcome(answer: Part, outcome: Literal["pass", "not_applicable"]) -> list[str]:
    """The rules that came out so about firm or loan, each once: of an answer that is whole, or of what was selected."""
    told = answer.get(_BY_CODE[outcome])
    if told is None:
        told = dict.fromkeys(one["rule"] for one in answer.get("findings", ()) if one["outcome"] == outcome)
    return list(told)


def _nested(part: Part, include: Collection[Include]) -> Part:
    """A patent or a list: of a patent the findings that weigh something, the others by code."""
    found = part
    if "findings" not in include:
        findings = part["findings"]
        if "passed" in part:
            findings, idle = ([one for one in part["findings"] if _weighs(one) is of] for of in (True, False))
            by_code = {name: [one["rule"] for one in idle if one["outcome"] == of] for of, name in _OF_A_PATENT.items()}
            found = found | by_code
        found = found | {"findings": [_open(one, include) for one in findings]}
    if "quality" not in include and part.get("quality"):
        found = found | {"quality": _without(part["quality"], _ROUGH)}
    return found


def _open(finding: Part, include: Collection[Include]) -> Part:
    """An open finding without what the catalogue tells of its rule; where it weighs something, policy stays."""
    return _without(_titled(finding, include), ("since",) if _weighs(finding) else ("since", "policy"))


def _is_told(finding: Part, include: Collection[Include]) -> bool:
    """Whether an open finding about the firm is told in full: what can be cured is, though it weighs nothing."""
    return _weighs(finding) or "cure" in finding or ("titles" in include and "detail" in finding)


def _weighs(finding: Part) -> bool:
    return bool(finding.get("effect", "info") != "info")


def _titled(finding: Part, include: Collection[Include]) -> Part:
    return finding if "titles" in include else _without(finding, ("detail",))


def _without(part: Part, names: Collection[str]) -> Part:
    return {name: value for name, value in part.items() if name not in names}
