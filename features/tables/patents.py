"""Patents: each application, who held it when, and what happened to it."""

from features.columns import choice, count, day, flag, money, note, number, text
from features.tables.table import Table


class Patents(Table):
    """One patent application."""

    common = True
    key = ("patent",)
    orders = (("filed_on", "published_on"), ("filed_on", "granted_on"), ("priority_on", "filed_on"))
    patent = text(
        "Office and application number (CN201910561574.9) · 专利申请号", domain="patent", form="patent", required=True
    )
    title = note("Title of the patent · 专利名称")
    kind = choice("Kind of right · 专利类型", "invention", "utility_model", "design", required=True)
    office = text("Office, two letters · 受理局", domain="office", pattern=r"^[A-Z]{2}$")
    filed_on = day("Filing day; never read off the number · 申请日", required=True, happened=True)
    priority_on = day("Earliest priority · 最早优先权日", happened=True)
    exam_requested_on = day("Day of the request for examination · 实质审查请求日", happened=True)
    published_on = day("First publication · 公开日", happened=True)
    granted_on = day("Day of the grant's announcement · 授权公告日", happened=True)
    ipc = text("Main IPC symbol · 主分类号", domain="ipc", pattern=r"^[A-H][0-9]{2}[A-Z]([0-9]{1,4}/[0-9]{2,6})?$")
    locarno = text("Locarno class of a design (14-02) · 洛迦诺分类号", domain="locarno", pattern=r"^[0-9]{2}-[0-9]{2}$")
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
    term_adjustment_days = count("Term compensation granted · 期限补偿天数", "day", most=7_305)
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

    common = True
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

    common = True
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
    party_name = text("Name of that party · 相对方名称", domain="legal_name")
    amount = money("Amount secured, paid or claimed · 金额", least=0, audience="public")
    exclusive = flag("Exclusive licence · 独占许可")
    until = day("Last day of the licence, pledge or preservation · 届满日")
    extract_status = choice(
        "Legal status as a register extract states it · 登记簿副本载明的法律状态",
        "in_force", "fees_overdue", "lapsed", "expired", "abandoned", "invalidated", "invalidated_in_part", "suspended",
        "pledged",
    )  # fmt: skip
    detail = note("What else is known of it; of an extract, its own words · 说明（登记簿副本原文）")
