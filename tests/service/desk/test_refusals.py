"""What the desk says where a form is refused: each field by its name, in the reader's words, and never a code."""

import re

import pytest

from features.phrase import LANGUAGES, Language
from models.words.templates import SHIPPED
from service.access.roles import Place, roles_on
from service.access.route_rules import ANYBODY, RULES, SIGNED_IN
from tests.service.desk.reading import codes_in, leading_nowhere, text_of
from tests.service.desk.test_acts import OWN_PAGE
from tests.service.desk.test_intake import begin
from tests.service.loan_files.people import Body, People

FORMS = [route.partition(" ")[2] for route in RULES if route.startswith("POST /desk")]
NO_CODES = {"xlsx", "xls", "csv", "zip", "pdf", "yyyy"}
"""What stands in Latin letters in a Chinese sentence and is no code."""


@pytest.fixture(scope="module")
def may(bank: People) -> dict[str, str]:
    """Somebody of each permission."""
    made = ("auditor", "validator", "administrator", "data_scientist")
    names = [bank.lead, bank.reviewer, bank.members[0], bank.secretary, bank.first, bank.desk, bank.risk, bank.second]
    names += [bank.account(role, Place(bank.bank), name=f"{role.replace('_', '-')}-refused") for role in made]
    found: dict[str, str] = {}
    for one in names:
        for permission in roles_on(bank.state.assessor.policy, bank.today)[bank.state.accounts.one(one).role].may:
            found.setdefault(permission, one)
    return found


@pytest.fixture(scope="module")
def things(bank: People, answers: dict[str, Body]) -> dict[str, str]:
    """What the addresses of forms name."""
    answer = answers["recommend"]
    return {
        "loan_file": answer["record"]["loan_file"]["id"], "assessment": answer["id"], "n": "1",
        "draft": begin(bank).rpartition("/")[2], "bundle": bank.state.model_store.held["pledge"].bundle.id,
        "job": bank.job(bank.lead), "push": bank.push(bank.lead), "proposal": bank.proposal(Place(bank.bank, "b1")),
    }  # fmt: skip


def alert_of(html: str) -> str:
    """The box in which a page says why a form was refused, as HTML."""
    found = re.search(r'<(div|p)[^>]*role="alert".*?</\1>', html, re.S)
    return "" if found is None else found[0]


def asked_on(path: str) -> str:
    """The page on which a form stands."""
    while f"GET {path}" not in RULES:
        path = path.rpartition("/")[0]
    return path


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_refused_form_names_its_fields_and_no_code(
    bank: People, may: dict[str, str], things: dict[str, str], language: Language
) -> None:
    """Every form, sent empty and with nonsense in each field: boxes that name fields, links that lead to them."""
    told, wrong = 0, []
    bare = [SHIPPED.texts[language][f"refusal.{code}"] for code in ("missing", "field_choice", "field_form", "day")]
    for path in FORMS:
        needs = RULES[f"POST {path}"].needs
        session = {} if needs == ANYBODY else bank.as_(bank.lead if needs == SIGNED_IN else may[needs])
        cookie = f"{session.get('Cookie', '')}; pledgescore-language={language}".removeprefix("; ")
        headers = {**OWN_PAGE, "Cookie": cookie}
        to, page = (re.sub(r"\{(\w+)\}", lambda found: things[found[1]], one) for one in (path, asked_on(path)))
        names = set(re.findall(r'name="(\w+)"', bank.client.get(page, headers=headers).text))
        for fields in ({}, dict.fromkeys(names - {"draft", "check", "do", "seen", "seat"}, "?_x") | {"seen": "0" * 64}):
            if path == "/desk/sign-out":
                continue
            html = bank.client.post(to, data={"sent": "1", **fields}, headers=headers, follow_redirects=False).text
            alert = alert_of(html)
            told += bool(alert)
            words = set(re.findall(r"(?<![A-Za-z?_])[a-z]{3,}(?![A-Za-z])", text_of(alert)))
            found = codes_in(html) + sorted(words - NO_CODES if language == "zh" else ())
            found += leading_nowhere(html) if f'action="{to}"' in html else []
            items = re.findall(r"<li>(.*?)</li>", alert, re.S)
            found += [one for one in items if one in bare]
            wrong += [(path, one) for one in found]
    assert wrong == []
    assert told > len(FORMS)
