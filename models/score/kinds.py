"""The kinds of model by name."""

from models.score.kind import Kind
from models.score.risk import PLEDGE
from models.score.whitelist import WHITELIST

KINDS: dict[str, Kind] = {kind.name: kind for kind in (PLEDGE, WHITELIST)}
