"""What auditors, funds, validators and administrators do: decisions, lists compared, logs, models, accounts, policy."""

from io import BytesIO
from zipfile import ZipFile

from service.access.accounts import Account
from service.access.roles import Place
from tests.service.desk.hands import Hand
from tests.service.desk.stories import story
from tests.service.hands import founded

LIST = "借据号,放款日,贷款金额（万元）\nJJ-1,2026-01-02,7\nNONE,2026-11-20,2\n"


@story
def decisions(hand: Hand) -> None:
    """决策台账: filtered to an override, its proof looked at, the answer asked again, its file's pack taken."""
    hand.seat(hand.desk.decided.auditor)
    hand.go("/desk/ledger")
    hand.press("nav.decisions")
    hand.choose("stands", hand.named("standing", "better"))
    hand.fill("find", "row:better")
    hand.press("filter")
    assert hand.page.locator("#decisions-table tbody tr").count() == 1
    hand.press("基准企业")
    assert hand.page.locator(".light .tag.ok").count() == 3
    name, pack = hand.take("packs.file")
    assert name.endswith("-bank.zip")
    assert "verify.py" in {one.rpartition("/")[2] for one in ZipFile(BytesIO(pack)).namelist()}
    hand.press("replay.ask")
    hand.reads("replay.same")


@story
def fund(hand: Hand) -> None:
    """基金管理人: begins at its decisions, reads one, and takes the pack that is for the fund alone."""
    hand.seat(hand.desk.decided.manager)
    hand.go("/desk/")
    assert hand.at("/desk/decisions")
    hand.fill("find", "row:drawn")
    hand.press("filter")
    hand.press("基准企业")
    name, _ = hand.take("packs.file")
    assert name.endswith("-fund.zip")
    hand.press("assessment")
    hand.reads("weighs.fund")


@story
def orphans(hand: Hand) -> None:
    """漏报核对: days that do not go are told; a list is compared both ways; a line leads to its decision."""
    hand.seat(hand.desk.decided.auditor)
    hand.go("/desk/decisions")
    hand.press("orphans.open")
    for until in ("2026-11-19", "2026-12-31"):
        hand.upload("orphans.file", "台账.csv", LIST.encode("gb18030"))
        hand.fill("orphans.since", "2026-11-20")
        hand.fill("orphans.until", until)
        hand.press("orphans.compare", refused=until == "2026-11-19")
    hand.reads("orphan.differs", "orphan.filed_not_drawn", "orphans.read")
    hand.page.locator("#orphans-table a").first.wait_for()


@story
def audit_log(hand: Hand) -> None:
    """存取日志: filtered by account and taken away."""
    auditor = hand.desk.decided.auditor
    hand.seat(auditor)
    hand.go("/desk/decisions")
    hand.press("nav.audit_log")
    hand.fill("audit_log.who", auditor)
    hand.press("filter")
    hand.reads(auditor)
    assert hand.take("take.csv")[0].endswith(".csv")


@story
def models(hand: Hand) -> None:
    """模型: a second person, who makes none, refuses with nothing to say, is told, and signs."""
    bank = hand.bank
    maker = bank.account("data_scientist", Place(bank.bank), name="maker-1")
    validator = bank.account("validator", Place(bank.bank), name="validator-1")
    name = hand.bank.state.model_store.held["pledge"].bundle.name
    hand.seat(maker)
    hand.go("/desk/models")
    hand.press(name, beside=hand.named("kind", "pledge"))
    hand.reads("models.sign.who")
    hand.seat(validator)
    hand.go("/desk/models")
    hand.press(name, beside=hand.named("kind", "pledge"))
    hand.tick("models.outcome.refused")
    hand.press("models.sign", refused=True)
    hand.tick("models.outcome.signed")
    hand.fill("models.until", "2027-11-20")
    hand.fill("models.findings", f"校准相符 {hand.tag}")
    hand.press("models.sign")
    hand.reads(hand.say("recorded", what=hand.say("models.validation")), f"校准相符 {hand.tag}", validator)


@story
def accounts(hand: Hand) -> None:
    """账号: what one administrator asked for another confirms, with a part of the code; another proposal is dropped."""
    bank, state = hand.bank, hand.bank.state
    first, _ = founded(state)
    for name in ("kept", "dropped"):
        account = Account(f"{name}-{hand.tag}", name, "approver", Place(bank.bank, "b1"), 1)
        state.proposals.make(account, first, state.now())
    hand.seat("root-2")
    hand.go("/desk/users")
    hand.press("users.confirm", beside=f"kept-{hand.tag}")
    hand.reads(hand.say("users.settled.done", name=f"kept-{hand.tag}"), "users.part")
    hand.press("users.drop", beside=f"dropped-{hand.tag}")
    hand.reads(hand.say("users.settled.dropped", name=f"dropped-{hand.tag}"))


@story
def reference(hand: Hand) -> None:
    """存证台账、政策、帮助、语言: a day's pack, a parameter by name, the words, and the other language and back."""
    hand.seat(hand.desk.decided.auditor)
    hand.go("/desk/")
    hand.press("nav.ledger")
    hand.fill("packs.period", hand.bank.today.isoformat())
    assert hand.take("packs.take")[0].endswith(".zip")
    hand.press("nav.policy")
    hand.fill("policy.find", "authority.amounts")
    hand.press("filter")
    assert hand.page.locator("tbody tr").count() == 1
    hand.press("nav.help")
    hand.reads("help.glossary", "help.keys")
    hand.press("other_language")
    hand.misses("help.glossary")
