"""The shape of what is answered about firms, models, policy, and what was in force."""

from typing import Annotated, Literal

from service.web.shapes.part import DECLARED, Part, RecordOut


class NamedFirmOut(Part):
    """A firm found by its name."""

    firm: str
    legal_name: str
    known_on: str


class NamedFirms(Part):
    """The firms that were found, the best matches first."""

    items: list[NamedFirmOut]


class Reference(Part):
    """Where a value is laid down."""

    title: str
    document: str


class ParameterOut(Part):
    """A dated value of policy with its history: `values` maps the first day of each value to it.

    `on` and `value` are there where a day was asked for. `source` tells whether the bank's own folder superseded or
    added it.
    """

    name: str
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


REFERENCE = (NamedFirms, ParameterOut, PolicyOut, History, Validations)
