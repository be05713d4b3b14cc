"""Whether a patent can be pledged: the grounds on which CNIPA refuses registration, and what a lender asks beyond them.

The grounds are those of the measures on patent pledge registration, Art. 11. They compare the pledgor with the
register, not the borrower.
"""

from models.rules.applicant import Applicant
from models.rules.calendar import add_months, add_years
from models.rules.cures import cure
from models.rules.finding import Finding, Proof, Says
from models.rules.registry import Maker, rule
from models.rules.right import Pledge, Right
from models.rules.wording import day

GROUNDS = "pledge_refusal.grounds"
REGISTER = "register"
NOT_ASKED = Says("未查询专利登记簿", "the patent register was not asked, or too long ago")
NOT_HELD = Says("登记簿未查或无记录", "the register was not asked, or names nobody")


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
        return make.fails("drops_patent", said, required, proof=right.proof, cure=cure(right.a, "await_grant"))
    said = Says(f"{right.granted_on} 授权", f"granted on {right.granted_on}")
    return make.passes(said, required, proof=right.proof)


@rule(
    "patent",
    GROUNDS,
    zh="出质人为登记簿记载的专利权人",
    en="the pledgor is the holder of record",
    weighs=("drops_patent", "before_drawdown"),
)
def not_holder(right: Right, make: Maker) -> Finding:
    """The pledgor (not the borrower) must stand in the register as holder, under the present name."""
    a, pledgor, proof = right.a, _pledgor(right), right.proof
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
    a, proof = right.a, right.proof
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


@rule("patent", GROUNDS, zh="未被中止或保全", en="neither suspended nor preserved", weighs=("drops_patent",))
def suspended_or_preserved(right: Right, make: Maker) -> Finding:
    """A suspension or a court's preservation stops every pledge procedure."""
    a, frozen = right.a, right.preserved
    required = Says("无中止、无保全", "no suspension, no preservation")
    if frozen is not None:
        said = Says(
            f"{frozen.happened_on} 起被保全（{frozen.reference or '–'}）",
            f"preserved since {frozen.happened_on} ({frozen.reference or '–'})",
        )
        return make.fails("drops_patent", said, required, proof=right.proof, cure=cure(a, "lift_preservation"))
    if not a.asked("patent_events"):
        return make.unknown("drops_patent", NOT_ASKED, required, cure=cure(a, "register_extract"))
    return make.passes(Says("无", "none"), required, proof=right.proof)


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


@rule("patent", GROUNDS, zh="未在质押期间", en="not pledged already", weighs=("drops_patent", "before_drawdown"))
def already_pledged(right: Right, make: Maker) -> Finding:
    """A pledge held by us must be changed or released and registered anew; one held by another drops the patent.

    A maximum-amount pledge of ours needs no new registration within its period and amount.
    """
    a, standing = right.a, right.pledges
    required = Says("登记簿上无有效质押", "no pledge stands on the register")
    proof = right.proof
    foreign = next((p for p in standing if not p.ours), None)
    if foreign is not None:
        cured = cure(a, "release_by_other")
        return make.fails("drops_patent", _pledge_said(foreign), required, proof=proof, cure=cured)
    if standing:
        return _our_pledge(right, standing[0], make, required)
    if not a.asked("patent_events") and right.fresh_extract is None:
        return make.unknown("drops_patent", NOT_ASKED, required, proof=proof, cure=cure(a, "register_extract"))
    return make.passes(Says("无质押登记", "no pledge registered"), required, proof=proof)


def _pledge_said(p: Pledge) -> Says:
    return Says(
        f"{day(p.since)} 起质押给 {p.pledgee or '–'}（{p.reference or '–'}）",
        f"pledged to {p.pledgee or '–'} since {day(p.since)} ({p.reference or '–'})",
    )


def _our_pledge(right: Right, held: Pledge, make: Maker, required: Says) -> Finding:
    a, ceiling = right.a, held.ceiling
    room = _room(right, held)
    if ceiling is None or ceiling.maximum_until is None or a.as_of > ceiling.maximum_until or room is False:
        cured = cure(a, "change_or_renew_registration")
        return make.fails("before_drawdown", _pledge_said(held), required, proof=right.proof, cure=cured)
    if room is None:
        said = Says("最高额质押余额未知", "how much room the maximum-amount pledge has is not known")
        return make.unknown("before_drawdown", said, required, cure=cure(a, "change_or_renew_registration"))
    said = Says(
        f"本行最高额质押至 {ceiling.maximum_until}，额度内无须重新登记",
        f"our maximum-amount pledge to {ceiling.maximum_until} has room: no new registration",
    )
    return make.not_applicable(said, required, proof=right.proof)


def _room(right: Right, held: Pledge) -> bool | None:
    """Whether the amount asked fits beside the other loans under the ceiling; None where a figure is not known."""
    a, ceiling = right.a, held.ceiling
    if ceiling is None or a.loan.amount is None:
        return None
    under = {c.loan for c in a.rows("collateral") if c.registration == held.reference and c.loan is not None}
    used = 0
    for loan in sorted(under - {a.loan.renews}):
        balance = next((p.balance for p in reversed(a.rows("performance")) if p.loan == loan), None)
        if balance is None:
            return None
        used += balance
    return bool(used + a.loan.amount <= ceiling.maximum_amount)


