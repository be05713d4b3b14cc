"""The report of the investigation in full, section by section, as banks order it."""

from collections.abc import Iterator, Sequence

from features.schema import Row
from features.tables import TABLES
from service.assessing.selection import topics_of
from service.assessing.wording import cure_line
from service.ledger.redaction import Part
from service.reports.advice import advice_lines, capacity_fields, limit_grid, need_blocks
from service.reports.document import Block, FieldsBlock, GridBlock, LinesBlock, PrintedSection
from service.reports.finances import books_blocks, credit_blocks
from service.reports.findings import compliance, findings_of, risks
from service.reports.histories import latest_of, left_out, of_others
from service.reports.material import Material
from service.reports.one_page import (
    above_own_range,
    admission_line,
    advised_rate,
    given_for_us,
    investigators,
    of_grade,
    own_range,
    ratio,
    standing,
    titles,
)
from service.reports.papers import ListedPaper, paper_grid

_FIRM = ("legal_name", "industry", "region", "founded_on", "registered_capital", "paid_in_capital", "staff", "rd_staff",
         "ownership", "status", "customer_since", "history")  # fmt: skip
_APPLICATION = ("application", "applied_on", "amount", "term_months", "purpose", "repayment", "product", "rate_asked",
                "renews", "other_funds")  # fmt: skip
_RELATED = ("other", "role", "share", "since", "non_performing")
_EVIDENCE = ("subject", "fact", "answer", "document", "seen_on", "seen_by")
_PATENT = (
    "title", "number", "kind", "filed_on", "granted_on", "last_day", "holder", "fees_paid_to", "in_use", "score",
    "value", "carries", "open",
)  # fmt: skip
_APPRAISAL = (
    "appraiser", "appraiser_filed", "signers", "appointed_by", "report_number", "purpose", "base_on", "value_type",
    "method", "value", "confirmed_value",
)  # fmt: skip
_ITEM = ("kind", "sort", "item", "pledgor", "confirmed_value", "valued_on", "prior_secured", "owner_agrees")
_GUARANTEE = (
    "guarantor", "kind", "amount", "share", "signed_on", "spouse_signed", "net_assets", "outstanding",
)  # fmt: skip


def full_report(of: Material, papers: Sequence[ListedPaper]) -> tuple[PrintedSection, ...]:
    """All sections; `papers`: what is asked of this application."""
    return (
        of.section("0", _cover(of)),
        of.section("1", advice_lines(of), _plan(of), _lines(of, "standing", standing(of))),
        of.section("2", of.grid("visits", of.current("visits"), ("visited_on", "place", "met", "visited_by", "second",
                                                                  "findings"))),
        of.section("3", of.fields("firms", of.newest("firms"), _FIRM), *_people(of)),
        of.section("4", of.grid("related", of.current("related"), _RELATED),
                   of.grid("exposures", latest_of(of, "exposures", ("other",), "on"), ("other", "on", "amount"))),
        of.section("5", *_business(of)),
        of.section("6", *books_blocks(of)),
        of.section("7", *credit_blocks(of)),
        of.section("8", of.grid("uses", of.current("uses"), ("use", "payee", "amount", "contract", "document")),
                   *of_others(of, "uses"), *need_blocks(of)),
        of.section("9", capacity_fields(of), *_repayment(of)),
        of.section("10", *_patents(of)),
        of.section("11", *_value(of)),
        of.section("12", *security_blocks(of), limit_grid(of)),
        of.section("13", *_price(of)),
        of.section("14", *compliance(of)),
        of.section("15", *risks(of)),
        of.section("16", *_model(of)),
        of.section("17", _decisions(of)),
        of.section("18", *_monitoring(of)),
        of.section("19", paper_grid(of, papers), *_evidence(of)),
    )  # fmt: skip


def _lines(of: Material, code: str, items: Sequence[str]) -> Block | None:
    return LinesBlock(tuple(items), of.say(code)) if items else None


def _cover(of: Material) -> Block:
    case = of.answer["case"]
    return FieldsBlock(
        (
            of.field("bank", of.bank),
            of.field("branch", of.branch),
            of.field("file", case["case"]),
            of.field("firm", of.answer["legal_name"], of.source("firms", of.newest("firms"))),
            *investigators(of),
            of.field("as_of", of.answer["as_of"]),
            of.field("duty", of.say("duty_statement")),
        )
    )


def _plan(of: Material) -> Block:
    return of.fields("applications", of.application or None, _APPLICATION, "applied_on")


def _people(of: Material) -> Iterator[Block]:
    people = [row for row in of.current("people") if row["role"] != "inventor"]
    yield of.grid("people", people, ("person", "role", "share", "since", "until"))
    valid = [row for row in of.current("titles") if row.get("valid_until") is None or row["valid_until"] >= of.as_of]
    yield of.grid("titles", valid, ("title", "level", "issued_on", "valid_until", "certificate"))
    yield from left_out(of, "titles_ended", len(of.current("titles")) - len(valid))


