"""The page that the head of a branch reads: who asks for what, what is advised and why, and how far it is known."""

from collections.abc import Iterator
from datetime import date

from features.policy import NotYetInForce
from features.schema import Row
from models.records.in_force import InForce
from models.rules.recommendation import lines_of
from models.rules.underwriting.figures import STANDING_IN
from service.ledger.redaction import Part
from service.reports.advice import advice_lines, limit_grid
from service.reports.document import Block, FieldsBlock, GridBlock, LinesBlock, PrintedSection, ReportField
from service.reports.material import Material

_MATTERS = {
    "blocking": "blocks", "referring": "refer", "conditions": "before_drawdown", "cautions": "caution",
    "patents_left_out": "drops_patent",
}  # fmt: skip
MOST_YEARS = 3


def one_page(of: Material) -> tuple[PrintedSection, ...]:
    """The twelve parts of the page."""
    return (
        of.section("p1", FieldsBlock(tuple(_borrower(of)))),
        of.section("p2", FieldsBlock(tuple(_asked(of)))),
        of.section("p3", advice_lines(of)),
        of.section("p4", FieldsBlock(tuple(_matters(of)))),
        of.section("p5", limit_grid(of)),
        of.section("p6", _patents(of), FieldsBlock(tuple(_pledge(of)))),
        of.section("p7", books(of), FieldsBlock(tuple(_ratios(of)))),
        of.section("p8", FieldsBlock(tuple(_credit(of)))),
        of.section("p9", _courts(of)),
        of.section("p10", FieldsBlock(tuple(_risk(of)))),
        of.section("p11", FieldsBlock(tuple(_ages(of)))),
        of.section("p12", FieldsBlock(tuple(_people(of)))),
    )


def _borrower(of: Material) -> Iterator[ReportField]:
    firm = of.newest("firms") or {}
    source = of.source("firms", firm or None)
    yield of.field("firm", of.answer["legal_name"], source, "lead")
    yield of.field("firm_code", of.firm_or_person(of.answer["case"]["firm"]) if not of.answer["legal_name"] else
                   str(of.answer["case"]["firm"]).partition(":")[2])  # fmt: skip
    owners = [row["person"] for row in of.current("people") if row["role"] == "controller"]
    yield of.field("controller", of.listed(map(of.firm_or_person, owners)), of.source("people", of.newest("people")))
    yield of.field("industry", of.industry(firm.get("industry")), source)
    founded = firm.get("founded_on")
    age = of.say("founded", day=founded, years=_years(founded, of.as_of)) if founded else None
    yield of.field("age", age, source)
    size = of.found("size_class")
    yield of.field("size", size["observed"]["says"] if size and size.get("observed") else _staff(of, firm), source)
    yield of.field("kind_of_credit", _kind(of))


def _staff(of: Material, firm: Row) -> str | None:
    return of.say("staff", count=firm["staff"]) if firm.get("staff") is not None else None


def _years(since: date, on: date) -> int:
    return on.year - since.year - ((on.month, on.day) < (since.month, since.day))


def _kind(of: Material) -> str:
    first = of.found("first_loan")
    if of.application.get("renews"):
        return of.say("renewed_loan")
    return of.say("first_loan" if first and first["outcome"] == "pass" else "new_loan")


def _asked(of: Material) -> Iterator[ReportField]:
    row = of.application
    source = of.source("applications", row or None, "applied_on")
    yield of.amount("amount_asked", row.get("amount"), source, "lead")
    term = row.get("term_months")
    yield of.field("term_asked", of.say("months", months=term) if term else None, source)
    for code, name in (("purpose", "purpose"), ("repayment", "repayment")):
        value = row.get(name)
        yield of.field(code, of.choice("applications", name, value) if value else None, source)
    kinds = [row["kind"] for row in of.current("collateral")]
    secured = [of.choice("collateral", "kind", kind) for kind in dict.fromkeys(kinds)]
    secured += [of.choice("guarantees", "kind", row["kind"]) for row in given_for_us(of)]
    yield of.field("secured_by", of.listed(dict.fromkeys(secured)), of.source("collateral", of.newest("collateral")))
    yield of.field("rate_asked", of.share(row.get("rate_asked")), source)


def given_for_us(of: Material) -> list[Row]:
    """The guarantees for the firm's own debt."""
    own = of.answer["case"]["firm"]
    return [row for row in of.current("guarantees") if row.get("debtor") in (None, own)]


