"""What every shape of an answer is made of."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Says = Annotated[str, Field(description="The sentence in the language asked for; absent where `words=none`")]


class Part(BaseModel):
    """A part of an answer: nothing in it that is not described."""

    model_config = ConfigDict(extra="forbid")


class Said(Part):
    """The same sentence in Chinese and English."""

    zh: str
    en: str


class RecordOut(Part):
    """Where the answer is recorded; the seal covers everything else in it."""

    entry: int
    at: str
    seal: str
