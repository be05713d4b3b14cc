"""What rules read of things that each case has one of by name: kinds of records, titles."""

from collections.abc import Iterable

import numpy as np

from models.records.applicant import Facts
from models.rules.batch_columns import BatchColumns


class ItemColumns(BatchColumns):
    """The places of a batch, each case once for each of the `names`, case by case."""

    def __init__(self, facts: Facts, names: tuple[str, ...]) -> None:
        super().__init__(facts, np.arange(len(facts.known)).repeat(len(names)))
        self.names = names

    def subject(self, place: int) -> str:
        """The name."""
        return self.names[place % len(self.names)]

    def places(self, case: int, names: Iterable[str]) -> list[int]:
        """The places of some names of one case."""
        return [case * len(self.names) + self.names.index(name) for name in names]
