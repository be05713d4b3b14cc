"""Public records that speak against a loan: listings open and removed, tax grade, register status, bureau report."""

from models.records.applicant import Applicant
from models.records.calendar import add_months
from models.records.columns import Record
from models.rules.cures import cure
from models.rules.finding import Effect, Finding, Proof, Says
from models.rules.registry import Maker, rule
from models.rules.wording import money

WORDS = {
    "dishonest_debtor": Says("失信被执行人", "list of dishonest debtors"),
    "serious_violation": Says("严重违法失信名单", "list of serious violations"),
    "insolvency": Says("破产程序", "insolvency proceedings"),
    "abnormal_operation": Says("经营异常名录", "list of abnormal operation"),
    "enforcement": Says("被执行", "court enforcement"),
    "spending_restriction": Says("限制高消费", "restriction of spending"),
    "tax_violation": Says("重大税收违法", "tax violation"),
    "tax_arrears": Says("欠税", "tax arrears"),
    "equity_frozen": Says("股权冻结", "equity frozen"),
    "abnormal_filing": Says("非正常专利申请", "abnormal patent filings"),
}
NOT_ASKED = Says("未查询公共信用信息", "public credit records were not asked, or too long ago")
EFFECTS: tuple[Effect, ...] = ("blocks", "before_drawdown", "caution", "info")


def listings(a: Applicant, kind: str) -> tuple[Record | None, Record | None]:
    """Of a kind of record: the one that is open on the day, and the one removed lately enough to be told."""
    rows = [e for e in a.rows("credit_events") if e.event == kind]
    still = next((e for e in rows if e.lifted_on is None or e.lifted_on > a.as_of), None)
    since = add_months(a.as_of, -a.value("credit_exclusions.removed_months"))
    removed = next((e for e in reversed(rows) if e.lifted_on is not None and since < e.lifted_on <= a.as_of), None)
    return still, removed


@rule(
    "firm",
    "credit_exclusions.listings",
    "credit_exclusions.removed_months",
    zh="公共信用记录",
    en="public credit record",
    weighs=EFFECTS,
)
def credit_listing(subject: tuple[Applicant, str], make: Maker) -> Finding:
    """No open record of the kind; one that was removed within so many months is a caution, not clean."""
    a, kind = subject
    name, weight = WORDS[kind], a.value("credit_exclusions.listings")[kind]
    required = Says(f"无在列{name.zh}记录", f"no open record: {name.en}")
    still, removed = listings(a, kind)
    if still is not None:
        said = Says(f"{still.happened_on} 列入{name.zh}", f"listed on {still.happened_on}: {name.en}")
        proof = Proof(still.source or still.source_kind, still.known_on, a.age(still.known_on))
        return make.fails(weight, said, required, proof=proof, cure=cure(a, "repair_listing"))
    if removed is not None:
        said = Says(f"{removed.lifted_on} 移出{name.zh}", f"removed on {removed.lifted_on}: {name.en}")
        return make.fails("caution", said, required)
    if not a.asked("credit_events"):
        return make.unknown(weight, NOT_ASKED, required, cure=cure(a, "ask_source"))
    return make.passes(Says("无", "none"), required)


@rule("firm", "credit_exclusions.tax_grades", zh="纳税信用级别", en="tax-credit grade", weighs=EFFECTS)
def tax_grade(a: Applicant, make: Maker) -> Finding:
    """The latest tax-credit grade; M is a new firm and no bad sign."""
    grades = a.value("credit_exclusions.tax_grades")
    good = "、".join(g for g, weight in grades.items() if weight == "info")
    required = Says(f"级别为 {good}", f"one of {good.replace('、', ', ')}")
    grade = latest_tax_grade(a)
    if grade is None:
        return make.unknown("caution", Says("未知", "not known"), required, cure=cure(a, "ask_source"))
    said = Says(f"{grade} 级", f"grade {grade}")
    return make.passes(said, required) if grades[grade] == "info" else make.fails(grades[grade], said, required)


def latest_tax_grade(a: Applicant) -> str | None:
    """The tax-credit grade of the latest year that is known."""
    rows = [e for e in a.rows("credit_events") if e.event == "tax_grade" and e.grade is not None]
    return rows[-1].grade if rows else None


