"""The kinds of model by name."""

from models.score.kind import ModelKind

PLEDGE = ModelKind("pledge", "pd", False, "grades.pd_bounds", ("12m", "maturity", "given"))
"""Default of a borrower with a pledge loan: its event is bad."""
WHITELIST = ModelKind("whitelist", "admission", True, "grades.refusal_bounds", ("admission", "given"))
"""Admission to a whitelist: the model learns a committee, so it says *resembles*, never *is*."""
KINDS: dict[str, ModelKind] = {kind.name: kind for kind in (PLEDGE, WHITELIST)}
