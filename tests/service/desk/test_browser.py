"""The desk in a real browser: stories by mouse, by keys alone and without scripts; axe on every page."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from shutil import copyfile
from typing import Any

import orjson
import pytest
from fastapi.testclient import TestClient

from features.policy import shipped
from features.vocabulary import VOCABULARY
from models.words.faults import place_said
from service.access.accounts import Account
from service.access.roles import Place
from service.decisions.erasure import ask, confirm
from service.edge.settings import Settings
from service.web.app import create_app
from tests.models.underwriting.whole_case import whole
from tests.service.access.conftest import ORIGIN
from tests.service.conftest import NOON
from tests.service.desk.browsing import CHROMIUM, PASSWORD, SeatedPerson, Watched, served
from tests.service.desk.reading import leading_nowhere
from tests.service.desk.test_intake import OFFICER, as_typed, begin
from tests.service.hands import hired
from tests.service.jobs.spoiled import MadeList, made_list
from tests.service.loan_files import cases
from tests.service.loan_files.people import Body, People, done
from tests.service.made import applicant
from tests.service.test_erasing import person

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium: apt-get install chromium fonts-noto-cjk"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # of uvicorn and playwright, not ours
]
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
REFUSED = tuple(f"status of {status}" for status in (401, 403, 404, 409, 410, 422))
MOST_KEYS = 45


class AtDesk:
    """The bank, where its desk is served, and a browser."""

    def __init__(self, bank: People, origin: str, browser: Any) -> None:
        self.bank, self.origin, self.browser = bank, origin, browser
        self.files: dict[str, str] = {}
        self.answers: dict[str, Body] = {}
        self.draft = ""
        self.trial = ""
        self.jobs: dict[str, str] = {}

    def tab(self, name: str = "", language: str = "zh", size: tuple[int, int] = (1366, 768), **more: Any) -> Watched:
        """A new tab; signed in as `name` by a session, where one is named."""
        context = self.browser.new_context(viewport={"width": size[0], "height": size[1]}, **more)
        host = {"domain": "127.0.0.1"}
        cookies = [{"name": "pledgescore-language", "value": language, "path": "/desk", **host}]
        if name:
            identity = self.bank.state.sessions.begin(name, self.bank.now[0])
            cookies.append({"name": "__Host-pledgescore", "value": identity, "path": "/", "secure": True, **host})
        context.add_cookies(cookies)
        return Watched.of(context.new_page(), self.origin)

    def to_approve(self, firm: str) -> str:
        """A file that waits for an approver of the lowest level."""
        answer = self.bank.assess(whole(), firm=firm)
        done(self.bank.submit(answer, 200))
        file: str = answer["record"]["loan_file"]["id"]
        done(self.bank.review(file))
        return file


@pytest.fixture(scope="module")
def at_desk(
    tmp_path_factory: pytest.TempPathFactory, prepared: Path, desk_bundle: Path, list_bundle: Path
) -> Iterator[AtDesk]:
    """One service and one browser for all stories; files in every state."""
    from playwright.sync_api import sync_playwright

    place = tmp_path_factory.mktemp("browser") / "ledger.db"
    copyfile(prepared, place)
    settings = Settings(
        database=f"sqlite:///{place}",
        bundles=(desk_bundle, list_bundle),
        per_client=1e6,
        per_stranger=1e6,
        sessions=1000,
    )
    now = [NOON - timedelta(minutes=5)]
    app = create_app(settings, lambda: now[0])
    with TestClient(app, base_url=ORIGIN, raise_server_exceptions=False) as client, served(app) as origin:
        bank = People(client, now)
        with sync_playwright() as playwright:
            arguments = ["--no-sandbox", "--disable-gpu"]
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
            found = AtDesk(bank, origin, browser)
            _fill(found)
            yield found
            browser.close()


def _fill(desk: AtDesk) -> None:
    bank = desk.bank
    given = {"draft": whole(), "refer": cases.special_mention(), "against": cases.non_performing(),
             "committee": cases.without_sales(), "drawn": whole(), "fulfil": whole()}  # fmt: skip
    for name, rows in given.items():
        desk.answers[name] = bank.assess(rows, firm=f"row:{name}")
        desk.files[name] = desk.answers[name]["record"]["loan_file"]["id"]
    for name, made in (("many", applicant(8, patents=300)), ("erased", applicant(9, patents=1, application=None))):
        desk.answers[name] = bank.client.post("/v1/assessments", json=made, headers=bank.as_(bank.lead)).json()
    _erase(bank, desk.answers["erased"]["case"]["firm"])
    tried = {"rows": {"applications": [{"amount": 5 * 10**8, "term_months": 24}]}}
    told = bank.client.post(
        f"/v1/assessments/{desk.answers['draft']['id']}/trials", json=tried, headers=bank.as_(bank.lead)
    )
    desk.trial = f"?trial={told.json()['entry']}"
    desk.draft = begin(bank, firm="row:draft", empty="")
    done(bank.submit(desk.answers["refer"], 200))
    desk.files["approve"] = desk.to_approve("row:axe")
    done(bank.submit(desk.answers["fulfil"], 200))
    done(bank.review(desk.files["fulfil"], outcome="agreed_with_conditions", conditions=[{"text": "追加抵押"}]))
    done(bank.approve(desk.files["fulfil"], bank.first, 200))
    done(bank.submit(desk.answers["drawn"], 200))
    done(bank.review(desk.files["drawn"]))
    done(bank.approve(desk.files["drawn"], bank.first, 200))
    desk.files["to_draw"] = desk.files["drawn"]
    for name, made in (("over", made_list(2, first=300)), ("checked", made_list(4, 2, first=400))):
        told = bank.client.post(f"/v1/jobs?name={name}", content=made.content, headers=bank.as_(bank.lead))
        desk.jobs[name] = told.json()["id"]


def _erase(bank: People, firm: str) -> None:
    """Two people erase what is held about a firm, years later: until then it must be kept."""
    later = NOON.date() + timedelta(days=3660)
    asked = ask(bank.state.engine, firm, "person_asked", person("王芳", today=later), shipped())
    confirm(bank.state.engine, asked.id, person("李明", today=later), shipped())


@pytest.mark.parametrize("language", ["zh", "en"])
def test_signing_in_and_an_opinion_by_mouse(at_desk: AtDesk, language: str) -> None:
    """By the code of an invitation to password and authenticator, then to a signed approval, out and in again."""
    desk, bank = at_desk, at_desk.bank
    name = f"wang-{language}"
    done_by_two = hired(bank.state, Account(name, name, "approver", Place(bank.bank, "b1"), 1))
    file = desk.to_approve(f"row:mouse-{language}")
    tab = desk.tab(language=language)
    page = tab.page
    page.goto(f"{desk.origin}/desk/invitation")
    for code in ("AAAA-AAAA", str(done_by_two.code)):
        page.fill("#name", name)
        page.fill("#invitation", code)
        page.click("form[action='/desk/invitation'] button")
        assert page.locator("[role=alert]").is_visible() == (code == "AAAA-AAAA")
    person = SeatedPerson(name, page.inner_text("p.code"))
    for password in ("short", PASSWORD):
        page.fill("#password", password)
        page.fill("#authenticator", person.code(bank.now[0]))
        page.click("form[action='/desk/invitation'] button")
        assert page.locator("[role=alert]").is_visible() == (password == "short")
        person.used.clear()
    page.goto(f"{desk.origin}/desk/files/{file}")
    assert page.url == f"{desk.origin}/desk/files/{file}"
    page.click("[data-key=a]")
    assert page.locator("#f-amount").is_hidden()
    page.check("input[name=outcome][value=approved]")
    assert page.input_value("#f-amount") == "200.00"
    assert "2,000,000" in page.inner_text("#y-amount")
    page.click("button.first")
    assert page.locator("[role=status]").is_visible()
    assert bank.file(file)["state"] == "to_draw"
    page.click("form[action='/desk/sign-out'] button")
    page.goto(f"{desk.origin}/desk/files/{file}")
    assert page.locator("#password").is_visible()
    tab.quiet(*REFUSED)


def test_an_opinion_by_keys_alone(at_desk: AtDesk) -> None:
    """From the inbox: choose, open, act, choose the outcome, sign; in at most forty-five keys."""
    desk, bank = at_desk, at_desk.bank
    bank.now[0] += timedelta(seconds=1)
    file = desk.to_approve("row:keys")
    tab = desk.tab(bank.first)
    page = tab.page
    page.goto(f"{desk.origin}/desk/")
    pressed = 0

    def press(key: str) -> None:
        nonlocal pressed
        page.keyboard.press(key)
        pressed += 1

    while file not in (
        page.locator("tr.chosen a").first.get_attribute("href") if page.locator("tr.chosen").count() else ""
    ):
        press("j")
    with page.expect_navigation():
        press("Enter")
    with page.expect_navigation():
        press("a")
    while page.evaluate("document.activeElement.name || ''") != "outcome":
        press("Tab")
    press("Space")
    while page.evaluate("document.activeElement.className") != "first":
        press("Tab")
    with page.expect_navigation():
        press("Enter")
    assert bank.file(file)["state"] == "to_draw"
    assert pressed <= MOST_KEYS, pressed
    tab.quiet()


def test_the_story_without_scripts(at_desk: AtDesk) -> None:
    """Two officers' submission, a wrong form, the reviewer's opinion: all of it works with scripts off."""
    desk, bank = at_desk, at_desk.bank
    answer = bank.assess(whole(), firm="row:plain")
    file = answer["record"]["loan_file"]["id"]
    tab = desk.tab(bank.lead, java_script_enabled=False)
    page = tab.page
    page.goto(f"{desk.origin}/desk/files/{file}/submission")
    page.fill("#f-amount", "200")
    page.click("button[name=check]")
    assert "1 级权限" in page.inner_text("#standing")
    page.select_option("#f-second", bank.second)
    page.fill("#f-amount", "二百")
    page.click("button.first:not(.small)")
    assert page.title().startswith("错误")
    page.fill("#f-amount", "200")
    page.click("button.first:not(.small)")
    assert page.locator("[role=status]").is_visible()
    reviewer = desk.tab(bank.reviewer, java_script_enabled=False).page
    reviewer.goto(f"{desk.origin}/desk/?state=to_review")
    reviewer.click(f"a[href='/desk/files/{file}']")
    reviewer.click("[data-key=a]")
    reviewer.check("input[value=agreed]")
    reviewer.fill("#f-opinion", "同意上报")
    reviewer.click("button.first")
    assert bank.file(file)["state"] == "to_approve"
    tab.quiet(*REFUSED)


def test_an_assessment_is_typed_by_keys_alone(at_desk: AtDesk) -> None:
    """From the list of parts to the answer: a slip is told at its field while one types, and the draft is saved."""
    desk = at_desk
    tab = desk.tab(desk.bank.lead)
    page = tab.page
    page.goto(f"{desk.origin}/desk/")
    page.keyboard.press("g")
    with page.expect_navigation():
        page.keyboard.press("n")
    page.focus("#f-firm")
    page.keyboard.type("91350100M000100Y43")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    while page.evaluate("document.activeElement.name || ''") != "application":
        page.keyboard.press("Tab")
    page.keyboard.type("A-9")
    while page.evaluate("document.activeElement.name || ''") != "applications.0.applied_on":
        page.keyboard.press("Tab")
    page.keyboard.type("20261399")
    page.wait_for_selector("[data-live='applications.0.applied_on']")
    assert page.inner_text("[data-note]").startswith("草稿已保存")
    page.keyboard.press("Control+A")
    page.keyboard.type("20261116")
    page.wait_for_selector("[data-live='applications.0.applied_on']", state="detached")
    page.keyboard.press("Tab")
    page.keyboard.type("300")
    while page.evaluate("document.activeElement.value || ''") != "ask":
        page.keyboard.press("Tab")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert "/desk/assessments/" in page.url
    tab.quiet()


def test_an_assessment_is_typed_without_scripts(at_desk: AtDesk) -> None:
    """The officer's question by mouse: records added, a wrong field told, the draft found again, then the answer."""
    desk = at_desk
    body = orjson.loads(OFFICER.read_bytes())
    tab = desk.tab(desk.bank.lead, "en", java_script_enabled=False)
    page = tab.page
    page.goto(f"{desk.origin}/desk/new")
    page.fill("#f-firm", body["firm"])
    page.check("#f-empty")
    page.click("button[data-key=a]")
    address = page.url.partition("?")[0]
    fields = as_typed(body)
    page.click("button[value='add:titles']")
    page.click("button[value='add:evidence']")
    _type(page, {name: text for name, text in fields.items() if name.startswith(("firms", "titles", "statements"))})
    page.fill("[name='statements.0.revenue']", "fifty")
    page.click("button.first")
    assert page.title().startswith("Error")
    page.goto(f"{desk.origin}/desk/?state=drafts")
    page.click(f"a[href='{address.removeprefix(desk.origin)}']")
    assert page.input_value("[name='statements.0.revenue']") == "fifty"
    _type(page, fields)
    page.click("button.first")
    assert "/desk/assessments/" in page.url
    tab.quiet(*REFUSED)


