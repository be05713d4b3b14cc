"""Comments and papers beside a loan file: who adds and sees them, and that hostile files harm nobody."""

import io
import stat
import zipfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from httpx import Response
from sqlalchemy import select

from service.access.roles import UNBOUND, Place
from service.edge.settings import Settings
from service.ledger.tables import ENTRIES
from service.loan_files.attachments import ATTACHMENTS, forget_papers
from service.loan_files.comments import COMMENTS
from service.web.app import create_app
from tests.models.underwriting.whole_case import whole
from tests.service.access.conftest import FUNDS, ORIGIN
from tests.service.conftest import NOON, NewLedger
from tests.service.loan_files.people import Body, People

PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)
MARKUP = '<script>alert(1)</script>=1+1 {{7*7}} "&'


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory, new_ledger: NewLedger, bundle: Path) -> Iterator[People]:
    """The people of one bank that a fund reads, on either database."""
    own = tmp_path_factory.mktemp("papers")
    (own / "funds.yaml").write_text(FUNDS, encoding="utf-8")
    settings = Settings(
        database=new_ledger(), bundles=(bundle,), policy=own, per_client=1e6, sessions=1000, per_stranger=1e6
    )
    now = [NOON]
    with TestClient(create_app(settings, lambda: now[0]), base_url=ORIGIN, raise_server_exceptions=False) as client:
        yield People(client, now)


@pytest.fixture(scope="module")
def file(bank: People) -> str:
    """A loan file that was just opened."""
    told: str = bank.assess(whole())["record"]["loan_file"]["id"]
    return told


def send(bank: People, file: str, content: bytes, name: str, by: str = "", /, **more: str) -> Response:
    """What a paper gets."""
    path = f"/v1/loan-files/{file}/attachments"
    return bank.client.post(path, params={"name": name, **more}, content=content, headers=bank.as_(by or bank.lead))


def listed(bank: People, file: str, by: str) -> list[Body]:
    """The papers that somebody sees."""
    found: list[Body] = bank.client.get(f"/v1/loan-files/{file}/attachments", headers=bank.as_(by)).json()["items"]
    return found


def packed(**parts: bytes) -> bytes:
    """A packed document with these parts beside its own."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("[Content_Types].xml", "<Types/>")
        for name, content in parts.items():
            made.writestr(name.replace("__", "/").replace("_xml", ".xml").replace("_bin", ".bin"), content)
    return out.getvalue()


def swollen() -> bytes:
    """A document that announces more than may be unpacked."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("xl/workbook.xml", "0")
        made.getinfo("xl/workbook.xml").file_size = 201 * 2**20
    return out.getvalue()


DOCX = packed(word__document_xml=b"<w/>")


def traversing() -> bytes:
    """A document with a part that lies outside of it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("word/document.xml", "<w/>")
        made.writestr("../../etc/passwd", "x")
    return out.getvalue()


def linked() -> bytes:
    """A document with a part that is a link."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("word/document.xml", "<w/>")
        link = zipfile.ZipInfo("word/media/a.png")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        made.writestr(link, "/etc/passwd")
    return out.getvalue()


def locked() -> bytes:
    """A document whose parts say that they are encrypted."""
    content = bytearray(DOCX)
    for start, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.find(start)
        while at >= 0:
            content[at + flags] |= 1
            at = content.find(start, at + 4)
    return bytes(content)


