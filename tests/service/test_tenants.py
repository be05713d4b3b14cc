"""Two banks and a fund at one service: nobody there learns what another bank brought, and nothing tells that it did."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from features.lake import LakeWriter, Manifest, frames_of
from service.access.accounts import Account
from service.access.roles import Place
from service.application.state import AppState
from service.edge.errors import LakeOfNobody
from service.edge.settings import Settings
from service.ledger.outer import outer_of
from service.ledger.signing_keys import make_key, public_key
from service.ledger.tables import ENTRIES
from service.web.app import create_app
from tests.service.access.conftest import FUNDS_POLICY, ORIGIN
from tests.service.banked import verified
from tests.service.conftest import NOON
from tests.service.hands import hired
from tests.service.lent import act, drawn
from tests.service.made import DAY, applicant, make_bundle, offering, rows_of

Body = dict[str, Any]
BANKS = ("bank-1", "bank-2")
SHARED, OWN, HIDDEN, NOWHERE = "row:5", "row:6", "row:7", "row:8"
"""A firm that registers and both banks know, one that registers and the first bank know, one that only papers of the
first bank tell of, and one that nobody knows."""
PLACES = {"one": Place("bank-1", "b1"), "two": Place("bank-2", "b2")}
_FIRM = re.compile(r"(?:row(?::|%3A|%253A)|\b)[5-8]\b")
"""A firm by its key, or as a sentence names it."""


def of(firm: str, application: str, *, registered: bool) -> dict[str, list[Body]]:
    """Rows about a firm: what registers say, or all that an applicant brings."""
    found = {table: [{"firm": firm, **row} for row in own] for table, own in rows_of(int(firm[4:]), patents=4).items()}
    if registered:
        firms = [row | {"source_kind": "register", "legal_name": f"登记企业{firm[4:]}"} for row in found["firms"]]
        return {"firms": firms, "patents": [row | {"source_kind": "register"} for row in found["patents"]]}
    for table in ("applications", "collateral"):
        found[table] = [row | {"application": application} for row in found.get(table, [])]
    found["firms"] = [row | {"source_kind": "document", "legal_name": f"内部企业{firm[4:]}"} for row in found["firms"]]
    return {table: own for table, own in found.items() if own}


def written(folder: Path, bank: str, *firms: dict[str, list[Body]]) -> Path:
    """A lake of the bank, or of none."""
    with LakeWriter(folder, Manifest(f"lake of {bank or 'registers'}", "CNY", 1, synthetic=True, bank=bank)) as lake:
        for rows in firms:
            lake.add(frames_of(rows))
    return folder


class Banks:
    """A service and the people of its banks."""

    def __init__(self, client: TestClient) -> None:
        self.client = client
        app: Any = client.app
        self.state: AppState = app.state.pledgescore

    def hired(self, name: str, role: str, place: Place) -> None:
        """An account of a role."""
        hired(self.state, Account(name, name, role, place, subject=f"subject of {name}"))

    def get(self, account: str, path: str, /, **params: Any) -> Any:
        """What an account is answered."""
        return self.client.get(path, params=params, headers=self.headers(account))

    def post(self, name: str, path: str, body: Body | None = None, **more: Any) -> Any:
        """The same of what is sent."""
        return self.client.post(path, json=body, headers=self.headers(name), **more)

    def asked(self, name: str, firm: str, **more: Any) -> Any:
        """An assessment of a firm by its code alone."""
        return self.post(name, "/v1/assessments?include=all", {"as_of": DAY.isoformat(), "firm": firm} | more)

    def named(self, who: str, part: str) -> set[tuple[str, str]]:
        """Firms found by a part of a name."""
        return {(one["firm"], one["legal_name"]) for one in self.get(who, "/v1/firms", name=part).json()["items"]}

    def headers(self, name: str) -> dict[str, str]:
        """What a browser of the signed-in person sends."""
        identity = self.state.sessions.begin(name, self.state.now())
        return {"Cookie": f"__Host-pledgescore={identity}", "Origin": ORIGIN, "Sec-Fetch-Site": "same-origin"}


def settings_of(folder: Path, bundle: Path, *lakes: Path) -> Settings:
    """Settings of a service with these lakes."""
    if not (folder / "keys").exists():
        make_key(folder / "keys")
    return Settings(
        database=f"sqlite:///{folder / 'ledger.db'}", bundles=(bundle,), keys=folder / "keys", lakes=lakes,
        per_client=1e6, per_stranger=1e6, sessions=1000,
    )  # fmt: skip


@pytest.fixture(scope="module")
def banks(tmp_path_factory: pytest.TempPathFactory, bundle: Path) -> Iterator[Banks]:
    """A service with the lake of registers and one of each bank."""
    folder = tmp_path_factory.mktemp("tenants")
    lakes = [
        written(folder / "registers", "", of(SHARED, "", registered=True), of(OWN, "", registered=True)),
        written(folder / "one", "bank-1", *(of(firm, "A-1", registered=False) for firm in (SHARED, OWN, HIDDEN))),
        written(folder / "two", "bank-2", of(SHARED, "A-2", registered=False)),
    ]
    with TestClient(create_app(settings_of(folder, bundle, *lakes), lambda: NOON), base_url=ORIGIN) as client:
        found = Banks(client)
        for name, place in PLACES.items():
            found.hired(name, "credit_officer", place)
        yield found


def test_each_bank_is_answered_from_registers_and_its_own_rows(banks: Banks) -> None:
    """The own application is found and no other; of a firm that another bank brought there is what registers say."""
    for name, own in (("one", "A-1"), ("two", "A-2")):
        told = banks.asked(name, SHARED)
        assert told.status_code == 201, told.text
        assert told.json()["case"]["application"] == own
    foreign = banks.asked("two", SHARED, application="A-1")
    nowhere = banks.asked("two", SHARED, application="A-9")
    assert foreign.status_code == nowhere.status_code == 422
    assert foreign.json()["errors"] == nowhere.json()["errors"]
    told = banks.asked("two", OWN).json()
    assert told["case"]["application"] is None
    assert set(told["sources"]) == {"firms", "patents"}


def test_earlier_assessments_are_the_own_banks(banks: Banks) -> None:
    """Whoever asks about a firm is told the how-manieth time it is at the own bank, and lists no other's answers."""
    before = {name: banks.asked(name, SHARED).json()["record"]["of_firm"] for name in ("one", "two", "one")}
    for name in ("one", "two"):
        told = banks.asked(name, SHARED).json()
        assert told["record"]["of_firm"] == before[name] + 1
        listed = banks.get(name, f"/v1/assessments/{told['id']}/earlier").json()["items"]
        assert len(listed) == before[name]
        own = {one["id"] for one in banks.get(name, "/v1/assessments", firm=SHARED).json()["items"]}
        assert {one["id"] for one in listed} < own
        foreign = banks.get("one" if name == "two" else "two", f"/v1/assessments/{told['id']}/earlier")
        assert foreign.status_code == 404


