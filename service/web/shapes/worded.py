"""Parts of an answer as they leave: those that are sealed, which are declared where they are made, and their sentences.

A part that leaves is a structure made from the sealed one: its fields, with sentences beside them, and what it holds
as it leaves. Readers who may see less, or ask for less, find fewer fields.
"""

from collections.abc import Collection, Mapping
from types import UnionType
from typing import Annotated, Literal, Union, get_args, get_origin

import msgspec
from msgspec import NODEFAULT, UNSET, Meta, Struct, UnsetType, structs

from features.phrase import Phrase
from models.answer import HorizonProbability
from models.collateral.quality import PatentQuality
from models.counterfactuals.search import Offer, ProposedChange
from models.lending import AbsentPart, LoanPatent
from models.list_standing import ListAnswer
from models.rules import Finding, Recommendation
from models.rules.finding import Cure, Proof
from models.rules.recommendation import Condition
from models.score.reasons import Base, Reason
from models.score.warnings import CaseWarning

Says = Annotated[str, Meta(description="The sentence in the language asked for; absent where `words=none`")]
Where = Annotated[str, Meta(description="The office in words; absent where `words=none`")]
Title = Annotated[str, Meta(description="Of the rule, in the language asked for; absent where `words=none`")]
Codes = tuple[str, ...]
NOTHING: Mapping[str, object] = {}
_OUTGOING: dict[object, type[Struct]] = {}
"""By sealed structure the one that leaves."""


def outgoing(
    name: str,
    *sealed: type[Struct] | tuple[type[Struct], ...],
    added: Mapping[str, object] = NOTHING,
    may_lack: Collection[str] = (),
    without: Collection[str] = (),
) -> type[Struct]:
    """The structure that leaves where these are sealed beside each other; of a tuple, one of them.

    It has their fields but those `without`, and those that are `added`. May be absent: what is added, what it
    `may_lack`, and what not all structures of a tuple have.
    """
    fields: dict[str, tuple[str, object, object]] = {}
    for one in sealed:
        kinds = one if isinstance(one, tuple) else (one,)
        for field in (field for kind in kinds for field in structs.fields(kind) if field.name not in without):
            always = field.name not in may_lack and all(field.name in kind.__struct_fields__ for kind in kinds)
            fields[field.name] = _field(field) if always else _absent(field.name, _as_it_leaves(field.type))
    fields |= {also: _absent(also, kind) for also, kind in added.items()}
    first = sealed[0][0] if isinstance(sealed[0], tuple) else sealed[0]
    made = msgspec.defstruct(
        name,
        fields.values(),
        namespace={"__doc__": first.__doc__, "__module__": __name__},
        kw_only=True,
        frozen=True,
        omit_defaults=first.__struct_config__.omit_defaults,
        forbid_unknown_fields=True,
    )
    _OUTGOING[first] = made
    return made


def _field(sealed: structs.FieldInfo) -> tuple[str, object, object]:
    default = msgspec.field() if sealed.default is NODEFAULT else sealed.default
    if sealed.default_factory is not NODEFAULT:
        default = msgspec.field(default_factory=sealed.default_factory)
    return sealed.name, _as_it_leaves(sealed.type), default


def _absent(name: str, kind: object) -> tuple[str, object, object]:
    return name, Union[kind, UnsetType], UNSET  # noqa: UP007


def _as_it_leaves(kind: object) -> object:
    """A type in which each sealed structure is the one that leaves."""
    if kind in _OUTGOING:
        return _OUTGOING[kind]
    origin, parts = get_origin(kind), get_args(kind)
    if origin is None or origin is Literal:
        return kind
    if origin is Annotated:
        return Annotated[_as_it_leaves(parts[0]), *parts[1:]]
    held = tuple(map(_as_it_leaves, parts))
    return Union[held] if origin in (Union, UnionType) else origin[held]  # noqa: UP007


Statement = outgoing("Statement", Phrase, added={"says": Says})
SeenIn = outgoing("Proof", Proof, added={"says": Says})
CureOut = outgoing("CureOut", Cure, added={"says": Says, "where": Where})
FindingOut = outgoing("FindingOut", Finding, added={"title": Title})
ConditionOut = outgoing("ConditionOut", Condition, added={"title": Title})
RecommendationOut = outgoing("RecommendationOut", Recommendation, added={"says": Says})
QualityOut = outgoing("QualityOut", PatentQuality, may_lack=("indicators", "percentiles"))
Patent = outgoing("Patent", LoanPatent, added={"failed": Codes, "unknown": Codes})
Absent = outgoing("Absent", AbsentPart, added={"says": Says})
ListedOut = outgoing("ListedOut", ListAnswer)
Probability = outgoing("Probability", HorizonProbability, added={"says": Says})
BaseOut = outgoing("BaseOut", Base, added={"says": Says})
ReasonOut = outgoing("ReasonOut", Reason, added={"says": Says})
Warned = outgoing("Warned", CaseWarning, added={"says": Says})
ChangeOut = outgoing("ChangeOut", ProposedChange, added={"says": Says})
OfferOut = outgoing("OfferOut", Offer)
