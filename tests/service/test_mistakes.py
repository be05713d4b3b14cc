"""What an officer usually gets wrong is told at its place, in Chinese and English, and nothing is recorded."""

import re

import pytest
from fastapi.testclient import TestClient

from features.phrase import LANGUAGES
from tests.service.mistakes import MISTAKES, Mistake, answer_to, places, right

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
HAN = re.compile(r"[\u4e00-\u9fff]")


def test_without_a_mistake_it_is_answered(client: TestClient) -> None:
    """The question that the mistakes are made in is right."""
    assert client.post("/v1/assessments", json=right()).status_code == 201


@pytest.mark.parametrize("mistake", MISTAKES, ids=[one.name for one in MISTAKES])
def test_a_mistake_is_told_at_its_place(client: TestClient, mistake: Mistake) -> None:
    """Place and code are right, the one place alone is named, and the sentence is in the language asked for."""
    for language in LANGUAGES:
        status, told = answer_to(client, mistake, language)
        assert status == mistake.status, told
        found = places(mistake, told, language)
        assert found.keys() == {mistake.pointer}
        code, sentence = found[mistake.pointer]
        assert code == mistake.code
        assert HAN.search(sentence) if language == "zh" else sentence
    recorded = client.get("/v1/assessments").json()["items"]
    assert len(recorded) == (2 if mistake.status == 201 else 0)
