"""What an underwriter concludes about a firm: each finding one function over columns, in the order of its reasons."""

from models.rules.column_rules import FirmRule
from models.rules.underwriting import books, control, courts, credit_record, guarantees, purpose

UNDERWRITING_RULES: tuple[FirmRule, ...] = (
    # data in doubt
    books.units_suspect,
    # credit record, and what is guaranteed for others
    credit_record.bureau_report,
    credit_record.bureau_non_performing,
    credit_record.bureau_special_mention,
    credit_record.bureau_arrears,
    credit_record.bureau_worst_days,
    credit_record.bureau_written_off,
    credit_record.bureau_inquiries,
    credit_record.bank_debt_to_sales,
    credit_record.debt_cross_check,
    credit_record.controller_credit,
    guarantees.guarantees_given,
    guarantees.guarantees_given_bad,
    guarantees.guarantee_circle,
    # courts and lists
    courts.litigation,
    courts.person_listing,
    courts.serious_penalty,
    # purpose
    purpose.purpose_stated,
    purpose.purpose_allowed,
    purpose.purpose_documents,
    purpose.payee_related,
    purpose.need_orders,
    purpose.project_capital,
    # repayment and books
    books.audit_opinion,
    books.books_balance,
    books.interim_fresh,
    books.revenue_trend,
    books.interim_trend,
    books.cash_flow,
    books.losses,
    books.sales_cross_check,
    books.debt_ratio_after,
    books.interest_cover,
    books.debt_service,
    books.instalments,
    books.operating_years,
    # control and guarantees
    control.controller_known,
    control.controller_guarantee,
    control.bank_related,
    control.related_non_performing,
    control.related_funds,
)
