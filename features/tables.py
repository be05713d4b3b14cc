"""Every raw table that the product reads: one class each, which is also the JSON shape and the data dictionary.

The columns `firm`, `known_on`, `source_kind`, `source` and `withdrawn` belong to every table. A correction is a second
row with the same key and a later `known_on`; nothing is overwritten. A row that should never have been there is stated
again with `withdrawn: true`.
"""

from typing import Any, ClassVar

from features.columns import Column, choice, count, day, flag, money, note, number, text

FIRM = "^(uscc|cik|row):[!-~]+$"
SOURCE_KINDS = ("register", "bureau", "document", "typed")


class Table:
    """A raw table. Subclasses declare columns as attributes.

    `key`: the columns that make two rows of one firm the same fact, in the order in which a firm's rows are read.
    `orders`: pairs of day columns of which the first cannot lie after the second.
    """

    name: ClassVar[str]
    key: ClassVar[tuple[str, ...]] = ()
    orders: ClassVar[tuple[tuple[str, str], ...]] = ()
    columns: ClassVar[dict[str, Column]]

    firm = text(
        "Key of the firm that the row is about · 企业编码", domain="firm", required=True, pattern=FIRM, form="firm"
    )
    known_on = day("Day on which the row could first be known · 可知日", required=True)
    source_kind = choice("Where the row comes from · 来源类别", *SOURCE_KINDS, required=True)
    source = text("Which register, report or document, or who typed it · 来源", domain="source", audience="bank")
    withdrawn = flag("True where the row takes back an earlier one with the same key · 已撤回")

    def __init_subclass__(cls, **options: Any) -> None:
        cls.name = _snake(cls.__name__)
        declared = {k: v for part in (Table, cls) for k, v in vars(part).items() if isinstance(v, Column)}
        cls.columns = {k: v.named(k) for k, v in declared.items()}
        TABLES[cls.name] = cls


TABLES: dict[str, type[Table]] = {}


def _snake(name: str) -> str:
    return "".join("_" + c.lower() if c.isupper() else c for c in name).lstrip("_")


class Firms(Table):
    """A firm's registered facts."""

    legal_name = text("Registered name · 企业名称", domain="legal_name")
    industry = text("GB/T 4754-2017 code, letter first (C39, C3921) · 国民经济行业代码", pattern=r"^[A-T][0-9]{0,4}$")
    region = text(
        "GB/T 2260 code of the present seat, not read off the firm's code · 行政区划代码", pattern=r"^[0-9]{2,6}$"
    )
    founded_on = day("Day of foundation · 成立日期", happened=True)
    staff = count("Employees · 职工人数", "person")
    rd_staff = count("Employees in research and development · 研发人员数", "person")
    registered_capital = money("Registered capital · 注册资本", least=0, audience="public")
    paid_in_capital = money("Paid-in capital · 实缴资本", least=0, audience="public")
    listed = flag("Listed on a stock exchange · 是否上市")
    status = choice(
        "State in the business register · 登记状态", "in_business", "revoked", "deregistered", "liquidating"
    )


class Titles(Table):
    """A certificate that the firm holds or held."""

    key = ("title", "issued_on")
    orders = (("issued_on", "valid_until"), ("issued_on", "revoked_on"))
    title = choice(
        "Kind of title · 资质",
        "tech_sme", "innovative_sme", "specialised_sme", "little_giant", "high_tech", "single_champion",
        "ip_advantage", "ip_demonstration", "ip_management", "gazelle", "other",
        required=True,
    )  # fmt: skip
    level = choice("Who granted it · 授予级别", "national", "provincial", "city", "district")
    issued_on = day("Day of issue · 发证日期", required=True, happened=True)
    valid_until = day("Last day of validity · 有效期至")
    revoked_on = day("Day of revocation · 撤销日期", happened=True)
    certificate = text("Certificate number · 证书编号", domain="certificate")


class People(Table):
    """A person tied to the firm, known only by a keyed hash."""

    key = ("person", "role")
    person = text(
        "person: and a keyed hash · 人员（加密散列）",
        domain="firm",
        required=True,
        pattern="^person:[!-~]+$",
        audience="person",
    )
    role = choice(
        "What the person is to the firm · 与企业的关系",
        "controller", "spouse_of_controller", "legal_representative", "shareholder", "director", "inventor",
        required=True, audience="person",
    )  # fmt: skip
    share = number("Share in the firm · 持股比例", "share", least=0, most=1, audience="person")
    since = day("First day of the role · 起始日", happened=True, audience="person")
    until = day("Last day of the role · 终止日", audience="person")
    employed = flag("On the payroll · 是否在职", audience="person")


