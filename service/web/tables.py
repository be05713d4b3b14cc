"""Lists that are read as JSON, a page at a time, or taken away whole as a table."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from features.phrase import DEFAULT_WORDS, WordsChoice, language_of
from service.application.downloads import AsFile


class AsTable(BaseModel):
    """How a list is read: so many rows at once as JSON, or as a table, and in which language."""

    limit: Annotated[int, Field(ge=1, le=500)] = 50
    format: Literal["json", "csv", "xlsx"] = "json"
    words: WordsChoice = DEFAULT_WORDS

    @property
    def as_file(self) -> AsFile | None:
        """How it is taken away; None where it is read."""
        return None if self.format == "json" else (language_of(self.words) or "zh", self.format)
