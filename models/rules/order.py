"""In which order findings are shown: by topic, and within each as an officer asks. What is in no topic comes last."""

from collections.abc import Iterable, Mapping

from models.rules.finding import Finding

TOPICS: Mapping[str, tuple[str, ...]] = {
    "data_in_doubt": ("units_suspect",),
    "credit_record": (
        "bureau_report", "bureau_non_performing", "bureau_special_mention", "bureau_arrears", "bureau_worst_days",
        "bureau_written_off", "bureau_inquiries", "bank_debt_to_sales", "debt_cross_check", "controller_credit",
        "risk_class", "guarantees_given", "guarantees_given_bad", "guarantee_circle",
    ),
    "courts_and_lists": (
        "litigation", "credit_listing", "person_listing", "serious_penalty", "register_status", "tax_grade",
    ),
    "purpose_and_need": (
        "purpose_stated", "purpose_allowed", "purpose_documents", "entrusted_payment", "payee_related", "need_known",
        "need_orders", "project_capital", "renewal_changes", "renewal_rounds", "eligible_renewal",
    ),
    "repayment_and_books": (
        "audit_opinion", "books_balance", "statements_fresh", "interim_fresh", "revenue_trend", "interim_trend",
        "cash_flow", "losses", "sales_cross_check", "debt_ratio_after", "repayment_source", "interest_cover",
        "debt_service", "instalments", "loans_exceed_working_capital", "operating_years",
    ),
    "control": (
        "controller_known", "controller_guarantee", "bank_related", "related_non_performing", "related_funds",
    ),
    "security": (
        "offered_known", "chinese_right", "not_granted", "not_holder", "third_party_pledge", "ended_or_invalidated",
        "fee_arrears", "suspended_or_preserved", "debt_outlives_patent", "life_buffer", "remaining_life",
        "co_owner_consent", "already_pledged", "same_day_invention", "falls_away", "invalidation_pending",
        "invalidation_risk", "open_dispute", "exclusive_licence", "other", "register_extract", "recently_bought",
        "contract_incomplete", "recently_filed", "inventors_gone", "technology_far", "appraised_to_assets",
        "appraisal_usable", "appraisal_fresh", "appraisal_method", "confirmed_above", "above_own_range",
        "fraud_flags_together", "pool_concentration", "other_security", "guarantee_institution",
    ),
    "limit": ("lendable", "within_limit", "within_term"),
    "price": ("price",),
    "score": ("score",),
}  # fmt: skip
"""The rules of each topic, in order."""
_PLACE = {rule: place for place, rule in enumerate(rule for rules in TOPICS.values() for rule in rules)}


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings by topic; those of one rule stay as they are."""
    return tuple(sorted(findings, key=lambda one: _PLACE.get(one.rule, len(_PLACE))))
