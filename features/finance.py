"""What the books say: ratios of the latest year (see `features.books`), and how they moved since the years before."""

from functools import partial

import numpy as np

from features import firm_figures as figures
from features.arithmetic import growth, only, over_positive
from features.arrays import Floats
from features.asof import Known
from features.books import FRESH, books
from features.firm_figures import equity, liabilities
from features.registry import feature

books_feature = partial(feature, "finance", "statements", policies=(FRESH,))


def _earnings_before_depreciation(known: Known) -> Floats:
    item = books(known).item
    return item("operating_profit") + item("depreciation_amortisation")


def _working_capital(known: Known) -> Floats:
    item = books(known).item
    return item("current_assets") - item("current_liabilities")


def _to_assets(known: Known, name: str, years_ago: int = 0) -> Floats:
    item = books(known).item
    return over_positive(item(name, years_ago), item("total_assets", years_ago))


def _to_revenue(known: Known, name: str, years_ago: int = 0) -> Floats:
    item = books(known).item
    return over_positive(item(name, years_ago), item("revenue", years_ago))


@feature(
    "finance",
    "statements",
    "day",
    "books",
    zh="最近年度财务报表距今天数（报表时效）",
    en="age of the latest yearly statement",
)
def statement_age(known: Known) -> Floats:
    """Days since the end of the latest twelve-month statement, however old it is."""
    rows = known.statements
    return known.as_of - rows.largest(rows.period_end, rows.months == 12)


@books_feature("flag", "books", zh="年度报表经审计", en="yearly statement audited")
def statement_audited(known: Known) -> Floats:
    """Whether the latest year's statement was audited without qualification."""
    return books(known).item("audited")


@books_feature("minor unit", "size", zh="总资产", en="total assets")
def total_assets(known: Known) -> Floats:
    """Total assets. A tree asks only what is larger, so that amounts need no logarithm."""
    return books(known).item("total_assets")


@books_feature("minor unit", "size", zh="营业收入", en="revenue")
def revenue(known: Known) -> Floats:
    """Revenue of the year."""
    return books(known).item("revenue")


@books_feature(
    "share", "leverage", zh="资产负债率", en="liabilities to assets",
    direction=1, because="creditors stand before owners, so more debt on the same assets leaves less to lose first",
)  # fmt: skip
def debt_ratio(known: Known) -> Floats:
    """Total liabilities (assets less equity where they are not told) over total assets."""
    return figures.debt_ratio(known).value


@books_feature("share", "leverage", zh="资产负债率较上年变化", en="change of liabilities to assets in a year")
def debt_ratio_change(known: Known) -> Floats:
    """Liabilities over assets, less the same a year before."""
    return debt_ratio(known) - figures.debt_ratio(known, 1).value


@books_feature("share", "leverage", zh="长期借款占总资产", en="long-term debt to assets")
def long_term_debt_to_assets(known: Known) -> Floats:
    """Long-term interest-bearing debt over total assets."""
    return _to_assets(known, "long_term_debt")


@books_feature("share", "leverage", zh="流动负债占总资产", en="current liabilities to assets")
def current_liabilities_to_assets(known: Known) -> Floats:
    """Current liabilities over total assets."""
    return _to_assets(known, "current_liabilities")


@books_feature("share", "leverage", zh="短期债务占有息债务", en="short-term share of the debt")
def short_term_debt_share(known: Known) -> Floats:
    """Short-term interest-bearing debt over all interest-bearing debt."""
    short = books(known).item("short_term_debt")
    return over_positive(short, short + books(known).item("long_term_debt"))


@books_feature("ratio", "liquidity", zh="流动比率", en="current ratio")
def current_ratio(known: Known) -> Floats:
    """Current assets over current liabilities."""
    return over_positive(books(known).item("current_assets"), books(known).item("current_liabilities"))


@books_feature("ratio", "liquidity", zh="速动比率", en="quick ratio")
def quick_ratio(known: Known) -> Floats:
    """Current assets without inventory, over current liabilities."""
    item = books(known).item
    return over_positive(item("current_assets") - item("inventory"), item("current_liabilities"))


@books_feature("ratio", "liquidity", zh="现金比率", en="cash ratio")
def cash_ratio(known: Known) -> Floats:
    """Cash and equivalents over current liabilities."""
    return over_positive(books(known).item("cash"), books(known).item("current_liabilities"))


@books_feature("share", "liquidity", zh="营运资金占总资产", en="working capital to assets")
def working_capital_to_assets(known: Known) -> Floats:
    """Current assets less current liabilities, over total assets."""
    return over_positive(_working_capital(known), books(known).item("total_assets"))


@books_feature("ratio", "liquidity", zh="流动比率较上年变化", en="change of the current ratio in a year")
def current_ratio_change(known: Known) -> Floats:
    """The current ratio, less the same a year before."""
    item = books(known).item
    return current_ratio(known) - over_positive(item("current_assets", 1), item("current_liabilities", 1))


