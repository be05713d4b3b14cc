"""What every shape of an answer is made of."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Says = Annotated[str, Field(description="The sentence in the language asked for; absent where `words=none`")]


class Part(BaseModel):
    """A part of an answer: nothing in it that is not described."""

    model_config = ConfigDict(extra="forbid")


class InLoanFile(Part):
    """A loan file by its random id, and the how-manieth entry of it this is."""

    id: str
    n: int


class RecordOut(Part):
    """Where the answer is recorded; the seal covers everything else in it."""

    entry: int
    at: str
    seal: str
    loan_file: Annotated[InLoanFile | None, Field(description="The loan file (卷宗) that it lies in")] = None
    of_firm: Annotated[int | None, Field(description="The how-manieth assessment of the firm at the bank")] = None
