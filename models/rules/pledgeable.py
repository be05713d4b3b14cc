"""Whether a patent can be pledged: the grounds on which CNIPA refuses registration, and what a lender asks beyond them.

The grounds are those of the measures on patent pledge registration, Art. 11. They compare the pledgor with the
register, not the borrower.
"""

from models.records.applicant import Applicant
from models.records.calendar import add_months, add_years
from models.records.right import Right
from models.rules.cures import cure
from models.rules.finding import Finding, Proof, Says
from models.rules.registry import Maker, rule
from models.rules.wording import day

GROUNDS = "pledge_refusal.grounds"
NOT_ASKED = Says("未查询专利登记簿", "the patent register was not asked, or too long ago")
NOT_HELD = Says("登记簿未查或无记录", "the register was not asked, or names nobody")


def register(right: Right) -> Proof:
    """The register extract where one is known, else the gazette."""
    seen = right.extract
    if seen is None:
        return Proof("gazette")
    return Proof("register extract", seen.happened_on, right.a.age(seen.happened_on))


@rule("patent", GROUNDS, zh="中国专利", en="a right of the Chinese register", weighs=("drops_patent",))
def chinese_right(right: Right, make: Maker) -> Finding:
    """Only rights in the Chinese register can be pledged there."""
    office = right.patent.office or right.number[:2]
    required = Says("国家知识产权局登记簿上的专利", "a patent in the register of CNIPA")
    said = Says(f"受理局 {office}", f"office {office}")
    return make.passes(said, required) if office == "CN" else make.fails("drops_patent", said, required)


@rule("patent", GROUNDS, zh="已授权", en="granted", weighs=("drops_patent",))
def not_granted(right: Right, make: Maker) -> Finding:
    """An application that is not granted cannot be pledged."""
    required = Says("已授权公告", "granted and announced")
    if right.granted_on is None:
        said = Says("尚未授权", "not granted")
        return make.fails("drops_patent", said, required, proof=register(right), cure=cure(right.a, "await_grant"))
    said = Says(f"{right.granted_on} 授权", f"granted on {right.granted_on}")
    return make.passes(said, required, proof=register(right))


@rule(
    "patent",
    GROUNDS,
    zh="出质人为登记簿记载的专利权人",
    en="the pledgor is the holder of record",
    weighs=("drops_patent", "before_drawdown"),
)
def not_holder(right: Right, make: Maker) -> Finding:
    """The pledgor (not the borrower) must stand in the register as holder, under the present name."""
    a, pledgor, proof = right.a, _pledgor(right), register(right)
    required = Says("出质人与登记簿一致", "the pledgor stands in the register as holder")
    if not right.holders:
        return make.unknown("drops_patent", NOT_HELD, required, proof=proof, cure=cure(a, "register_extract"))
    if pledgor is None:
        said = Says("未指明出质人", "no pledgor is named")
        return make.unknown("before_drawdown", said, required, proof=proof, cure=cure(a, "name_pledgor"))
    held = "、".join(h.holder for h in right.holders)
    said = Says(f"登记簿：{held}；出质人：{pledgor}", f"register: {held}; pledgor: {pledgor}")
    own = next((h for h in right.holders if h.holder == pledgor), None)
    if own is None:
        return make.fails("drops_patent", said, required, proof=proof, cure=cure(a, "transfer_or_pledgor"))
    if own.former_name is not None:
        said = Says(
            f"登记簿仍为旧名称“{own.former_name}”", f"the register still shows the old name {own.former_name!r}"
        )
        return make.fails("before_drawdown", said, required, proof=proof, cure=cure(a, "change_of_name"))
    return make.passes(said, required, proof=proof)


def _pledgor(right: Right) -> str | None:
    offered = right.offered
    return right.a.firm if offered is None else offered.pledgor


@rule("patent", "pledge_terms.third_party_pledge", zh="第三方出质", en="pledge by a third party", weighs=("caution",))
def third_party_pledge(right: Right, make: Maker) -> Finding:
    """A pledgor other than the borrower is lawful, and must sign; a person's spouse consents where policy asks it."""
    a, pledgor = right.a, _pledgor(right)
    required = Says(
        "出质人即借款人；否则出质人签署质押合同", "the pledgor is the borrower; another pledgor signs the contract"
    )
    if pledgor is None or pledgor == a.firm:
        return make.not_applicable(Says("出质人即借款人", "the borrower is the pledgor"), required)
    person = pledgor.startswith("person:") and a.value("pledge_terms.third_party_pledge")["spouse_consent"]
    said = Says(f"出质人为第三方 {pledgor}", f"the pledgor is a third party, {pledgor}")
    return make.fails("caution", said, required, cure=cure(a, "founder_and_spouse_sign" if person else "pledgor_signs"))


