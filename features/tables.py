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

    firm = text("Key of the firm that the row is about", domain="firm", required=True, pattern=FIRM, form="firm")
    known_on = day("Day on which the row could first be known", required=True)
    source_kind = choice("Where the row comes from", *SOURCE_KINDS, required=True)
    source = text("Which register, report or document, or who typed it", domain="source", audience="bank")
    withdrawn = flag("True where the row takes back an earlier one with the same key")

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

    legal_name = text("Registered name", domain="legal_name")
    industry = text("GB/T 4754-2017 code, letter first (C39, C3921)", pattern=r"^[A-T][0-9]{0,4}$")
    region = text("GB/T 2260 code of the present seat, not read off the firm's code", pattern=r"^[0-9]{2,6}$")
    founded_on = day("Day of foundation", happened=True)
    staff = count("Employees", "person")
    rd_staff = count("Employees in research and development", "person")
    registered_capital = money("Registered capital", least=0, audience="public")
    paid_in_capital = money("Paid-in capital", least=0, audience="public")
    listed = flag("Listed on a stock exchange")
    status = choice("State in the business register", "in_business", "revoked", "deregistered", "liquidating")


class Titles(Table):
    """A certificate that the firm holds or held."""

    key = ("title", "issued_on")
    orders = (("issued_on", "valid_until"), ("issued_on", "revoked_on"))
    title = choice(
        "Kind of title",
        "tech_sme", "innovative_sme", "specialised_sme", "little_giant", "high_tech", "single_champion",
        "ip_advantage", "ip_demonstration", "ip_management", "gazelle", "other",
        required=True,
    )  # fmt: skip
    level = choice("Who granted it", "national", "provincial", "city", "district")
    issued_on = day("Day of issue", required=True, happened=True)
    valid_until = day("Last day of validity")
    revoked_on = day("Day of revocation", happened=True)
    certificate = text("Certificate number", domain="certificate")


class People(Table):
    """A person tied to the firm, known only by a keyed hash."""

    key = ("person", "role")
    person = text(
        "person: and a keyed hash", domain="firm", required=True, pattern="^person:[!-~]+$", audience="person"
    )
    role = choice(
        "What the person is to the firm",
        "controller", "spouse_of_controller", "legal_representative", "shareholder", "director", "inventor",
        required=True, audience="person",
    )  # fmt: skip
    share = number("Share in the firm", "share", least=0, most=1, audience="person")
    since = day("First day of the role", happened=True, audience="person")
    until = day("Last day of the role", audience="person")
    employed = flag("On the payroll", audience="person")


class Related(Table):
    """Another firm tied to the firm."""

    key = ("other", "role")
    other = text("Key of the other firm", domain="firm", required=True, form="firm")
    role = choice("What the other firm is", "parent", "subsidiary", "same_controller", "associate", required=True)
    share = number("Share held", "share", least=0, most=1)
    since = day("First day", happened=True)
    until = day("Last day")
    non_performing = flag("Has a non-performing claim at any bank", audience="bank")


class Statements(Table):
    """One set of books. Items in the minor unit; a nine-month column is never read as a year."""

    key = ("period_end", "months", "scope", "basis")
    period_end = day("Last day of the period", required=True, happened=True, audience="fund")
    months = count("Months that the period covers", "month", least=1, most=12, audience="fund")
    scope = choice("Parent company alone or group", "parent", "group", audience="fund")
    basis = choice("For whom the books were made", "statutory", "tax", "bank", audience="fund")
    audited = flag("Audited without qualification", audience="fund")
    revenue = money("Revenue", audience="fund")
    main_revenue = money("Revenue of the main business", audience="fund")
    domestic_high_tech_revenue = money("Revenue of high-tech products and services", audience="fund")
    cost_of_sales = money("Cost of sales", audience="fund")
    rd_expense = money("Research and development expense", least=0, audience="fund")
    selling_expense = money("Selling expense", audience="fund")
    admin_expense = money("Administrative expense", audience="fund")
    interest_expense = money("Interest expense", audience="fund")
    operating_profit = money("Operating profit (earnings before interest and tax)", audience="fund")
    profit_before_tax = money("Profit before tax", audience="fund")
    net_profit = money("Net profit", audience="fund")
    depreciation_amortisation = money("Depreciation and amortisation", audience="fund")
    cash = money("Cash and equivalents", audience="fund")
    receivables = money("Trade receivables", audience="fund")
    inventory = money("Inventory", audience="fund")
    current_assets = money("Current assets", audience="fund")
    fixed_assets = money("Fixed assets", audience="fund")
    intangible_assets = money("Intangible assets", audience="fund")
    total_assets = money("Total assets", least=0, audience="fund")
    payables = money("Trade payables", audience="fund")
    short_term_debt = money("Short-term interest-bearing debt", audience="fund")
    current_liabilities = money("Current liabilities", audience="fund")
    long_term_debt = money("Long-term interest-bearing debt", audience="fund")
    total_liabilities = money("Total liabilities", audience="fund")
    equity = money("Owners' equity", audience="fund")
    retained_earnings = money("Retained earnings", audience="fund")
    operating_cash_flow = money("Cash flow from operations", audience="fund")
    investing_cash_flow = money("Cash flow from investing", audience="fund")
    market_value = money("Market value of equity at the period's end", least=0, audience="fund")


