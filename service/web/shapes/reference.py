"""The shape of what is answered about firms, models, policy, and what was in force."""

from typing import Annotated, Literal

from models.score.grading import GradeFile
from models.score.kind import KindName
from service.assessing.models_shown import ModelGate, ModelValidation
from service.edge.faults import ProblemFault
from service.web.shapes.part import DECLARED, Part, RecordOut


class NamedFirmOut(Part):
    """A firm found by its name."""

    firm: str
    legal_name: str
    known_on: str


class NamedFirms(Part):
    """The firms that were found, the best matches first."""

    items: list[NamedFirmOut]


class ModelFactsOut(Part):
    """What is known of a model: gate, validation, what was seen of each grade, and where the registry shows it."""

    kind: KindName
    name: str
    bundle: str
    version: str | None
    made_on: str
    horizon: str
    events: int
    synthetic: bool
    features: list[str]
    gate: Annotated[ModelGate, DECLARED] | None
    calibration: list[Annotated[GradeFile, DECLARED]]
    validation: Annotated[ModelValidation, DECLARED] | None
    registry: str | None
    card: dict[str, object]


class Model(ModelFactsOut):
    """A model in service."""

    in_service_since: str


class Challenger(ModelFactsOut):
    """A model that the registry names beside the champion; it does not serve."""


class RegistryTrouble(Part):
    """Since when the registry is away or its champion refused, and why."""

    since: str
    faults: list[Annotated[ProblemFault, DECLARED]]


class Models(Part):
    """The models in service, and challengers beside them; `trouble` says since when and why the registry is away.

    `unknown`: why it is not known which challengers there are.
    """

    items: list[Model]
    challengers: list[Challenger]
    trouble: RegistryTrouble | None
    unknown: RegistryTrouble | None


class Reference(Part):
    """Where a value is laid down, as it is cited, and with the English names of Chinese documents beside them."""

    title: str
    document: str
    title_en: str
    document_en: str


class ParameterOut(Part):
    """A dated value of policy with its history: `values` maps the first day of each value to it.

    `title`: what it is called in Chinese, `title_en` in English; a bank's own value by its description. `on` and
    `value` are there where a day was asked for. `source` tells whether the bank's own folder superseded or added it.
    """

    name: str
    title: str
    title_en: str
    description: str
    unit: str
    reviewed_on: str
    confidence: Literal["verified", "secondary", "assumed"]
    reference: list[Reference]
    values: dict[str, object]
    before: Literal["not_applicable", "unknown"]
    source: Literal["shipped", "superseded", "added"]
    on: str | None = None
    value: object = None


class OverrideOut(Part):
    """A parameter that the bank's own folder superseded or added."""

    name: str
    folder: str
    kind: Literal["superseded", "added"]


class PolicyOut(Part):
    """All parameters in force on the day, or all where no day was asked for; the digest covers every one."""

    digest: str
    on: str | None
    items: list[ParameterOut]
    overrides: list[OverrideOut]


class ChangeEntry(Part):
    """Something that was live: a model, an alias, a policy, a scheme, a key or an account, as its entry says."""

    kind: str
    subject: str
    by: str
    content: dict[str, object]
    record: Annotated[RecordOut, DECLARED]


class History(Part):
    """What was live at the moment: for each subject the last entry by then."""

    at: str
    items: list[ChangeEntry]


class Validations(Part):
    """What validators found of models."""

    items: list[ChangeEntry]


REFERENCE = (NamedFirms, Models, ParameterOut, PolicyOut, History, Validations)