@rule("patent", GROUNDS, zh="专利权有效", en="neither ended nor invalidated", weighs=("drops_patent",))
def ended_or_invalidated(right: Right, make: Maker) -> Finding:
    """The right must be alive; once the grace for an unpaid fee is over, only a register extract can tell."""
    a, proof = right.a, register(right)
    required = Says("专利权维持有效", "the right is in force")
    ending = right.ending
    if ending is not None:
        said = Says(
            f"{ending.happened_on} 终止或无效（{ending.event}），{ending.known_on} 可知",
            f"{ending.event} with effect from {ending.happened_on}, known on {ending.known_on}",
        )
        return make.fails("drops_patent", said, required, proof=proof)
    if right.last_day < a.as_of:
        said = Says(f"{right.last_day} 期限届满", f"its term ended on {right.last_day}")
        return make.fails("drops_patent", said, required, proof=proof)
    if right.granted_on is None:
        return make.not_applicable(Says("尚未授权", "not granted"), required)
    if not a.asked("patent_events") and right.fresh_extract is None:
        return make.unknown("drops_patent", NOT_ASKED, required, proof=proof, cure=cure(a, "register_extract"))
    if right.fee_state == "over":
        return make.unknown("drops_patent", _grace_over(right), required, proof=proof, cure=cure(a, "register_extract"))
    said = Says(f"有效，至 {right.last_day}", f"in force, until {right.last_day} at the longest")
    return make.passes(said, required, proof=proof)


def _grace_over(right: Right) -> Says:
    seen = right.extract
    stale = seen is not None and right.fresh_extract is None
    since = right.a.stale_since(seen.happened_on, "register_extract") if seen is not None and stale else None
    zh, en = (f"；登记簿副本自 {since} 起过期", f"; the extract is stale since {since}") if since else ("", "")
    return Says(
        f"年费宽限期已于 {day(right.grace_ends)} 届满，状态待登记簿副本核实{zh}",
        f"the grace for the annual fee ended on {day(right.grace_ends)}: only a register extract can tell{en}",
    )


@rule(
    "patent",
    GROUNDS,
    "annual_fees.grace",
    "annual_fees.late_share_by_month",
    zh="年费已缴",
    en="annual fees paid",
    weighs=("drops_patent", "before_drawdown"),
)
def fee_arrears(right: Right, make: Maker) -> Finding:
    """In the six months of grace the right lives on, but a pledge is not registrable until the fee is paid."""
    a, due = right.a, right.fee_due
    required = Says("年费已按规定缴纳", "annual fees paid as due")
    if right.granted_on is None or right.ending is not None:
        return make.not_applicable(Says("未授权或已终止", "not granted, or ended"), required)
    proof = Proof(right.patent.source or right.patent.source_kind, right.patent.known_on, a.age(right.patent.known_on))
    if right.fee_state == "unknown":
        said = Says("年费缴至何日未知", "to which day the fees are paid is not known")
        return make.unknown("before_drawdown", said, required, proof=proof, cure=cure(a, "fee_record"))
    if right.fee_state == "over":
        restored = cure(a, "restore_right", a.value("annual_fees.restoration") * 100)
        return make.unknown("before_drawdown", _grace_over(right), required, proof=proof, cure=restored)
    said = Says(f"年费缴至 {day(right.patent.fees_paid_to)}", f"fees paid to {day(right.patent.fees_paid_to)}")
    if right.fee_state == "paid":
        return make.passes(said, required, proof=proof)
    said = Says(
        f"{due} 应缴年费未缴，宽限期至 {day(right.grace_ends)}",
        f"the fee due on {due} is unpaid; grace until {day(right.grace_ends)}",
    )
    return make.fails(
        "before_drawdown", said, required, proof=proof, cure=cure(a, "pay_annual_fee", right.fee_with_lateness())
    )


@rule(
    "patent",
    GROUNDS,
    "patent_terms.compensation",
    zh="债务期限不超过专利权有效期",
    en="the debt ends within the patent's term",
    weighs=("drops_patent", "before_drawdown"),
)
def debt_outlives_patent(right: Right, make: Maker) -> Finding:
    """The loan must mature while the patent is still in force: not later than the eve of the anniversary of filing."""
    a, due = right.a, right.a.loan.matures_on
    required = Says(f"不晚于最后有效日 {right.last_day}", f"not later than the last day in force, {right.last_day}")
    compensated = Says(
        f"（含补偿 {right.compensation_days} 天）", f" (with {right.compensation_days} days of compensation)"
    )
    if right.patent.term_adjustment_days and not right.compensation_days:
        compensated = Says("（期限补偿不适用）", " (term compensation is not available to it)")
    elif not right.compensation_days:
        compensated = Says("", "")
    if due is None:
        said = Says("贷款期限未知", "the loan's maturity is not known")
        return make.unknown("before_drawdown", said, required, cure=cure(a, "state_term"))
    said = Says(f"到期日 {due}{compensated.zh}", f"matures on {due}{compensated.en}")
    if due > right.last_day:
        return make.fails("drops_patent", said, required, cure=cure(a, "shorten_term"))
    return make.passes(said, required)


