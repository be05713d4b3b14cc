"""A firm: what is registered of it, its titles and people, firms tied to it, its books, and what authorities keep."""

from features.columns import choice, count, day, flag, money, note, number, text
from features.tables.table import Table


class Firms(Table):
    """A firm's registered facts."""

    common = True
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
    ownership = choice(
        "Who owns most of it · 所有制", "private", "state", "collective", "foreign", "other", audience="fund"
    )
    customer_since = day(
        "Day since which it is a customer of the bank asked · 本行客户起始日", happened=True, audience="bank"
    )
    history = note("How it came to be what it is · 历史沿革", audience="bank")
    status = choice(
        "State in the business register · 登记状态", "in_business", "revoked", "deregistered", "liquidating"
    )


class Titles(Table):
    """A certificate that the firm holds or held."""

    common = True
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
    """A person tied to the firm. Rows are joined by a keyed hash; a name stands here alone, for the bank's own desk.

    An inventor has one row for each patent. Who is asked for and not found is told by `coverage` of this table.
    """

    key = ("person", "role", "patent")
    person = text(
        "person: and a keyed hash · 人员（加密散列）",
        domain="firm",
        required=True,
        pattern="^person:[!-~]+$",
        audience="person",
    )
    role = choice(
        "What the person is to the firm · 与企业的关系",
        "controller", "spouse_of_controller", "beneficial_owner", "legal_representative", "shareholder", "director",
        "inventor",
        required=True, audience="person",
    )  # fmt: skip
    share = number("Share in the firm · 持股比例", "share", least=0, most=1, audience="person")
    since = day("First day of the role · 起始日", happened=True, audience="person")
    until = day("Last day of the role · 终止日", audience="person")
    employed = flag("On the payroll · 是否在职", audience="person")
    patent = text("Patent that an inventor made · 所发明的专利", domain="patent", form="patent", audience="person")
    full_name = text("Name · 姓名", domain="person_name", audience="person")


class Related(Table):
    """Another firm tied to the firm."""

    common = True
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
    audit_opinion = choice(
        "Opinion of the auditor; decides where it is told beside `audited` · 审计意见",
        "unqualified", "emphasis", "qualified", "adverse", "disclaimer", "unaudited",
        audience="fund",
    )  # fmt: skip
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
    restricted_cash = money(
        "Part of the cash that is not free, such as deposits for notes · 其中受限货币资金", least=0, audience="fund"
    )
    receivables = money("Trade receivables · 应收账款", audience="fund")
    prepayments = money("Prepayments to suppliers · 预付账款", audience="fund")
    other_receivables = money("Other receivables · 其他应收款", audience="fund")
    related_receivables = money(
        "Of all receivables, those from related parties that are no sales · 其中关联方占款", least=0, audience="fund"
    )
    inventory = money(
        "Inventory, all of it: materials, work in progress, finished goods · 存货（含原材料、在产品、产成品）",
        audience="fund",
    )
    current_assets = money("Current assets · 流动资产", audience="fund")
    fixed_assets = money("Fixed assets · 固定资产", audience="fund")
    intangible_assets = money("Intangible assets · 无形资产", audience="fund")
    total_assets = money("Total assets · 资产总计", least=0, audience="fund")
    payables = money("Trade payables · 应付账款", audience="fund")
    notes_payable = money("Notes payable · 应付票据", least=0, audience="fund")
    advances_received = money(
        "Advances from customers, contract liabilities included · 预收款项（含合同负债）", audience="fund"
    )
    short_term_debt = money("Short-term interest-bearing debt · 短期有息负债", audience="fund")
    long_term_due = money(
        "Long-term debt that falls due within a year, part of the current liabilities · 一年内到期的长期有息负债",
        least=0,
        audience="fund",
    )
    current_liabilities = money("Current liabilities · 流动负债", audience="fund")
    long_term_debt = money("Long-term interest-bearing debt · 长期有息负债", audience="fund")
    total_liabilities = money("Total liabilities · 负债合计", audience="fund")
    equity = money("Owners' equity · 所有者权益", audience="fund")
    retained_earnings = money("Retained earnings · 留存收益", audience="fund")
    operating_cash_flow = money("Cash flow from operations · 经营活动现金流量净额", audience="fund")
    investing_cash_flow = money("Cash flow from investing · 投资活动现金流量净额", audience="fund")
    market_value = money("Market value of equity at the period's end · 期末股权市值", least=0, audience="fund")


class TaxFilings(Table):
    """Sales as declared to the tax office for one period."""

    key = ("period_end", "months")
    period_end = day("Last day of the period · 所属期末日", required=True, happened=True, audience="fund")
    months = count("Months that the period covers · 覆盖月数", "month", least=1, most=12, audience="fund")
    sales = money("Taxable and exempt sales · 申报销售额", audience="fund")


class AccountFlows(Table):
    """One month of what came in on the firm's bank accounts; all accounts that were shown, taken together."""

    key = ("month_end",)
    month_end = day("Last day of the month · 月末日", required=True, happened=True, audience="fund")
    inflow = money(
        "What came in, loans and transfers between own accounts left out · 经营性流入", least=0, audience="fund"
    )
    related_inflow = money("Of that, from related parties · 其中关联方流入", least=0, audience="fund")