def _type(page: Any, fields: dict[str, Any]) -> None:
    """Fill the fields that the page has; what lies in a fold is opened first."""
    while fold := page.query_selector("details:not([open]) > summary:visible"):
        fold.click()
    for name, text in fields.items():
        found = page.query_selector(f"[name='{name}']")
        if name == "record" or found is None:
            continue
        if found.get_attribute("type") == "checkbox":
            found.check()
        elif found.evaluate("field => field.tagName") == "SELECT":
            values = [one.get_attribute("value") for one in found.query_selector_all("option")]
            found.select_option(text if text in values else coded_choice(name, text))
        else:
            found.fill(text)


def coded_choice(name: str, text: str) -> str:
    """The code of a word that the officer's question writes in Chinese."""
    table, _, column = name.split(".")[:3]
    if column == "fact":
        fact, _, answer = text.partition("=")
        return f"{fact}={VOCABULARY.answers(fact).code(answer)}"
    of = ("patent_events", "extract_status") if column == "status" and table == "extract" else (table, column)
    return VOCABULARY.choice(*of).code(text) or text


def _send(page: Any, made: MadeList) -> None:
    file = {"name": "名单.zip", "mimeType": "application/zip", "buffer": made.content}
    page.set_input_files("#f-workbook", file)


def test_a_batch_by_keys_and_its_progress_by_itself(at_desk: AtDesk) -> None:
    """Sent by keys alone; the page follows the job until it is over without being asked."""
    tab = at_desk.tab(at_desk.bank.lead)
    page = tab.page
    page.goto(f"{at_desk.origin}/desk/batch")
    _send(page, made_list(2, first=500))
    page.focus("#f-workbook")
    while page.evaluate("document.activeElement.className") != "first":
        page.keyboard.press("Tab")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.wait_for_selector("table.list tbody tr td a[href*='/desk/assessments/']")
    tab.quiet()