HOSTILE: dict[str, tuple[str, bytes, str]] = {
    "a page": ("报告.html", b"<script>alert(1)</script>", "attachment_type"),
    "a page that calls itself a PDF": ("报告.pdf", b"<html><script>alert(1)</script>", "attachment_type"),
    "a picture with a script": ("图.svg", b"<svg onload='alert(1)'/>", "attachment_type"),
    "a document with macros": ("合同.docx", packed(word__document_xml=b"<w/>", word__vbaProject_bin=b"x"),
                               "attachment_active"),
    "a workbook with macros by its name": ("表.xlsm", packed(xl__workbook_xml=b"<x/>"), "attachment_ending"),
    "an old document, which may hold macros": ("合同.doc", b"\xd0\xcf\x11\xe0" + bytes(600), "attachment_type"),
    "controls within a document": ("合同.docx", packed(word__document_xml=b"<w/>", word__activeX__a_xml=b"x"),
                                   "attachment_active"),
    "a PDF with a script": ("合同.pdf", PDF + b"<</S/JavaScript /JS (app.alert(1))>>", "attachment_active"),
    "a PDF that starts a program": ("合同.pdf", PDF + b"<</S/Launch/F(cmd.exe)>>", "attachment_active"),
    "a program": ("合同.exe", b"MZ" + bytes(200), "attachment_type"),
    "a program with two endings": ("合同.pdf.exe", PDF, "attachment_ending"),
    "a page with two endings": ("合同.pdf.html", PDF, "attachment_ending"),
    "two kinds at once": ("合同.pdf", PDF + DOCX, "attachment_two_kinds"),
    "a picture with an archive behind it": ("图.png", PNG + DOCX, "attachment_two_kinds"),
    "an archive": ("资料.zip", packed(a_xml=b"x"), "attachment_type"),
    "what unpacks to too much": ("表.xlsx", swollen(), "attachment_unpacks"),
    "parts outside the document": ("合同.docx", traversing(), "attachment_paths"),
    "a link out of the document": ("合同.docx", linked(), "attachment_paths"),
    "a template from elsewhere": ("合同.docx", packed(word__document_xml=b"<w/>", **{
        "word/_rels/settings.xml.rels": b'<Relationship Type="http://x/attachedTemplate" Target="http://x/a.dotm" '
                                        b'TargetMode="External"/>'}), "attachment_active"),
    "an encrypted PDF": ("合同.pdf", PDF + b"trailer<</Encrypt 5 0 R>>", "attachment_encrypted"),
    "an encrypted document": ("合同.docx", locked(), "attachment_encrypted"),
    "a PDF that carries a file": ("合同.pdf", PDF + b"<</Type/EmbeddedFile>>", "attachment_active"),
    "nothing": ("合同.pdf", b"", "attachment_empty"),
    "too much": ("图.png", PNG + bytes(20 * 2**20), "attachment_large"),
    "another kind than its name says": ("合同.png", PDF, "attachment_ending"),
    "a broken archive": ("合同.docx", DOCX[:40], "attachment_type"),
    "a folder in the name": ("../../合同.pdf", PDF, "attachment_name"),
    "a folder of Windows in the name": ("..\\合同.pdf", PDF, "attachment_name"),
    "nothing but dots": ("..", PDF, "attachment_name"),
    "a name that turns the writing": ("合同\u202efdp.exe", PDF, "not_plain_text"),
    "a name with NUL": ("合同\x00.pdf", PDF, "not_plain_text"),
    "a name of five hundred characters": ("长" * 496 + ".pdf", PDF, "string_too_long"),
}  # fmt: skip


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_papers_stay_outside(bank: People, file: str, kind: str) -> None:
    """Each is refused with a sentence that says why, and nothing of it is kept or entered."""
    name, content, code = HOSTILE[kind]
    before = bank.file(file)["seen"], listed(bank, file, bank.lead)
    told = send(bank, file, content, name)
    assert told.status_code == 422, told.text
    assert [one["code"] for one in told.json()["errors"]] == [code], told.text
    assert (bank.file(file)["seen"], listed(bank, file, bank.lead)) == before


def test_a_paper_is_hashed_entered_and_given_back_to_be_saved(bank: People, file: str) -> None:
    """By its digest in the ledger; what leaves is what came, as an attachment in a sandbox, whatever its name holds."""
    name = f"{MARKUP} 合同.pdf".replace("/", "／")
    told = send(bank, file, PDF, name, what="购销合同", dated_on="2026-11-01")
    assert told.status_code == 201, told.text
    paper = told.json()
    assert (paper["hash"], paper["media"], paper["size"]) == (sha256(PDF).hexdigest(), "application/pdf", len(PDF))
    assert any(one["hash"] == paper["hash"] and one["what"] == "购销合同" for one in bank.file(file)["documents"])
    with bank.state.engine.connect() as connection:
        kinds = connection.execute(select(ENTRIES.c.kind).where(ENTRIES.c.seq == paper["entry"])).scalar_one()
        kept = connection.execute(select(ATTACHMENTS)).mappings().one()
    assert kinds == "document"
    assert PDF not in kept["content"]
    assert name.encode() not in kept["name"]
    got = bank.client.get(f"/v1/loan-files/{file}/attachments/{paper['n']}", headers=bank.as_(bank.reviewer))
    assert got.content == PDF
    headers = got.headers
    assert headers["content-disposition"].startswith("attachment; filename*=UTF-8''%3Cscript%3E")
    assert "sandbox" in headers["content-security-policy"]
    assert (headers["x-content-type-options"], headers["content-type"]) == ("nosniff", "application/octet-stream")
    again = send(bank, file, PDF, "同一份.pdf")
    assert (again.status_code, again.json()["code"]) == (409, "paper_there")


