"""What a model concludes: the few facts in which the two kinds of model differ, so that everything else is one code."""

from dataclasses import dataclass
from typing import Literal

KindName = Literal["pledge", "whitelist"]
Said = dict[str, str]
"""The same sentence in Chinese (`zh`) and English (`en`)."""


@dataclass(frozen=True)
class ModelKind:
    """One kind of model.

    `label_is_good`: whether the event that the model counts is wanted, so that a higher margin is a higher score.
    `part`: under which name the answer tells the probability. `grade_bounds`: the policy that cuts grades, as largest
    probabilities of the unwanted outcome. `horizons`: within which the event is counted; what the probability of each
    means is the word template `meaning.KIND.HORIZON`.
    """

    name: KindName
    part: str
    label_is_good: bool
    grade_bounds: str
    horizons: tuple[str, ...]

    @property
    def sign(self) -> int:
        """+1 where more log-odds are a higher score, -1 where they are a lower one."""
        return 1 if self.label_is_good else -1
