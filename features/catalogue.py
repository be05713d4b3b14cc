"""Enters every feature into the catalogue: importing this module is enough."""

import features.behaviour
import features.credit
import features.finance
import features.firm
import features.flags
import features.loan
import features.patents  # noqa: F401