class Related(Table):
    """Another firm tied to the firm."""

    key = ("other", "role")
    other = text("Key of the other firm · 关联企业", domain="firm", required=True, form="firm")
    role = choice(
        "What the other firm is · 关联关系", "parent", "subsidiary", "same_controller", "associate", required=True
    )
    share = number("Share held · 持股比例", "share", least=0, most=1)
    since = day("First day · 起始日", happened=True)
    until = day("Last day · 终止日")
    non_performing = flag("Has a non-performing claim at any bank · 在任何银行有不良", audience="bank")


class Statements(Table):
    """One set of books. Items in the minor unit; a nine-month column is never read as a year."""

    key = ("period_end", "months", "scope", "basis")
    period_end = day("Last day of the period · 期末日", required=True, happened=True, audience="fund")
    months = count("Months that the period covers · 覆盖月数", "month", least=1, most=12, audience="fund")
    scope = choice("Parent company alone or group · 口径（母公司或合并）", "parent", "group", audience="fund")
    basis = choice("For whom the books were made · 报表用途", "statutory", "tax", "bank", audience="fund")
    audited = flag("Audited without qualification · 审计意见类型（是：标准无保留意见）", audience="fund")
    revenue = money("Revenue · 营业收入", audience="fund")
    main_revenue = money("Revenue of the main business · 主营业务收入", audience="fund")
    domestic_high_tech_revenue = money(
        "Revenue of high-tech products and services · 高新技术产品（服务）收入", audience="fund"
    )
    cost_of_sales = money("Cost of sales · 营业成本", audience="fund")
    rd_expense = money("Research and development expense · 研发费用", least=0, audience="fund")
    selling_expense = money("Selling expense · 销售费用", audience="fund")
    admin_expense = money("Administrative expense · 管理费用", audience="fund")
    interest_expense = money("Interest expense · 利息费用", audience="fund")
    operating_profit = money(
        "Operating profit (earnings before interest and tax) · 息税前利润（EBIT，非报表“营业利润”）", audience="fund"
    )
    profit_before_tax = money("Profit before tax · 利润总额", audience="fund")
    net_profit = money("Net profit · 净利润", audience="fund")
    depreciation_amortisation = money("Depreciation and amortisation · 折旧与摊销", audience="fund")
    cash = money("Cash and equivalents · 货币资金", audience="fund")
    receivables = money("Trade receivables · 应收账款", audience="fund")
    inventory = money("Inventory · 存货", audience="fund")
    current_assets = money("Current assets · 流动资产", audience="fund")
    fixed_assets = money("Fixed assets · 固定资产", audience="fund")
    intangible_assets = money("Intangible assets · 无形资产", audience="fund")
    total_assets = money("Total assets · 资产总计", least=0, audience="fund")
    payables = money("Trade payables · 应付账款", audience="fund")
    short_term_debt = money("Short-term interest-bearing debt · 短期有息负债", audience="fund")
    current_liabilities = money("Current liabilities · 流动负债", audience="fund")
    long_term_debt = money("Long-term interest-bearing debt · 长期有息负债", audience="fund")
    total_liabilities = money("Total liabilities · 负债合计", audience="fund")
    equity = money("Owners' equity · 所有者权益", audience="fund")
    retained_earnings = money("Retained earnings · 留存收益", audience="fund")
    operating_cash_flow = money("Cash flow from operations · 经营活动现金流量净额", audience="fund")
    investing_cash_flow = money("Cash flow from investing · 投资活动现金流量净额", audience="fund")
    market_value = money("Market value of equity at the period's end · 期末股权市值", least=0, audience="fund")


