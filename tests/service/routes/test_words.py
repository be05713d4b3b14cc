"""`?words=`: an answer is sealed in codes and leaves in the language asked for; `?as=seen` shows the words of then."""

import re
from typing import Any

import orjson
import pytest
from fastapi.testclient import TestClient

from models.words.templates import SHIPPED, Words
from service.assessing import wording
from tests.service.made import applicant

HAN = re.compile(r"[\u4e00-\u9fff]")


pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def told(client: TestClient, **query: str) -> dict[str, Any]:
    """One applicant assessed."""
    answer = client.post("/v1/assessments", params=query, json=applicant(7, patents=3))
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def sentences(answer: dict[str, Any]) -> list[str]:
    """All sentences of base, reasons and warnings."""
    return [answer["base"]["says"], *(one["says"] for part in ("reasons", "warnings") for one in answer[part])]


def test_chinese_unless_asked_otherwise(client: TestClient) -> None:
    """Without `words` an answer is told in Chinese, with `en` in English, whatever the browser prefers."""
    assert all(HAN.search(one) for one in sentences(told(client)))
    client.headers["Accept-Language"] = "zh"
    assert not any(HAN.search(one) for one in sentences(told(client, words="en")))


@pytest.mark.parametrize("words", ["zh", "en", "none"])
@pytest.mark.parametrize("include", [(), ("findings", "titles"), ("all",)])
def test_an_answer_just_made_is_the_one_that_is_kept(client: TestClient, words: str, include: tuple[str, ...]) -> None:
    """What leaves at once and what is read again later are the same bytes, in any language and with any parts."""
    query = {"words": words, "include": list(include)}
    made = client.post("/v1/assessments", params=query, json=applicant(7, patents=3))
    assert made.status_code == 201
    assert client.get(made.headers["location"], params=query).content == made.content


def test_codes_alone(client: TestClient) -> None:
    """With `none` what leaves is what is sealed: the other two are the same and sentences."""
    bare = told(client, words="none", include="all")
    again = client.get(f"/v1/assessments/{bare['id']}", params={"words": "none", "include": "all"}).json()
    assert again == bare
    assert b'"says"' not in orjson.dumps([bare["base"], bare["reasons"], bare["warnings"], bare["pd"]])
    worded = client.get(f"/v1/assessments/{bare['id']}", params={"include": "all"}).json()
    for part in ("base", "pd"):
        assert {name: value for name, value in worded[part].items() if name != "says"} == bare[part]
    for part in ("reasons", "warnings"):
        assert [{n: v for n, v in one.items() if n != "says"} for one in worded[part]] == bare[part]


def test_another_language_is_refused_by_name(client: TestClient) -> None:
    """The refusal names the query and what there is, on every route alike."""
    answer = told(client)
    for refused in (
        client.post("/v1/assessments?words=fr", json=applicant(7)),
        client.get(f"/v1/assessments/{answer['id']}?words=fr"),
        client.get(f"/v1/assessments/{answer['id']}/reasons?against=all&words=fr"),
    ):
        assert refused.status_code == 422
        assert "words" in refused.json()["errors"][0]["pointer"]


def test_a_key_gives_the_same_entry_in_the_language_asked_for(client: TestClient) -> None:
    """The second question under a key is answered by the first one's entry, in its own language."""
    headers = {"Idempotency-Key": "one"}
    first, second = (
        client.post("/v1/assessments", params={"words": words}, json=applicant(7), headers=headers).json()
        for words in ("zh", "en")
    )
    assert first["record"] == second["record"]
    assert HAN.search(first["base"]["says"])
    assert not HAN.search(second["base"]["says"])


def test_a_list_and_a_second_list_of_reasons_are_worded(client: TestClient) -> None:
    """A batch and a contrast take the same query."""
    found = client.post("/v1/assessments/batch?words=en", json={"applicants": [applicant(1), applicant(2)]}).json()
    assert not any(HAN.search(one) for result in found["results"] for one in sentences(result["assessment"]))
    reasons = f"/v1/assessments/{found['results'][0]['assessment']['id']}/reasons"
    contrast = client.get(reasons, params={"against": "all"}).json()
    assert all(HAN.search(one["says"]) for one in [contrast["base"], *contrast["sets_apart"]])
    bare = client.get(reasons, params={"against": "all", "words": "none"}).json()
    assert not any("says" in one for one in [bare["base"], *bare["sets_apart"]])


def test_as_seen_in_the_words_of_then(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """A changed sentence shows in today's words and not in those of then; codes and seal stay as they were."""
    seen, bare = told(client, words="en"), told(client, words="none")
    texts = {language: dict(of) for language, of in SHIPPED.texts.items()}
    for language in ("zh", "en"):
        texts[language]["base"] = "{who:phrase}, in other words"
    monkeypatch.setattr(wording, "SHIPPED", Words(texts))
    path = f"/v1/assessments/{seen['id']}"
    assert client.get(path, params={"words": "en"}).json()["base"]["says"].endswith("in other words")
    assert client.get(path, params={"as": "seen"}).json() == seen
    assert client.get(path, params={"as": "seen", "words": "zh"}).json() == seen
    assert client.get(f"/v1/assessments/{bare['id']}", params={"as": "seen"}).json() == bare
    assert client.get(path, params={"words": "none"}).json()["record"] == seen["record"]
    assert client.get(path, params={"as": "told"}).status_code == 422