def _business(of: Material) -> Iterator[Block]:
    yield of.grid(
        "partners", of.current("partners"), ("side", "partner", "period_end", "amount", "share", "days", "related")
    )
    yield of.grid(
        "orders", of.current("orders"), ("order", "buyer", "signed_on", "amount", "received", "due_on", "account")
    )
    latest = latest_of(of, "measures", ("measure",), "measured_on")
    yield of.grid("measures", latest, ("measure", "measured_on", "value"))
    yield from left_out(of, "rows_older", len(of.current("measures")) - len(latest))


def _evidence(of: Material) -> Iterator[Block]:
    """What papers say, of each fact the one that was seen last."""
    latest = latest_of(of, "evidence", ("subject", "fact"), "seen_on")
    yield of.grid("evidence", latest, _EVIDENCE)
    yield from left_out(of, "rows_older", len(of.current("evidence")) - len(latest))
    yield from of_others(of, "evidence")


def _repayment(of: Material) -> Iterator[Block]:
    yield of.grid("forecasts", of.current("forecasts"), ("month_end", "inflow", "outflow", "debt_service"))
    yield of.grid("instalments", of.current("instalments"), ("due_on", "amount"))
    yield from of_others(of, "instalments")
    yield findings_of(of, ("repayment_source", "interest_cover", "debt_service", "instalments", "debt_ratio_after"))


def _patents(of: Material) -> Iterator[Block]:
    rows = {row["patent"]: row for row in of.current("patents")}
    heading = tuple(of.say(f"patent.{code}") for code in _PATENT)
    told = tuple(_patent(of, one, rows.get(one["patent"], {})) for one in of.answer["patents"])
    if not told:
        yield LinesBlock((of.say("no_patents"),))
        return
    yield GridBlock(heading, told, "", of.source("patents", of.newest("patents")), (9, 10, 11))
    for one in of.answer["patents"]:
        opened = [found for found in one["findings"] if found.get("effect", "info") != "info"]
        if opened:
            named = titles(of).get(one["patent"], "")
            yield LinesBlock(
                tuple(of.headed(found["title"], of.told(found)) for found in opened), f"{one['patent']} {named}"
            )


def _patent(of: Material, one: Part, row: Row) -> tuple[str, ...]:
    columns = TABLES["patents"].columns
    holders = [
        held["holder"] for held in of.current("holdings") if held["patent"] == one["patent"] and not held.get("to_on")
    ]
    quality = one["quality"]["score"] if one.get("quality") else None
    weighing = [found["title"] for found in one["findings"] if found.get("effect", "info") != "info"]
    excluded = one.get("exclusion_reason")
    return (
        row.get("title") or of.absent,
        str(one["patent"]),
        of.written(columns["kind"], row.get("kind")),
        of.written(columns["filed_on"], row.get("filed_on")),
        of.written(columns["granted_on"], row.get("granted_on")),
        str(one.get("last_day") or of.absent),
        of.listed(map(of.firm_or_person, holders)) or of.absent,
        of.written(columns["fees_paid_to"], row.get("fees_paid_to")),
        of.written(columns["in_use"], row.get("in_use")),
        of.absent if quality is None else f"{quality:.0f}",
        of.money(one["value"]["p50"] if one.get("value") else None),
        of.money(one["carries"]["carries"] if one.get("carries") else None),
        of.name("exclusion", excluded) if excluded else of.joined(weighing) or of.say("accepted"),
    )


def _value(of: Material) -> Iterator[Block]:
    row = of.newest("appraisals", "base_on")
    yield of.fields("appraisals", row, _APPRAISAL, "base_on")
    pledge = of.answer["pledge"] or {}
    basis: Part = pledge.get("basis") or {}
    items = [of.amount("basis", basis.get("amount"), of.say("calculated"), "lead")]
    items.append(
        of.field("basis_by", of.say(f"basis.{basis['by']}") if basis.get("by") else None, of.say("calculated"))
    )
    if basis.get("faults"):
        faults = of.joined(of.say(f"fault.{fault}") for fault in basis["faults"])
        items.append(of.field("appraisal_faults", faults, of.say("calculated"), "warn"))
    own = of.answer["value"]
    for code, of_range in (("own_value", own), ("on_default", of.answer["value_on_default"])):
        told = of_range["range"] if of_range else None
        text = " / ".join(of.money(told[point]) for point in ("p10", "p50", "p90")) if told else None
        items.append(of.field(f"{code}_range", text, of.say("calculated")))
    items += [*own_range(of), *above_own_range(of)]
    to_value: Part = pledge.get("loan_to_value") or {}
    items.append(advised_rate(of))
    shares = {
        "pledge_rate_asked": to_value.get("on_confirmed"),
        "pledge_ceiling": ratio(pledge.get("carries"), basis.get("amount")),
    }
    for code, found in shares.items():
        items.append(of.field(code, of.share(found) if found is not None else None, of.say("calculated")))
    yield FieldsBlock(tuple(items))
    carried = tuple(
        (
            str(one["patent"]), of.share(one["carries"]["part_of_basis"]), of.share(one["carries"]["share_of_value"]),
            of.share(one["carries"]["for_life"]), of.share(one["carries"]["for_encumbrance"]),
            of.money(one["carries"]["cut_for_concentration"]), of.money(one["carries"]["carries"]),
        )
        for one in of.answer["patents"] if one.get("carries")
    )  # fmt: skip
    if carried:
        heading = tuple(
            of.say(f"carried.{code}") for code in ("patent", "part", "ceiling", "life", "free", "cut", "carries")
        )
        yield GridBlock(heading, carried, of.say("carried"), of.say("calculated"), tuple(range(1, 7)))