class Patents(Table):
    """One patent application."""

    key = ("patent",)
    orders = (("filed_on", "published_on"), ("filed_on", "granted_on"), ("priority_on", "filed_on"))
    patent = text(
        "Office and application number (CN201910561574.9) · 专利申请号", domain="patent", form="patent", required=True
    )
    kind = choice("Kind of right · 专利类型", "invention", "utility_model", "design", required=True)
    office = text("Office, two letters · 受理局", domain="office", pattern=r"^[A-Z]{2}$")
    filed_on = day("Filing day; never read off the number · 申请日", required=True, happened=True)
    priority_on = day("Earliest priority · 最早优先权日", happened=True)
    exam_requested_on = day("Day of the request for examination · 实质审查请求日", happened=True)
    published_on = day("First publication · 公开日", happened=True)
    granted_on = day("Day of the grant's announcement · 授权公告日", happened=True)
    ipc = text("Main IPC symbol · 主分类号", domain="ipc", pattern=r"^[A-H][0-9]{2}[A-Z]([0-9]{1,4}/[0-9]{2,6})?$")
    further_ipc = note("Further IPC symbols, separated by semicolons · 其他分类号")
    claims = count("Claims · 权利要求数", "claim")
    independent_claims = count("Independent claims · 独立权利要求数", "claim")
    first_claim_length = count("Length of the first claim · 首项权利要求字数", "character")
    pages = count("Pages of the description · 说明书页数", "page")
    inventors = count("Named inventors · 发明人数", "person")
    citations_received = count("Citations received from later families · 被引次数", "citation")
    citations_made = count("Patents cited · 引用专利数", "citation")
    literature_cited = count("Other literature cited · 引用非专利文献数", "citation")
    family_size = count("Members of the simple family · 同族数", "member", least=1)
    family_offices = note("Offices with a member, separated by semicolons · 同族受理局")
    granted_abroad = flag("A family member is granted at another office · 境外已授权")
    fees_paid_to = day("Day to which the annual fees are paid · 年费缴至")
    term_adjustment_days = count("Term compensation granted · 期限补偿天数", "day")
    twin = text(
        "Number of the application filed for the same invention on the same day · 同日同样发明申请号",
        domain="patent",
        form="patent",
    )
    in_use = flag("Worked in a product (industrialised) · 已产业化")
    drug = flag("Claims a new drug · 涉及新药")
    standard_essential = flag("Declared essential to a standard · 声明为标准必要专利")


class Holdings(Table):
    """Who held which patent from when to when: a portfolio is what was held on the day."""

    key = ("patent", "holder", "from_on")
    orders = (("from_on", "to_on"),)
    patent = text("Patent held · 所持专利", domain="patent", form="patent", required=True)
    holder = text(
        "Key of the holder as it stands in the register · 登记的专利权人", domain="firm", form="firm", required=True
    )
    share = number("Share held · 份额", "share", least=0, most=1)
    from_on = day("First day of the holding · 持有起始日", required=True, happened=True)
    to_on = day("First day on which it was no longer held · 不再持有之日", happened=True)
    how = choice("How it was acquired · 取得方式", "original", "bought", "merger", "other")
    former_name = text("Name in the register where it is not yet the present one · 登记的曾用名", domain="legal_name")


class PatentEvents(Table):
    """Something that happened to a patent; `happened_on` may lie long before `known_on`."""

    key = ("patent", "happened_on", "event", "reference")
    patent = text("Patent · 专利", domain="patent", form="patent", required=True)
    happened_on = day("Day of effect · 生效日", required=True, happened=True)
    event = choice(
        "What happened · 事项",
        "granted", "lapsed", "restored", "expired", "abandoned", "refused", "transferred", "renamed",
        "licensed", "licence_ended", "open_licence", "pledged", "pledge_changed", "pledge_released",
        "preserved", "preservation_released", "invalidation_requested", "invalidated", "invalidated_in_part",
        "invalidation_rejected", "dispute", "dispute_closed", "award", "fee_paid", "register_extract",
        required=True,
    )  # fmt: skip
    reference = text("Registration or case number · 登记号或案号", domain="reference")
    party = text("Pledgee, licensee, buyer, claimant or court · 相对方", domain="firm", form="firm")
    amount = money("Amount secured, paid or claimed · 金额", least=0, audience="public")
    exclusive = flag("Exclusive licence · 独占许可")
    until = day("Last day of the licence, pledge or preservation · 届满日")
    detail = note(
        "Legal status as a register extract states it; what else is known of other events · 法律状态（登记簿副本载明）"
    )


class CreditEvents(Table):
    """A court, tax, operation or penalty record: when listed and when lifted."""

    key = ("happened_on", "event", "reference")
    happened_on = day("Day of listing · 列入日", required=True, happened=True)
    event = choice(
        "Kind of record · 记录类别",
        "lawsuit", "enforcement", "dishonest_debtor", "spending_restriction", "abnormal_operation",
        "serious_violation", "tax_arrears", "tax_violation", "tax_grade", "penalty", "environment", "safety",
        "equity_frozen", "insolvency", "abnormal_filing",
        required=True,
    )  # fmt: skip
    reference = text("Case number · 案号或文号", domain="reference")
    lifted_on = day("Day on which the record was lifted · 移出日", happened=True)
    amount = money("Amount · 金额", least=0, audience="public")
    grade = choice("Tax-credit grade · 纳税信用等级", "A", "B", "M", "C", "D")
    serious = flag("Serious or major by the authority's own word · 主管部门认定为严重")


