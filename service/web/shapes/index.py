"""The shapes that OpenAPI names; a test holds real answers against them."""

from pydantic import BaseModel

from service.web.shapes.access import ACCESS
from service.web.shapes.answers import ASSESSMENTS
from service.web.shapes.decisions import DECISIONS
from service.web.shapes.proofs import PROOFS
from service.web.shapes.reference import REFERENCE

ANSWERS: tuple[type[BaseModel], ...] = (*ASSESSMENTS, *DECISIONS, *PROOFS, *REFERENCE, *ACCESS)