class Patents(Table):
    """One patent application."""

    key = ("patent",)
    orders = (("filed_on", "published_on"), ("filed_on", "granted_on"), ("priority_on", "filed_on"))
    patent = text("Office and application number (CN201910561574.9)", domain="patent", form="patent", required=True)
    kind = choice("Kind of right", "invention", "utility_model", "design", required=True)
    office = text("Office, two letters", domain="office", pattern=r"^[A-Z]{2}$")
    filed_on = day("Filing day; never read off the number", required=True, happened=True)
    priority_on = day("Earliest priority", happened=True)
    exam_requested_on = day("Day of the request for examination", happened=True)
    published_on = day("First publication", happened=True)
    granted_on = day("Day of the grant's announcement", happened=True)
    ipc = text("Main IPC symbol", domain="ipc", pattern=r"^[A-H][0-9]{2}[A-Z]([0-9]{1,4}/[0-9]{2,6})?$")
    further_ipc = note("Further IPC symbols, separated by semicolons")
    claims = count("Claims", "claim")
    independent_claims = count("Independent claims", "claim")
    first_claim_length = count("Length of the first claim", "character")
    pages = count("Pages of the description", "page")
    inventors = count("Named inventors", "person")
    citations_received = count("Citations received from later families", "citation")
    citations_made = count("Patents cited", "citation")
    literature_cited = count("Other literature cited", "citation")
    family_size = count("Members of the simple family", "member", least=1)
    family_offices = note("Offices with a member, separated by semicolons")
    granted_abroad = flag("A family member is granted at another office")
    fees_paid_to = day("Day to which the annual fees are paid")
    term_adjustment_days = count("Term compensation granted", "day")
    twin = text(
        "Number of the application filed for the same invention on the same day", domain="patent", form="patent"
    )
    in_use = flag("Worked in a product (industrialised)")
    drug = flag("Claims a new drug")
    standard_essential = flag("Declared essential to a standard")


class Holdings(Table):
    """Who held which patent from when to when: a portfolio is what was held on the day."""

    key = ("patent", "holder", "from_on")
    orders = (("from_on", "to_on"),)
    patent = text("Patent held", domain="patent", form="patent", required=True)
    holder = text("Key of the holder as it stands in the register", domain="firm", form="firm", required=True)
    share = number("Share held", "share", least=0, most=1)
    from_on = day("First day of the holding", required=True, happened=True)
    to_on = day("First day on which it was no longer held", happened=True)
    how = choice("How it was acquired", "original", "bought", "merger", "other")
    former_name = text("Name in the register where it is not yet the present one", domain="legal_name")


class PatentEvents(Table):
    """Something that happened to a patent; `happened_on` may lie long before `known_on`."""

    key = ("patent", "happened_on", "event", "reference")
    patent = text("Patent", domain="patent", form="patent", required=True)
    happened_on = day("Day of effect", required=True, happened=True)
    event = choice(
        "What happened",
        "granted", "lapsed", "restored", "expired", "abandoned", "refused", "transferred", "renamed",
        "licensed", "licence_ended", "open_licence", "pledged", "pledge_changed", "pledge_released",
        "preserved", "preservation_released", "invalidation_requested", "invalidated", "invalidated_in_part",
        "invalidation_rejected", "dispute", "dispute_closed", "award", "fee_paid", "register_extract",
        required=True,
    )  # fmt: skip
    reference = text("Registration or case number", domain="reference")
    party = text("Pledgee, licensee, buyer, claimant or court", domain="firm", form="firm")
    amount = money("Amount secured, paid or claimed", least=0, audience="public")
    exclusive = flag("Exclusive licence")
    until = day("Last day of the licence, pledge or preservation")
    detail = note("What else is known")