@books_feature(
    "ratio", "coverage", zh="利息保障倍数", en="interest cover",
    direction=-1, because="the more often profit pays the interest, the further it can fall before a payment is missed",
)  # fmt: skip
def interest_cover(known: Known) -> Floats:
    """Operating profit over interest expense."""
    return over_positive(books(known).item("operating_profit"), books(known).item("interest_expense"))


@books_feature("ratio", "coverage", zh="EBITDA债务比", en="EBITDA to liabilities")
def ebitda_to_liabilities(known: Known) -> Floats:
    """Operating profit before depreciation and amortisation, over total liabilities."""
    return over_positive(_earnings_before_depreciation(known), liabilities(known))


@books_feature("ratio", "coverage", zh="经营现金流负债比", en="operating cash flow to liabilities")
def cash_flow_to_liabilities(known: Known) -> Floats:
    """Cash flow from operations over total liabilities."""
    return over_positive(books(known).item("operating_cash_flow"), liabilities(known))


@books_feature("share", "profitability", zh="总资产报酬率（息税前）", en="operating return on assets")
def operating_return(known: Known) -> Floats:
    """Operating profit over total assets."""
    return _to_assets(known, "operating_profit")


@books_feature("share", "profitability", zh="总资产净利率", en="net return on assets")
def net_return(known: Known) -> Floats:
    """Net profit over total assets."""
    return _to_assets(known, "net_profit")


@books_feature("share", "profitability", zh="总资产净利率较上年变化", en="change of the net return on assets in a year")
def net_return_change(known: Known) -> Floats:
    """Net profit over total assets, less the same a year before."""
    return net_return(known) - _to_assets(known, "net_profit", 1)


@books_feature("share", "profitability", zh="三年平均总资产净利率", en="net return on assets over three years")
def net_return_three_years(known: Known) -> Floats:
    """Net profit of the latest three years over their total assets; all three must be known."""
    item = books(known).item
    profit = item("net_profit") + item("net_profit", 1) + item("net_profit", 2)
    return over_positive(profit, item("total_assets") + item("total_assets", 1) + item("total_assets", 2))


@books_feature(
    "year", "profitability", zh="近三年亏损年数", en="years with a loss among the latest three",
    direction=1, because="each loss takes from the cushion that the next would need",
)  # fmt: skip
def loss_years(known: Known) -> Floats:
    """How many of the latest three yearly statements (those that are known) show a net loss."""
    item = books(known).item
    losses = sum((item("net_profit", ago) < 0).astype(np.float64) for ago in range(3))
    return only(~np.isnan(item("net_profit")), np.asarray(losses))


@books_feature("share", "profitability", zh="毛利率", en="gross margin")
def gross_margin(known: Known) -> Floats:
    """Revenue less cost of sales, over revenue."""
    item = books(known).item
    return over_positive(item("revenue") - item("cost_of_sales"), item("revenue"))


@books_feature("share", "profitability", zh="毛利率较上年变化", en="change of the gross margin in a year")
def gross_margin_change(known: Known) -> Floats:
    """The gross margin, less the same a year before."""
    item = books(known).item
    return gross_margin(known) - over_positive(item("revenue", 1) - item("cost_of_sales", 1), item("revenue", 1))


@books_feature("share", "profitability", zh="营业利润率", en="operating margin")
def operating_margin(known: Known) -> Floats:
    """Operating profit over revenue."""
    return _to_revenue(known, "operating_profit")


@books_feature("share", "profitability", zh="净利率", en="net margin")
def net_margin(known: Known) -> Floats:
    """Net profit over revenue."""
    return _to_revenue(known, "net_profit")


@books_feature("share", "profitability", zh="销售及管理费用率", en="selling and administrative expense to revenue")
def overhead_to_revenue(known: Known) -> Floats:
    """Selling and administrative expense over revenue."""
    item = books(known).item
    return over_positive(item("selling_expense") + item("admin_expense"), item("revenue"))


@books_feature(
    "share", "solvency", zh="留存收益占总资产", en="retained earnings to assets",
    direction=-1, because="profits kept over the years are the cushion that losses are first taken from",
)  # fmt: skip
def retained_to_assets(known: Known) -> Floats:
    """Retained earnings over total assets."""
    return _to_assets(known, "retained_earnings")


@books_feature("share", "growth", zh="营业收入增长率", en="growth of revenue")
def revenue_growth(known: Known) -> Floats:
    """Revenue against that of the year before."""
    return figures.revenue_ratio(known, 1).value - 1


@books_feature("share", "growth", zh="两年营业收入增长率", en="growth of revenue over two years")
def revenue_growth_two_years(known: Known) -> Floats:
    """Revenue against that of two years before."""
    return figures.revenue_ratio(known, 2).value - 1


@books_feature("share", "growth", zh="总资产增长率", en="growth of total assets")
def assets_growth(known: Known) -> Floats:
    """Total assets against those of the year before."""
    return growth(books(known).item("total_assets"), books(known).item("total_assets", 1))


