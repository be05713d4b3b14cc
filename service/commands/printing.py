"""An answer as a person reads it on a terminal, in one language; the one place where answers are printed."""

from collections.abc import Iterator

from features.matrix import named
from features.phrase import Language
from service.assessing.wording import Wording
from service.commands.printing_lending import beside_the_score
from service.commands.teller import Teller
from service.ledger.redaction import Part

MOST_REASONS = 8
"""Reasons printed; the answer holds all of them."""


def printed(answer: Part, language: Language) -> str:
    """The answer in a language."""
    return "\n".join(_lines(Wording(language).answer(answer), Teller(language)))


def _lines(answer: Part, say: Teller) -> Iterator[str]:
    yield f"━━ {say('title' if answer['kind'] == 'pledge' else 'whitelist')} ━━"
    if answer["synthetic"]:
        yield say("synthetic")
    yield from _facts(answer, say)
    yield from beside_the_score(answer, say)
    yield from _reasons(answer, say)
    yield from _seen(answer, say)
    yield from _around(answer, say)


def _facts(answer: Part, say: Teller) -> Iterator[str]:
    case = answer["case"]
    part = "pd" if "pd" in answer else "admission"
    probability = answer[part]
    yield say.line("firm", " ".join(name for name in (answer["legal_name"], case["firm"]) if name))
    yield say.line("case", case["case"])
    yield say.line("as_of", f"{answer['as_of']}{_of_day(answer, say)}")
    yield say.line(part, f"{probability['value']:.2%}")
    yield f"    {probability['says']}"
    grading = answer["grading"]
    yield say.line("grade", say("points", points=answer["points"], grade=answer["grade"], many=grading["many"]))
    if (seen := grading["judged"]) is not None:
        shares = {name: f"{seen[name]:.2%}" for name in ("observed", "low", "high")}
        yield f"    {say('judged', cases=seen['cases'], events=seen['events'], **shares)}"
    yield f"    {say('base', meaning=answer['base']['says'], points=answer['base']['points'])}"


def _of_day(answer: Part, say: Teller) -> str:
    """That the day asked about is not today, and on which side of it it lies."""
    if answer.get("ahead"):
        return say("ahead")
    return say("retrospective") if answer["retrospective"] else ""


def _reasons(answer: Part, say: Teller) -> Iterator[str]:
    reasons = answer["reasons"]
    yield say.heading("principal")
    for place, reason in enumerate(reasons[:MOST_REASONS], start=1):
        yield f"  {place}. {reason['points']:+.1f}  {reason['says']}"
    if len(reasons) > MOST_REASONS:
        yield f"     {say('more', count=len(reasons) - MOST_REASONS)}"


def _seen(answer: Part, say: Teller) -> Iterator[str]:
    seen = {feature["name"]: feature["value"] for feature in answer["features"]}
    amounts = {name: value for name, value in seen.items() if named(name).unit == "minor unit" and value is not None}
    if amounts:
        yield say.heading("amounts")
        for name, value in amounts.items():
            yield f"  {say.name('feature', name)}  {say.amount(value)}"
    families = answer["coverage"].items()
    yield say.line(
        "coverage", say.joined(say("covered", family=say.name("family", f), **found) for f, found in families)
    )
    if answer["missing"]:
        yield say.line("missing", say.joined(_gap(gap, say) for gap in answer["missing"]))
    yield say.heading("sources")
    for table, found in answer["sources"].items():
        told = {"rows": found["rows"], "age": found["age_days"], "typed": found["typed"]}
        yield f"  {say('source', table=say.name('table', table), **told)}"
    if answer["ignored"]:
        rows = ((say.name("table", one["table"]), one["count"]) for one in answer["ignored"])
        yield say.line("ignored", say.joined(say("dropped_row", table=table, count=count) for table, count in rows))


def _gap(gap: Part, say: Teller) -> str:
    how = say("asked_none" if gap["asked"] else "not_asked")
    return say("gap", table=say.name("table", gap["table"]), how=how, features=len(gap["features"]))


def _around(answer: Part, say: Teller) -> Iterator[str]:
    versions, record = answer["versions"], answer["record"]
    if answer["warnings"]:
        yield say.heading("warnings")
        yield from (f"  · {warning['says']}" for warning in answer["warnings"])
    if answer.get("contradictions"):
        yield say.heading("contradictions")
        yield from (f"  · {one['says']}" for one in answer["contradictions"])
    if answer["overrides"]:
        yield say.line("overrides", say("comma").join(changed["policy"] for changed in answer["overrides"]))
    yield say.line("of_firm", answer["record"]["of_firm"])
    yield say.line("expires", answer["expires_on"])
    short = {name: versions[name][:12] for name in ("bundle", "policy", "norms")}
    yield say.line("versions", say("versions_of", model=versions["model"], code=versions["code"], **short))
    yield say.line("record", say("recorded", entry=record["entry"], seal=record["seal"]))