class Bureau(Table):
    """One enterprise credit report: no record found is not the same as never queried."""

    key = ("queried_on",)
    queried_on = day("Day of the query · 查询日", required=True, happened=True, audience="bank")
    record_found = flag("The bureau holds a record of bank loans · 有信贷记录", audience="bank")
    lenders = count("Banks with an open loan · 有未结清业务的机构数", "bank", audience="bank")
    open_loans = count("Open loans · 未结清贷款笔数", "loan", audience="bank")
    balance = money("Balance of all loans · 贷款余额合计", least=0)
    overdue = money("Overdue amount · 逾期金额", least=0)
    overdue_90 = money("Debt more than 90 days overdue · 逾期90天以上金额", least=0)
    worst_days = count("Worst days past due in 24 months · 24个月内最长逾期天数", "day", audience="bank")
    special_mention = count("Loans in special mention · 关注类笔数", "loan", audience="bank")
    non_performing = count("Loans non-performing · 不良类笔数", "loan", audience="bank")
    inquiries = count("Queries by lenders in six months · 六个月内机构查询次数", "query", audience="bank")
    guarantees_given = money("Balance of guarantees given to others · 对外担保余额", least=0)


class Applications(Table):
    """What was asked for."""

    key = ("application",)
    application = text("Application number · 申请编号", domain="application", required=True, audience="fund")
    applied_on = day("Day of the application · 申请日", required=True, happened=True, audience="fund")
    bank = text("Bank asked · 申请银行", domain="bank", audience="fund")
    branch = text("Branch asked · 申请支行", domain="branch", audience="bank")
    amount = money("Amount asked · 申请金额", least=0, audience="fund")
    term_months = count("Term asked · 申请期限", "month", least=1, most=600, audience="fund")
    purpose = choice(
        "Purpose · 用途", "working_capital", "research", "equipment", "expansion", "refinance", "other", audience="fund"
    )
    repayment = choice("Way of repayment · 还款方式", "bullet", "instalments", "interest_first", audience="fund")
    channel = choice("How it came · 来源渠道", "direct", "platform", "push_list", "guarantor", "other", audience="fund")
    renews = text("Loan that it renews · 所续贷款", domain="loan", audience="fund")
    withdrawn_on = day("Day on which the applicant withdrew · 撤回日", happened=True, audience="fund")
    declined_on = day("Day on which the bank declined · 拒绝日", happened=True, audience="fund")


class Loans(Table):
    """What was granted. Amount, rate and term are the bank's own judgement and never inputs of a model."""

    key = ("loan",)
    orders = (("drawn_on", "due_on"),)
    loan = text("Loan number · 贷款编号", domain="loan", required=True, audience="fund")
    application = text("Application that it answers · 对应申请", domain="application", audience="fund")
    bank = text("Lender · 贷款银行", domain="bank", audience="fund")
    contract = text("Contract number · 合同编号", domain="contract", audience="fund")
    granted_on = day("Day of the contract · 合同日", happened=True, audience="fund")
    drawn_on = day("Day of drawdown · 放款日", happened=True, audience="fund")
    due_on = day("Day of maturity · 到期日", audience="fund")
    amount = money("Amount granted · 批准金额", least=0, audience="fund")
    ip_amount = money("Part that the contract puts on the patents · 其中专利质押部分", least=0, audience="fund")
    rate = number("Yearly interest rate · 年利率", "share", audience="fund")
    term_months = count("Term · 期限", "month", least=1, most=600, audience="fund")
    repayment = choice("Way of repayment · 还款方式", "bullet", "instalments", "interest_first", audience="fund")
    renews = text("Loan that it renews · 所续贷款", domain="loan", audience="fund")


class Collateral(Table):
    """One item that secures an application or a loan."""

    key = ("application", "loan", "kind", "item")
    application = text("Application secured · 所担保的申请", domain="application", audience="fund")
    loan = text("Loan secured · 所担保的贷款", domain="loan", audience="fund")
    kind = choice(
        "Kind of item · 担保物类别",
        "patent", "trademark", "copyright", "real_estate", "equipment", "receivables", "equity", "deposit", "other",
        required=True,
    )  # fmt: skip
    item = text("Patent number, or the item's own number · 专利号或担保物编号", domain="patent")
    pledgor = text("Who gives the pledge · 出质人", domain="firm", form="firm")
    pledgee = text("Who takes the pledge · 质权人", domain="firm", form="firm")
    rank = count("Rank · 顺位", "place", least=1)
    value = money("Value of an item that is no patent · 非专利担保物价值", least=0)
    secured = money(
        "Part of the debt that the contract puts on the item · 合同约定的担保债权金额", least=0, audience="fund"
    )
    registration = text("Pledge registration number · 质权登记号", domain="reference")
    registered_on = day("Day of registration · 登记日", happened=True)
    released_on = day("Day of release · 注销日", happened=True)
    maximum_amount = money("Ceiling of a maximum-amount pledge · 最高额质押限额", least=0, audience="public")
    maximum_until = day("Last day of a maximum-amount pledge · 最高额质押截止日")


