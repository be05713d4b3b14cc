"""A firm that was erased: nothing that was told of it stands in any answer of any route, in the log, or in any file."""

import io
import json
import logging
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import Engine, select, text
from typer.testing import CliRunner

import pledgescore
from features.policy import shipped
from features.policy.parameters import SHIPPED as SHIPPED_POLICY
from models.score.bundle import FILES
from models.words.templates import SHIPPED
from service.access.route_rules import RULES
from service.decisions.erasure import ask, confirm
from service.ledger.contents import FIRM_KEYS, content_of, entries_with_keys
from service.ledger.outer import outer_of
from service.ledger.tables import ENTRIES
from service.ledger.verification import verify
from service.offline import verify as verify_pack
from service.proofs.backup import back_up
from tests.service.banked import Bank, open_bank, verified
from tests.service.lent import Words, act, drawn
from tests.service.made import applicant, offering
from tests.service.postgres import OWNER, Server
from tests.service.test_erasing import person

FIRM, OTHER = "row:70007", "row:80008"
QUERIES = {
    "GET /v1/assessments": ["", "?format=csv", "?limit=1", "?kind=pledge"],
    "GET /v1/assessments/{assessment}/pack": ["?for=bank", "?for=fund", "?for=court"],
    "GET /v1/assessments/{assessment}/reasons": ["?against=all", "?against=approved"],
    "GET /v1/ledger/pack": ["?period=2026-11&for=bank", "?period=2026-11-20&for=fund"],
    "GET /v1/ledger/consistency": ["?from=1"],
    "GET /v1/firms": ["?name=anybody"],
}
"""With what a route is asked, where a bare request says little."""
PRODUCT = ("/openapi.json", "/docs", "/v1/models", "/v1/policy")
"""What says the same whomever it was asked about."""
NAME = re.compile(r"/?[a-z_]+(/[a-z_]+)*")
"""How members, codes and pointers are written: words of the product, not of a firm."""
SHORTEST = 6
"""Characters from which on a value is distinctive."""


@dataclass
class Told:
    """A bank that answered about two firms, and all that it then says and keeps."""

    bank: Bank
    bundle: Path
    ids: list[str] = field(default_factory=list)
    logged: io.StringIO = field(default_factory=io.StringIO)

    @property
    def engine(self) -> Engine:
        """The bank's database."""
        engine: Engine = self.bank.app.state.pledgescore.engine
        return engine

    def answers(self) -> dict[str, bytes]:
        """What every route says when it is asked about the firm's assessments, unpacked; by request."""
        found = {}
        for route in RULES:
            method, _, path = route.partition(" ")
            if path in ("/v1/ledger/checkpoints", "/v1/ledger/receipts"):
                continue
            for one in self.ids if "{assessment}" in path else [""]:
                asked = re.sub(
                    r"\{(\w+)(:path)?\}", lambda name, one=one: one if name[1] == "assessment" else "1", path
                )
                for query in QUERIES.get(route, [""]):
                    body = {} if method == "GET" else {"json": {}}
                    answer = self.bank.client.request(method, asked + query, follow_redirects=False, **body)
                    assert answer.status_code != 500, (route, answer.text)
                    found[f"{route} {one}{query}"] = _unpacked(answer.content)
        return found

    def contents(self, firm: str) -> list[Any]:
        """What the entries about a firm hold: bodies and answers."""
        with self.engine.connect() as connection:
            key = select(FIRM_KEYS.c.id).where(FIRM_KEYS.c.firm == firm).scalar_subquery()
            rows = connection.execute(entries_with_keys().where(ENTRIES.c.key == key)).all()
            held = [content_of(connection, row) for row in rows]
        return [orjson.loads(part) for one in held for part in (one.body, one.answer) if part]


def _unpacked(content: bytes) -> bytes:
    if not content.startswith(b"PK"):
        return content
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        return b"\n".join(packed.read(name) for name in packed.namelist())


def scalars(told: Any) -> Iterator[str]:
    """Every text and number in a JSON value, as it is written."""
    if isinstance(told, dict):
        for name, value in told.items():
            yield name
            yield from scalars(value)
    elif isinstance(told, list):
        for value in told:
            yield from scalars(value)
    elif isinstance(told, str):
        yield told
    elif told is not None:
        yield orjson.dumps(told).decode()


