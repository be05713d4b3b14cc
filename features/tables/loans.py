"""Loans: what was asked for, granted and given as security, and how it went."""

from features.columns import choice, count, day, flag, money, number, text
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