def test_a_firm_that_another_bank_alone_knows_is_not_there(banks: Banks) -> None:
    """By code, in a file, as a template, as a question that is typed, and by name: as of a firm that nobody knows."""
    assert banks.asked("one", HIDDEN).status_code == 201
    asking = (
        lambda firm: banks.asked("two", firm),
        lambda firm: banks.asked("two", firm, kind="whitelist"),
        lambda firm: banks.get("two", "/v1/workbook", firm=firm),
        lambda firm: banks.get("two", "/v1/lists/firm", firm=firm),
        lambda firm: banks.get("two", "/desk/lists/firm", firm=firm),
        lambda firm: banks.client.post(
            "/v1/assessments/batch", headers=banks.headers("two"),
            content=f'{{"as_of": "{DAY}", "firm": "{firm}"}}\n'.encode(),
        ),
    )  # fmt: skip
    for ask in asking:
        told, nowhere = ask(HIDDEN), ask(NOWHERE)
        assert told.status_code == nowhere.status_code
        if "sheet" not in told.headers["content-type"]:
            assert _FIRM.sub("", told.text) == _FIRM.sub("", nowhere.text)
        assert "内部企业" not in told.text
    begun = [banks.client.post("/desk/new", data={"firm": firm}, headers=banks.headers("two"), follow_redirects=False)
             for firm in (HIDDEN, NOWHERE)]  # fmt: skip
    assert [one.headers["location"].endswith("?found=0") for one in begun] == [True, True]


