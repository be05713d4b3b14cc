"""What several rules say of what they saw."""

from models.words.templates import phrase

NONE = phrase("finding.any.observed.none")
NOT_KNOWN = phrase("finding.any.observed.not_known")
NOT_ASKED = phrase("finding.any.observed.not_asked")
REGISTER_NOT_ASKED = phrase("finding.any.observed.register_not_asked")
NOT_GRANTED = phrase("finding.any.observed.not_granted")
INDUSTRY_NOT_KNOWN = phrase("finding.any.observed.industry_not_known")
LAST_DAY_NOT_KNOWN = phrase("finding.any.observed.last_day_not_known")
