"""What law, programme and bank say of a case: each rule one finding, and the recommendation that follows from them."""

from models.rules.finding import Cure, Finding, Proof
from models.rules.recommendation import Recommendation
from models.rules.run import Judged, applicant, assess_rules, figures_of, forget, verdicts_of
from models.rules.whitelists import Listed, lists, screen

__all__ = [
    "Cure", "Finding", "Judged", "Listed", "Proof", "Recommendation",
    "applicant", "assess_rules", "figures_of", "forget", "lists", "screen", "verdicts_of",
]  # fmt: skip
