"""What is concluded of a pledge loan beside its score: what the rules say, and what the patents give as security."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from features.asof import Known
from features.policy import NotYetInForce
from models.collateral.bank_assumptions import BankAssumptions
from models.collateral.security import Security, secure
from models.rules import Judged, assess_rules
from models.rules.bilingual import finding_told, recommendation_told
from models.rules.recommendation import dropped
from models.score.kind import Said
from models.score.scale import Scale

NO_PATENTS: Said = {
    "zh": "既无出质专利，也不知企业持有专利",
    "en": "no patent is offered, and none is known to be held",
}
NO_LOAN: Said = {"zh": "未指明贷款申请", "en": "no application is named"}
NO_REVENUE: Said = {"zh": "最近年度营业收入未知", "en": "the revenue of the latest year is not known"}
NO_VALUE: Said = {"zh": "无价值可依", "en": "there is no value to rest it on"}
NOT_YET: Said = {
    "zh": "时点早于所需政策参数的首个取值日（{which}）",
    "en": "before the first value of a policy it needs ({which})",
}

_OF_VALUE = ("value", "value_on_default", "licence_guidance", "recoverable", "read_together")
_OF_SECURITY = (*_OF_VALUE, "quality", "pledge", "limit", "term")
_OF_A_PATENT = (
    "kind", "last_day", "nothing", "value", "value_on_default", "assumptions", "carries", "quality",
)  # fmt: skip


@dataclass(frozen=True)
class Lending:
    """Findings, advice and security of one case; where it names no application, of all patents that the firm holds.

    On a day before the policies of valuation and pledge there is no security, and `not_yet` names the first in want.
    """

    judged: Judged
    security: Security | None
    not_yet: str = ""

    def answer(self) -> dict[str, Any]:
        """Top-level parts of an answer, each of plain JSON values; money in fen.

        A part that cannot be told is None, and `absent` says why: not applicable, or not known.
        """
        security: dict[str, Any] = self.security.answer() if self.security else dict.fromkeys(_OF_SECURITY)
        policy = self.judged.applicant.policy
        told: dict[str, Any] = {
            "recommendation": recommendation_told(self.judged.recommendation) if self._asked_about else None,
            "findings": [finding_told(finding, policy) for finding in self.judged.findings],
            **security,
            "patents": self._patents(security.get("patents", [])),
        }
        return told | {"absent": list(self._absent(told))}

    @property
    def _asked_about(self) -> bool:
        return bool(self.judged.patents) or self.judged.applicant.application is not None

    def _patents(self, valued: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """One row per patent: what the rules say of it, and what it gives as security, if it is known at all."""
        by_number = {row["patent"]: row for row in valued}
        nothing = dict.fromkeys(_OF_A_PATENT)
        return [nothing | judged | by_number.get(judged["patent"], {}) for judged in self.judged.patent_table()]

    def _absent(self, told: dict[str, Any]) -> Iterator[dict[str, Any]]:
        if not self._asked_about:
            yield _absent("recommendation", "not_applicable", NO_PATENTS)
        if self.security is None:
            says = {language: text.format(which=self.not_yet) for language, text in NOT_YET.items()}
            yield from (_absent(part, "unknown", says) for part in _OF_SECURITY)
            return
        if self.judged.applicant.application is None:
            yield _absent("pledge.loan_to_value", "not_applicable", NO_LOAN)
        for part in _OF_VALUE:
            if told[part] is None:
                yield self._without_value(part, self.security)
        if told["limit"]["amount"] is None:
            yield _absent("limit", "unknown", NO_REVENUE if self.judged.patents else NO_PATENTS)

    def _without_value(self, part: str, security: Security) -> dict[str, Any]:
        if not self.judged.patents:
            return _absent(part, "not_applicable", NO_PATENTS)
        return _absent(part, "unknown", NO_REVENUE if security.value is None else NO_VALUE)


def _absent(part: str, outcome: str, says: Said) -> dict[str, Any]:
    return {"part": part, "outcome": outcome, "says": says}


def lending(
    known: Known,
    place: int,
    points: float,
    bank: BankAssumptions | None = None,
    pd: float | None = None,
    scale: Scale | None = None,
) -> Lending:
    """What is concluded of the loan of case `place`; `points` and `pd` are the model's. Raises `BadAssumption`.

    `scale`: on which the points are; that of the day where none is told.
    """
    judged = assess_rules(known, place, points, scale=scale)
    try:
        found = secure(judged.applicant, dropped(judged.every), bank or BankAssumptions(), pd)
    except NotYetInForce as early:
        return Lending(judged.weighing(None, None), None, str(early))
    return Lending(judged.weighing(found.limit, found.term), found)
