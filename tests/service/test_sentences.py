"""What is asked for in words says something: one rule for reasons, opinions, answers, proofs and findings."""

import pytest
from hypothesis import given
from hypothesis import strategies as some
from pydantic import TypeAdapter, ValidationError

from service.edge.fields import LEAST_SAID, Sentence
from service.loan_files import requests

SENTENCE: TypeAdapter[str] = TypeAdapter(Sentence)


@pytest.mark.parametrize("text", ["同意上报", "客户转他行", "存单 1 号", "agreed"])
def test_a_short_sentence_is_taken(text: str) -> None:
    """The shortest that people write in a bank."""
    assert SENTENCE.validate_python(text) == text


@given(some.text(".。,，!！-— \n　", min_size=1) | some.sampled_from(["无", "a", "OK", "无无无无", "1234", "同意。"]))
def test_a_text_that_says_nothing_is_refused(text: str) -> None:
    """Marks and blanks however many, a word, a number, one letter again and again."""
    with pytest.raises(ValidationError):
        SENTENCE.validate_python(text)


def test_every_reason_of_a_loan_file_is_a_sentence() -> None:
    """No act takes less: a field that is named like one of them has the rule."""
    named = {"reason", "opinion", "answer", "mitigation", "proof", "found"}
    for shape in vars(requests).values():
        for name, field in getattr(shape, "model_fields", {}).items():
            assert name not in named or str(LEAST_SAID) in (field.description or str(field.annotation)), (shape, name)
