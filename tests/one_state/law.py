"""What features, rules and values say of firms, held against what a person reads in the same rows.

Whether the register was asked lately is told beside the state: a rule passes only where it was, and else says *unknown*
where a feature says none. Everything else is the same, in three words: yes, no, not known.
"""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

import numpy as np

from features.asof import Known, as_known
from features.encoded import Tables
from features.matrix import matrix
from features.norms import NO_NORMS
from features.policy import shipped
from models.collateral.bank_assumptions import BankAssumptions
from models.collateral.security import Security, Unpledged, secure
from models.collateral.valuation import Range
from models.records.applicant import Applicant
from models.rules import Judged, assess_rules
from models.rules.facts import facts_of
from models.rules.held_patents import held_count
from models.rules.run import figures_of
from tests.one_state.firm import USUAL_MONTHS, FirmFile
from tests.one_state.making import Example
from tests.one_state.register import GRACE_MONTHS, Register, add_months

KIND_IN_FORCE = {
    "invention": "inventions_in_force",
    "utility_model": "utility_models_in_force",
    "design": "designs_in_force",
}
Said = Mapping[str, object]
"""What is said, by name; None: not known."""


def known(examples: Sequence[Example]) -> Known:
    """What is known of all examples, one case each."""
    rows = {table: [row for one in examples for row in one.rows[table]] for table in examples[0].rows}
    return as_known(Tables.from_rows(rows), [one.case for one in examples], NO_NORMS, shipped())


def disagreements(examples: Sequence[Example]) -> list[str]:
    """Every point on which features, rules or values say something else than the rows, by firm."""
    batch = known(examples)
    expected = [features_by_hand(one) for one in examples]
    made = matrix(batch, list(expected[0]))
    numbers = np.where(np.isnan(made), None, made).tolist()
    found = []
    for place, one in enumerate(examples):
        judged = assess_rules(batch, place)
        security = secure(judged.applicant, Unpledged({}, {}), BankAssumptions(), figures_of(batch, place))
        told = (
            ("feature", expected[place], dict(zip(expected[place], numbers[place], strict=True))),
            ("rule", rules_by_hand(one), rules_said(judged, one.register.patent["patent"])),
            ("value", values_by_hand(one), values_said(security, one.register.patent["patent"])),
        )
        found += [
            f"{one.firm} on {one.as_of}: {line}" for who, right, said in told for line in _differ(who, right, said)
        ]
    return found


def _differ(who: str, right: Said, said: Said) -> Iterator[str]:
    assert right.keys() == said.keys()
    yield from (
        f"the {who} {name} says {said[name]}, right is {told}" for name, told in right.items() if told != said[name]
    )


# --- features --------------------------------------------------------------------------------------------------------


def features_by_hand(one: Example) -> dict[str, float | None]:
    """What the features must be of the firm and of its one patent."""
    return _of_patent(one.register) | _of_firm(one.firm_file)


def _of_patent(register: Register) -> dict[str, float | None]:
    own = register.held
    asked = bool(register.known("holdings")) or any(row["about"] == "holdings" for row in register.known("coverage"))
    in_force = {"in_force": 1.0, "not_known": None}.get(register.status, 0.0) if own else 0.0
    pending = own and register.status == "pending" and register.patent["kind"] == "invention"
    doubtful = (
        own and register.status == "not_known" and not register.granted and register.patent["kind"] == "invention"
    )
    behind = register.granted and register.status != "ended" and register.fees in ("grace", "over")
    told = register.granted and own and register.status != "ended" and register.patent.get("fees_paid_to") is not None
    found: dict[str, float | None] = dict.fromkeys(KIND_IN_FORCE.values(), 0.0)
    found[KIND_IN_FORCE[register.patent["kind"]]] = in_force
    found |= {"inventions_pending": None if doubtful and not register.granted else float(pending)}
    found = {name: number if asked else None for name, number in found.items()}
    of_it = {
        "licensed": register.licensed,
        "disputed": register.disputed,
        "invalidation_pending": register.attacked,
        "preserved": register.preserved,
        "pledged_patents_held": register.pledged,
    }
    held_on = {name: 0.0 if not own else None if flag is None else float(flag) for name, flag in of_it.items()}
    found |= {name: number if asked and register.asked else None for name, number in held_on.items()}
    left = None if register.last_day is None else (register.last_day - register.as_of).days + 1
    in_use = register.patent.get("in_use")
    found["mean_remaining_life"] = left / 365.25 if left is not None and in_force == 1 else None
    found["in_use_share"] = float(in_use) if in_use is not None and in_force == 1 else None
    found["fees_behind_share"] = float(behind) if told else None
    found["shared_share"] = float(register.co_owned) if own else None
    found["offered_in_force_share"] = in_force
    found["offered_pledged_share"] = _float(register.pledged_before) if register.asked else None
    return found