def _matters(of: Material) -> Iterator[ReportField]:
    """What weighs, by effect: how many, and their titles. What stands before every drawdown is not counted."""
    for code, effect in _MATTERS.items():
        weighing = of.weighing(effect)
        found = of.counted_titles(weighing)
        count = len({one["subject"] for one in weighing}) if code == "patents_left_out" else len(found)
        text = of.say("counted", count=count, titles=of.joined(found)) if found else of.say("none")
        yield ReportField(of.say(code), text, count, "", "warn" if found and code == "blocking" else "plain")
    yield of.field("standing", of.joined(standing(of)))


def standing(of: Material) -> list[str]:
    """What stands before every drawdown, waived by nobody."""
    advice = of.answer["recommendation"]
    return [str(one["says"]) for one in (advice or {}).get("standing", ()) if "says" in one]


def _patents(of: Material) -> Block:
    rows = tuple(
        (
            str(place),
            titles(of).get(row["patent"]) or of.absent,
            str(row["patent"]),
            of.choice("patents", "kind", row.get("kind")),
            str(row.get("last_day") or of.absent),
            of.money(row["value"]["p50"] if row.get("value") else None),
            of.money(row["carries"]["carries"] if row.get("carries") else None),
            _weight(of, row),
        )
        for place, row in enumerate(of.answer["patents"], start=1)
    )
    if not rows:
        return LinesBlock((of.say("no_patents"),))
    heading = tuple(of.say(f"patent.{code}") for code in
                    ("place", "title", "number", "kind", "last_day", "value", "carries", "open"))  # fmt: skip
    return GridBlock(heading, rows, "", of.source("patents", of.newest("patents")), (5, 6))


def titles(of: Material) -> dict[str, str]:
    """Titles of patents by number."""
    return {row["patent"]: row["title"] for row in of.current("patents") if row.get("title")}


def _weight(of: Material, row: Part) -> str:
    """Why a patent is not accepted, or what is open about it."""
    excluded = row.get("exclusion_reason")
    if excluded:
        return of.name("exclusion", excluded)
    opened = [one["title"] for one in row["findings"] if one.get("effect", "info") != "info"]
    return of.joined(opened) or of.say("accepted")


def _pledge(of: Material) -> Iterator[ReportField]:
    pledge = of.answer["pledge"]
    basis: Part = (pledge or {}).get("basis") or {}
    appraisal = of.source("appraisals", of.newest("appraisals", "base_on"), "base_on")
    yield of.field("patents_counted", of.say("pieces", count=len(of.answer["patents"])))
    yield of.amount("appraised", basis.get("appraiser"), appraisal)
    yield of.amount("own_value", basis.get("internal"), of.say("calculated"))
    yield from own_range(of)
    yield of.amount("confirmed", basis.get("confirmed"), appraisal)
    yield from above_own_range(of)
    to_value: Part = (pledge or {}).get("loan_to_value") or {}
    yield advised_rate(of)
    share = to_value.get("on_confirmed")
    yield of.field("pledge_rate_asked", of.share(share) if share is not None else None, of.say("calculated"), "lead")
    ceiling = ratio((pledge or {}).get("carries"), basis.get("amount"))
    yield of.field("pledge_ceiling", of.share(ceiling) if ceiling is not None else None, of.say("calculated"))
    default = of.answer["value_on_default"]
    yield of.amount("on_default", default["range"]["p50"] if default else None, of.say("calculated"))
    days = [row["last_day"] for row in of.answer["patents"] if row.get("last_day")]
    yield of.field("first_to_end", min(days, default=None), of.source("patents", of.newest("patents")))


def own_range(of: Material) -> Iterator[ReportField]:
    """Our own range of values, and how many patents it rests on; nothing where there is none."""
    own = of.answer["value"]
    if not own:
        return
    counted = [one for one in of.answer["patents"] if one.get("value") and not one.get("exclusion_reason")]
    low, high = (of.money(own["range"][point]) for point in ("p10", "p90"))
    yield of.field("own_range", of.say("range_of", low=low, high=high, patents=len(counted)), of.say("calculated"))


def above_own_range(of: Material) -> Iterator[ReportField]:
    """Why what is confirmed or appraised stands above our own range, and what whoever signs must do about it."""
    found = of.found("above_own_range")
    if found is not None and found["outcome"] == "fail":
        says = str(found["observed"]["says"])
        yield ReportField(of.titled(found), says, says, of.say("policy"), "warn")