def test_a_search_by_name_finds_own_firms_and_those_of_registers(banks: Banks) -> None:
    """A name that another bank's papers tell is not found; whoever is bound to a fund finds those of registers."""
    banks.hired("fund", "auditor", Place(fund="fund-1"))
    banks.hired("all", "auditor", Place())
    registered = {(firm, f"登记企业{firm[4:]}") for firm in (SHARED, OWN)}
    brought = {(firm, f"内部企业{firm[4:]}") for firm in (SHARED, OWN, HIDDEN)}
    for name, inside in (("one", brought), ("two", {(SHARED, "内部企业5")}), ("fund", set()), ("all", brought)):
        assert banks.named(name, "企业") == registered | inside, name
        assert banks.named(name, "内部企业7") == {one for one in inside if one[0] == HIDDEN}
    page = banks.get("two", "/desk/new", name="企业").text
    assert "登记企业6" in page
    assert "内部企业7" not in page


def test_a_replay_reads_what_the_bank_knows_by_now(banks: Banks) -> None:
    """The step that takes today's rows takes those of the bank whose answer it is, whoever asks."""
    made = banks.asked("two", SHARED).json()
    told = banks.get("two", f"/v1/assessments/{made['id']}/replay").json()
    assert [step["not_taken"] for step in told["steps"]] == [None] * 4
    assert told["identical"]
    assert told["then"] == told["now"]


def test_an_auditor_reads_who_looked_at_the_own_banks_things_alone(banks: Banks) -> None:
    """Whoever is bound to no bank stands in the audit log of the bank whose assessment was read, and of no other."""
    answer = banks.asked("one", SHARED).json()["id"]
    banks.hired("looks", "auditor", Place())
    assert banks.get("looks", f"/v1/assessments/{answer}").status_code == 200
    for name, bank, read in (("first", "bank-1", {answer}), ("second", "bank-2", set[str]())):
        banks.hired(name, "auditor", Place(bank))
        rows = banks.get(name, "/v1/audit-log", who="user:looks").json()["items"]
        assert {row["about"] for row in rows if row["about"]} == read
        assert banks.get(name, "/v1/audit-log", who="user:one").json()["items"] == [] or bank == "bank-1"


def test_a_lake_that_does_not_say_whose_it_is_is_read_by_nobody_of_two_banks(tmp_path: Path, bundle: Path) -> None:
    """One bank reads it whole; once a second has an account no firm is looked up, and the service does not start."""
    lake = written(tmp_path / "lake", "", of(HIDDEN, "A-1", registered=False))
    told = settings_of(tmp_path, bundle, lake)
    with TestClient(create_app(told, lambda: NOON), base_url=ORIGIN) as client:
        alone = Banks(client)
        alone.hired("one", "credit_officer", PLACES["one"])
        assert alone.asked("one", HIDDEN).status_code == 201
        assert alone.named("one", "企业7") == {(HIDDEN, "内部企业7")}
        alone.hired("fund", "auditor", Place(fund="fund-1"))
        assert alone.named("fund", "企业7") == set()
        alone.hired("two", "credit_officer", PLACES["two"])
        for name in PLACES:
            for refused in (alone.asked(name, HIDDEN), alone.get(name, "/v1/firms", name="企业")):
                assert (refused.status_code, refused.json()["type"]) == (503, "urn:pledgescore:problem:lake-of-nobody")
        assert alone.post("one", "/v1/assessments", applicant(9, patents=2)).status_code == 201
    with pytest.raises(LakeOfNobody):
        create_app(told, lambda: NOON)


SHARED_FUND = FUNDS_POLICY % "2000-01-01: {fund-1: [bank-1, bank-2]}"
LEFT_FUND = FUNDS_POLICY % "2000-01-01: {fund-1: [bank-1, bank-2]}, 2026-11-21: {fund-1: [bank-2]}"


