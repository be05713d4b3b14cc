"""A loan file from its submission to its end, what is reversed, handed over, laid beside it, pushed and told back."""

from service.firm_lists.standing import titled_list
from tests.service.desk.hands import Hand
from tests.service.desk.stories import story
from tests.service.jobs.spoiled import made_list
from tests.service.loan_files import cases
from tests.service.loan_files.people import done
from tests.service.loan_files.test_papers import PDF


@story
def submission(hand: Hand) -> None:
    """双人调查、审查: the authority is told, a slip is told, two officers submit, and the reviewer answers."""
    bank, day = hand.bank, hand.bank.today.isoformat()
    file, _ = hand.desk.assessed(f"submission-{hand.tag}")
    hand.seat(bank.lead)
    hand.go("/desk/?state=draft")
    hand.press(file[:8])
    hand.press("act.submission")
    hand.fill("amount", "200")
    hand.fill("term", "12")
    hand.press("standing.check")
    hand.reads(hand.say("level", level=1))
    hand.choose("field.second", hand.person(bank.second, "credit_officer"))
    hand.fill("field.visits", day)
    hand.fill("amount", "二百")
    hand.press("act.submission", refused=True)
    hand.sees_error()
    hand.fill("amount", "200")
    hand.press("act.submission")
    hand.reads(hand.say("recorded", what=hand.say("act.submission")))
    hand.seat(bank.reviewer)
    hand.go("/desk/?state=to_review")
    hand.press(file[:8])
    hand.press("act.review")
    hand.tick("outcome.agreed_with_conditions")
    hand.fill("field.opinion", "同意上报")
    hand.fill("condition.before_drawdown", "追加抵押")
    hand.press("act.review")
    assert bank.file(file)["state"] == "to_approve"


@story
def committee(hand: Hand) -> None:
    """贷审会: a finding is answered, members vote by name, the secretary writes the minutes, the head approves."""
    bank = hand.bank
    answer = bank.assess(cases.special_mention(), firm=f"row:committee-{hand.tag}")
    file = answer["record"]["loan_file"]["id"]
    done(bank.submit(answer, 200))
    done(bank.review(file, outcome="opposed"))
    for member in bank.members:
        hand.seat(member)
        hand.go(f"/desk/files/{file}")
        hand.press("act.votes")
        hand.fill("field.meeting", "2026-31")
        hand.tick("outcome.agree")
        hand.press("act.votes")
        hand.reads("votes.hidden" if member != bank.members[0] else "outcome.agree")
    hand.seat(bank.secretary)
    hand.go(f"/desk/files/{file}")
    hand.press("act.minutes")
    hand.fill("field.meeting", "2026-31")
    hand.fill("field.held_on", bank.today.isoformat())
    hand.choose("field.chair", hand.person(bank.chair, "committee_member"))
    hand.fill("amount", "200")
    hand.fill("term", "12")
    hand.press("act.minutes")
    assert bank.file(file)["state"] == "to_approve"
    hand.reads(bank.members[0], "outcome.passed")


@story
def drawdown(hand: Hand) -> None:
    """条件落实、放款审核、放款: done with a paper, confirmed by another, released, and paid out."""
    bank, day = hand.bank, hand.bank.today.isoformat()
    file = hand.desk.approved(
        f"drawdown-{hand.tag}", outcome="agreed_with_conditions", conditions=[{"text": "追加存单质押"}]
    )
    hand.seat(bank.lead)
    hand.go(f"/desk/files/{file}")
    hand.press("act.conditions_done")
    hand.fill("field.happened_on", day)
    hand.fill("condition.proof", "存单 1 号")
    hand.upload("field.file", "存单.pdf", PDF)
    hand.press("act.conditions_done")
    hand.seat(bank.second)
    hand.go(f"/desk/files/{file}")
    hand.press("act.conditions_confirmation")
    hand.fill("confirmation.proof", "已核原件")
    hand.press("act.conditions_confirmation")
    hand.seat(bank.desk)
    hand.go(f"/desk/files/{file}")
    hand.press("act.release")
    hand.fill("field.release", "200")
    hand.fill("contract", "HT-1")
    for n, _ in enumerate(bank.file(file)["standing"]):
        hand.fill("standing.day", day, nth=n)
        hand.fill("standing.paper", "卷宗第 7 页", nth=n)
    hand.fill("registration", f"Y{hand.seed}")
    hand.fill("registered_on", day)
    hand.fill(hand.words("secured") + hand.say("brackets", text=hand.words("unit.wan")), "200")
    hand.press("act.release")
    hand.seat(bank.lead)
    hand.go(f"/desk/files/{file}")
    hand.press("act.drawdowns")
    hand.fill("amount", "200")
    hand.fill("loan_no", f"JJ-{hand.seed}")
    hand.fill("drawn_on", day)
    hand.fill("repay_on", day.replace("2026", "2027"))
    hand.press("act.drawdowns")
    assert bank.file(file)["state"] == "drawn"