def advised_rate(of: Material) -> ReportField:
    """The amount advised over the basis; where patents alone do not carry it, how much of it they carry."""
    pledge: Part = of.answer["pledge"] or {}
    share = (pledge.get("loan_to_value") or {}).get("advised")
    amount = (of.answer["recommendation"] or {}).get("amount")
    if share is None:
        return ReportField(of.say("pledge_rate"), of.say("nothing_advised") if amount is None else of.absent)
    text, carried = of.share(share), pledge.get("carries")
    if isinstance(carried, int) and isinstance(amount, int) and carried < amount:
        rest = of.money(amount - carried)
        text = of.say("carried_in_part", share=text, amount=of.money(carried), rest=rest, who=_who_secures(of))
    return of.field("pledge_rate", text, of.say("calculated"), "lead")


def _who_secures(of: Material) -> str:
    """What secures beside the patents: items by kind and guarantors by name, of those that carry anything."""
    lines: Part = (of.answer["limit"] or {}).get("lines") or {}
    items = [row for row in of.current("collateral") if row["kind"] != "patent"] if lines.get("other") else []
    given = [row for row in given_for_us(of) if row["kind"] in STANDING_IN] if lines.get("guarantee") else []
    named = [of.choice("collateral", "sort", row["sort"]) if row.get("sort") else
             of.choice("collateral", "kind", row["kind"]) for row in items]  # fmt: skip
    named += [of.firm_or_person(str(row["guarantor"])) for row in given]
    return of.listed(dict.fromkeys(named)) or of.say("other_security")


def ratio(part: object, whole: object) -> float | None:
    """A part of a whole; None where either is not known."""
    return part / whole if isinstance(part, int) and isinstance(whole, int) and whole > 0 else None


_MONTHS = 12


def years(of: Material) -> list[Row]:
    """The latest yearly books, oldest first, then the latest books of part of a year, where they are later."""
    own = [row for row in of.current("statements") if row.get("months") == _MONTHS]
    own.sort(key=lambda row: (str(row["period_end"]), row.get("scope") == "parent", row.get("basis") == "statutory"))
    yearly = list({row["period_end"]: row for row in own}.values())[-MOST_YEARS:]
    part = of.newest("statements", "period_end", lambda row: row.get("months") not in (None, _MONTHS))
    last = yearly[-1]["period_end"] if yearly else date.min
    return [*yearly, part] if part and part["period_end"] > last else yearly


def period(of: Material, row: Row) -> str:
    """The period of books."""
    months = row.get("months")
    year = row["period_end"].year
    return of.say("year", year=year) if months == _MONTHS else of.say("part_year", year=year, months=months or "?")


def books(of: Material) -> Block:
    """Three lines of the books: revenue, profit, cash."""
    found = years(of)
    if not found:
        return LinesBlock((of.say("no_books"),))
    lines = ("revenue", "net_profit", "operating_cash_flow")
    heading = (of.say("in_money"), *(period(of, row) for row in found))
    rows = tuple((of.say(f"books.{line}"), *(of.money(row.get(line)) for row in found)) for line in lines)
    source = of.source("statements", found[-1], "period_end")
    return GridBlock(heading, rows, "", source, tuple(range(1, len(heading))))


def _ratios(of: Material) -> Iterator[ReportField]:
    """Debt by the newest books; interest cover by the newest of a whole year, as its rule reads it."""
    latest = of.newest("statements", "period_end", lambda row: row.get("total_assets") is not None) or {}
    source = of.source("statements", latest or None, "period_end")
    owed = ratio(latest.get("total_liabilities"), latest.get("total_assets"))
    yield of.field("debt_ratio", of.share(owed) if owed is not None else None, source)
    year = of.newest("statements", "period_end", lambda row: row.get("months") == _MONTHS) or {}
    cover = ratio(year.get("operating_profit"), year.get("interest_expense"))
    text = of.say("times", times=f"{cover:.2f}") if cover is not None else None
    yield of.field("interest_cover", text, of.source("statements", year or None, "period_end"))


def _credit(of: Material) -> Iterator[ReportField]:
    row = of.newest("bureau", "queried_on")
    source = of.source("bureau", row, "queried_on")
    told = row or {}
    for name in ("lenders", "special_mention", "non_performing", "worst_days"):
        value = told.get(name)
        yield of.field(name, None if value is None else str(value), source)
    for code, name in (("credit_balance", "balance"), ("overdue", "overdue"), ("guarantees_given", "guarantees_given")):
        yield of.amount(code, told.get(name), source)
    found = of.found("controller_credit")
    said = None if found is None else of.name("outcome", found["outcome"])
    if found and found["outcome"] in ("fail", "unknown"):
        said = f"{said}：{found['observed']['says']}"
    yield of.field(
        "controller_credit", said, of.source("person_bureau", of.newest("person_bureau", "queried_on"), "queried_on")
    )


