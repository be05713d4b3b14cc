"""The kinds of model by name."""

from models.kind import Kind
from models.risk import PLEDGE
from models.whitelist import WHITELIST

KINDS: dict[str, Kind] = {kind.name: kind for kind in (PLEDGE, WHITELIST)}
