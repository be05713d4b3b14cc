"""From signing in to an answer: an invitation, an assessment typed or sent, batches, trials, peers."""

from models.words.faults import place_said
from service.access.accounts import Account
from service.access.roles import Place
from tests.models.underwriting.whole_case import whole
from tests.service.desk.browsing import PASSWORD, SeatedPerson
from tests.service.desk.hands import Hand
from tests.service.desk.stories import story
from tests.service.desk.test_asking import filled
from tests.service.hands import hired
from tests.service.jobs.spoiled import made_list
from tests.service.loan_case import question_of


@story
def opinion(hand: Hand) -> None:
    """From the code of an invitation to a signed approval, out, and in again by password and code."""
    bank, name = hand.bank, f"wang-{hand.tag}"
    code = hired(bank.state, Account(name, name, "approver", Place(bank.bank, "b1"), 1)).code
    file = hand.desk.to_approve(f"opinion-{hand.tag}")
    hand.go("/desk/sign-in")
    hand.press("invitation.have")
    for told in ("AAAA-AAAA", str(code)):
        hand.fill("sign_in.name", name)
        hand.fill("invitation.code", told)
        hand.press("invitation.open", refused=told != code)
    person = SeatedPerson(name, hand.page.inner_text("p.code"))
    for password in ("short", PASSWORD):
        hand.fill("invitation.password", password)
        hand.fill("sign_in.code", person.code(bank.now[0]))
        hand.press("invitation.set", refused=password != PASSWORD)
    hand.press("nav.inbox")
    hand.press(file[:8])
    hand.press("act.approval")
    hand.tick("outcome.approved")
    assert hand.page.input_value("#f-amount") == "200.00"
    hand.press("act.approval")
    hand.reads(hand.say("recorded", what=hand.say("act.approval")))
    assert bank.file(file)["state"] == "to_draw"
    hand.press("sign_out")
    hand.go(f"/desk/files/{file}", refused=True)
    hand.reads("sign_in.ended")
    hand.fill("sign_in.name", name)
    hand.fill("sign_in.password", PASSWORD)
    hand.fill("sign_in.code", person.code(bank.now[0]))
    hand.press("sign_in")
    assert hand.at(f"/desk/files/{file}")


@story
def typed(hand: Hand) -> None:
    """An applicant typed: a slip is told, a record added, the draft is found again, and it is answered."""
    hand.seat(hand.bank.lead)
    hand.go("/desk/")
    hand.press("nav.new")
    hand.fill("new.firm", f"row:typed-{hand.tag}")
    hand.tick("new.empty")
    hand.press("new.begin")
    draft = hand.page.url.removeprefix(hand.desk.origin).partition("?")[0]
    hand.fill(hand.column("applications", "application"), "A-9")
    hand.fill(hand.column("applications", "applied_on"), "20261399")
    hand.fill(hand.column("applications", "amount"), "300")
    hand.press("new.ask", refused=True)
    hand.sees_error()
    hand.press("nav.inbox")
    hand.press("draft")
    hand.press(f"row:typed-{hand.tag}")
    assert hand.at(draft)
    hand.fill(hand.column("applications", "applied_on"), "2026-11-16")
    books = hand.named("table", "statements")
    hand.press(hand.say("intake.add", what=books[:1].upper() + books[1:]))
    hand.press("draft.save")
    hand.press("new.ask")
    assert hand.at("/desk/assessments/")
    hand.reads("section.weighs")


@story
def workbook(hand: Hand) -> None:
    """A workbook with a wrong cell is told by cell and comes back marked; a right one leads to its answer."""
    question = question_of(whole(), f"row:workbook-{hand.tag}", case="book-1")
    right = filled(hand.bank, question)
    question["rows"]["firms"][0]["staff"] = -5
    hand.seat(hand.bank.lead)
    hand.go("/desk/new")
    name, template = hand.take("new.template")
    assert (name[-5:], template[:2]) == (".xlsx", b"PK")
    hand.upload("new.upload", "申请.xlsx", filled(hand.bank, question))
    hand.press("new.ask", refused=True)
    hand.sees_error()
    name, marked = hand.take("new.marked")
    assert (name[-5:], marked[:2]) == (".xlsx", b"PK")
    hand.upload("new.upload", "申请.xlsx", right)
    hand.press("new.ask")
    assert hand.at("/desk/assessments/")


@story
def batch(hand: Hand) -> None:
    """A list: its wrong cells are told, the right rows are assessed on request, and what came is taken away."""
    made = made_list(4, 1, patents=1, first=hand.seed)
    hand.seat(hand.bank.lead)
    hand.go("/desk/")
    hand.press("nav.batch")
    hand.upload("new.upload", "名单.zip", made.content)
    hand.press("batch.check")
    hand.reads(place_said(made.wrong[4], hand.language))
    hand.press(hand.say("batch.start", count=3))
    hand.waits()
    assert hand.page.locator("table.list tbody tr").count() == 4
    hand.choose("batch.state", hand.named("row_state", "done"))
    hand.press("filter")
    assert hand.page.locator("table.list tbody tr").count() == 3
    assert hand.take("take.csv")[0].endswith(".csv")
    assert hand.take("take.xlsx")[1].startswith(b"PK")


@story
def trial(hand: Hand) -> None:
    """试算 from the answer: a slip is told at its field, then a larger amount, before and after, and it is counted."""
    _, answer = hand.desk.assessed(f"trial-{hand.tag}")
    hand.seat(hand.bank.lead)
    hand.go(f"/desk/assessments/{answer}")
    hand.press("trial.open")
    hand.fill(hand.column("applications", "amount"), "much")
    hand.press("trial.try", refused=True)
    hand.sees_error()
    hand.fill(hand.column("applications", "amount"), "500")
    hand.press("trial.try")
    hand.reads(hand.named("trial", "says"), "+200.00", "trial.outcome")
    hand.press("trial.back")
    hand.reads("300.00 → 500.00")


@story
def peers(hand: Hand) -> None:
    """与同业对比: from the answer to each group of training cases that there are enough of."""
    _, answer = hand.desk.assessed(f"peers-{hand.tag}")
    hand.seat(hand.bank.lead)
    hand.go(f"/desk/assessments/{answer}")
    hand.press("peers.open")
    hand.press("peers.all")
    hand.reads("base", "score")