class CreditEvents(Table):
    """A court, tax, operation or penalty record: when listed and when lifted."""

    key = ("happened_on", "event", "reference")
    happened_on = day("Day of listing", required=True, happened=True)
    event = choice(
        "Kind of record",
        "lawsuit", "enforcement", "dishonest_debtor", "spending_restriction", "abnormal_operation",
        "serious_violation", "tax_arrears", "tax_violation", "tax_grade", "penalty", "environment", "safety",
        "equity_frozen", "insolvency", "abnormal_filing",
        required=True,
    )  # fmt: skip
    reference = text("Case number", domain="reference")
    lifted_on = day("Day on which the record was lifted", happened=True)
    amount = money("Amount", least=0, audience="public")
    grade = choice("Tax-credit grade", "A", "B", "M", "C", "D")
    serious = flag("Serious or major by the authority's own word")


class Bureau(Table):
    """One enterprise credit report: no record found is not the same as never queried."""

    key = ("queried_on",)
    queried_on = day("Day of the query", required=True, happened=True, audience="bank")
    record_found = flag("The bureau holds a record of bank loans", audience="bank")
    lenders = count("Banks with an open loan", "bank", audience="bank")
    open_loans = count("Open loans", "loan", audience="bank")
    balance = money("Balance of all loans", least=0)
    overdue = money("Overdue amount", least=0)
    overdue_90 = money("Debt more than 90 days overdue", least=0)
    worst_days = count("Worst days past due in 24 months", "day", audience="bank")
    special_mention = count("Loans in special mention", "loan", audience="bank")
    non_performing = count("Loans non-performing", "loan", audience="bank")
    inquiries = count("Queries by lenders in six months", "query", audience="bank")
    guarantees_given = money("Balance of guarantees given to others", least=0)


class Applications(Table):
    """What was asked for."""

    key = ("application",)
    application = text("Application number", domain="application", required=True, audience="fund")
    applied_on = day("Day of the application", required=True, happened=True, audience="fund")
    bank = text("Bank asked", domain="bank", audience="fund")
    branch = text("Branch asked", domain="branch", audience="bank")
    amount = money("Amount asked", least=0, audience="fund")
    term_months = count("Term asked", "month", least=1, most=600, audience="fund")
    purpose = choice(
        "Purpose", "working_capital", "research", "equipment", "expansion", "refinance", "other", audience="fund"
    )
    repayment = choice("Way of repayment", "bullet", "instalments", "interest_first", audience="fund")
    channel = choice("How it came", "direct", "platform", "push_list", "guarantor", "other", audience="fund")
    renews = text("Loan that it renews", domain="loan", audience="fund")
    withdrawn_on = day("Day on which the applicant withdrew", happened=True, audience="fund")
    declined_on = day("Day on which the bank declined", happened=True, audience="fund")


class Loans(Table):
    """What was granted. Amount, rate and term are the bank's own judgement and never inputs of a model."""

    key = ("loan",)
    orders = (("drawn_on", "due_on"),)
    loan = text("Loan number", domain="loan", required=True, audience="fund")
    application = text("Application that it answers", domain="application", audience="fund")
    bank = text("Lender", domain="bank", audience="fund")
    contract = text("Contract number", domain="contract", audience="fund")
    granted_on = day("Day of the contract", happened=True, audience="fund")
    drawn_on = day("Day of drawdown", happened=True, audience="fund")
    due_on = day("Day of maturity", audience="fund")
    amount = money("Amount granted", least=0, audience="fund")
    ip_amount = money("Part that the contract puts on the patents", least=0, audience="fund")
    rate = number("Yearly interest rate", "share", audience="fund")
    term_months = count("Term", "month", least=1, most=600, audience="fund")
    repayment = choice("Way of repayment", "bullet", "instalments", "interest_first", audience="fund")
    renews = text("Loan that it renews", domain="loan", audience="fund")


class Collateral(Table):
    """One item that secures an application or a loan."""

    key = ("application", "loan", "kind", "item")
    application = text("Application secured", domain="application", audience="fund")
    loan = text("Loan secured", domain="loan", audience="fund")
    kind = choice(
        "Kind of item",
        "patent", "trademark", "copyright", "real_estate", "equipment", "receivables", "equity", "deposit", "other",
        required=True,
    )  # fmt: skip
    item = text("Patent number, or the item's own number", domain="patent")
    pledgor = text("Who gives the pledge", domain="firm", form="firm")
    pledgee = text("Who takes the pledge", domain="firm", form="firm")
    rank = count("Rank", "place", least=1)
    value = money("Value of an item that is no patent", least=0)
    secured = money("Part of the debt that the contract puts on the item", least=0, audience="fund")
    registration = text("Pledge registration number", domain="reference")
    registered_on = day("Day of registration", happened=True)
    released_on = day("Day of release", happened=True)
    maximum_amount = money("Ceiling of a maximum-amount pledge", least=0, audience="public")
    maximum_until = day("Last day of a maximum-amount pledge")


