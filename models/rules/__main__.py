"""`python -m models.rules` writes docs/rules.md."""

from pathlib import Path

import models.rules.run  # noqa: F401  (importing it enters every rule)
from models.rules.registry import catalogue

Path("docs/rules.md").write_text(catalogue(), encoding="utf-8")
