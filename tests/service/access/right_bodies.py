"""A right body for every operation that takes JSON: chains of calls send it now and then, edges are put into it."""

from typing import Any

from tests.models.underwriting.base_firm import WAN
from tests.service.access.staged import Staged
from tests.service.made import offering

DAY, LATER = "2026-11-20", "2027-11-20"
_ASSESSMENT, _FILE = "POST /v1/assessments/{assessment}", "POST /v1/loan-files/{loan_file}"


def right_body(bank: Staged, label: str, seed: int = 1) -> Any:
    """Of an operation; None where it takes none. `seed`: of the applicant."""
    return right_bodies(bank, bank.things_at(label), seed).get(label)


def right_bodies(bank: Staged, things: dict[str, str], seed: int = 1) -> dict[str, Any]:
    """By operation, about these things."""
    people = bank.people
    terms = {"amount": 100 * WAN, "term_months": 12}
    seen = {"seen": people.file(things["loan_file"], bank.bank.auditor)["seen"]}
    applicant = offering(seed, patents=2, offered=1)
    closure = {"closed_on": DAY, "outcome": "repaid", "loss": 0, "recovered": 0}
    withdrawal = {"by": "applicant", "reason_code": "applicant_withdrew", "reason": "已转他行办理"}
    place = {"bank": people.bank, "branch": "b1", "fund": None}
    waives = [{"rule": "bureau_non_performing", "reason_code": "relationship", "mitigation": "m", "until": LATER}]
    own = [{"text": "追加存单质押", "due": "before_drawdown"}]
    digest = "ab" * 32
    return {
        "POST /v1/assessments": applicant,
        "POST /v1/assessments/batch": {"applicants": [applicant]},
        f"{_ASSESSMENT}/closure": closure,
        f"{_ASSESSMENT}/withdrawal": withdrawal,
        f"{_ASSESSMENT}/trials": {"rows": {"applications": [{"amount": 5 * 10**8, "term_months": 24}]}, "without": {}},
        "POST /v1/loan-files": {"assessment": things["assessment"], "second": people.second, "visits": [DAY],
                                "note": "n", "rate": 0.04, "waives": waives, "conditions": own, "papers": [],
                                "not_brought": [{"what": "paper", "reason": "later"}]} | terms | seen,
        f"{_FILE}/review": {"outcome": "agreed", "opinion": "同意上报", "answers": [], "conditions": []} | seen,
        f"{_FILE}/votes": {"meeting": "2026-31", "vote": "agree", "reason": "r"} | seen,
        f"{_FILE}/minutes": {"meeting": "2026-31", "held_on": DAY, "chair": people.chair, "recused": [], "rate": 0.04,
                             "present": people.members, "vetoed": False} | terms | seen,
        f"{_FILE}/approval": {"outcome": "approved", "rate": 0.04, "waives": waives, "conditions": own} | terms | seen,
        f"{_FILE}/return": {"reason_code": "papers_missing", "reason": "缺购销合同", "wanted": ["购销合同"]},
        f"{_FILE}/withdrawal": withdrawal,
        f"{_FILE}/conditions/{{n}}/done": {"happened_on": DAY, "proof": "存单 1 号", "document": digest},
        f"{_FILE}/conditions/{{n}}/confirmation": {"proof": "存单 1 号"},
        f"{_FILE}/release": {"amount": 10 * WAN, "contract": "HT-1",
                             "standing": [{"item": "standing.pledge_contract", "done_on": DAY, "document": "7"}],
                             "pledges": [{"registration": "Y1", "registered_on": DAY, "amount": WAN}]} | seen,
        f"{_FILE}/drawdowns": {"drawn_on": DAY, "due_on": LATER, "amount": WAN, "loan": "JJ-2"},
        f"{_FILE}/closure": closure,
        f"{_FILE}/corrections": {"entry": int(things["entry"]), "reason": "录入有误", "right": closure},
        f"{_FILE}/documents": {"hash": digest, "what": "合同", "dated_on": DAY, "about": None},
        f"{_FILE}/comments": {"text": "已核"},
        f"{_FILE}/tasks/{{n}}/done": {"happened_on": DAY, "found": "未见异常", "document": digest},
        f"{_FILE}/warnings": {"code": "other", "level": "low", "due_on": DAY, "owner": people.lead, "note": "n"},
        f"{_FILE}/warnings/{{n}}/closing": {"note": "已消除"},
        f"{_FILE}/holds": {"reason": "补偿申请审核中", "until": LATER},
        f"{_FILE}/holds/{{entry}}/lifting": {"reason": "补偿已结案"},
        "POST /v1/hand-overs": {"from": people.third, "to": people.second, "reason": "调岗", "files": None},
        "POST /v1/pushes": {"list": "own", "edition": "1", "job": things["job"], "came": "screened", "branch": "b1"},
        "POST /v1/pushes/{push}/feedback": {"assessment": things["assessment"], "outcome": "granted",
                                            "reason": "合作良好", "reported_on": DAY},
        "POST /v1/validations": {"bundle": things["bundle"], "outcome": "refused", "findings": ["not stable"],
                                 "expires_on": LATER},
        "POST /v1/orphans": {"kind": "pledge", "since": DAY, "until": DAY, "filed": [{"loan": "L1", "on": DAY}]},
        "POST /v1/erasures": {"firm": "row:1", "reason": "person_asked"},
        "POST /v1/users": {"role": "credit_officer", "name": "n-1", "shown": "N", "authority": 0, **place},
        "POST /v1/users/{user}/role": {"role": "credit_officer", "authority": 0, **place},
        "POST /v1/api-keys": {"role": "credit_officer", "name": "k-1", "expires_at": f"{LATER}T00:00:00Z",
                              "scopes": [], **place},
        "POST /v1/session": {"name": "nobody", "password": "p", "code": "123456", "new_password": None},
        "POST /v1/invitations/opening": {"name": "nobody", "invitation": "i"},
        "POST /v1/invitations": {"name": "nobody", "invitation": "i", "password": "p", "secret": "s",
                                 "authenticator": "123456"},
        "POST /v1/ledger/resumptions": {"reason": "restored"},
        "POST /v1/ledger/receipts": {"receipt": {"form": "f", "ledger": digest, "size": 1, "root": digest,
                                                 "checkpoint": digest, "at": f"{DAY}T00:00:00.000000Z", "key": digest},
                                     "signature": digest},
    }  # fmt: skip