@rule("firm", "credit_exclusions.register_status", zh="登记状态", en="state in the business register", weighs=EFFECTS)
def register_status(a: Applicant, make: Maker) -> Finding:
    """The firm is in business by the register."""
    required = Says("存续（在营）", "in business")
    status = a.profile.status if a.profile else None
    if status is None:
        return make.unknown("blocks", Says("未知", "not known"), required, cure=cure(a, "ask_source"))
    said = Says(status, status)
    weight = a.value("credit_exclusions.register_status")[status]
    return make.passes(said, required) if weight == "info" else make.fails(weight, said, required)


@rule(
    "firm",
    "freshness_days.bureau_report",
    zh="企业征信报告",
    en="enterprise credit report",
    weighs=("before_drawdown",),
)
def bureau_report(a: Applicant, make: Maker) -> Finding:
    """A credit report of late date is at hand: never queried is not the same as no record."""
    days = a.value("freshness_days.bureau_report")
    required = Says(f"{days} 天内的征信报告", f"a report not older than {days} days")
    row = latest_report(a)
    if row is None:
        said = Says("未查询", "never queried")
        return make.unknown("before_drawdown", said, required, cure=cure(a, "bureau_report"))
    proof = Proof(row.source or row.source_kind, row.queried_on, a.age(row.queried_on))
    if not a.fresh(row.queried_on, "bureau_report"):
        since = a.stale_since(row.queried_on, "bureau_report")
        said = Says(f"自 {since} 起过期", f"stale since {since}")
        return make.unknown("before_drawdown", said, required, proof=proof, cure=cure(a, "bureau_report"))
    return make.passes(Says(f"{row.queried_on} 查询", f"queried on {row.queried_on}"), required, proof=proof)


def latest_report(a: Applicant) -> Record | None:
    """The latest credit report, however old."""
    rows = a.rows("bureau")
    return rows[-1] if rows else None


def fresh_report(a: Applicant) -> Record | None:
    """The latest credit report if it may still be used."""
    row = latest_report(a)
    return row if row is not None and a.fresh(row.queried_on, "bureau_report") else None


@rule(
    "firm",
    "freshness_days.bureau_report",
    zh="他行逾期",
    en="arrears at any bank",
    weighs=("blocks", "before_drawdown", "caution"),
)
def bureau_arrears(a: Applicant, make: Maker) -> Finding:
    """No overdue amount in the credit report; more than 90 days overdue weighs more than what can be settled."""
    required = Says("无逾期", "nothing overdue")
    row = fresh_report(a)
    if row is None or (row.overdue is None and row.record_found is not False):
        said = Says("无有效征信报告", "no report that may be used")
        return make.unknown("caution", said, required, cure=cure(a, "bureau_report"))
    proof = Proof(row.source or row.source_kind, row.queried_on, a.age(row.queried_on))
    if row.overdue_90:
        amount = money(row.overdue_90)
        said = Says(f"逾期 90 天以上 {amount.zh}", f"{amount.en} more than 90 days overdue")
        return make.fails("blocks", said, required, proof=proof, cure=cure(a, "clear_arrears"))
    if row.overdue:
        amount = money(row.overdue)
        said = Says(f"逾期 {amount.zh}", f"{amount.en} overdue")
        return make.fails("before_drawdown", said, required, proof=proof, cure=cure(a, "clear_arrears"))
    return make.passes(Says("无", "none"), required, proof=proof)


@rule("firm", "first_loan.rule", zh="首贷户", en="first loan")
def first_loan(a: Applicant, make: Maker) -> Finding:
    """The credit report shows no bank loan: a missing or stale report is unknown, not a first loan; firms only."""
    required = Says("征信报告无贷款记录", "no bank loan in the credit report")
    if a.firm.startswith("person:"):
        return make.not_applicable(Says("仅适用于企业", "firms only"), required)
    row = fresh_report(a)
    if row is None or row.record_found is None:
        said = Says("无有效征信报告", "no report that may be used")
        return make.unknown("info", said, required, cure=cure(a, "bureau_report"))
    proof = Proof(row.source or row.source_kind, row.queried_on, a.age(row.queried_on))
    if row.record_found:
        return make.fails("info", Says("有贷款记录", "loans on record"), required, proof=proof)
    return make.passes(Says("无贷款记录", "no loan on record"), required, proof=proof)
