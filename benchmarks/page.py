"""docs/benchmarks.md: each benchmark writes its own section and leaves the others as they are."""

import re
from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs" / "benchmarks.md"


def write(section: str, page: Path = PAGE) -> None:
    """Put a section, which begins with its `## heading`, in place of the former one of that heading."""
    heading = section.strip().partition("\n")[0]
    former = page.read_text(encoding="utf-8") if page.exists() else "# Benchmarks\n\nMade by commands: do not edit.\n"
    rest = re.sub(rf"\n{re.escape(heading)}\n.*?(?=\n## |\Z)", "", former, flags=re.DOTALL).rstrip("\n")
    page.write_text(f"{rest}\n\n{section.strip()}\n", encoding="utf-8")