@story
def after(hand: Hand) -> None:
    """贷后: a warning is raised and settled, a check is reported, and the loan is closed."""
    bank, day = hand.bank, hand.bank.today.isoformat()
    file = hand.desk.drawn(f"after-{hand.tag}")
    hand.seat(bank.risk)
    hand.go(f"/desk/files/{file}")
    hand.press("act.warnings")
    told = f"年费将到期 {hand.seed}"
    hand.fill("field.code", told)
    hand.tick("level.middle")
    hand.fill("col.due", day.replace("11-20", "12-01"))
    hand.choose("task.owner", hand.person(bank.lead, "credit_officer"))
    hand.fill("field.note", "持续关注")
    hand.press("act.warnings")
    hand.seat(bank.lead)
    hand.go("/desk/?state=warnings")
    hand.press("基准企业", beside=told)
    hand.press("act.warnings_closing", beside=told)
    hand.fill("field.note", "年费已缴")
    hand.press("act.warnings_closing")
    hand.press("act.tasks_done", beside="task.first_check")
    hand.fill("field.happened_on", day)
    hand.fill("field.found", "按约定用途使用")
    hand.press("act.tasks_done")
    hand.press("act.closure")
    hand.fill("field.closed_on", day)
    hand.choose("field.ended", "outcome.repaid")
    hand.fill("field.loss", "0")
    hand.press("act.closure")
    assert bank.file(file)["state"] == "closed"


@story
def returned(hand: Hand) -> None:
    """退回补件、重新测算、撤回: the reviewer says what is missing, it is assessed anew, and the applicant withdraws."""
    bank, file = hand.bank, hand.desk.submitted(f"returned-{hand.tag}")
    hand.seat(bank.reviewer)
    hand.go(f"/desk/files/{file}")
    hand.press("act.return")
    hand.choose("reason_code", hand.of_policy("loan_file.reasons", "papers_missing"))
    hand.fill("field.reason", "缺购销合同")
    hand.fill("field.wanted", "购销合同")
    hand.press("act.return")
    hand.reads("购销合同")
    hand.seat(bank.lead)
    hand.go(f"/desk/files/{file}")
    hand.reads("购销合同", "wanted.missing")
    hand.press("act.reassessment")
    hand.press("new.ask")
    hand.reads(hand.say("recorded", what=hand.say("act.reassessment")))
    hand.press("act.withdrawal")
    hand.tick("by.applicant")
    hand.choose("reason_code", hand.of_policy("loan_file.reasons", "papers_missing"))
    hand.press("act.withdrawal")
    assert bank.file(file)["state"] == "withdrawn"


@story
def reversal(hand: Hand) -> None:
    """冲正: another person with the authority reverses a payment; both lines stay, with what is right."""
    bank, file = hand.bank, hand.desk.drawn(f"reversal-{hand.tag}")
    hand.seat(bank.first)
    hand.go(f"/desk/files/{file}")
    hand.press("act.corrections")
    hand.reads(hand.person(bank.lead, "credit_officer"), hand.say("wan", amount="200.00"))
    hand.fill("field.reason", "金额误录")
    hand.fill("amount", "一百八")
    hand.press("act.corrections", refused=True)
    hand.sees_error()
    hand.fill("amount", "180")
    hand.press("act.corrections")
    assert bank.file(file)["state"] == "to_draw"
    hand.reads("金额误录", "180.00")


@story
def hand_over(hand: Hand) -> None:
    """移交: from whom and to whom by name, which files, and why."""
    bank, file = hand.bank, hand.desk.submitted(f"hand-over-{hand.tag}")
    hand.seat(bank.risk)
    hand.go("/desk/")
    hand.press("hand_over")
    hand.choose("hand_over.from", hand.person(bank.lead, "credit_officer"))
    hand.choose("hand_over.to", hand.person(bank.third, "credit_officer"))
    hand.fill("hand_over.reason", "客户经理调岗")
    hand.fill("hand_over.files", file)
    hand.press("hand_over")
    hand.reads(hand.say("hand_over.moved", count=1))
    assert bank.file(file)["lead"] == bank.third


@story
def papers(hand: Hand) -> None:
    """附件、留言: what is no paper is refused, one is kept and fetched again, and something is said of it."""
    bank, (file, _) = hand.bank, hand.desk.assessed(f"papers-{hand.tag}")
    hand.seat(bank.lead)
    hand.go(f"/desk/files/{file}")
    hand.press("act.documents")
    for name, content in (("合同.html", b"<script>alert(1)</script>"), ("合同.pdf", PDF)):
        hand.fill("field.what", "购销合同")
        hand.upload("field.file", name, content)
        hand.choose("audience", "audience.fund")
        hand.press("act.documents", refused=name != "合同.pdf")
    assert hand.take("合同.pdf") == ("合同.pdf", PDF)
    hand.fill("comments.add", "合同已核 <b>=1+1</b>")
    hand.press("comments.send")
    hand.reads("合同已核 <b>=1+1</b>")


@story
def whitelist(hand: Hand) -> None:
    """名单筛查、推送、对接反馈: firms are screened, a list is pushed, and what became of one firm is told."""
    bank = hand.bank
    made = made_list(12, patents=3, first=1, rated=True)
    hand.seat(bank.lead)
    hand.go("/desk/batch")
    hand.upload("new.upload", f"名单-{hand.tag}.zip", made.content)
    hand.choose("batch.kind", "batch.kind.whitelist")
    hand.press("batch.check")
    hand.waits()
    hand.reads("lists.likeness")
    hand.press("nav.lists")
    _, zh, en = titled_list(hand.bank.state.assessor.policy, "coordination")
    hand.choose("lists.name", zh if hand.language == "zh" else en)
    hand.fill("lists.edition", f"2026年11月 {hand.tag}")
    hand.press("lists.push")
    on = hand.page.locator("tr:has(.tag.ok) td.name a").first.inner_text()
    hand.choose("col.firm", on)
    hand.choose("lists.told", hand.named("push_outcome", "refused"))
    hand.press("lists.tell.send", refused=True)
    hand.choose("lists.reason_code", hand.named("push_reason", "pledge"))
    hand.fill("lists.reason", "仅两件专利")
    hand.press("lists.tell.send")
    hand.reads("lists.recorded", hand.named("push_reason", "pledge"), "仅两件专利")
