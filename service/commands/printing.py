"""An answer as a person reads it on a terminal, in Chinese and English; the one place where answers are printed."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from features.matrix import named
from features.phrase import LANGUAGES, Language
from models.words.templates import SHIPPED
from service.assessing.wording import Wording
from service.commands.printing_lending import beside_the_score, in_ten_thousands

Answer = dict[str, Any]

MOST_REASONS = 8
"""Reasons printed; the answer holds all of them."""

_WORDS = {
    "zh": {
        "title": "专利权质押贷款评估",
        "whitelist": "白名单相似度评估",
        "synthetic": "【合成数据】本模型由合成（虚构）数据训练，结果仅供演示",
        "firm": "企业",
        "case": "个案",
        "as_of": "评估时点",
        "retrospective": "（追溯评估：非提问当日，不得作为审批依据）",
        "pd": "违约概率",
        "admission": "入选相似概率",
        "grade": "评分与等级",
        "points": "{points} 分，等级 {grade}",
        "base": "基准：{meaning} {points} 分；各理由分值与基准之和即为评分",
        "principal": "主要理由",
        "more": "另有 {count} 条理由见答复正文",
        "amounts": "所见金额（万元）",
        "coverage": "资料完备度",
        "covered": "{known}/{features} 项指标已知",
        "missing": "缺失",
        "not_asked": "未查询",
        "asked": "已查询",
        "sources": "资料来源",
        "source": "{table}：{rows} 行，最新 {age} 天前，手工录入 {typed} 行",
        "ignored": "时点之后方可知，未采用",
        "overrides": "本行另定的政策参数",
        "warnings": "提示",
        "of_firm": "本行对该企业的第几次评估",
        "nothing": "无",
        "expires": "有效期至",
        "versions": "版本",
        "record": "留痕",
        "recorded": "第 {entry} 条，封印 {seal}",
    },
    "en": {
        "title": "Assessment of a loan secured by patents",
        "whitelist": "Resemblance to earlier admissions to a list",
        "synthetic": "[SYNTHETIC] the model was made from synthetic (invented) data: for demonstration only",
        "firm": "firm",
        "case": "case",
        "as_of": "as of",
        "retrospective": "(retrospective: asked about another day than that of asking, decides nothing)",
        "pd": "probability of default",
        "admission": "probability of resemblance",
        "grade": "score and grade",
        "points": "{points} points, grade {grade}",
        "base": "base: {meaning}, {points} points; base and reasons add up to the score",
        "principal": "principal reasons",
        "more": "{count} more reasons stand in the answer",
        "amounts": "amounts seen (万元, ten thousand yuan)",
        "coverage": "how much was known",
        "covered": "{known} of {features} figures",
        "missing": "missing",
        "not_asked": "not asked",
        "asked": "asked",
        "sources": "read from",
        "source": "{table}: {rows} rows, newest {age} days old, {typed} typed by hand",
        "ignored": "known only later, not used",
        "overrides": "policy that this bank overrides",
        "warnings": "mind",
        "of_firm": "assessments of the firm by this bank so far",
        "nothing": "none",
        "expires": "relied on until",
        "versions": "versions",
        "record": "recorded",
        "recorded": "entry {entry}, seal {seal}",
    },
}


def printed(answer: Answer, languages: Sequence[Language] = LANGUAGES) -> str:
    """The answer in each of the languages, one after the other."""
    return "\n\n".join("\n".join(_lines(Wording(language).answer(answer), language)) for language in languages)


def _lines(answer: Answer, language: Language) -> Iterator[str]:
    say = _WORDS[language]
    title = say["title"] if answer["kind"] == "pledge" else say["whitelist"]
    yield f"━━ {title} ━━"
    if answer["synthetic"]:
        yield say["synthetic"]
    yield from _facts(answer, language)
    yield from beside_the_score(answer, language)
    yield from _reasons(answer, language)
    yield from _seen(answer, language)
    yield from _around(answer, language)


def _facts(answer: Answer, language: str) -> Iterator[str]:
    say, case = _WORDS[language], answer["case"]
    part = "pd" if "pd" in answer else "admission"
    probability = answer[part]
    late = f" {say['retrospective']}" if answer["retrospective"] else ""
    yield _line(say["firm"], " ".join(name for name in (answer["legal_name"], case["firm"]) if name))
    yield _line(say["case"], case["case"])
    yield _line(say["as_of"], f"{answer['as_of']}{late}")
    yield _line(say[part], f"{probability['value']:.2%}  ({probability['horizon']})")
    yield f"    {probability['says']}"
    yield _line(say["grade"], say["points"].format(points=answer["points"], grade=answer["grade"]))
    yield f"    {say['base'].format(meaning=answer['base']['says'], points=answer['base']['points'])}"


def _reasons(answer: Answer, language: str) -> Iterator[str]:
    say, reasons = _WORDS[language], answer["reasons"]
    yield f"{say['principal']}:"
    for place, reason in enumerate(reasons[:MOST_REASONS], start=1):
        yield f"  {place}. {reason['points']:+.1f}  {reason['says']}  [{reason['code']}]"
    if len(reasons) > MOST_REASONS:
        yield f"     {say['more'].format(count=len(reasons) - MOST_REASONS)}"


def _seen(answer: Answer, language: Language) -> Iterator[str]:
    say = _WORDS[language]
    seen = {feature["name"]: feature["value"] for feature in answer["features"]}
    amounts = {name: value for name, value in seen.items() if named(name).unit == "minor unit" and value is not None}
    if amounts:
        yield f"{say['amounts']}:"
        for name, value in amounts.items():
            yield f"  {SHIPPED.name(f'feature.{name}', language)}  {in_ten_thousands(value)}"
    families = "; ".join(f"{name} {say['covered'].format(**found)}" for name, found in answer["coverage"].items())
    yield _line(say["coverage"], families)
    if answer["missing"]:
        yield _line(say["missing"], "; ".join(_gap(gap, say) for gap in answer["missing"]))
    yield f"{say['sources']}:"
    for table, found in answer["sources"].items():
        yield f"  {say['source'].format(table=table, age=found['age_days'], **found)}"
    if answer["ignored"]:
        yield _line(say["ignored"], "; ".join(f"{one['table']} {one['count']}" for one in answer["ignored"]))


def _gap(gap: Mapping[str, Any], say: Mapping[str, str]) -> str:
    return f"{gap['table']} ({say['asked' if gap['asked'] else 'not_asked']}, {len(gap['features'])})"


def _around(answer: Answer, language: str) -> Iterator[str]:
    say, versions, record = _WORDS[language], answer["versions"], answer["record"]
    if answer["warnings"]:
        yield f"{say['warnings']}:"
        yield from (f"  · {warning['says']}" for warning in answer["warnings"])
    if answer["overrides"]:
        yield _line(say["overrides"], ", ".join(changed["policy"] for changed in answer["overrides"]))
    yield _line(say["of_firm"], str(answer["record"]["of_firm"]))
    yield _line(say["expires"], answer["expires_on"])
    short = {name: versions[name][:12] for name in ("bundle", "policy", "norms")}
    told = ", ".join(f"{name} {text}" for name, text in short.items())
    yield _line(say["versions"], f"{versions['model']}, {told}, pledgescore {versions['code']}")
    yield _line(say["record"], say["recorded"].format(entry=record["entry"], seal=record["seal"]))


def _line(name: str, value: str) -> str:
    return f"{name}: {value}"
