"""Where pages, data and cases that are not part of the project may lie: beside its folder. A user's clone has none."""

from pathlib import Path

BESIDE = Path(__file__).parents[2] / "shared"
