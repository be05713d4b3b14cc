"""What is particular to the model of pledge-loan default: its horizons, and what its probability means."""

from models.score.kind import Kind

PLEDGE = Kind(
    name="pledge",
    part="pd",
    label_is_good=False,
    grade_bounds="grades.pd_bounds",
    meaning={
        "12m": {
            "zh": "借款人自放款之日起 12 个月内违约的概率(借款人层面)；非资本计量或拨备用途",
            "en": "Probability that the borrower defaults within 12 months of drawdown, on any of its loans; "
            "not for regulatory capital or provisioning",
        },
        "maturity": {
            "zh": "借款人自放款之日起至贷款(含续贷)到期后观察期满违约的概率(借款人层面)；非资本计量或拨备用途",
            "en": "Probability that the borrower defaults between drawdown and the end of observation after the loan's "
            "(or its renewal's) maturity, on any of its loans; not for regulatory capital or provisioning",
        },
        "given": {
            "zh": "外部给定结果发生的概率",
            "en": "Probability of the bad outcome that was given with the data",
        },
    },
    raises={"zh": "{topic}：使评分提高 {points} 分", "en": "{topic}: raises the score by {points} points"},
    lowers={"zh": "{topic}：使评分降低 {points} 分", "en": "{topic}: lowers the score by {points} points"},
)