class Guarantees(Table):
    """A guarantee given for the firm, or by the firm for another."""

    key = ("application", "loan", "guarantor", "debtor")
    application = text("Application guaranteed · 所担保的申请", domain="application", audience="fund")
    loan = text("Loan guaranteed · 所担保的贷款", domain="loan", audience="fund")
    guarantor = text("Who guarantees · 保证人", domain="firm", form="firm", required=True, audience="person")
    debtor = text("Whose debt is guaranteed · 债务人", domain="firm", form="firm", audience="bank")
    kind = choice(
        "Kind · 保证类别",
        "controller_joint",
        "company",
        "guarantee_institution",
        "insurer",
        required=True,
        audience="fund",
    )
    amount = money("Amount · 金额", least=0, audience="fund")
    from_on = day("First day · 起始日", happened=True, audience="fund")
    until = day("Last day · 终止日", audience="fund")


class Appraisals(Table):
    """One figure for a pool of patents; it is never split among them."""

    key = ("pool", "base_on")
    orders = (("base_on", "reported_on"),)
    pool = text("The pool's number · 专利包编号", domain="pool", required=True, audience="fund")
    application = text("Application that it was made for · 对应申请", domain="application", audience="fund")
    base_on = day("Base date · 评估基准日", required=True, happened=True, audience="fund")
    reported_on = day("Day of the report · 报告日", happened=True, audience="fund")
    purpose = choice("Purpose · 评估目的", "pledge", "transfer", "licence", "reporting", "other", audience="fund")
    value_type = choice("Type of value · 价值类型", "market", "investment", "liquidation", audience="fund")
    method = choice("Method · 评估方法", "income", "cost", "market", "other", audience="fund")
    appraiser = text("Appraiser · 评估机构", domain="firm", form="firm", audience="fund")
    patents = count("Patents in the pool · 包内专利数", "patent", least=1, audience="fund")
    value = money("Value · 评估价值", least=0, audience="fund")
    confirmed_value = money("Value that the bank confirmed · 银行确认价值", least=0, audience="fund")


class Performance(Table):
    """One month of a loan."""

    key = ("loan", "month_end")
    loan = text("Loan · 贷款", domain="loan", required=True, audience="fund")
    month_end = day("Last day of the month · 月末日", required=True, happened=True, audience="fund")
    days_past_due = count("Days past due · 逾期天数", "day", audience="fund")
    balance = money("Balance of principal · 本金余额", least=0, audience="fund")
    overdue = money("Overdue principal and interest · 逾期本息", least=0, audience="fund")
    risk_class = choice(
        "Five-category class · 五级分类",
        "normal",
        "special_mention",
        "substandard",
        "doubtful",
        "loss",
        audience="fund",
    )
    deferred = flag("Payment deferred under a relief measure · 纾困延期", audience="fund")
    restructured = flag("Restructured because of financial difficulty · 困难重组", audience="fund")
    settled_by = choice(
        "Who settled the debt, where it was settled in the month · 由谁结清",
        "borrower", "other_bank", "renewal", "guarantor", "insurer", "fund", "sale_at_loss", "write_off",
        audience="fund",
    )  # fmt: skip
    recovered = money("Recovered after default in the month · 当月回收", least=0, audience="fund")


class WhitelistEntries(Table):
    """One decision of a list's committee about the firm."""

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


class Outcomes(Table):
    """A label given from outside."""

    key = ("case",)
    case = text("Case · 个案", domain="case", required=True, audience="bank")
    as_of = day("Day on which the case was asked · 时点", required=True, audience="bank")
    label = flag("True where the bad (or, for a whitelist, the good) outcome came · 结果", audience="bank")


class Coverage(Table):
    """That a source was asked about a table: without it an empty table is unknown, not none."""

    key = ("about",)
    about = text("Name of the table · 表名", domain="about", required=True)
    asked_on = day("Day on which the source was asked · 查询日", happened=True)
    complete = flag("The answer was complete · 答复完整")
