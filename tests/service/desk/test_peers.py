"""与同业对比: an answer beside a group of training cases, and the other security that stands beside the patents."""

import re

import pytest

from models.score.reference_sample import AGAINST
from service.access.roles import Place
from service.desk.formats import points
from tests.service.desk.reading import page, text_of
from tests.service.loan_files.people import Body, People


@pytest.mark.parametrize("group", AGAINST)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_shows_what_the_api_compares(
    bank: People, answers: dict[str, Body], group: str, language: str
) -> None:
    """Base, reasons and score of each group as the API tells them; where there are too few cases, its sentence."""
    path = f"/v1/assessments/{answers['recommend']['id']}/reasons?against={group}&words={language}"
    told = bank.client.get(path, headers=bank.as_(bank.lead))
    shown = page(bank, bank.lead, f"/desk/assessments/{answers['recommend']['id']}/peers?against={group}", language,
                 expect=told.status_code)  # fmt: skip
    assert told.status_code == 200 or group != "all"
    if told.status_code == 409:
        assert told.json()["detail"] in text_of(shown.text)
        return
    found = told.json()
    rows = re.findall(r'<td class="n[^"]*">([+−]?[\d,.]+)</td>', shown.text.partition("<details")[0])
    assert (rows[0], rows[-1]) == (points(found["base"]["points"]), points(answers["recommend"]["points"]))
    figures = [round(10 * float(one.replace("−", "-").replace(",", ""))) for one in rows]
    assert sum(figures[:-1]) == figures[-1]
    assert found["base"]["says"] in text_of(shown.text)


def test_a_group_that_there_is_not_is_refused(bank: People, answers: dict[str, Body]) -> None:
    """No other group takes its place; another bank finds no answer; the answer leads to its peers."""
    path = f"/desk/assessments/{answers['recommend']['id']}"
    typed = bank.client.get(f"{path}/peers?against=neighbours", headers=bank.as_(bank.lead))
    assert typed.status_code == 422  # an address that somebody wrote: it names the groups that there are by their codes
    other = bank.account("auditor", Place("bank-2"), name="auditor-peers")
    assert page(bank, other, f"{path}/peers", expect=404)
    assert f'href="{path}/peers"' in page(bank, bank.lead, path).text


def test_other_security_stands_beside_the_patents(bank: People, answers: dict[str, Body]) -> None:
    """The guarantee of the controller, whether a scheme shares the loss, and what is recovered, as the report tells."""
    answer = answers["recommend"]
    shown = page(bank, bank.lead, f"/desk/assessments/{answer['id']}").text
    card = text_of(shown[shown.index('id="security"') : shown.index('id="papers"')])
    assert "实际控制人连带责任保证" in card
    assert "风险分担方案" in card
    assert f"{answer['recoverable']['p50']:.2%}" in card
