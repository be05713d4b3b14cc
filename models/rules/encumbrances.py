"""What stands on a patent or against it: pledges, preservation, licences, attacks, disputes, a same-day invention."""

from models.records.right import Pledge, Right
from models.rules.cures import cure
from models.rules.finding import Finding, Says
from models.rules.pledgeable import GROUNDS, NOT_ASKED, register
from models.rules.registry import Maker, rule
from models.rules.wording import day


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
        return make.fails("drops_patent", said, required, proof=register(right), cure=cure(a, "lift_preservation"))
    if not a.asked("patent_events"):
        return make.unknown("drops_patent", NOT_ASKED, required, cure=cure(a, "register_extract"))
    return make.passes(Says("无", "none"), required, proof=register(right))


@rule("patent", GROUNDS, zh="未在质押期间", en="not pledged already", weighs=("drops_patent", "before_drawdown"))
def already_pledged(right: Right, make: Maker) -> Finding:
    """A pledge held by us must be changed or released and registered anew; one held by another drops the patent.

    A maximum-amount pledge of ours needs no new registration within its period and amount.
    """
    a, standing = right.a, right.pledges
    required = Says("登记簿上无有效质押", "no pledge stands on the register")
    proof = register(right)
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
        return make.fails("before_drawdown", _pledge_said(held), required, proof=register(right), cure=cured)
    if room is None:
        said = Says("最高额质押余额未知", "how much room the maximum-amount pledge has is not known")
        return make.unknown("before_drawdown", said, required, cure=cure(a, "change_or_renew_registration"))
    said = Says(
        f"本行最高额质押至 {ceiling.maximum_until}，额度内无须重新登记",
        f"our maximum-amount pledge to {ceiling.maximum_until} has room: no new registration",
    )
    return make.not_applicable(said, required, proof=register(right))


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
            return make.passes(said, required, proof=register(right))
        return make.fails("before_drawdown", said, required, proof=register(right), cure=cure(a, "informed_statement"))
    if not a.asked("patent_events"):
        return make.unknown("before_drawdown", NOT_ASKED, required, cure=cure(a, "register_extract"))
    return make.passes(Says("无", "none"), required, proof=register(right))


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
        return make.passes(Says("无", "none"), required, proof=register(right))
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