def test_a_batch_without_scripts(at_desk: AtDesk) -> None:
    """Wrong cells, the right rows confirmed, then a plain refresh until it is over."""
    tab = at_desk.tab(at_desk.bank.lead, "en", java_script_enabled=False)
    page, made = tab.page, made_list(4, 1, first=600)
    page.goto(f"{at_desk.origin}/desk/batch")
    _send(page, made)
    page.click("button.first")
    assert place_said(made.wrong[4], "en") in page.inner_text("#main")
    page.click("button.first:not(.small)")
    for _ in range(200):
        if "Done" in page.inner_text("#progress"):
            break
        page.click("#progress a.button")
    assert page.locator("table.list tbody tr").count() == 4
    tab.quiet()


@pytest.mark.parametrize(("language", "scripts"), [("zh", True), ("en", False)])
def test_a_trial_by_keys_alone(at_desk: AtDesk, language: str, scripts: bool) -> None:
    """From the answer: a slip is told at its field, then a larger amount, before and after, and it is counted."""
    desk = at_desk
    answer = desk.bank.assess(whole(), firm=f"row:tried-{language}")["id"]
    tab = desk.tab(desk.bank.lead, language, java_script_enabled=scripts)
    page = tab.page
    page.goto(f"{desk.origin}/desk/assessments/{answer}")

    def to(place: str) -> None:
        while not page.evaluate("place => document.activeElement.matches(place)", place):
            page.keyboard.press("Tab")

    def send(text: str) -> None:
        to("[name$='.amount']")
        page.keyboard.press("Control+A")
        page.keyboard.type(text)
        with page.expect_navigation():
            page.keyboard.press("Enter")

    to("a[href$='/what-if']")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    send("much")
    assert page.title().startswith("错误" if language == "zh" else "Error")
    assert page.locator("[id='e-applications.0.amount']").is_visible()
    send("500")
    assert "?trial=" in page.url
    assert "+200.00" in page.inner_text("#outcome")
    assert page.locator(".ribbon.trial").is_visible()
    page.emulate_media(media="print")
    assert page.locator(".ribbon.trial").is_visible()
    assert page.locator("#trial").is_hidden()
    page.emulate_media(media="screen")
    page.goto(f"{desk.origin}/desk/assessments/{answer}")
    assert "300.00 → 500.00" in page.inner_text("#trials")
    tab.quiet(*REFUSED)