def _of_firm(firm: FirmFile) -> dict[str, float | None]:
    ratio, grown, two_years = firm.debt_ratio, firm.growth, firm.two_years
    return {
        "debt_ratio": _float(ratio),
        "research_intensity": _float(firm.research_share),
        "revenue_growth": None if grown is None else float(grown + 1) - 1,
        "revenue_growth_two_years": None if two_years is None else float(two_years) - 1,
        "research_staff_share": _float(firm.research_staff_share),
        "high_tech_held": _float(firm.holds("high_tech")),
        "tech_sme_held": _float(firm.holds("tech_sme")),
        "specialised_held": _float(firm.holds("little_giant")),
    }


def _float(told: Fraction | bool | None) -> float | None:
    return None if told is None else float(told)


# --- rules -----------------------------------------------------------------------------------------------------------


def rules_by_hand(one: Example) -> Said:
    """What the rules must find, by rule and title, and the facts that scorecards and gates read."""
    register, firm = one.register, one.firm_file
    titles = {f"title_held {title}": _title(firm, title) for title in USUAL_MONTHS}
    facts = {
        "debt_ratio": firm.debt_ratio,
        "rd_over_sales": firm.research_share,
        "rd_staff_share": firm.research_staff_share,
        "growth": firm.main_growth,
        "revenue_over_two_years_before": firm.two_years,
    }
    return _about_patent(register) | titles | facts | _counts(firm, register)


def _about_patent(register: Register) -> dict[str, object]:
    seen, ended, granted = register.register_seen, register.status == "ended", register.granted
    alive = "pass" if register.status == "in_force" else "unknown"
    fees = {"paid": "pass", "grace": "fail"}.get(register.fees, "unknown")
    in_part = register.lost_in_part and not ended

    def stands(told: bool | None) -> str:
        return "fail" if told else "pass" if seen and told is False else "unknown"

    extract = "unknown" if not register.extract_fresh else "pass"
    owners = "unknown" if not register.holders else "unknown" if register.co_owned else "not_applicable"
    return {
        "chinese_right": "pass" if register.chinese else "fail",
        "not_granted": "pass" if granted else "fail",
        "not_holder": "unknown" if not register.holders else "pass" if register.held else "fail",
        "ended_or_invalidated": "fail" if ended else "not_applicable" if register.status == "pending"
        else alive if seen else "unknown",
        "fee_arrears": "not_applicable" if ended or not granted else fees,
        "suspended_or_preserved": stands(register.preserved),
        "already_pledged": "fail" if register.pledges else stands(register.pledged),
        "invalidation_pending": stands(register.attacked),
        "invalidation_risk": "fail" if register.attacked or in_part else stands(register.attacked),
        "open_dispute": stands(register.disputed),
        "exclusive_licence": "fail" if register.exclusive else "pass" if seen and register.licensed is not None
        else "unknown",
        "register_extract": extract,
        "co_owner_consent": owners,
        "last day": register.last_day and register.last_day.isoformat(),
        "fee with lateness": _fee(register) if register.status != "ended" and granted and fees == "fail" else None,
        "high_value": _invention(register),
    }  # fmt: skip


def _fee(register: Register) -> int | None:
    """What the fee of the patent's next year costs in the months of grace, with its late charge, in fen.

    None for a year beyond the tariff, and where an extract alone tells of the grace.
    """
    filed, due = register.patent["filed_on"], register.fee_due
    if due is None or register.late_month is None or not 1 <= register.late_month <= GRACE_MONTHS:
        return None
    year = next(n for n in range(99) if add_months(filed, 12 * n) == due) + 1
    tariff, late = (shipped()(f"annual_fees.{name}").on(register.as_of) for name in ("tariff", "late_share_by_month"))
    full = next((fee for first, last, fee in tariff[register.patent["kind"]] if first <= year <= last), None)
    return None if full is None else round(100 * full * (1 + late[register.late_month - 1]))


def _invention(register: Register) -> str:
    """Of the high value: whether the question arises at all."""
    if register.patent["kind"] != "invention" or register.status in ("ended", "pending"):
        return "not_applicable"
    return "unknown" if register.status == "not_known" else "asked"


def _title(firm: FirmFile, title: str) -> str:
    if firm.certificate(title) is None:
        return "fail" if firm.asked_lately("titles") else "unknown"
    return "pass" if firm.holds(title) else "fail"


