"""How the people of the demonstration behave: made-up shares, which with the advice decide what becomes of a file."""

from collections.abc import Mapping
from typing import TypeVar

import orjson
from pydantic import BaseModel

from service.loan_files.advised import AdvisedAnswer

Wait = tuple[int, int]
"""Working days until the next act: at least, and at most."""
ROUNDS = 4
"""How often an application is submitted at most."""
LAST_RESORT: Wait = (8, 25)
"""How long a file that does not go on stays before it is withdrawn."""

UNTRIED = 0.7
"""Share of the answers short of what was asked for after which nobody tries other terms."""
DISSUADED = 0.25
"""Share of the applicants to whom the advice gives nothing that are told so and not put forward."""
SENT_BACK = 0.3
"""Share of the first submissions that the reviewer sends back for papers."""
GIVEN_UP = 0.1
"""Share of the files that came back whose applicants do not go on."""
OPPOSED = 0.08
"""Share of the applications to be weighed that the reviewer opposes, though nothing blocks."""
VOTED_DOWN = 0.05
"""Share of the sittings in which members vote against what the reviewer agreed to."""
DECLINED = 0.03
"""Share of the applications that an approver declines, though the reviewer agreed."""
REDUCED = 0.2
"""Share of the approvals that are for less than was put forward."""
REPAID_EARLY = 0.3
LOOKED = 0.85
"""Share of what falls due that is looked after in time."""
WARNED = 0.35
"""Share of the rounds of looking after a loan that end with a warning."""
SETTLED = 0.6
"""Share of the warnings that are settled when somebody first looks into them."""

MITIGATION = "追加存单质押并由实际控制人提供连带责任保证"
"""What is brought against a finding that a person must weigh."""

T = TypeVar("T", bound=BaseModel)


def told_as(shape: type[T], members: Mapping[str, object] | None = None, **more: object) -> T:
    """An act as the API reads it."""
    return shape.model_validate_json(orjson.dumps({**(members or {}), **more}))


def hopeless(answer: AdvisedAnswer) -> bool:
    """Whether something blocks, or nothing can be lent."""
    return bool(answer.blocking) or not answer.most