def test_a_list_from_its_screening_to_the_feedback(at_desk: AtDesk) -> None:
    """名单筛查, 推送, 对接反馈: firms are screened, a list is pushed of those that its gates admit, one is told of."""
    bank = at_desk.bank
    tab = at_desk.tab(bank.lead)
    page = tab.page
    page.goto(f"{at_desk.origin}/desk/batch")
    _send(page, made_list(12, patents=3, rated=True))
    page.select_option("#f-kind", "whitelist")
    page.click("button.first")
    page.wait_for_selector("table.list tbody tr td a[href*='/desk/assessments/']")
    assert "准入相似度" in page.inner_text("#main")
    page.click(".nav a[href='/desk/lists']")
    page.select_option("#f-list", "coordination")
    page.fill("#f-edition", "2026年11月")
    page.click("form[action='/desk/lists'] button.first")
    assert "知识产权" in page.inner_text(".facts") or "协调机制" in page.inner_text(".facts")
    on = page.locator("tr:has(.tag.ok) td.name a").first.inner_text()
    assert page.locator("tr:has(.tag:not(.ok)) td.name").count()
    page.select_option("#f-assessment", label=on)
    page.select_option("#f-outcome", "refused")
    page.click("form[action$='/feedback'] button.first")
    assert "须填写原因" in page.inner_text("[role=alert]")
    page.select_option("#f-reason_code", "pledge")
    page.fill("#f-reason", "仅两件专利")
    page.click("form[action$='/feedback'] button.first")
    assert page.locator("[role=status]").is_visible()
    row = page.locator("tr", has_text=on).first.inner_text()
    assert "未予授信：质押物不足" in row
    assert "仅两件专利" in row
    assert "（客户经理）" in row
    tab.quiet(*REFUSED)


