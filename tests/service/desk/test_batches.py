"""批量测算 at the desk: sent, checked by cell, started, watched, taken away; another branch sees nothing of it."""

from httpx import Response

from models.words.faults import place_said
from service.access.roles import Place
from service.application.job_runner import JobRunner
from tests.service.desk.reading import page, text_of
from tests.service.desk.test_acts import OWN_PAGE
from tests.service.jobs.spoiled import MadeList, made_list
from tests.service.loan_files.people import People


def post(bank: People, name: str, path: str, made: MadeList | None = None) -> Response:
    """What a form gets that a person sends."""
    files = {"workbook": ("清单.zip", made.content)} if made else None
    headers = {**bank.as_(name), **OWN_PAGE}
    return bank.client.post(path, data={"once": "1"}, files=files, headers=headers, follow_redirects=False)


def test_a_list_from_upload_to_results(bank: People) -> None:
    """Wrong cells are listed, the right rows run when that is confirmed, and the page shows what the API shows."""
    made = made_list(6, 2)
    told = post(bank, bank.lead, "/desk/batch", made)
    assert told.status_code == 303, text_of(told.text)
    path = told.headers["location"]
    job = path.rpartition("/")[2]
    shown = page(bank, bank.lead, path)
    assert all(place_said(cell, "zh") in shown.text for cell in made.wrong.values())
    assert "测算无误的 4 行" in text_of(shown.text)
    assert post(bank, bank.second, f"{path}/start").status_code == 409
    assert post(bank, bank.lead, f"{path}/start").status_code == 303
    runner = JobRunner(bank.state)
    while runner.step() == 0.0:
        pass
    over = text_of(page(bank, bank.lead, path, "en").text)
    assert "Done" in over
    for row in bank.client.get(f"/v1/jobs/{job}/rows?state=done", headers=bank.as_(bank.lead)).json()["items"]:
        assert row["legal_name"] in over
        assert f"{row['points']:.1f}" in over
    assert "清单.zip" in text_of(page(bank, bank.second, "/desk/batch").text)
    taken = page(bank, bank.lead, f"{path}/file?format=csv&state=wrong").content.decode("utf-8-sig")
    assert bank.lead in taken.splitlines()[0]
    assert taken.count("\n") == 2 + 2


def test_another_branch_sees_no_list_of_this_one(bank: People) -> None:
    """It is not there for them, whatever they ask of it."""
    other = bank.account("credit_officer", Place(bank.bank, "b2"), name="officer-b2")
    path = post(bank, bank.lead, "/desk/batch", made_list(20, first=70)).headers["location"]
    assert post(bank, bank.lead, f"{path}/cancellation").status_code == 303, "before it is over"
    assert page(bank, other, path, expect=404)
    assert post(bank, other, f"{path}/cancellation").status_code == 404
    assert path not in page(bank, other, "/desk/batch").text
    assert post(bank, bank.lead, f"{path}/cancellation").status_code == 409


def test_what_is_no_list_is_told_on_the_page(bank: People) -> None:
    """A file of another kind and an empty one, in a sentence."""
    for content in (b"", b"<script>alert(1)</script>", b"PK\x03\x04"):
        told = post(bank, bank.lead, "/desk/batch", MadeList(content, 0))
        assert told.status_code == 422
        assert 'role="alert"' in told.text
        assert "<script>alert" not in told.text


def test_a_single_csv_file_is_told_by_line_and_column(bank: People) -> None:
    """Each wrong value with its line, the letter and the name of its column; a column that is missing by its name."""
    text = "统一社会信用代码,业务编号\r\n91350100M000100Y43,A1\r\n,A2\r\n"
    told = post(bank, bank.lead, "/desk/batch", MadeList(text.encode("gb18030"), 2))
    shown = text_of(page(bank, bank.lead, told.headers["location"]).text)
    assert "第 3 行 A 列" in shown
    assert "统一社会信用代码：必须填写" in shown
    assert "测算基准日：必须填写" in shown
    assert "line 3, column A" in text_of(page(bank, bank.lead, told.headers["location"], "en").text)
    rows = bank.client.get(f"/v1{told.headers['location'].removeprefix('/desk')}/rows", headers=bank.as_(bank.lead))
    faults = [one for row in rows.json()["items"] for one in row["faults"]]
    assert {"questions.as_of", "questions.firm"} == {one["column"] for one in faults}
    hint = text_of(page(bank, bank.lead, "/desk/batch").text)
    assert "本服务未接入数据湖" in hint
