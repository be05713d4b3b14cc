"""What an answer says beside its score, as a person reads it on a terminal: advice, limit, patents, rules, lists."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from models.collateral.pledge import BOUNDS
from models.words.templates import SHIPPED

Part = Mapping[str, Any]

_WORDS = {
    "zh": {
        "advice": "建议",
        "recommend": "建议办理",
        "refer": "提交人工审议",
        "advise_against": "不建议办理",
        "until": "{advice}{most}（有效期至 {until}）",
        "at_most": "，不超过 {amount} 万元",
        "asked": "（申请 {amount} 万元）",
        "because": "依据",
        "conditions": "放款前须落实",
        "cure": "→ {what}（{where}{days}{fee}）",
        "days": "，约 {days} 天",
        "fee": "，官费 {fee} 元",
        "dropped": "不计入质押的专利",
        "limit": "授信上限",
        "bound": "{amount} 万元，取决于{binding}；其次为{next}",
        "bounds": "各项约束（万元）",
        "not_known": "未知的约束",
        "term": "最长期限",
        "months": "{months} 个月，取决于{binding}",
        "value": "专利价值（持续经营，万元，P10/P50/P90）",
        "value_on_default": "违约处置可变现值（万元，P10/P50/P90；与上项不可相加）",
        "recoverable": "违约时可收回比例（P10/P50/P90）",
        "together": "违约概率与可收回比例对照",
        "patents": "逐项专利（万元，P50）",
        "columns": "  专利号 / 可质押 / 价值 / 可变现 / 承担 / 质量 / 未通过或未知",
        "carriers": "支撑组合的专利",
        "findings": "规则结论：{fail} 项未通过，{unknown} 项未知，{passed} 项通过，{other} 项不适用",
        "required": "要求",
        "absent": "未给出",
        "changes": "何种变更会使评分越线",
        "list": "名单 {name}：{outcome}",
        "bank": "（本行假设{source}）",
        "from": "：{source}",
    },
    "en": {
        "advice": "advice",
        "recommend": "recommend",
        "refer": "refer to a person",
        "advise_against": "advise against",
        "until": "{advice}{most} (relied on until {until})",
        "at_most": ", at most {amount} 万元",
        "asked": " of {amount} asked",
        "because": "because of",
        "conditions": "before drawdown",
        "cure": "→ {what} ({where}{days}{fee})",
        "days": ", about {days} days",
        "fee": ", official fee {fee} RMB",
        "dropped": "patents that do not count",
        "limit": "limit",
        "bound": "{amount} 万元, set by {binding}; next: {next}",
        "bounds": "bounds (万元, ten thousand yuan)",
        "not_known": "bounds not known",
        "term": "longest term",
        "months": "{months} months, set by {binding}",
        "value": "value of the patents while the firm lives (万元, P10/P50/P90)",
        "value_on_default": "realisable on default (万元, P10/P50/P90; never added to the value)",
        "recoverable": "share recovered on default (P10/P50/P90)",
        "together": "PD and recoverable share read together",
        "patents": "patents (万元, P50)",
        "columns": "  number / pledgeable / value / realisable / carries / quality / failed or unknown",
        "carriers": "patents that carry the portfolio",
        "findings": "rules: {fail} failed, {unknown} unknown, {passed} passed, {other} not applicable",
        "required": "required",
        "absent": "not told",
        "changes": "what would change the score",
        "list": "list {name}: {outcome}",
        "bank": " (the bank's own{source})",
        "from": ": {source}",
    },
}
_NAMES: dict[Any, tuple[str, str]] = {
    **{name: (SHIPPED.name(f"bound.{name}", "zh"), SHIPPED.name(f"bound.{name}", "en")) for name in BOUNDS},
    "pass": ("通过", "pass"),
    "fail": ("未通过", "fail"),
    "unknown": ("未知", "unknown"),
    "not_applicable": ("不适用", "not applicable"),
    "blocks": ("阻断", "blocks"),
    "drops_patent": ("剔除专利", "drops the patent"),
    "before_drawdown": ("放款前", "before drawdown"),
    "caution": ("提示", "caution"),
    "info": ("参考", "info"),
    "product_term": ("产品期限", "the product"),
    "patent_life": ("专利剩余保护期", "a patent's remaining life"),
    "good": ("良好", "good"),
    "acceptable": ("可接受", "acceptable"),
    "watch": ("关注", "watch"),
    "weak": ("薄弱", "weak"),
    "not_granted": ("未授权", "not granted"),
    "out_of_term": ("已过保护期", "out of its term"),
    "frozen": ("已被保全", "frozen by a court"),
    "status_not_known": ("法律状态未知", "legal status not known"),
    "not_in_use": ("未实施", "not in use"),
    "lapsed": ("已失效", "lapsed"),
    "expired": ("已届满", "expired"),
    "abandoned": ("已放弃", "abandoned"),
    "refused": ("已驳回", "refused"),
    "invalidated": ("已被宣告无效", "invalidated"),
    None: ("–", "–"),
    True: ("是", "yes"),
    False: ("否", "no"),
}


def beside_the_score(answer: Part, language: str) -> Iterator[str]:
    """The lines about loan or lists, in one language."""
    if "recommendation" in answer:
        yield from _advice(answer, language)
        yield from _amounts(answer, language)
        yield from _patents(answer, language)
        yield from _findings(answer["findings"], language)
        for gap in answer["absent"]:
            said = f"[{_name(gap['outcome'], language)}] {gap['says']}"
            yield f"{_WORDS[language]['absent']}: {gap['part']} {said}"
        yield f"{_WORDS[language]['changes']}: GET {answer['links']['changes']}"
    for listed in answer.get("lists", ()):
        name, outcome = listed["name"][language], _name(listed["outcome"], language)
        yield _WORDS[language]["list"].format(name=name, outcome=outcome)
        yield from _open(listed["findings"], language)


def in_ten_thousands(minor_units: float | None) -> str:
    """An amount in fen as 万元 with two decimals."""
    return "–" if minor_units is None else f"{minor_units / 1e6:,.2f}"


def _name(word: Any, language: str) -> str:
    found = _NAMES.get(word)
    return str(word) if found is None else found[0 if language == "zh" else 1]


def _advice(answer: Part, language: str) -> Iterator[str]:
    say, advice = _WORDS[language], answer["recommendation"]
    if advice is None:
        return
    most = _at_most(answer, say)
    yield f"{say['advice']}: " + say["until"].format(
        advice=say[advice["advice"]], most=most, until=advice["expires_on"]
    )
    if advice["because"]:
        yield f"  {say['because']}: {'; '.join(_because(answer, advice['because'], language))}"
    if advice["dropped"]:
        yield f"  {say['dropped']}: {', '.join(advice['dropped'])}"
    if advice["conditions"]:
        yield f"  {say['conditions']}:"
    for one in advice["conditions"]:
        yield f"    · {one['title']}: {', '.join(one['subjects'])}"
        yield from _cure(one["cure"], language, "      ")


def _at_most(answer: Part, say: Mapping[str, str]) -> str:
    """How much the advice is about, and what was asked where that is more."""
    amount, limit = answer["recommendation"]["amount"], answer["limit"]
    if not amount:
        return ""
    asked = limit["bounds"].get("asked", amount)
    more = say["asked"].format(amount=in_ten_thousands(asked)) if asked > amount else ""
    return say["at_most"].format(amount=in_ten_thousands(amount)) + more


def _because(answer: Part, named: Sequence[Part], language: str) -> Iterator[str]:
    every = [*answer["findings"], *(one for row in answer["patents"] for one in row["findings"])]
    found = {(one["rule"], one["subject"]): one for one in every}
    weighing = (found[one["rule"], one["subject"]] for one in named)
    return (f"{f['title']} [{_name(f['outcome'], language)}] ({f['subject']})" for f in weighing)


def _cure(cure: Part | None, language: str, before: str) -> Iterator[str]:
    if cure is None:
        return
    say = _WORDS[language]
    days = "" if cure.get("days") is None else say["days"].format(days=cure["days"])
    fee = "" if cure.get("fee") is None else say["fee"].format(fee=f"{cure['fee'] / 100:,.2f}")
    yield before + say["cure"].format(what=cure["says"], where=cure["where"], days=days, fee=fee)


def _amounts(answer: Part, language: str) -> Iterator[str]:
    say, limit = _WORDS[language], answer["limit"]
    if limit is None:  # no policy of valuation and pledge was in force; `absent` says which
        return
    if limit["amount"] is not None:
        names = {name: _name(limit[name], language) for name in ("binding", "next")}
        yield f"{say['limit']}: " + say["bound"].format(amount=in_ten_thousands(limit["amount"]), **names)
        each = (f"{_name(name, language)} {in_ten_thousands(bound)}" for name, bound in limit["bounds"].items())
        yield f"  {say['bounds']}: {'; '.join(each)}"
    if limit["unknown"]:
        yield f"  {say['not_known']}: {', '.join(_name(name, language) for name in limit['unknown'])}"
    term = answer["term"]
    yield f"{say['term']}: " + say["months"].format(months=term["months"], binding=_name(term["binding"], language))
    for part in ("value", "value_on_default"):
        if answer[part] is not None:
            yield f"{say[part]}: {' / '.join(in_ten_thousands(v) for v in answer[part]['range'].values())}"
    back = answer["recoverable"]
    if back is not None:
        yield f"{say['recoverable']}: {' / '.join(f'{back[point]:.1%}' for point in ('p10', 'p50', 'p90'))}"
    if answer["read_together"] is not None:
        yield f"{say['together']}: {_name(answer['read_together']['word'], language)}"


def _patents(answer: Part, language: str) -> Iterator[str]:
    if not answer["patents"]:
        return
    say = _WORDS[language]
    yield f"{say['patents']}:"
    yield say["columns"]
    yield from (f"  {_patent(row, language)}" for row in answer["patents"])
    carriers = answer["quality"]["carriers"] if answer["quality"] else None
    if carriers:
        yield f"{say['carriers']}: " + ", ".join(f"{one['patent']} {one['share']:.0%}" for one in carriers)


def _patent(row: Part, language: str) -> str:
    of = [row[part]["p50"] if row.get(part) else None for part in ("value", "value_on_default")]
    amounts = [*of, row["carries"]["carries"] if row.get("carries") else None]
    score = row["quality"]["score"] if row.get("quality") else None
    own = [told for told in (row.get("assumptions") or {}).values() if told and told["by"] == "bank"]
    why = row.get("exclusion_reason")
    weighing = [one for one in row["findings"] if one.get("effect", "info") != "info"]
    opened = [f"{one['title']} [{_name(one['outcome'], language)}]" for one in weighing]
    parts = [
        row["patent"] + _of_bank(own, _WORDS[language]),
        _name("unknown" if row["pledgeable"] is None else row["pledgeable"], language),
        *map(in_ten_thousands, amounts),
        "–" if score is None else f"{score:.0f}",
        ", ".join([_name(why, language), *opened] if why else opened) or "–",
    ]
    return " / ".join(parts)


def _of_bank(own: Sequence[Part], say: Mapping[str, str]) -> str:
    """That assumptions are the bank's own, and where it has them from."""
    if not own:
        return ""
    source = own[0].get("source")
    return say["bank"].format(source=say["from"].format(source=source) if source else "")


def _findings(findings: Sequence[Part], language: str) -> Iterator[str]:
    outcomes = [one["outcome"] for one in findings]
    counts = {name: outcomes.count(name) for name in ("fail", "unknown")}
    counts |= {"passed": outcomes.count("pass"), "other": outcomes.count("not_applicable")}
    yield _WORDS[language]["findings"].format(**counts)
    weighing = [one for one in findings if one.get("effect", "info") != "info"]
    yield from _open(weighing, language)


def _open(findings: Sequence[Part], language: str) -> Iterator[str]:
    """What failed or is not known, with what is asked and what cures it."""
    say = _WORDS[language]
    for one in findings:
        if one["outcome"] in ("fail", "unknown"):
            outcome, effect = _name(one["outcome"], language), _name(one.get("effect", "info"), language)
            observed, required = one["observed"]["says"], one["required"]["says"]
            yield f"  · [{outcome}, {effect}] {one['title']}: {observed} ({say['required']}: {required})"
            yield from _cure(one.get("cure"), language, "    ")