def test_files_are_handed_over_by_keys_alone(at_desk: AtDesk) -> None:
    """移交: from the inbox to the form; from whom and to whom are chosen by name, and why is told."""
    bank = at_desk.bank
    answer = bank.assess(whole(), firm="row:handed")
    file: str = answer["record"]["loan_file"]["id"]
    done(bank.submit(answer, 200))
    tab = at_desk.tab(bank.risk)
    page = tab.page
    page.goto(f"{at_desk.origin}/desk/")

    def to(place: str) -> None:
        while not page.evaluate("place => document.activeElement.matches(place)", place):
            page.keyboard.press("Tab")

    def choose(place: str, account: str) -> None:
        to(place)
        while page.input_value(place) != account:
            page.keyboard.press("ArrowDown")

    to("a[href='/desk/hand-over']")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    choose("#f-from", bank.lead)
    choose("#f-to", bank.third)
    to("#f-reason")
    page.keyboard.type("客户经理调岗")
    to("#f-files")
    page.keyboard.type(file)
    to("button.first")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert "已移交 1 笔业务" in page.inner_text("[role=status]")
    assert bank.file(file)["lead"] == bank.third
    page.goto(f"{at_desk.origin}/desk/files/{file}")
    assert f"{bank.lead}（客户经理） → {bank.third}（客户经理）" in page.inner_text("#main")
    tab.quiet()


