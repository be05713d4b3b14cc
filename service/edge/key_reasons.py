"""Why a signing key is revoked; a module of its own, which a command can import without what it takes to sign."""

from typing import Literal

RevocationReason = Literal["stolen", "lost", "suspected"]