@rule(
    "patent",
    "pledge_terms.life_buffer_months",
    zh="到期后剩余保护期",
    en="life left after maturity",
    weighs=("caution",),
)
def life_buffer(right: Right, make: Maker) -> Finding:
    """The bank asks for so many months of protection beyond the loan's maturity."""
    a, due = right.a, right.a.loan.matures_on
    months = a.value("pledge_terms.life_buffer_months")
    required = Says(f"到期后至少 {months} 个月", f"at least {months} months after maturity")
    if due is None:
        return make.unknown("caution", Says("贷款期限未知", "the loan's maturity is not known"), required)
    said = Says(f"最后有效日 {right.last_day}", f"in force until {right.last_day}")
    enough = add_months(due, months) <= right.last_day
    return (
        make.passes(said, required) if enough else make.fails("caution", said, required, cure=cure(a, "shorten_term"))
    )


@rule("patent", "pledge_terms.remaining_years", zh="放款时剩余保护期", en="life left at drawdown", weighs=("caution",))
def remaining_life(right: Right, make: Maker) -> Finding:
    """The bank asks for so many years of protection at drawdown, by kind of right."""
    years = right.a.value("pledge_terms.remaining_years")[right.patent.kind]
    required = Says(f"至少 {years} 年", f"at least {years} years")
    said = Says(f"最后有效日 {right.last_day}", f"in force until {right.last_day}")
    enough = add_years(right.a.as_of, years) <= right.last_day
    return make.passes(said, required) if enough else make.fails("caution", said, required)


@rule(
    "patent",
    GROUNDS,
    zh="共有人同意",
    en="co-owners' consent",
    weighs=("drops_patent", "before_drawdown"),
    facts=("co_owner_consent", "co_owner_agreement"),
)
def co_owner_consent(right: Right, make: Maker) -> Finding:
    """Every co-owner consents, unless the co-owners agreed that each may pledge."""
    a, number = right.a, right.number
    required = Says("其他共有人书面同意，或另有约定", "written consent of the other co-owners, unless agreed otherwise")
    if not right.holders:
        return make.unknown("before_drawdown", NOT_HELD, required, cure=cure(a, "register_extract"))
    if len(right.holders) == 1:
        return make.not_applicable(Says("无共有人", "no co-owner"), required)
    owners = Says(f"{len(right.holders)} 名共有人", f"{len(right.holders)} co-owners")
    if a.yes("co_owner_agreement", number):
        return make.passes(Says(f"{owners.zh}，约定可单独出质", f"{owners.en}, each may pledge by agreement"), required)
    told = a.told("co_owner_consent", number)
    if told is None or not told.fresh:
        said = Says(f"{owners.zh}，未见同意书", f"{owners.en}, no consent seen that still counts")
        return make.unknown("before_drawdown", said, required, cure=cure(a, "co_owner_consent"))
    proof = Proof(told.source, told.seen_on, a.age(told.seen_on))
    said = Says(f"{owners.zh}，{told.seen_on} 书面", f"{owners.en}, paper of {told.seen_on}: {told.answer}")
    if told.yes:
        return make.passes(said, required, proof=proof)
    return make.fails("drops_patent", said, required, proof=proof, cure=cure(a, "co_owner_consent"))


@rule("patent", "freshness_days.register_extract", zh="登记簿副本", en="register extract", weighs=("before_drawdown",))
def register_extract(right: Right, make: Maker) -> Finding:
    """A register extract of late date outranks the gazette, which comes weeks after the fact."""
    a, seen = right.a, right.extract
    days = a.value("freshness_days.register_extract")
    required = Says(f"{days} 天内的登记簿副本", f"an extract not older than {days} days")
    if seen is None:
        said = Says("无登记簿副本", "no extract seen")
        return make.unknown("before_drawdown", said, required, cure=cure(a, "register_extract"))
    proof = register(right)
    if right.fresh_extract is None:
        since = a.stale_since(seen.happened_on, "register_extract")
        said = Says(f"自 {since} 起过期", f"stale since {since}")
        return make.unknown("before_drawdown", said, required, proof=proof, cure=cure(a, "register_extract"))
    return make.passes(Says(f"{seen.happened_on} 副本", f"extract of {seen.happened_on}"), required, proof=proof)


@rule(
    "pledge",
    GROUNDS,
    zh="质押合同要件",
    en="the pledge contract is complete",
    weighs=("before_drawdown",),
    facts=("pledge_contract",),
)
def contract_incomplete(a: Applicant, make: Maker) -> Finding:
    """The contract holds what the measures (Art. 8) ask: parties, debt, term, patents, scope."""
    required = Says("质押合同具备法定内容", "the pledge contract holds what the measures ask")
    told = a.told("pledge_contract", a.application)
    if told is None or not told.fresh:
        said = Says("未见质押合同", "no pledge contract seen")
        return make.unknown("before_drawdown", said, required, cure=cure(a, "complete_contract"))
    proof = Proof(told.source, told.seen_on, a.age(told.seen_on))
    said = Says(f"{told.seen_on} 核对", f"checked on {told.seen_on}: {told.answer}")
    if told.answer in ("complete", "yes"):
        return make.passes(said, required, proof=proof)
    return make.fails("before_drawdown", said, required, proof=proof, cure=cure(a, "complete_contract"))