def _courts(of: Material) -> Block:
    """Open records alone; where there is none, whether they were asked for."""
    opened = [
        row for row in of.current("credit_events") if row.get("lifted_on") is None and row["event"] != "tax_grade"
    ]
    if not opened:
        listed = of.found("credit_listing")
        asked = listed is not None and listed["outcome"] == "pass"
        return LinesBlock((of.say("no_open_records" if asked else "absent"),))
    names = ("happened_on", "event", "side", "amount", "reference")
    return of.grid("credit_events", opened, names, of.say("open_records"))


def _risk(of: Material) -> Iterator[ReportField]:
    yield sharing(of)
    yield from of_grade(of)
    yield admission_line(of)
    yield recovery(of)


def sharing(of: Material) -> ReportField:
    """Whether a scheme shares the loss, and the most that it covers of this firm."""
    scheme = ((of.answer["limit"] or {}).get("bounds") or {}).get("scheme_cap")
    shared = of.say("scheme_cap", amount=of.money(scheme)) if scheme is not None else of.say("no_scheme")
    return ReportField(of.say("scheme"), shared, shared)


def recovery(of: Material) -> ReportField:
    """The share of the loan that patents, and patents with other security, give back on default (P50)."""
    back = of.answer["recoverable"]
    text = of.say("recovered", patents=of.share(back["p50"]), whole=of.share(back["total"])) if back else None
    return of.field("recovery", text, of.say("calculated"))


def admission_line(of: Material) -> ReportField:
    """The bank's lines of the probability over a year, and on which side of them this loan is."""
    found = of.found("score")
    if found is None:
        return of.field("admission_line", None)
    try:
        value = InForce(of.policy, of.as_of)
        own = of.newest("measures", "measured_on", lambda row: row["measure"] == "bank_npl")
        lines = lines_of(own["value"] if own else None, lambda name: value(name, float))
    except NotYetInForce:
        return of.field("admission_line", None)
    seen = of.joined(
        [of.name("outcome", found["outcome"]), *([found["observed"]["says"]] if "observed" in found else [])]
    )
    shares = {name: of.share(float(line)) for name, line in lines.items()}
    return of.field("admission_line", of.say("admission", **shares, seen=seen), of.say("policy"), "lead")


def of_grade(of: Material) -> Iterator[ReportField]:
    """Probability, score and grade, and how often firms of the grade defaulted where the model was judged."""
    answer = of.answer
    grading: Part = answer.get("grading") or {}
    many = of.say("of_many", many=grading["many"]) if grading else ""
    told = {"pd": of.share(answer["pd"]["value"]), "points": answer["points"], "grade": answer["grade"], "many": many}
    yield of.field("pd", of.say("pd_line", **told), of.say("model"))
    seen: Part | None = grading.get("judged")
    shares = {name: of.share(seen[name]) for name in ("observed", "low", "high")} if seen else {}
    text = of.say("grade_seen", cases=seen["cases"], events=seen["events"], **shares) if seen else None
    yield of.field("grade_judged", text, of.say("model"))


def _ages(of: Material) -> Iterator[ReportField]:
    yield of.field("as_of", of.answer["as_of"])
    extract = of.newest("patent_events", "happened_on", lambda row: row["event"] == "register_extract")
    dated = (
        ("age_bureau", of.newest("bureau", "queried_on"), "queried_on"),
        ("age_books", of.newest("statements", "period_end"), "period_end"),
        ("age_extract", extract, "happened_on"),
        ("age_appraisal", of.newest("appraisals", "base_on"), "base_on"),
    )
    for code, row, day in dated:
        text = of.say("day_and_age", day=row[day], age=(of.as_of - row[day]).days) if row else None
        yield of.field(code, text)


def _people(of: Material) -> Iterator[ReportField]:
    yield from investigators(of)
    for code, kind in (("reviewer", "reviewed"), ("approver", "approval")):
        by = next((str(one["by"]) for one in reversed(of.steps) if one["kind"] == kind), None)
        yield ReportField(of.say(code), by or "________", by)


def investigators(of: Material) -> Iterator[ReportField]:
    """Who submitted it, else who visited the firm last."""
    row = of.newest("visits", "visited_on")
    visit, source = row or {}, of.source("visits", row, "visited_on")
    submitted: Part = next((one for one in reversed(of.steps) if one["kind"] == "submitted"), {})
    for code, by, name in (("officer", "by", "visited_by"), ("second_officer", "second", "second")):
        visitor = str(visit.get(name) or "")
        yield of.field(code, submitted.get(by) or of.people.of(visitor), "" if submitted else source)
