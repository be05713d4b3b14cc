"""What people ask for when they want content erased, checked while it is parsed."""

from typing import Literal

from pydantic import BaseModel

from service.edge.fields import STRICT, Firm

ErasureReason = Literal["person_asked", "retention_over", "court_ordered"]


class ErasureRequest(BaseModel):
    """Whose content is to be erased, and why."""

    model_config = STRICT

    firm: Firm
    reason: ErasureReason