def test_a_payment_is_reversed_without_scripts(at_desk: AtDesk) -> None:
    """冲正: another person with the authority reverses a payment; what was recorded stays, with what is right."""
    bank = at_desk.bank
    file = at_desk.to_approve("row:reversed")
    done(bank.approve(file, bank.first, 200))
    pledge = {"registration": "Y2026980099001", "registered_on": bank.today.isoformat(), "amount": 2 * 10**8}
    done(bank.release(file, 200, pledges=[pledge]))
    done(bank.pay(file, 200, loan="JJ-reversed"))
    tab = at_desk.tab(bank.first, java_script_enabled=False)
    page = tab.page
    page.goto(f"{at_desk.origin}/desk/files/{file}")
    page.click(f"a[href='/desk/files/{file}/corrections']")
    assert "200.00 万元" in page.inner_text("#f-entry")
    assert f"{bank.lead}（客户经理）" in page.inner_text("#f-entry")
    page.fill("#f-reason", "金额误录")
    page.fill("#f-right_amount", "一百八")
    page.click("button.first")
    assert page.title().startswith("错误")
    page.fill("#f-right_amount", "180")
    page.click("button.first")
    assert page.locator("[role=status]").is_visible()
    assert bank.file(file)["state"] == "to_draw"
    shown = page.inner_text("#main")
    assert "正确内容：金额 180.00 万元" in shown
    assert "金额误录" in shown
    tab.quiet(*REFUSED)


def _pages(desk: AtDesk) -> list[tuple[str, str]]:
    """Every page and state, with who looks at it."""
    bank, files, answers = desk.bank, desk.files, desk.answers
    auditor = bank.account("auditor", Place(bank.bank), name="auditor-desk")
    return [
        ("", "/desk/sign-in"),
        (bank.lead, "/desk/"),
        (bank.lead, "/desk/?state=warnings"),
        (bank.desk, "/desk/?state=to_committee&advice=refer"),
        (bank.lead, "/desk/files?q=row"),
        (bank.lead, "/desk/files?q=nobody"),
        (bank.lead, "/desk/help"),
        (bank.lead, "/desk/new"),
        (bank.lead, desk.draft),
        (bank.lead, "/desk/?state=drafts"),
        (bank.lead, "/desk/batch"),
        (bank.lead, "/desk/lists"),
        (bank.lead, f"/desk/jobs/{desk.jobs['over']}"),
        (bank.lead, f"/desk/jobs/{desk.jobs['checked']}"),
        (bank.lead, "/desk/models"),
        (bank.lead, "/desk/policy?q=authority"),
        (bank.lead, "/desk/ledger"),
        (auditor, "/desk/users"),
        (auditor, "/desk/audit-log"),
        *((bank.lead, f"/desk/assessments/{answers[one]['id']}") for one in ("refer", "against", "drawn")),
        (auditor, f"/desk/assessments/{answers['refer']['id']}"),
        *((bank.lead, f"/desk/assessments/{answers['draft']['id']}/peers?against={one}") for one in ("all", "sector")),
        (bank.lead, f"/desk/assessments/{answers['many']['id']}"),
        (bank.lead, f"/desk/assessments/{answers['erased']['id']}"),
        (bank.lead, f"/v1/assessments/{answers['draft']['id']}/report?form=html&part=full&words=zh"),
        *((bank.lead, f"/desk/assessments/{answers['draft']['id']}/what-if{made}") for made in ("", desk.trial)),
        *((bank.lead, f"/desk/files/{files[one]}") for one in ("draft", "fulfil", "drawn")),
        (bank.lead, f"/desk/files/{files['draft']}/submission"),
        (bank.reviewer, f"/desk/files/{files['refer']}/review"),
        (bank.reviewer, f"/desk/files/{files['refer']}/return"),
        (bank.members[0], f"/desk/files/{files['committee']}/votes"),
        (bank.secretary, f"/desk/files/{files['committee']}/minutes"),
        (bank.first, f"/desk/files/{files['approve']}/approval"),
        (bank.lead, f"/desk/files/{files['fulfil']}/conditions/1/done"),
        (bank.second, f"/desk/files/{files['fulfil']}/conditions/1/confirmation"),
        (bank.desk, f"/desk/files/{files['to_draw']}/release"),
        (bank.lead, f"/desk/files/{files['to_draw']}/drawdowns"),
        (bank.risk, f"/desk/files/{files['drawn']}/warnings"),
        (bank.lead, f"/desk/files/{files['drawn']}/tasks/1/done"),
        (bank.risk, "/desk/hand-over"),
        (bank.first, f"/desk/files/{files['drawn']}/corrections"),
        (bank.lead, f"/desk/files/{files['draft']}/documents"),
        (bank.lead, "/desk/files/nothing"),
        (auditor, f"/desk/files/{files['draft']}/submission"),
    ]