class Partners(Table):
    """One of the firm's largest customers or suppliers in a period."""

    key = ("side", "partner", "period_end")
    side = choice("Customer or supplier · 客户或供应商", "customer", "supplier", required=True, audience="bank")
    partner = text(
        "Name of the customer or supplier · 客户或供应商名称", domain="legal_name", required=True, audience="bank"
    )
    period_end = day("Last day of the period · 期末日", happened=True, audience="bank")
    amount = money("Sales to it or purchases from it · 交易金额", least=0)
    share = number("Share in all sales or purchases · 占比", "share", least=0, most=1, audience="bank")
    days = count("Agreed days to pay · 账期", "day", audience="bank")
    related = flag("A related party · 是否关联方", audience="bank")


class Forecasts(Table):
    """One month of the firm's expected cash flow."""

    key = ("month_end",)
    month_end = day("Last day of the month · 月末日", required=True, audience="bank")
    inflow = money("Expected inflow · 预计流入", least=0)
    outflow = money("Expected outflow, debt service left out · 预计流出（不含偿债）", least=0)
    debt_service = money("Interest and principal due · 应还本息", least=0)


class CreditEvents(Table):
    """A court, tax, operation or penalty record: when listed and when lifted."""

    common = True
    key = ("happened_on", "event", "reference", "about")
    happened_on = day("Day of listing · 列入日", required=True, happened=True)
    event = choice(
        "Kind of record · 记录类别",
        "lawsuit", "enforcement", "dishonest_debtor", "spending_restriction", "abnormal_operation",
        "serious_violation", "tax_arrears", "tax_violation", "tax_grade", "penalty", "environment", "safety",
        "equity_frozen", "insolvency", "abnormal_filing", "terminated_enforcement", "account_frozen",
        required=True,
    )  # fmt: skip
    about = text(
        "Key of the person or firm that the record is about, where that is not the firm itself · 所涉主体",
        domain="firm",
        form="firm",
        audience="fund",
    )
    side = choice("Side in a lawsuit · 诉讼地位", "plaintiff", "defendant", "third_party")
    cause = choice("Cause of a lawsuit · 案由", "loan", "guarantee", "sale", "labour", "patent", "other")
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
    balance_short = money("Balance of loans due within a year · 其中短期贷款余额", least=0)
    overdue = money("Overdue amount · 逾期金额", least=0)
    overdue_interest = money("Overdue interest · 欠息金额", least=0)
    overdue_90 = money("Debt more than 90 days overdue · 逾期90天以上金额", least=0)
    worst_days = count("Worst days past due in 24 months · 24个月内最长逾期天数", "day", audience="bank")
    special_mention = count("Loans in special mention · 关注类笔数", "loan", audience="bank")
    non_performing = count("Loans non-performing · 不良类笔数", "loan", audience="bank")
    non_performing_balance = money("Balance of non-performing loans · 不良类余额", least=0)
    written_off = money("Written-off debt not recovered · 呆账余额", least=0)
    recovered_by_others = money(
        "Debt that guarantors or asset managers paid or took over, open · 被追偿余额（资产处置、代偿）", least=0
    )
    advances = money("Advances under notes or letters of credit, open · 垫款余额", least=0)
    bad_closed_on = day("Day on which the last such debt was closed · 最近一次结清日", happened=True, audience="bank")
    inquiries = count("Queries by lenders in six months · 六个月内机构查询次数", "query", audience="bank")
    guarantees_given = money("Balance of guarantees given to others · 对外担保余额", least=0)
    guarantees_special_mention = money("Of that, for debt in special mention · 其中被担保债务关注类余额", least=0)
    guarantees_non_performing = money("Of that, for non-performing debt · 其中被担保债务不良类余额", least=0)


class BureauAccounts(Table):
    """One credit facility of an enterprise credit report."""

    key = ("account", "queried_on")
    account = text(
        "Number of the facility, or its place in the report · 账户编号", domain="loan", required=True, audience="bank"
    )
    queried_on = day("Day of the query · 查询日", required=True, happened=True, audience="bank")
    lender = text("Lender · 授信机构", domain="bank", audience="bank")
    kind = choice(
        "Kind of credit · 业务种类",
        "short_loan", "long_loan", "acceptance", "letter_of_credit", "bank_guarantee", "discount", "factoring", "lease",
        "supply_chain", "other",
        audience="bank",
    )  # fmt: skip
    balance = money("Balance · 余额", least=0)
    due_on = day("Day of maturity · 到期日", audience="bank")
    risk_class = choice(
        "Five-category class · 五级分类",
        "normal",
        "special_mention",
        "substandard",
        "doubtful",
        "loss",
        audience="bank",
    )


class PersonBureau(Table):
    """One personal credit report of the controller, a spouse or a guarantor, with written leave."""

    key = ("person", "queried_on")
    orders = (("authorised_on", "queried_on"),)
    person = text(
        "person: and a keyed hash · 人员（加密散列）",
        domain="firm",
        required=True,
        pattern="^person:[!-~]+$",
        audience="person",
    )
    queried_on = day("Day of the query · 查询日", required=True, happened=True, audience="person")
    authorised_on = day("Day on which the person gave leave in writing · 书面授权日", happened=True, audience="person")
    non_performing = count("Loans non-performing · 不良类笔数", "loan", audience="person")
    written_off = money("Written-off debt not recovered · 呆账余额", least=0, audience="person")
    overdue = money("Overdue amount · 当前逾期金额", least=0, audience="person")
    worst_months = count(
        "Most months overdue in a row within 24 months · 24个月内最长连续逾期月数", "month", audience="person"
    )
    months_overdue = count("Months overdue within 24 months · 24个月内累计逾期月数", "month", audience="person")
    business_loans = money("Balance of business loans · 经营性贷款余额", least=0, audience="person")
    guarantees_given = money("Balance of guarantees given to others · 对外担保余额", least=0, audience="person")