class Guarantees(Table):
    """A guarantee given for the firm, or by the firm for another."""

    key = ("application", "loan", "guarantor", "debtor")
    application = text("Application guaranteed", domain="application", audience="fund")
    loan = text("Loan guaranteed", domain="loan", audience="fund")
    guarantor = text("Who guarantees", domain="firm", form="firm", required=True, audience="person")
    debtor = text("Whose debt is guaranteed", domain="firm", form="firm", audience="bank")
    kind = choice(
        "Kind", "controller_joint", "company", "guarantee_institution", "insurer", required=True, audience="fund"
    )
    amount = money("Amount", least=0, audience="fund")
    from_on = day("First day", happened=True, audience="fund")
    until = day("Last day", audience="fund")


class Appraisals(Table):
    """One figure for a pool of patents; it is never split among them."""

    key = ("pool", "base_on")
    orders = (("base_on", "reported_on"),)
    pool = text("The pool's number", domain="pool", required=True, audience="fund")
    application = text("Application that it was made for", domain="application", audience="fund")
    base_on = day("Base date", required=True, happened=True, audience="fund")
    reported_on = day("Day of the report", happened=True, audience="fund")
    purpose = choice("Purpose", "pledge", "transfer", "licence", "reporting", "other", audience="fund")
    value_type = choice("Type of value", "market", "investment", "liquidation", audience="fund")
    method = choice("Method", "income", "cost", "market", "other", audience="fund")
    appraiser = text("Appraiser", domain="firm", form="firm", audience="fund")
    patents = count("Patents in the pool", "patent", least=1, audience="fund")
    value = money("Value", least=0, audience="fund")
    confirmed_value = money("Value that the bank confirmed", least=0, audience="fund")


class Performance(Table):
    """One month of a loan."""

    key = ("loan", "month_end")
    loan = text("Loan", domain="loan", required=True, audience="fund")
    month_end = day("Last day of the month", required=True, happened=True, audience="fund")
    days_past_due = count("Days past due", "day", audience="fund")
    balance = money("Balance of principal", least=0, audience="fund")
    overdue = money("Overdue principal and interest", least=0, audience="fund")
    risk_class = choice(
        "Five-category class", "normal", "special_mention", "substandard", "doubtful", "loss", audience="fund"
    )
    deferred = flag("Payment deferred under a relief measure", audience="fund")
    restructured = flag("Restructured because of financial difficulty", audience="fund")
    settled_by = choice(
        "Who settled the debt, where it was settled in the month",
        "borrower", "other_bank", "renewal", "guarantor", "insurer", "fund", "sale_at_loss", "write_off",
        audience="fund",
    )  # fmt: skip
    recovered = money("Recovered after default in the month", least=0, audience="fund")


class WhitelistEntries(Table):
    """One decision of a list's committee about the firm."""

    key = ("list", "decided_on")
    list = text("Which list", domain="list", required=True)
    decided_on = day("Day of the decision", required=True, happened=True)
    admitted = flag("Admitted")
    until = day("Last day of the entry")
    removed_on = day("Day of removal", happened=True)
    removed_for = choice("Why it was removed", "expiry", "cause", "own_wish")


class Evidence(Table):
    """A fact with its paper."""

    key = ("subject", "fact", "seen_on")
    subject = text("What the fact is about: a patent, a person, the firm", domain="patent", required=True)
    fact = text("Which fact", domain="fact", required=True, pattern=r"^[a-z0-9_]+$")
    answer = note("What the paper says", audience="bank")
    document = text("SHA-256 of the paper", domain="document", pattern=r"^[0-9a-f]{64}$", audience="bank")
    seen_on = day("Day on which the paper was seen", required=True, happened=True)
    seen_by = text("Who saw it", domain="actor", audience="bank")
    expires_on = day("Last day on which it counts")


class Measures(Table):
    """Any further number that a bank has: tax paid, invoices, bureau scores, ratios."""

    key = ("measure", "measured_on")
    measure = text("Name of the measure", domain="measure", required=True, pattern=r"^[A-Za-z0-9_]+$", audience="bank")
    measured_on = day("Day or period's end that the number is about", happened=True, audience="bank")
    value = number("The number", "own", required=True, audience="bank")


class Outcomes(Table):
    """A label given from outside."""

    key = ("case",)
    case = text("Case", domain="case", required=True, audience="bank")
    as_of = day("Day on which the case was asked", required=True, audience="bank")
    label = flag("True where the bad (or, for a whitelist, the good) outcome came", audience="bank")


class Coverage(Table):
    """That a source was asked about a table: without it an empty table is unknown, not none."""

    key = ("about",)
    about = text("Name of the table", domain="about", required=True)
    asked_on = day("Day on which the source was asked", happened=True)
    complete = flag("The answer was complete")