def security_blocks(of: Material) -> Iterator[Block]:
    """What secures the loan beside the patents: items, guarantees, and how much of either is of other applications."""
    others = [row for row in of.current("collateral") if row["kind"] != "patent"]
    yield of.grid("collateral", others, _ITEM)
    yield from of_others(of, "collateral")
    yield of.grid("guarantees", given_for_us(of), _GUARANTEE)
    yield from of_others(of, "guarantees")


def _price(of: Material) -> Iterator[Block]:
    """The rate asked beside what must be earned for the risk, and whether it covers it."""
    back, rate = of.answer["recoverable"], of.application.get("rate_asked")
    yield FieldsBlock(
        (
            of.field("rate_asked", of.share(rate) if rate else None),
            of.field("pd", of.share(of.answer["pd"]["value"]), of.say("model")),
            of.field("loss_given_default", of.share(1.0 - back["total"]) if back else None, of.say("calculated")),
        )
    )
    yield findings_of(of, ("price",))


def _model(of: Material) -> Iterator[Block]:
    answer = of.answer
    yield FieldsBlock((*of_grade(of), admission_line(of), of.field("horizon", answer["pd"]["says"])))
    topics = [(of.say("base_of", meaning=answer["base"]["says"]), answer["base"]["points"])]
    topics += [(of.name("topic", one["code"]), one["points"]) for one in topics_of(answer["reasons"])]
    rows = tuple((name, f"{points:+.1f}") for name, points in topics)
    rows += ((of.say("score_points"), f"{answer['points']:.1f}"),)
    yield GridBlock((of.say("reasons.topic"), of.say("reasons.points")), rows, of.say("topics"), of.say("model"), (1,))
    reasons = tuple(
        (str(place), f"{one['points']:+.1f}", one["says"]) for place, one in enumerate(answer["reasons"][:8], 1)
    )
    heading = tuple(of.say(f"reasons.{code}") for code in ("place", "points", "says"))
    yield GridBlock(heading, reasons, "", of.say("model"), (1,))
    if answer["warnings"]:
        yield LinesBlock(tuple(one["says"] for one in answer["warnings"]), of.say("limits_of_model"))


def _decisions(of: Material) -> Block:
    if not of.steps:
        return LinesBlock((of.say("no_decision"),))
    names = ("kind", "by", "at", "outcome", "amount", "reason")
    rows = tuple(tuple(_step(of, step, name) for name in names) for step in of.steps)
    return GridBlock(tuple(of.say(f"step.{name}") for name in names), rows, "", "", (4,))


def _step(of: Material, step: Part, name: str) -> str:
    value = step.get(name)
    if name in ("kind", "outcome"):
        return of.known_name(f"credit_report.{name}s.{value}") or str(value or of.absent)
    return of.money(value) if name == "amount" else of.absent if value is None else str(value)


def _monitoring(of: Material) -> Iterator[Block]:
    fees = [
        (str(row["fees_paid_to"]), str(row["patent"]), titles(of).get(row["patent"]) or of.absent)
        for row in of.current("patents")
        if row.get("fees_paid_to") is not None and row["patent"] in {one["patent"] for one in of.answer["patents"]}
    ]
    yield LinesBlock((of.say("first_check"), of.say("quarterly"), of.say("yearly")))
    if fees:
        heading = (of.say("patent.fees_paid_to"), of.say("patent.number"), of.say("patent.title"))
        yield GridBlock(heading, tuple(sorted(fees)), of.say("fee_days"), of.source("patents", of.newest("patents")))
    conditions = (of.answer["recommendation"] or {}).get("conditions", ())
    told = [
        of.say(
            "condition",
            title=one["title"],
            subjects=of.listed(map(of.firm_or_person, one["subjects"])),
            cure=cure_line(one["cure"], of.language) if one["cure"] else of.absent,
        )
        for one in conditions
    ]
    yield _lines(of, "conditions", told) or LinesBlock((of.say("no_conditions"),), of.say("conditions"))