@pytest.fixture
def told(database: str, tmp_path: Path, bundle: Path) -> Iterator[Told]:
    """Two answers about the firm under keys that name it, a loan drawn and closed; one about another firm."""
    bank = open_bank(tmp_path, bundle, database)
    made = Told(bank, bundle)
    handler = logging.StreamHandler(made.logged)
    logging.getLogger().addHandler(handler)
    with bank.client:
        bank.ask(offering(80008, patents=5))
        for place in range(2):
            body = json.dumps(offering(70007, patents=4, case=f"SECRET-CASE-{place}"))
            headers = {"Idempotency-Key": f"{FIRM} {place}"}
            made.ids.append(bank.client.post("/v1/assessments", content=body, headers=headers).json()["id"])
        path = f"/v1/assessments/{made.ids[0]}"
        words = Words("SECRET-LOAN", "SECRET-Y1", "SECRET-REASON", "SECRET-PROOF")
        file = drawn(bank.client, made.ids[1], words)
        act(bank.client, file, "closure", person="王芳", closed_on="2026-11-20", outcome="repaid", loss=0)
        assert bank.client.get(f"{path}/changes").status_code == 200
        deposit = {"kind": "deposit", "item": "SECRET-ITEM", "confirmed_value": 77_007_700}
        assert bank.client.post(f"{path}/trials", json={"rows": {"collateral": [deposit]}}).status_code == 201
        bank.sign()
        bank.countersign()
        yield made
    logging.getLogger().removeHandler(handler)


def distinctive(told: Told) -> set[str]:
    """What was told of the firm alone, and is not what must stay: ids, seals and times of entries, training cases."""
    with told.engine.connect() as connection:
        stays = {str(value) for row in connection.execute(select(*ENTRIES.c)) for value in row}
    general = stays | set(told.ids)
    said = b"\n".join(told.bank.client.get(path).content for path in PRODUCT).decode() + shipped().text
    said += SHIPPED.text + SHIPPED.digest
    said += "".join((told.bundle / name).read_text(encoding="utf-8") for name in FILES)
    said += orjson.dumps(told.contents(OTHER)).decode()
    spoken = {one for one in scalars(told.contents(FIRM)) if len(one) >= SHORTEST and one not in general}
    own = {one for one in spoken if one not in said and not NAME.fullmatch(one)}
    return {one for one in own if not any(identity in one for identity in told.ids)} | {FIRM, f"{FIRM} 0"}


def found_in(place: bytes, words: set[str]) -> list[str]:
    """Those of the words that stand in it."""
    return sorted(word for word in words if word.encode() in place)


def files(told: Told, request: pytest.FixtureRequest) -> bytes:
    """Every byte of the files of the database, after its owner took out what erasures left."""
    with told.engine.connect() as connection:
        name = str(connection.engine.url.database)
    if told.engine.dialect.name == "sqlite":
        return b"".join(file.read_bytes() for file in Path(name).parent.glob(f"{Path(name).name}*"))
    server: Server = request.getfixturevalue("postgres")
    done = CliRunner().invoke(pledgescore.app, ["database", "compact", "--database", server.url(name, OWNER)])
    assert done.exit_code == 0, done.output
    server.execute("postgres", "CHECKPOINT")
    with told.engine.connect() as connection:
        own = connection.execute(text("select oid from pg_database where datname = current_database()")).scalar_one()
    folder = server.folder / "data" / "base" / str(own)  # other tests keep their ledgers on the same server
    held = [file.read_bytes() for file in folder.rglob("*") if file.is_file()]
    assert held
    return b"".join(held)