def test_each_audience_sees_its_papers(bank: People, file: str) -> None:
    """The fund what is for it, a key nothing about persons, the bank's people all; others are not there."""
    for audience in ("fund", "bank", "person"):
        assert send(bank, file, PNG + audience.encode(), f"{audience}.png", audience=audience).status_code == 201
    fund = bank.account("fund_manager", Place(fund="fund-1"), name="fund-papers")
    key = bank.key("credit_officer", Place(bank.bank, "b1"), "key-papers")
    seen = {who: {one["audience"] for one in listed(bank, file, who)} for who in (bank.lead, fund)}
    of_key = bank.client.get(f"/v1/loan-files/{file}/attachments", headers=key).json()["items"]
    assert seen == {bank.lead: {"fund", "bank", "person"}, fund: {"fund"}}
    assert {one["audience"] for one in of_key} == {"fund", "bank"}
    closed = next(one["n"] for one in listed(bank, file, bank.lead) if one["audience"] == "person")
    for asked in (bank.as_(fund), key):
        assert bank.client.get(f"/v1/loan-files/{file}/attachments/{closed}", headers=asked).status_code == 404
    assert send(bank, file, PNG + b"fund", "x.png", fund).status_code == 403


def test_comments_are_added_and_never_changed(bank: People, file: str) -> None:
    """In their order with name and time, as they were written; no entry; who only reads adds none."""
    auditor = bank.account("auditor", Place(bank.bank), name="auditor-papers")
    path = f"/v1/loan-files/{file}/comments"
    size = bank.client.get("/v1/ledger", headers=bank.as_(bank.lead)).json()["size"]
    for who, text in ((bank.lead, MARKUP), (bank.reviewer, "请补充\n应收账款明细")):
        told = bank.client.post(path, json={"text": text}, headers=bank.as_(who))
        assert (told.status_code, told.json()["by"], told.json()["text"]) == (201, who, text)
    found = bank.client.get(path, headers=bank.as_(auditor)).json()["items"]
    assert [(one["n"], one["by"]) for one in found] == [(1, bank.lead), (2, bank.reviewer)]
    assert bank.client.post(path, json={"text": "x"}, headers=bank.as_(auditor)).status_code == 403
    for wrong in ({"text": ""}, {"text": "a\u202eb"}, {"text": "长" * 4001}, {}):
        assert bank.client.post(path, json=wrong, headers=bank.as_(bank.lead)).status_code == 422
    for method in ("PUT", "PATCH", "DELETE"):
        assert bank.client.request(method, path, headers=bank.as_(bank.lead)).status_code == 405
    assert bank.client.get("/v1/ledger", headers=bank.as_(bank.lead)).json()["size"] == size
    with bank.state.engine.connect() as connection:
        held = connection.execute(select(COMMENTS.c.content)).scalars().all()
    assert not any(MARKUP.encode() in one for one in held)


def test_an_erasure_takes_papers_and_comments(bank: People, file: str) -> None:
    """With the firm nothing of them stays."""
    from service.edge.database import in_turn

    firm = bank.file(file)["firm"]
    in_turn(bank.state.engine, lambda connection: forget_papers(connection, firm, UNBOUND))
    with bank.state.engine.connect() as connection:
        for table in (ATTACHMENTS, COMMENTS):
            assert connection.execute(select(table)).first() is None
