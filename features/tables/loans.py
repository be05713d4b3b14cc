"""Loans: what was asked for, granted and given as security, and how it went."""

from features.columns import choice, count, day, flag, money, number, text, text_where
from features.tables.table import Table


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
    product = choice("Kind of loan · 贷款品种", "working_capital", "fixed_asset", "other", audience="fund")
    rate_asked = number("Yearly interest rate asked · 申请年利率", "share", least=0, most=1, audience="fund")
    other_funds = money("What other sources will give for the same purpose · 其他渠道提供的资金", least=0)
    forecast_growth = number(
        "Growth of sales that the officer expects for the coming year · 预计销售增长率",
        "share",
        least=-1,
        audience="bank",
    )
    withdrawn_on = day("Day on which the applicant withdrew · 撤回日", happened=True, audience="fund")
    declined_on = day("Day on which the bank declined · 拒绝日", happened=True, audience="fund")


class Uses(Table):
    """One use of the money asked for: for what, to whom, how much, by which contract."""

    key = ("application", "use", "payee", "contract")
    application = text("Application · 申请编号", domain="application", audience="fund")
    use = choice(
        "For what · 资金用途",
        "materials", "wages", "operating_costs", "tax", "research", "equipment", "fixed_assets", "renewal", "dividends",
        "securities", "equity", "real_estate", "deposit", "lending_on", "hidden_local_debt", "banned_industry", "other",
        required=True, audience="fund",
    )  # fmt: skip
    payee = text("Who is paid · 收款人", domain="firm", form="firm", audience="bank")
    amount = money("Amount · 金额", least=0, audience="fund")
    contract = text("Contract number · 合同编号", domain="contract", audience="bank")
    document = text(
        "Number or SHA-256 of the contract or invoice that was seen · 已见合同或发票",
        domain="document",
        audience="bank",
    )
    repays = text("Loan or facility that a renewal repays · 所归还的贷款", domain="loan", audience="bank")


class Orders(Table):
    """One order or contract from a buyer that the firm has still to fulfil or to be paid for."""

    key = ("order",)
    order = text("Order number · 订单或合同编号", domain="contract", required=True, audience="bank")
    buyer = text("Buyer · 买方", domain="firm", form="firm", audience="bank")
    signed_on = day("Day of signature · 签订日", happened=True, audience="bank")
    amount = money("Amount · 订单金额", least=0)
    received = money("Received so far · 已收款", least=0)
    due_on = day("Day on which the buyer pays the rest · 回款到期日", audience="bank")
    financed = money("Financed elsewhere · 他处已融资", least=0)
    account = flag("Payment goes to an account assigned to the bank asked · 已指定回款账户", audience="bank")
    document = text("Number or SHA-256 of the paper that was seen · 已见订单资料", domain="document", audience="bank")


class Projects(Table):
    """One project of research, equipment or building, and who pays for it."""

    key = ("application", "project")
    application = text("Application · 申请编号", domain="application", audience="fund")
    project = text("Project number or name · 项目编号或名称", domain="project", required=True, audience="bank")
    kind = choice("Research, equipment or building · 项目类别", "research", "equipment", "building", audience="bank")
    cost = money("Budget or total investment · 预算或总投资", least=0)
    capital = money("Own capital in it · 自有资金（资本金到位）", least=0)
    grants = money("Grants · 财政资助", least=0)
    other = money("Other funds · 其他资金", least=0)
    life_months = count("Useful life of what is bought · 预计使用年限（月）", "month", least=1, audience="bank")


class Instalments(Table):
    """One repayment of principal as agreed in the plan."""

    key = ("application", "due_on")
    application = text("Application · 申请编号", domain="application", audience="fund")
    due_on = day("Day on which it is due · 应还日", required=True, audience="fund")
    amount = money("Principal due · 应还本金", least=0, audience="fund")


class Seasons(Table):
    """A season that the firm states: its length, and the sales and balances within it."""

    key = ("application", "begins_on")
    application = text("Application · 申请编号", domain="application", audience="fund")
    begins_on = day("First day · 季节起始日", required=True, audience="bank")
    days = count("Length · 季节天数", "day", least=1, most=366, audience="bank")
    revenue = money("Sales in the season · 季节收入")
    cost_of_sales = money("Cost of sales in the season · 季节成本")
    profit_before_tax = money("Profit before tax in the season · 季节利润总额")
    growth = number("Growth against the season before · 较上季增长率", "share", least=-1, audience="bank")
    inventory = money("Inventory, mean of the season · 季节平均存货")
    receivables = money("Receivables, mean of the season · 季节平均应收账款")
    prepayments = money("Prepayments, mean of the season · 季节平均预付账款")
    payables = money("Payables, mean of the season · 季节平均应付账款")
    advances_received = money("Advances from customers, mean of the season · 季节平均预收款项")


class Exposures(Table):
    """What the bank asked has lent to the firm, or to another of its group, on a day."""

    key = ("other", "on")
    other = text(
        "The firm itself or another of its group · 本企业或集团成员",
        domain="firm",
        form="firm",
        required=True,
        audience="bank",
    )
    on = day("Day of the balance · 余额日", required=True, happened=True, audience="bank")
    amount = money("Balance of all credit · 授信余额", least=0)


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
    item = text_where(
        "Patent number, or the item's own number · 专利号或担保物编号",
        domain="patent",
        form="patent",
        where=("kind", "patent"),
    )
    pledgor = text("Who gives the pledge · 出质人", domain="firm", form="firm")
    pledgee = text("Who takes the pledge · 质权人", domain="firm", form="firm")
    rank = count("Rank · 顺位", "place", least=1)
    sort = choice(
        "Which sort of that kind · 担保物细类",
        "residential", "factory_office", "land", "listed_equity", "unlisted_equity", "inventory", "other",
    )  # fmt: skip
    value = money("Value of an item that is no patent · 非专利担保物价值", least=0)
    confirmed_value = money("Value of such an item that the bank confirmed · 银行确认价值", least=0)
    valued_on = day("Day of that value · 估值日", happened=True)
    prior_secured = money("What ranks before us on it · 在先担保债权金额", least=0)
    owner_agrees = flag("The owner agreed in writing · 所有权人书面同意", audience="bank")
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
    signed_on = day("Day on which the guarantor signed · 签署日", happened=True, audience="fund")
    spouse_signed = flag("The guarantor's spouse signed too · 配偶已签署", audience="person")
    share = number("Part of a loss that the guarantor bears · 承担损失比例", "share", least=0, most=1, audience="fund")
    net_assets = money("Net assets of an institution · 担保机构净资产", least=0, audience="fund")
    outstanding = money("Guarantees that an institution has outstanding · 担保机构在保余额", least=0, audience="fund")
    serves_small = flag("Most of them are for small firms and farms · 主要服务小微企业和三农", audience="fund")


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
    appraiser_filed = flag("The appraiser is filed with the authority · 评估机构已备案", audience="fund")
    signers = count("Appraisers who signed the report · 签字评估师人数", "person", audience="fund")
    appointed_by = choice("Who appointed the appraiser · 委托方", "bank", "firm", "both", audience="fund")
    report_number = text("Number of the report · 评估报告编号", domain="reference", audience="fund")


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
