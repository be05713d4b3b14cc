"""What the rules found, as the full report shows it: by part, as compliance, and as risk points."""

from collections.abc import Iterator, Sequence

from service.assessing.wording import cure_line
from service.ledger.redaction import Part
from service.reports.document import Block, GridBlock, LinesBlock
from service.reports.material import Material


def findings_of(of: Material, rules: Sequence[str]) -> Block:
    """What the rules of a part found."""
    found = [one for rule in rules if (one := of.found(rule)) is not None and one["outcome"] != "not_applicable"]
    opened = tuple(_row(of, one) for one in found if one["outcome"] != "pass")
    if not opened:
        return LinesBlock((_passed(of, found),), of.say("checks"))
    passed = [one for one in found if one["outcome"] == "pass"]
    return GridBlock(_heading(of), opened, of.say("checks"), _passed(of, passed) if passed else "")


def _heading(of: Material) -> tuple[str, ...]:
    return tuple(of.say(f"finding.{code}") for code in ("title", "outcome", "seen", "asked", "policy"))


def _passed(of: Material, found: Sequence[Part]) -> str:
    """What was checked and found right, by title."""
    titles_of = dict.fromkeys(map(of.titled, found))
    return of.say("passed_checks", titles=of.listed(titles_of) or of.say("none"))


def _row(of: Material, found: Part) -> tuple[str, ...]:
    seen = found["observed"]["says"] if found.get("observed") else ""
    asked = found["required"]["says"] if found.get("required") else ""
    outcome = of.name("outcome", found["outcome"])
    if found["outcome"] in ("fail", "unknown") and found.get("effect", "info") != "info":
        outcome = f"{outcome}·{of.name('effect', found['effect'])}"
    return of.titled(found), outcome, seen, asked, of.grounds(found.get("policy"))


def compliance(of: Material) -> Iterator[Block]:
    """Every check that weighs and is open, then what was passed, then what is told for information alone."""
    told = [one for one in of.answer["findings"] if one["outcome"] != "not_applicable"]
    opened = [one for one in told if one["outcome"] != "pass"]
    weighing = tuple(_row(of, one) for one in opened if one.get("effect", "info") != "info")
    if weighing:
        yield GridBlock(_heading(of), weighing)
    yield LinesBlock((_passed(of, [one for one in told if one["outcome"] == "pass"]),))
    about = tuple(_row(of, one) for one in opened if one.get("effect", "info") == "info")
    if about:
        yield GridBlock(_heading(of), about, of.say("information"))


def risks(of: Material) -> Iterator[Block]:
    """Each risk point with what an officer wrote that mitigates it."""
    written = {one.rule: one for one in of.mitigations}
    rows = []
    for found in of.weighing("blocks", "drops_patent", "refer", "caution"):
        one = written.get(found["rule"])
        cure = found.get("cure")
        rows.append(
            (
                of.titled(found),
                of.name("effect", found["effect"]),
                found["observed"]["says"],
                cure_line(cure, of.language) if cure else "–",
                of.say("written_by", text=one.text, by=one.by) if one else of.say("to_be_written"),
            )
        )
    if not rows:
        yield LinesBlock((of.say("no_risks"),))
        return
    heading = tuple(of.say(f"risk.{code}") for code in ("title", "effect", "seen", "cure", "mitigation"))
    yield GridBlock(heading, tuple(rows))