def test_nothing_of_an_erased_firm_is_found_anywhere(
    told: Told, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """No route, pack, log line or backup, and no byte of the database's files, holds a value that was told of it."""
    words, before = distinctive(told), told.answers()
    assert len(words) > 100
    secrets = {f"SECRET-{one}" for one in ("CASE-1", "REASON", "LOAN", "PROOF", "ITEM")}
    assert secrets | {"试验企业70007有限公司"} <= words
    silent = {"/acts", "/pack", "/replay", "/changes", "/trials", "/reasons", "/v1/assessments"}
    telling = {request.split("?")[0].split(" ")[1] for request, said in before.items() if found_in(said, words)}
    assert {part for part in silent if any(path.endswith(part) for path in telling)} == silent, "they told of it before"
    with told.engine.connect() as connection:
        material = connection.execute(select(FIRM_KEYS.c.material).where(FIRM_KEYS.c.firm == FIRM)).scalar_one()

    engine, policy = told.engine, shipped()
    if engine.dialect.name == "postgresql":  # it does so by itself now and then, and keeps common values apart
        request.getfixturevalue("postgres").execute(str(engine.url.database), "ANALYZE")
    confirm(engine, ask(engine, FIRM, "retention_over", person("王芳"), policy).id, person("李明"), policy)

    assert {request: found for request, said in told.answers().items() if (found := found_in(said, words))} == {}
    assert found_in(told.logged.getvalue().encode(), words) == []
    held = files(told, request)
    assert found_in(held, words) == []
    assert material not in held
    assert f"row:{80008}".encode() in held, "it is the right place to look"
    back_up(str(engine.url.render_as_string(hide_password=False)), tmp_path / "backup")
    assert found_in(b"".join(file.read_bytes() for file in (tmp_path / "backup").iterdir()), words) == []


def test_every_proof_still_verifies(told: Told) -> None:
    """Chain, packs of what was erased and of the month, proofs of inclusion, and what was signed before."""
    bank, engine, policy = told.bank, told.engine, shipped()
    earlier = sorted(bank.place.glob("checkpoint-*.json"))[0]
    confirm(engine, ask(engine, FIRM, "retention_over", person("王芳"), policy).id, person("李明"), policy)
    bank.sign()
    bank.countersign()
    keys = ("--bank-key", bank.key, "--fund-key", bank.fund_key, "--checkpoint", str(earlier))
    for reader in ("bank", "fund", "court"):
        said = verified(bank.pack(told.ids[0], reader), *keys)
        assert said.returncode == 3, said.stdout
        assert "[erased]" in said.stdout
        month = bank.client.get("/v1/ledger/pack", params={"period": "2026-11", "for": reader})
        (bank.place / "month.zip").write_bytes(month.content)
        said = verified(bank.place / "month.zip", *keys)
        assert said.returncode == 3, said.stdout
        assert "[erased_untold]" not in said.stdout
    with engine.connect() as connection:
        assert verify(connection).bad_seq is None
    assert bank.ask(applicant(70007, patents=2))["record"]["of_firm"] == 1


def test_the_fund_learns_of_every_erasure_in_its_reach(tmp_path: Path, bundle: Path) -> None:
    """Of each entry in its scope whose content is gone its month holds who wanted that; of another fund's, none.

    Two banks of two funds asked about the firm, one of them for two applications; one loan was drawn and closed.
    """
    (tmp_path / "policy").mkdir()
    funds = (SHIPPED_POLICY / "funds.yaml").read_text(encoding="utf-8").replace("{}}", "{f: [bank-1], g: [bank-2]}}")
    (tmp_path / "policy" / "funds.yaml").write_text(funds, encoding="utf-8")
    bank = open_bank(tmp_path, bundle, policy=tmp_path / "policy")
    engine, policy = bank.app.state.pledgescore.engine, shipped()
    with bank.client as client:
        asked = [bank.ask(offering(70007) | {"bank": name}) for name in ("bank-1", "bank-2")]
        second = applicant(70007, patents=2, application="a2")
        second["rows"]["applications"][0]["application"] = "a2"
        bank.ask(second)
        bank.ask(applicant(80008, patents=2))
        file = drawn(client, asked[0]["id"])
        act(client, file, "closure", person="王芳", closed_on="2026-11-20", outcome="repaid", loss=0)
        for one in asked:
            assert client.get(f"/v1/assessments/{one['id']}/changes").status_code == 200
        confirm(engine, ask(engine, FIRM, "retention_over", person("王芳"), policy).id, person("李明"), policy)
        bank.sign()
        told = {}
        for fund in ("f", "g"):
            pack = client.get("/v1/ledger/pack", params={"period": "2026-11", "for": "fund", "fund": fund})
            assert pack.status_code == 200, pack.text
            (tmp_path / "month.zip").write_bytes(pack.content)
            _, findings = verify_pack.judged(tmp_path / "month.zip", {"bank": [bank.key], "fund": []}, None, "", print)
            assert "erased_untold" not in {one.code for one in findings}
            named = [one.text for one in findings if one.code == "erased"]
            assert all("retention_over" in one for one in named)
            told[fund] = {int(re.findall(r"content of entry (\d+)", one)[0]) for one in named}
        with engine.connect() as connection:
            gone = [row for row in connection.execute(entries_with_keys()) if row.key and row.material is None]
    for fund, entries in told.items():
        assert entries == {row.seq for row in gone if outer_of(row).scopes[fund]}
    assert (len(told["f"]) > 10, len(told["g"]), told["f"] & told["g"]) == (True, 2, set())
