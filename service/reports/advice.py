"""Advice, limit and what they follow from, as both reports show them."""

from models.need.result import figure_unit
from service.reports.document import Block, FieldsBlock, GridBlock, LinesBlock, ReportField
from service.reports.material import Material


def advice_lines(of: Material) -> Block:
    """One sentence: advice, amount asked, amount advised, term, first reason."""
    advice = of.answer["recommendation"]
    if advice is None:
        return LinesBlock((of.say("no_advice"),), weight="warn")
    told = of.name("advice", advice["advice"])
    asked, amount = of.application.get("amount"), advice["amount"]
    lines = [of.say("advice_against", advice=told, asked=of.money(asked))]
    if advice["advice"] != "advise_against":
        advised = of.say("money", amount=of.money(amount)) if amount else of.say("no_limit")
        lines = [of.say("advised", advice=told, asked=of.money(asked), amount=advised, term=_term(of))]
    because = reasons(of)
    lines.append(of.say("first_reason", reason=because[0]) if because else of.say("no_reason"))
    lines += [of.say("further_reasons", reasons=of.joined(because[1:]))] if because[1:] else []
    return LinesBlock(tuple(lines), weight="warn" if advice["advice"] != "recommend" else "lead")


def _term(of: Material) -> str:
    asked, term = of.application.get("term_months"), of.answer["term"]
    longest = term["months"] if term else None
    advised = (of.answer["recommendation"] or {}).get("term_months")
    known = [months for months in (asked, longest) if months is not None]
    months = advised if advised is not None else min(known, default=None)
    return of.absent if months is None else of.say("months", months=months)


def reasons(of: Material) -> list[str]:
    """Why, each with what was seen, in the order in which reasons are shown."""
    advice = of.answer["recommendation"] or {}
    found = {(one["rule"], one["subject"]): one for one in of.findings}
    named = [found[key] for one in advice.get("because", ()) if (key := (one["rule"], one["subject"])) in found]
    return [of.say("reason", title=of.titled(one), seen=one["observed"]["says"]) for one in named]


def limit_grid(of: Material) -> Block:
    """The bounds of the limit, the least of which sets it."""
    limit = of.answer["limit"]
    if limit is None:
        return LinesBlock((of.say("no_limit"),))
    binding, following, lines = limit["binding"], limit["next"], limit["lines"] or {}
    rows = []
    for bound, amount in limit["bounds"].items():
        mark = of.say("binding") if bound == binding else of.say("following") if bound == following else ""
        rows.append((of.name("bound", bound), of.money(amount), mark, _detail(of, bound, lines)))
    rows += [(of.name("bound", bound), of.absent, of.say("not_measured"), "") for bound in limit["unknown"]]
    total = of.money(limit["amount"]) if limit["amount"] is not None else of.say("not_measured")
    rows.append((of.say("limit"), total, of.say("least"), ""))
    heading = tuple(of.say(f"bounds.{code}") for code in ("bound", "amount", "mark", "detail"))
    return GridBlock(heading, tuple(rows), "", of.say("calculated"), (1,))


def _detail(of: Material, bound: str, lines: object) -> str:
    limit = of.answer["limit"]
    if bound == "security" and isinstance(lines, dict):
        parts = {code: of.money(lines[code]) for code in ("ip", "other", "guarantee")}
        return of.say("security_lines", **parts)
    if bound == "need" and limit["need"] and limit["need"]["binding"]:
        return of.name("need.method", limit["need"]["binding"])
    if bound == "debt_capacity" and limit["debt_capacity"]:
        readings = limit["debt_capacity"]["readings"].items()
        return of.joined(of.say(f"reading.{name}", amount=of.money(amount)) for name, amount in readings)
    return ""


def need_blocks(of: Material) -> list[Block]:
    """Every method by which the need is measured: what it gives and its steps, or why it does not apply."""
    need = (of.answer["limit"] or {}).get("need")
    if need is None:
        return [LinesBlock((of.say("not_measured"),))]
    rows = []
    for method in need["methods"]:
        reason = method.get("reason")
        why = of.phrase(reason) if reason else of.joined(_steps(of, method.get("figures") or {}))
        amount = method.get("amount")
        applies = {True: "applies", False: "applies_not", None: "applies_unknown"}[method["applies"]]
        mark = of.say("taken") if method["method"] == need["binding"] else of.say(applies)
        rows.append(
            (of.name("need.method", method["method"]), mark, of.money(amount) if amount is not None else "–", why)
        )
    heading = tuple(of.say(f"need.{code}") for code in ("method", "applies", "amount", "steps"))
    return [GridBlock(heading, tuple(rows), "", of.say("calculated"), (2,))]


def _steps(of: Material, figures: dict[str, object]) -> list[str]:
    """Inputs and steps of a method, as far as they have names."""
    return [
        f"{label} {_in_unit(of, name, value)}"
        for name, value in figures.items()
        if (label := of.known_name(f"need.figure.{name}")) is not None
    ]


def _in_unit(of: Material, name: str, value: object) -> str:
    """An input or step as it is counted: money, a share, or a number of days, orders or loans."""
    unit = figure_unit(name)
    if unit == "money":
        return of.money(value)
    return of.share(value) if unit == "share" else of.counted(unit, value)


def capacity_fields(of: Material) -> Block:
    """How much further debt can be carried, by each reading."""
    debt = (of.answer["limit"] or {}).get("debt_capacity")
    if debt is None:
        return LinesBlock((of.say("not_measured"),))
    items = [of.amount("bound_debt", debt["amount"], of.say("calculated"), "lead")]
    for name, amount in debt["readings"].items():
        label = of.say(f"capacity.{name}")
        items.append(ReportField(label, of.with_unit(amount), amount, of.say("calculated")))
    for part in ("earnings", "cash"):
        for name, amount in (debt.get(part) or {}).items():
            items.append(
                ReportField(of.say(f"capacity.{part}.{name}"), of.with_unit(amount), amount, of.say("calculated"))
            )
    return FieldsBlock(tuple(items))