def test_a_bank_that_left_a_fund_is_readable_to_it_until_its_loans_are_settled(
    tmp_path: Path, bundle: Path, database: str
) -> None:
    """What was drawn while the bank shared it, with all that is entered about it; nothing else, and nothing after."""
    (tmp_path / "policy").mkdir()
    (tmp_path / "policy" / "funds.yaml").write_text(LEFT_FUND, encoding="utf-8")
    now = [NOON]
    told = settings_of(tmp_path, bundle).model_copy(update={"database": database, "policy": tmp_path / "policy"})
    acting = create_app(told.model_copy(update={"sign_in": "none"}), lambda: now[0])
    with (
        TestClient(acting, base_url=ORIGIN) as bank,
        TestClient(create_app(told, lambda: now[0]), base_url=ORIGIN) as client,
    ):
        fund = Banks(client)
        fund.hired("fund", "fund_manager", Place(fund="fund-1"))
        lent, asked = (bank.post("/v1/assessments", json=offering(seed)).json()["id"] for seed in (1, 2))
        file = drawn(bank, lent)

        def seen() -> set[str]:
            items = fund.get("fund", "/v1/assessments").json()["items"]
            read = {one for one in (lent, asked) if fund.get("fund", f"/v1/assessments/{one}").status_code == 200}
            assert {one["id"] for one in items} & {lent, asked} == read
            papers = fund.get("fund", f"/v1/loan-files/{file}/attachments")
            assert papers.status_code == (200 if lent in read else 404)
            return read

        assert seen() == {lent, asked}
        now[0] += timedelta(days=1)
        assert seen() == {lent}
        later = bank.post("/v1/assessments", json=offering(3, as_of=now[0].date())).json()["id"]
        assert fund.get("fund", f"/v1/assessments/{later}").status_code == 404
        act(bank, file, "closure", person="王芳", closed_on="2026-11-21", outcome="repaid", loss=0)
        assert seen() == set()
        with fund.state.engine.connect() as connection:
            rows = connection.execute(select(ENTRIES).order_by(ENTRIES.c.seq.desc()).limit(2)).all()
        assert [(row.kind, outer_of(row).scopes) for row in rows] == [
            ("closure", {"fund-1": True}), ("assessment", {"fund-1": False}),
        ]  # fmt: skip


def test_a_day_for_the_fund_shows_a_bank_its_own_alone_and_the_fund_all(
    tmp_path: Path, bundle: Path, database: str
) -> None:
    """Whoever takes it away: of the other bank's entries a bank sees numbers and times; the fund's own is complete."""
    (tmp_path / "policy").mkdir()
    (tmp_path / "policy" / "funds.yaml").write_text(SHARED_FUND, encoding="utf-8")
    make_bundle(tmp_path / "list", "whitelist")
    now = [NOON]
    told = settings_of(tmp_path, bundle).model_copy(
        update={"database": database, "policy": tmp_path / "policy", "bundles": (bundle, tmp_path / "list")}
    )
    with TestClient(create_app(told, lambda: now[0]), base_url=ORIGIN) as client:
        banks = Banks(client)
        banks.hired("fund", "fund_manager", Place(fund="fund-1"))
        own: dict[str, set[str]] = {}
        for name, place in PLACES.items():
            banks.hired(name, "reviewer", place)
            banks.hired(f"{name}-officer", "credit_officer", place)
            bodies = [applicant(7, patents=2), applicant(8, patents=2, kind="whitelist")]
            asked = [banks.post(f"{name}-officer", "/v1/assessments", body | {"bank": place.bank}) for body in bodies]
            own[name] = {one.json()["id"] for one in asked}
        now[0] += timedelta(days=1)
        banks.state.checkpoint_signer.sign()
        key = public_key(tmp_path / "keys" / "public.pem")
        for name, seen in {**own, "fund": own["one"] | own["two"]}.items():
            pack = banks.get(name, "/v1/ledger/pack", **{"period": "2026-11-20", "for": "fund"})
            assert pack.status_code == 200, pack.text
            (tmp_path / f"{name}.zip").write_bytes(pack.content)
            with ZipFile(tmp_path / f"{name}.zip") as zipped:
                text = "".join(zipped.read(part).decode() for part in zipped.namelist() if part.startswith("entries/"))
            assert {one for one in own["one"] | own["two"] if one in text} == seen
            checked = verified(tmp_path / f"{name}.zip", "--bank-key", key, "--fund", "fund-1")
            assert checked.returncode == (0 if name == "fund" else 3), checked.stdout
            assert "withholds" not in checked.stdout, checked.stdout


def test_a_line_of_another_bank_accuses_nobody(banks: Banks) -> None:
    """A bank's auditor reads no drawdown of another bank: its lines are told to lie outside, not to be missing."""
    banks.hired("audit-one", "auditor", Place("bank-1"))
    filed = [{"firm": SHARED, "loan": "X1", "bank": bank} for bank in BANKS]
    told = banks.post("audit-one", "/v1/orphans", {"filed": filed}).json()
    assert [one["finding"] for one in told["items"]] == ["filed_not_drawn", "out_of_reach"]
    assert "why" not in told["items"][1]