COVERED = """() => {
  const end = Math.max(0, ...[...document.querySelectorAll(".nav a")].map(link => link.getBoundingClientRect().right));
  const find = document.querySelector(".find");
  return find !== null && find.getBoundingClientRect().left < end;
}"""
"""Whether the search lies over the parts of the desk."""


def test_axe_finds_nothing_on_any_page(at_desk: AtDesk) -> None:
    """WCAG 2.1 A and AA on every page and state; no console line, no other host, no page wider than the window.

    Nothing in the bar above it covers another thing.
    """
    from axe_playwright_python.sync_playwright import Axe

    axe, found = Axe(), []
    tabs: dict[tuple[str, str], Watched] = {}
    for place, (name, path) in enumerate(_pages(at_desk)):
        looks = name, "en" if place % 2 else "zh"
        if looks not in tabs:
            tabs[looks] = at_desk.tab(*looks, (1093, 614))
        tab = tabs[looks]
        tab.page.goto(at_desk.origin + path)
        told = axe.run(tab.page, options={"runOnly": {"type": "tag", "values": TAGS}}).response
        found += [
            (path, one["id"], one["nodes"][0]["html"][:200], one["nodes"][0]["failureSummary"][:300])
            for one in told["violations"]
        ]
        assert not tab.page.evaluate("document.documentElement.scrollWidth > innerWidth"), path
        assert not tab.page.evaluate(COVERED), path
        assert leading_nowhere(tab.page.content()) == [], path
    assert found == [], "\n".join(map(str, found))
    for tab in tabs.values():
        tab.quiet(*REFUSED)


def test_an_error_is_found_by_axe_and_by_the_reader(at_desk: AtDesk) -> None:
    """A form that was refused has the focus at its box, links to each field, and nothing for axe."""
    from axe_playwright_python.sync_playwright import Axe

    tab = at_desk.tab(at_desk.bank.lead)
    tab.page.goto(f"{at_desk.origin}/desk/files/{at_desk.files['draft']}/submission")
    tab.page.select_option("#f-second", at_desk.bank.second)
    tab.page.fill("#f-amount", "0")
    tab.page.click("button.first")
    assert tab.page.evaluate("document.activeElement.getAttribute('role')") == "alert"
    tab.page.click("a[href='#f-amount']")
    told = Axe().run(tab.page, options={"runOnly": {"type": "tag", "values": TAGS}}).response
    assert told["violations"] == []
    tab.quiet(*REFUSED)


def test_the_answer_and_the_opinion_fit_a_telephone(at_desk: AtDesk) -> None:
    """At 390 × 844 both are read without scrolling sideways."""
    tab = at_desk.tab(at_desk.bank.first, size=(390, 844))
    for path in (
        f"/desk/assessments/{at_desk.answers['refer']['id']}",
        f"/desk/files/{at_desk.files['approve']}/approval",
    ):
        tab.page.goto(at_desk.origin + path)
        assert tab.page.evaluate("document.documentElement.scrollWidth") <= 390, path
    tab.quiet()


def test_the_one_page_prints_on_one_page(at_desk: AtDesk, tmp_path: Path) -> None:
    """The print that the answer leads to is one sheet of A4, with the glyphs of its language."""
    tab = at_desk.tab(at_desk.bank.lead)
    answer = at_desk.answers["refer"]["id"]
    tab.page.goto(f"{at_desk.origin}/desk/assessments/{answer}")
    link = tab.page.get_attribute("[data-key=p]", "href")
    tab.page.goto(f"{at_desk.origin}{link}")
    printed = tab.page.pdf(format="A4", prefer_css_page_size=True)
    assert printed.count(b"/Type /Page\n") + printed.count(b"/Type /Page ") == 1
    tab.quiet()