@rule(
    "patent",
    GROUNDS,
    zh="同日申请发明的实用新型",
    en="utility model with a same-day invention",
    weighs=("before_drawdown",),
    facts=("same_day_statement",),
)
def same_day_invention(right: Right, make: Maker) -> Finding:
    """A utility model whose owner filed the same invention that day is pledged only if both parties go on, knowing."""
    required = Says("双方知情并书面表示继续办理", "both parties were told and state that they go on")
    if right.patent.kind != "utility_model" or right.patent.twin is None or right.ending is not None:
        return make.not_applicable(Says("无同日发明申请", "no same-day application for an invention"), required)
    said = Says(f"同日发明申请 {right.patent.twin}", f"same-day invention {right.patent.twin}")
    if right.a.yes("same_day_statement", right.number):
        return make.passes(said, required)
    return make.fails("before_drawdown", said, required, cure=cure(right.a, "informed_statement"))


@rule(
    "patent", GROUNDS, zh="发明授权后放弃实用新型", en="falls away when the invention is granted", weighs=("caution",)
)
def falls_away(right: Right, make: Maker) -> Finding:
    """A utility model with a same-day invention is given up when the invention is granted."""
    required = Says("权利不因同日发明授权而放弃", "not given up for a same-day invention")
    if right.patent.kind != "utility_model" or right.patent.twin is None or right.ending is not None:
        return make.not_applicable(Says("无同日发明申请", "no same-day application for an invention"), required)
    said = Says("发明授权时实用新型将被放弃", "it falls away when the invention is granted")
    return make.fails("caution", said, required, cure=cure(right.a, "replace_by_invention"))


@rule(
    "patent",
    GROUNDS,
    zh="未启动无效宣告",
    en="no invalidation pending",
    weighs=("before_drawdown",),
    facts=("invalidation_statement",),
)
def invalidation_pending(right: Right, make: Maker) -> Finding:
    """While a request for invalidation is open, both parties must know and state that they go on."""
    a, attack = right.a, right.attacked
    required = Says("未启动无效程序，或双方知情并书面表示继续", "none pending, or both parties state that they go on")
    if attack is not None:
        said = Says(f"{attack.happened_on} 提出无效请求", f"invalidation requested on {attack.happened_on}")
        if a.yes("invalidation_statement", right.number):
            return make.passes(said, required, proof=right.proof)
        return make.fails("before_drawdown", said, required, proof=right.proof, cure=cure(a, "informed_statement"))
    if not a.asked("patent_events"):
        return make.unknown("before_drawdown", NOT_ASKED, required, cure=cure(a, "register_extract"))
    return make.passes(Says("无", "none"), required, proof=right.proof)


@rule("patent", GROUNDS, zh="无效风险", en="risk of invalidation", weighs=("caution",))
def invalidation_risk(right: Right, make: Maker) -> Finding:
    """An open attack or claims already lost lower the value: revalue."""
    required = Says("权利要求未受挑战", "no claim attacked or lost")
    lost = next((e for e in reversed(right.events) if e.event == "invalidated_in_part"), None)
    if right.attacked is not None:
        said = Says("无效程序进行中，价值打折", "an invalidation is pending: value with a haircut")
    elif lost is not None and right.ending is None:
        said = Says(f"部分无效：{lost.detail or '–'}", f"invalid in part: {lost.detail or 'claims not told'}")
    elif not right.a.asked("patent_events"):
        return make.unknown("caution", NOT_ASKED, required)
    else:
        return make.passes(Says("无", "none"), required, proof=right.proof)
    return make.fails("caution", said, required, cure=cure(right.a, "revalue"))


@rule("patent", GROUNDS, zh="权属争议", en="dispute", weighs=("caution",))
def open_dispute(right: Right, make: Maker) -> Finding:
    """A dispute that is not closed."""
    required = Says("无未结争议", "no open dispute")
    if right.disputed is not None:
        said = Says(f"{right.disputed.happened_on} 起有争议", f"disputed since {right.disputed.happened_on}")
        return make.fails("caution", said, required)
    if not right.a.asked("patent_events"):
        return make.unknown("caution", NOT_ASKED, required)
    return make.passes(Says("无", "none"), required)


@rule("patent", GROUNDS, zh="独占许可", en="exclusive licence", weighs=("caution",))
def exclusive_licence(right: Right, make: Maker) -> Finding:
    """An exclusive licence that stands binds whoever buys the patent on default."""
    required = Says("无在效独占许可", "no exclusive licence stands")
    if right.licensed is not None:
        said = Says(f"{right.licensed.happened_on} 起独占许可", f"exclusive licence since {right.licensed.happened_on}")
        return make.fails("caution", said, required, cure=cure(right.a, "revalue"))
    if not right.a.asked("patent_events"):
        return make.unknown("caution", NOT_ASKED, required)
    return make.passes(Says("无", "none"), required)


@rule(
    "patent",
    GROUNDS,
    zh="其他不符合出质条件的情形",
    en="another ground against the pledge",
    weighs=("drops_patent",),
    facts=("other_ground",),
)
def other(right: Right, make: Maker) -> Finding:
    """An officer's remark that the patent does not fit for another reason."""
    required = Says("无其他不符情形", "no other ground")
    remark = right.a.told("other_ground", right.number)
    if remark is None or remark.answer in ("", "no"):
        return make.not_applicable(Says("无备注", "no remark"), required)
    return make.fails("drops_patent", Says(remark.answer, remark.answer), required)


@rule("patent", "freshness_days.register_extract", zh="登记簿副本", en="register extract", weighs=("before_drawdown",))
def register_extract(right: Right, make: Maker) -> Finding:
    """A register extract of late date outranks the gazette, which comes weeks after the fact."""
    a, seen = right.a, right.extract
    days = a.value("freshness_days.register_extract")
    required = Says(f"{days} 天内的登记簿副本", f"an extract not older than {days} days")
    if seen is None:
        said = Says("无登记簿副本", "no extract seen")
        return make.unknown("before_drawdown", said, required, cure=cure(a, "register_extract"))
    proof = right.proof
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