def _counts(firm: FirmFile, register: Register) -> dict[str, tuple[int, int] | None]:
    """How many patents in force, and worked inventions among them, the firm holds: from … to."""
    if not (firm.asked_lately("patents") and firm.asked_lately("holdings")):
        return dict.fromkeys(_SORTS)
    status = register.status if register.held else "ended"
    least, most = {"in_force": (1, 1), "not_known": (0, 1)}.get(status, (0, 0))
    in_use = register.patent.get("in_use") if register.patent["kind"] == "invention" else False
    worked = (least if in_use else 0, 0 if in_use is False else most)
    return dict(zip(_SORTS, ((least, most), worked), strict=True))


def rules_said(judged: Judged, patent: str) -> Said:
    """What the rules found, by the same names."""
    a = judged.applicant
    about = {finding.rule: finding for finding in judged.patents[patent].asked()}
    found: dict[str, object] = {rule: finding.outcome for rule, finding in about.items()}
    outlives, fees = about["debt_outlives_patent"], about["fee_arrears"]
    found["last day"] = outlives.required.facts.get("day") if outlives.required else None
    found["fee with lateness"] = fees.cure.fee if fees.cure and fees.outcome == "fail" else None
    if found["high_value"] != "not_applicable":
        observed = about["high_value"].observed
        state_open = observed is not None and observed.code.endswith("state_not_known")
        found["high_value"] = "unknown" if state_open else "asked"
    titles = {
        f"title_held {f.subject}": f.outcome
        for f in judged.findings
        if f.rule == "title_held" and f.subject in USUAL_MONTHS
    }
    facts = {name: facts_of(a)[name] for name in _FACTS}
    counts = {sort: _counted(a, sort) for sort in _SORTS}
    return {name: found[name] for name in _ABOUT_PATENT} | titles | facts | counts


def _counted(a: Applicant, sort: str) -> tuple[int, int] | None:
    found = held_count(a, sort)
    return None if found is None else (found.least, found.most)


_SORTS = ("patents_in_force", "industrialised_inventions")
_FACTS = ("debt_ratio", "rd_over_sales", "rd_staff_share", "growth", "revenue_over_two_years_before")
_ABOUT_PATENT = (
    "chinese_right", "not_granted", "not_holder", "ended_or_invalidated", "fee_arrears", "suspended_or_preserved",
    "already_pledged", "invalidation_pending", "invalidation_risk", "open_dispute", "exclusive_licence",
    "register_extract", "co_owner_consent", "last day", "fee with lateness", "high_value",
)  # fmt: skip


# --- values ----------------------------------------------------------------------------------------------------------


def values_by_hand(one: Example) -> Said:
    """What the values must say: why the patent is worth nothing, whether a value is known, and what burdens it."""
    register, firm = one.register, one.firm_file
    reason = _worth_nothing(register)
    certain = register.status != "not_known" and register.last_day is not None
    revenue = firm.revenue
    value = None if revenue is None or not (reason or certain) else "nothing" if reason or not revenue else "something"
    burdens = {
        "pledged_to_us": register.pledged_to_us,
        "pledged_to_another": register.pledged_to_another,
        "preserved": register.preserved,
        "dispute": register.disputed,
        "invalidation_pending": register.attacked,
        "invalidated_in_part": register.lost_in_part,
        "exclusive_licence": register.exclusive,
        "co_owned": register.co_owned,
        "register_not_seen": not register.extract_fresh,
    }
    ratio = _float(firm.debt_ratio)
    return {
        "exclusion reason": reason or (None if certain else "status_not_known"),
        "last day": register.last_day,
        "value": value,
        "value on default": value,
        "burdens": tuple(name for name, holds in burdens.items() if holds),
        "debt ratio": ratio if value is not None else None,
    }


def _worth_nothing(register: Register) -> str | None:
    if register.status == "ended":
        return register.ended_as or "out_of_term"
    if register.status == "pending":
        return "not_granted"
    if register.preserved:
        return "frozen"
    return "not_in_use" if register.patent.get("in_use") is False and not register.exclusive else None


def values_said(security: Security, patent: str) -> Said:
    """What the values say, by the same names."""
    of_it = security.of_patents()[patent]
    built_up = security.value.valuation.terms.build_up if security.value else ()
    return {
        "exclusion reason": of_it.exclusion_reason,
        "last day": of_it.last_day,
        "value": _amount(of_it.value),
        "value on default": _amount(of_it.value_on_default),
        "burdens": security.offer.encumbrances[patent],
        "debt ratio": next((part.observed for part in built_up if part.name == "funding"), None),
    }


def _amount(value: Range | None) -> str | None:
    return None if value is None else "something" if value.p50 else "nothing"