@books_feature("share", "growth", zh="负债增长率", en="growth of liabilities")
def liabilities_growth(known: Known) -> Floats:
    """Total liabilities against those of the year before."""
    return growth(liabilities(known), liabilities(known, 1))


@books_feature("share", "cash_conversion", zh="销售现金比率", en="operating cash flow to revenue")
def cash_flow_to_revenue(known: Known) -> Floats:
    """Cash flow from operations over revenue."""
    return _to_revenue(known, "operating_cash_flow")


@books_feature("ratio", "cash_conversion", zh="盈利现金比率（经营现金流/EBITDA）", en="operating cash flow to EBITDA")
def cash_conversion(known: Known) -> Floats:
    """Cash flow from operations over EBITDA, where EBITDA is above zero."""
    return over_positive(books(known).item("operating_cash_flow"), _earnings_before_depreciation(known))


@books_feature("ratio", "turnover", zh="总资产周转率", en="asset turnover")
def asset_turnover(known: Known) -> Floats:
    """Revenue over total assets."""
    return _to_assets(known, "revenue")


@books_feature("day", "turnover", zh="应收账款周转天数", en="days of receivables")
def receivable_days(known: Known) -> Floats:
    """Trade receivables over revenue, in days of a year of 365."""
    return 365 * _to_revenue(known, "receivables")


@books_feature("day", "turnover", zh="存货周转天数", en="days of inventory")
def inventory_days(known: Known) -> Floats:
    """Inventory over cost of sales, in days of a year of 365."""
    return 365 * over_positive(books(known).item("inventory"), books(known).item("cost_of_sales"))


@books_feature("day", "turnover", zh="应付账款周转天数", en="days of payables")
def payable_days(known: Known) -> Floats:
    """Trade payables over cost of sales, in days of a year of 365."""
    return 365 * over_positive(books(known).item("payables"), books(known).item("cost_of_sales"))


@books_feature("day", "turnover", zh="应收账款周转天数较上年变化", en="change of the days of receivables in a year")
def receivable_days_change(known: Known) -> Floats:
    """Days of receivables, less the same a year before."""
    return receivable_days(known) - 365 * _to_revenue(known, "receivables", 1)


@books_feature("share", "research", zh="研发投入强度", en="research expense to revenue")
def research_intensity(known: Known) -> Floats:
    """Research and development expense over revenue."""
    return figures.research_share(known).value


@books_feature("share", "asset_quality", zh="无形资产占总资产", en="intangible assets to assets")
def intangible_share(known: Known) -> Floats:
    """Intangible assets over total assets."""
    return _to_assets(known, "intangible_assets")


@books_feature("share", "asset_quality", zh="存货占总资产", en="inventory to assets")
def inventory_to_assets(known: Known) -> Floats:
    """Inventory over total assets."""
    return _to_assets(known, "inventory")


@books_feature("share", "asset_quality", zh="折旧摊销占总资产", en="depreciation and amortisation to assets")
def depreciation_to_assets(known: Known) -> Floats:
    """Depreciation and amortisation over total assets."""
    return _to_assets(known, "depreciation_amortisation")


@books_feature(
    "score", "solvency", zh="Z″ 值（破产预警指标）", en="Altman's Z″",
    direction=-1, because="built so that a lower value means nearer to bankruptcy",
)  # fmt: skip
def altman_z(known: Known) -> Floats:
    """Altman's Z″ (1995, for firms that are not listed), without its constant.

    6.56, 3.26 and 6.72 times working capital, retained earnings and operating profit over total assets, and 1.05 times
    equity over liabilities.
    """
    parts = 6.56 * working_capital_to_assets(known) + 3.26 * retained_to_assets(known)
    return parts + 6.72 * operating_return(known) + 1.05 * over_positive(equity(known), liabilities(known))


@books_feature("minor unit", "market", zh="股权市值", en="market value of equity")
def market_value(known: Known) -> Floats:
    """Market value of equity at the period's end."""
    return books(known).item("market_value")


@books_feature(
    "ratio", "market", zh="股权市值对负债", en="market value of equity to liabilities",
    direction=-1, because="the market sees a larger cushion below the debts",
)  # fmt: skip
def market_to_liabilities(known: Known) -> Floats:
    """Market value of equity over total liabilities."""
    return over_positive(books(known).item("market_value"), liabilities(known))


@books_feature("ratio", "market", zh="股权市值对净资产", en="market value to book equity")
def market_to_book(known: Known) -> Floats:
    """Market value of equity over its book value, where that is above zero."""
    return over_positive(books(known).item("market_value"), equity(known))


@books_feature("share", "market", zh="股权市值较上年变化", en="growth of the market value of equity")
def market_value_growth(known: Known) -> Floats:
    """Market value of equity against that of the year before."""
    return growth(books(known).item("market_value"), books(known).item("market_value", 1))
