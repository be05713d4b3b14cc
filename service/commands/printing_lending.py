"""What an answer says beside its score, as a person reads it on a terminal: advice, limit, patents, rules, lists."""

from collections.abc import Iterator, Sequence

from models.words.formats import ABSENT
from service.assessing.wording import cure_line
from service.commands.teller import Teller
from service.ledger.redaction import Part


def beside_the_score(answer: Part, say: Teller) -> Iterator[str]:
    """The lines about loan or lists."""
    if "recommendation" in answer:
        yield from _advice(answer, say)
        yield from _findings(answer["findings"], say)
        yield from _amounts(answer, say)
        yield from _patents(answer, say)
        for gap in answer["absent"]:
            outcome = say.name("outcome", gap["outcome"])
            yield say.line(
                "absent",
                say("absent_part", part=say.name("answer_part", gap["part"]), outcome=outcome, says=gap["says"]),
            )
        yield say.line("changes", f"GET {answer['links']['changes']}")
    for listed in answer.get("lists", ()):
        yield say("list", name=listed["name"][say.language], outcome=say.name("outcome", listed["outcome"]))
        yield from _open(listed["findings"], say)


def _advice(answer: Part, say: Teller) -> Iterator[str]:
    advice = answer["recommendation"]
    if advice is None:
        return
    yield say.line("advice", say("until", advice=advice["says"], until=advice["expires_on"]))
    if advice["because"]:
        yield "  " + say.line("because", say.joined(_because(answer, advice["because"], say)))
    if advice["dropped"]:
        yield "  " + say.line("dropped", say("comma").join(advice["dropped"]))
    if advice["conditions"]:
        yield "  " + say.heading("conditions")
    for one in advice["conditions"]:
        yield "    · " + say("line", name=one["title"], value=say("comma").join(one["subjects"]))
        yield from _cure(one["cure"], say, "      ")
    if advice["standing"]:
        yield "  " + say.heading("standing")
    for one in advice["standing"]:
        yield f"    · {one['says']}"


def _because(answer: Part, named: Sequence[Part], say: Teller) -> Iterator[str]:
    every = [*answer["findings"], *(one for row in answer["patents"] for one in row["findings"])]
    found = {(one["rule"], one["subject"]): one for one in every}
    for one in (found[one["rule"], one["subject"]] for one in named):
        outcome = say.name("outcome", one["outcome"])
        yield say("because_of", title=one["title"], outcome=outcome, subject=one["subject"])


def _cure(cure: Part | None, say: Teller, before: str) -> Iterator[str]:
    if cure is not None:
        yield f"{before}→ {cure_line(cure, say.language)}"


def _amounts(answer: Part, say: Teller) -> Iterator[str]:
    limit = answer["limit"]
    if limit is None:  # no policy of valuation and pledge was in force; `absent` says which
        return
    if limit["amount"] is not None:
        names = {name: say.name("bound", limit[name]) for name in ("binding", "next")}
        yield say.line("limit", say("bound", amount=say.amount(limit["amount"]), **names))
        each = (f"{say.name('bound', name)} {say.amount(bound)}" for name, bound in limit["bounds"].items())
        yield "  " + say.line("bounds", say.joined(each))
    if limit["unknown"]:
        yield "  " + say.line("not_known", say.names("bound", limit["unknown"]))
    term = answer["term"]
    yield say.line("term", say("months", months=term["months"], binding=say.name("term_bound", term["binding"])))
    for part in ("value", "value_on_default"):
        if answer[part] is not None:
            yield say.line(part, " / ".join(say.amount(v) for v in answer[part]["range"].values()))
    back = answer["recoverable"]
    if back is not None:
        yield say.line("recoverable", " / ".join(f"{back[point]:.1%}" for point in ("p10", "p50", "p90")))
    if answer["read_together"] is not None:
        yield say.line("together", say.name("read_together", answer["read_together"]["word"]))


def _patents(answer: Part, say: Teller) -> Iterator[str]:
    if not answer["patents"]:
        return
    yield say.heading("patents")
    yield say("columns")
    yield from (f"  {_patent(row, say)}" for row in answer["patents"])
    carriers = answer["quality"]["carriers"] if answer["quality"] else None
    if carriers:
        yield say.line("carriers", say("comma").join(f"{one['patent']} {one['share']:.0%}" for one in carriers))


def _patent(row: Part, say: Teller) -> str:
    of = [row[part]["p50"] if row.get(part) else None for part in ("value", "value_on_default")]
    amounts = [*of, row["carries"]["carries"] if row.get("carries") else None]
    score = row["quality"]["score"] if row.get("quality") else None
    own = [told for told in (row.get("assumptions") or {}).values() if told and told["by"] == "bank"]
    weighing = [one for one in row["findings"] if one.get("effect", "info") != "info"]
    opened = [f"{one['title']} [{say.name('outcome', one['outcome'])}]" for one in weighing]
    excluded = [say.name("exclusion", row["exclusion_reason"])] if row.get("exclusion_reason") else []
    pledgeable = row["pledgeable"]
    parts = [
        row["patent"] + _of_bank(own, say),
        say.name("outcome", "unknown") if pledgeable is None else say.name("flag", pledgeable),
        *map(say.amount, amounts),
        ABSENT if score is None else f"{score:.0f}",
        say("comma").join([*excluded, *opened]) or ABSENT,
    ]
    return " / ".join(parts)


def _of_bank(own: Sequence[Part], say: Teller) -> str:
    """That assumptions are the bank's own, and where it has them from."""
    if not own:
        return ""
    source = own[0].get("source")
    return say("bank", source=say("from", source=source) if source else "")


def _findings(findings: Sequence[Part], say: Teller) -> Iterator[str]:
    outcomes = [one["outcome"] for one in findings]
    counts = {name: outcomes.count(name) for name in ("fail", "unknown")}
    counts |= {"passed": outcomes.count("pass"), "other": outcomes.count("not_applicable")}
    yield say("findings", **counts)
    weighing = [one for one in findings if one.get("effect", "info") != "info"]
    yield from _open(weighing, say)


def _open(findings: Sequence[Part], say: Teller) -> Iterator[str]:
    """What failed, then what is not known, with what is asked and what cures it."""
    for outcome in ("fail", "unknown"):
        for one in (found for found in findings if found["outcome"] == outcome):
            names = {
                "outcome": say.name("outcome", one["outcome"]),
                "effect": say.name("effect", one.get("effect", "info")),
            }
            texts = {"observed": one["observed"]["says"], "required": one["required"]["says"]}
            yield f"  · {say('finding', title=one['title'], **names, **texts)}"
            yield from _cure(one.get("cure"), say, "    ")
