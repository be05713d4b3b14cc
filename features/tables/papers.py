"""What a list, a paper, a measure or a label says, and of which source it was asked."""

from features.columns import choice, day, flag, note, number, text
from features.tables.table import Table


class WhitelistEntries(Table):
    """One decision of a list's committee about the firm."""

    common = True
    key = ("list", "decided_on")
    list = text("Which list · 名单", domain="list", required=True)
    decided_on = day("Day of the decision · 决定日", required=True, happened=True)
    admitted = flag("Admitted · 准入")
    until = day("Last day of the entry · 有效期至")
    removed_on = day("Day of removal · 移出日", happened=True)
    removed_for = choice("Why it was removed · 移出原因", "expiry", "cause", "own_wish")


class Evidence(Table):
    """A fact with its paper."""

    key = ("subject", "fact", "seen_on")
    subject = text("What the fact is about: a patent, a person, the firm · 事实对象", domain="patent", required=True)
    fact = text("Which fact · 事实", domain="fact", required=True, pattern=r"^[a-z0-9_]+$")
    answer = note("What the paper says · 材料内容", audience="bank")
    note = note("What else is to be said of it · 说明", audience="bank")
    document = text("SHA-256 of the paper · 材料散列", domain="document", pattern=r"^[0-9a-f]{64}$", audience="bank")
    seen_on = day("Day on which the paper was seen · 查看日", required=True, happened=True)
    seen_by = text("Who saw it · 查看人", domain="actor", audience="bank")
    expires_on = day("Last day on which it counts · 有效期至")


class Measures(Table):
    """Any further number that a bank has: tax paid, invoices, bureau scores, ratios."""

    key = ("measure", "measured_on")
    measure = text(
        "Name of the measure · 指标名称", domain="measure", required=True, pattern=r"^[A-Za-z0-9_]+$", audience="bank"
    )
    measured_on = day("Day or period's end that the number is about · 指标所属日", happened=True, audience="bank")
    value = number("The number · 数值", "own", required=True, audience="bank")


class Visits(Table):
    """One visit of the bank to the firm before the loan."""

    key = ("visited_on", "place")
    visited_on = day("Day of the visit · 现场时间", required=True, happened=True, audience="bank")
    place = text("Where · 现场地点", domain="place", audience="bank")
    met = text("Who was met · 接触人", domain="person_name", audience="person")
    visited_by = text("Who visited · 主办客户经理", domain="actor", audience="bank")
    second = text("Who went along · 协办客户经理", domain="actor", audience="bank")
    findings = note("What was seen and checked · 核验情况", audience="bank")


class Outcomes(Table):
    """A label given from outside."""

    key = ("case",)
    case = text("Case · 个案", domain="case", required=True, audience="bank")
    as_of = day("Day on which the case was asked · 时点", required=True, audience="bank")
    label = flag("True where the bad (or, for a whitelist, the good) outcome came · 结果", audience="bank")


class Coverage(Table):
    """That a source was asked about a table: without it an empty table is unknown, not none."""

    common = True
    key = ("about",)
    about = text("Name of the table · 表名", domain="about", required=True)
    asked_on = day("Day on which the source was asked · 查询日", happened=True)
    complete = flag("The answer was complete · 答复完整")
