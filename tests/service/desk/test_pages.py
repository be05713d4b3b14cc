"""Pages of the desk over HTTP: what they show equals the answer, and what is refused is told in plain words."""

import re
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

import pytest

from features.phrase import Language
from models.words.policy_names import policy_description
from service.access.roles import Place
from service.desk.formats import points, wan
from service.desk.labels import all_labels, labels
from tests.models.underwriting.whole_case import whole
from tests.service.desk.reading import page, text_of
from tests.service.loan_files.people import Body, People, done

SCALES = ("recommend", "refer", "advise_against")


@pytest.mark.parametrize("advice", SCALES)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_answer_is_shown_as_it_is(bank: People, answers: dict[str, Body], advice: str, language: str) -> None:
    """Amount, bounds, probability, conditions and standing stand on the page to the last digit shown."""
    answer = answers[advice]
    told = page(bank, bank.lead, f"/desk/assessments/{answer['id']}", language)
    shown = text_of(told.text)
    assert f"{answer['pd']['value']:.2%}" in shown
    assert points(answer["points"]) in shown
    for amount in answer["limit"]["bounds"].values():
        assert wan(amount) in shown
    if advice == "recommend":
        assert wan(answer["recommendation"]["amount"]) in shown
    if language == "zh":
        for one in answer["recommendation"]["conditions"]:
            assert one["title"] in shown
        for one in answer["recommendation"]["standing"]:
            assert one["says"] in shown
    assert answer["record"]["seal"] in shown
    assert len(told.content) < 60_000


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_rules_that_weigh_nothing_are_counted(bank: People, answers: dict[str, Body], language: str) -> None:
    """As many rules have passed, and as many do not apply, as the answer tells by rule."""
    answer = answers["recommend"]
    told = page(bank, bank.lead, f"/desk/assessments/{answer['id']}", language).text
    passed, other = len(answer["passed"]), len(answer["not_applicable"])
    assert passed > 20
    says = labels(language)("rules.rest", passed=passed, other=other)  # type: ignore[arg-type]
    assert f"<summary>{says}</summary>" in told


def test_the_waterfall_adds_up(bank: People, answers: dict[str, Body]) -> None:
    """Base, the rows and the rest, as they are written, give the score as it is written."""
    answer = answers["recommend"]
    told = page(bank, bank.lead, f"/desk/assessments/{answer['id']}").text
    part = told[told.index('id="reasons"') : told.index("<details", told.index('id="reasons"'))]
    figures = [
        round(10 * float(one.replace("−", "-").replace(",", "")))
        for one in re.findall(r'<td class="n[^"]*">([+−]?[\d,.]+)</td>', part)
    ]
    base, *rows, score = figures
    assert base + sum(rows) == score == round(10 * answer["points"])
    assert len(rows) == 11


def test_what_is_typed_stands_as_text(bank: People) -> None:
    """Markup, formulas, marks of direction and long names show as text and break nothing."""
    from tests.models.underwriting.whole_case import whole

    rows = whole()
    bad = "<script>alert(1)</script>=1+1\"'&" + "长" * 150
    rows["firms"][0]["legal_name"] = bad
    rows["patents"][0]["title"] = bad
    answer = bank.assess(rows, firm="row:bad")
    for path in (f"/desk/assessments/{answer['id']}", f"/desk/files/{answer['record']['loan_file']['id']}", "/desk/"):
        told = page(bank, bank.lead, path).text
        assert "<script>alert" not in told
        assert bad in text_of(told)


def test_pages_say_why_not(bank: People, answers: dict[str, Body]) -> None:
    """Nobody: the sign-in page with the way back; a role that may not, what is not there, and another bank's."""
    path = f"/desk/assessments/{answers['refer']['id']}"
    nobody = bank.client.get(path)
    assert (nobody.status_code, f'name="to" value="{path}"' in nobody.text) == (401, True)
    admin = bank.account("administrator", Place("bank-1"), name="admin-1")
    refused = page(bank, admin, path, expect=403)
    assert "客户经理" in refused.text
    assert 'data-problem="forbidden"' in refused.text
    assert page(bank, bank.lead, "/desk/assessments/none", expect=404).text.count("<h1>") == 1
    assert page(bank, bank.lead, "/desk/nothing", "en", expect=404).status_code == 404
    other = bank.account("auditor", Place("bank-2"), name="auditor-2")
    assert page(bank, other, path, expect=404).status_code == 404


def test_a_link_from_elsewhere_is_asked_for_once_more(bank: People) -> None:
    """The portal's link comes without the session; the page asks again by itself, and never in a circle."""
    first = bank.client.get("/desk/files", headers={"Sec-Fetch-Site": "cross-site"})
    assert (first.status_code, 'http-equiv="refresh"' in first.text) == (401, True)
    again = bank.client.get("/desk/files", headers={"Sec-Fetch-Site": "same-origin"})
    assert (again.status_code, 'http-equiv="refresh"' in again.text) == (401, False)


@pytest.mark.parametrize(
    ("hours", "told"), [(1, "超过 15 分钟无操作，已自动退出。"), (11, "登录已满 10 小时，已自动退出。"), (48, "")]
)
def test_who_was_signed_out_is_told_why(bank: People, hours: int, told: str) -> None:
    """That nothing was asked for too long, or that the day is over; somebody else may have signed in meanwhile."""
    then = bank.now[0]
    headers = bank.headers(bank.lead)
    try:
        if hours == 11:  # used all day
            for _ in range(60):
                bank.now[0] += timedelta(minutes=10)
                renewed = bank.client.get("/desk/help", headers=headers).headers.get("set-cookie")
                headers = headers | ({"Cookie": renewed.partition(";")[0]} if renewed else {})
        else:
            bank.now[0] += timedelta(hours=hours)
        bank.headers(bank.first)
        for ask in (lambda: bank.client.get("/desk/files", headers=headers),
                    lambda: bank.client.post("/desk/new", data={}, headers=headers)):  # fmt: skip
            shown = text_of(ask().text)
            assert ("，已自动退出" in shown, told in shown) == (bool(told), True)
    finally:
        bank.now[0] = then
        bank.sign_in_again()


def test_lists_show_what_waits(bank: People, answers: dict[str, Body]) -> None:
    """The inbox holds what the role may move on, a search finds a firm by a part of its name, filters hold."""
    inbox = text_of(page(bank, bank.lead, "/desk/").text)
    assert "退回补件" in inbox
    assert "row:refer" not in text_of(page(bank, bank.lead, "/desk/?advice=recommend").text)
    found = text_of(page(bank, bank.lead, "/desk/files?q=RETURNED").text)
    assert found.count("基准企业") == 1
    assert "没有待办" in text_of(page(bank, bank.reviewer, "/desk/?state=to_draw").text)


def test_signing_in_leads_back(bank: People) -> None:
    """Only to pages of the desk; a wrong password is told in one sentence, and nothing is kept of it."""
    sent: dict[str, Any] = {"name": bank.lead, "password": "wrong", "code": "123456", "to": "//elsewhere/"}
    headers = {"Origin": "https://testserver", "Sec-Fetch-Site": "same-origin"}
    told = bank.client.post("/desk/sign-in", data=sent, headers=headers)
    assert (told.status_code, "wrong" in text_of(told.text)) == (401, False)
    assert 'name="to" value="/desk/"' in told.text


def test_the_language_stays(bank: People) -> None:
    """It is kept in a cookie, leads back to a page of the desk alone, and every page has it."""
    told = bank.client.get("/desk/language?set=en&to=/desk/help", follow_redirects=False)
    assert (told.status_code, told.headers["location"]) == (303, "/desk/help")
    assert (
        bank.client.get("/desk/language?set=en&to=https://x/", follow_redirects=False).headers["location"] == "/desk/"
    )
    assert "Glossary" in page(bank, bank.lead, "/desk/help", "en").text


class _Tags(HTMLParser):
    """Notes what a strict policy would refuse."""

    def __init__(self) -> None:
        super().__init__()
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """No style, no script within, no handler, nothing from elsewhere."""
        told = dict(attrs)
        if tag == "style" or "style" in told or (tag == "script" and not told.get("src")):
            self.wrong.append(self.get_starttag_text() or tag)
        self.wrong += [name for name in told if name.startswith("on")]
        self.wrong += [
            told[name] or "" for name in ("src", "href") if (told.get(name) or "").startswith(("http", "//"))
        ]


def test_pages_hold_nothing_that_their_policy_refuses(bank: People, answers: dict[str, Body]) -> None:
    """One strict policy without exception, and files that are kept for good under their digests."""
    for path in ("/desk/", "/desk/files", "/desk/help", f"/desk/assessments/{answers['refer']['id']}"):
        told = page(bank, bank.lead, path)
        assert "unsafe" not in told.headers["content-security-policy"]
        assert told.headers["cache-control"] == "no-store"
        read = _Tags()
        read.feed(told.text)
        assert read.wrong == []
    addresses = re.findall(r'"(/desk/static/[^"]+)"', page(bank, bank.lead, "/desk/help").text)
    assert len(addresses) == 3
    for address in addresses:
        assert "immutable" in bank.client.get(address).headers["cache-control"]
        assert bank.client.get(address.replace("static/", "static/0")).status_code == 404
    assert bank.client.get("/desk/static/x/..%2flabels.yaml").status_code == 404


def test_every_label_is_used_and_none_is_missing() -> None:
    """A key that is asked for stands in the file, and none stands there that nobody asks for."""
    from pathlib import Path

    from service import desk

    folder = Path(desk.__file__).parent
    source = "\n".join(one.read_text(encoding="utf-8") for one in folder.rglob("*") if one.suffix in (".py", ".jinja"))
    asked = set(re.findall(r"""say\(\s*["']([\w.]+)["']\s*[,)]""", source))
    assert asked - all_labels().keys() == set()
    families = set(re.findall(r"""say\(\s*f?["']([\w.]+\.)(?:\{|["'] ~)""", source))
    families |= set(re.findall(r'f"([\w.]+\.)\{name\}"', source))
    spoken = set(re.findall(r"""["']([\w.]+)["']""", source))
    for key in all_labels():
        assert key in asked or key in spoken or any(key.startswith(one) for one in families) or "nav." in key, key


def test_an_application_that_says_little_is_shown(bank: People) -> None:
    """What an application does not tell stands as not told, and the page is there."""
    given = whole()
    given["applications"] = [{name: given["applications"][0][name] for name in ("application", "applied_on")}]
    answer = bank.assess(given, firm="row:little")
    assert "未提供" in text_of(page(bank, bank.lead, f"/desk/assessments/{answer['id']}").text)


@pytest.mark.parametrize("advice", ["refer", "advise_against", "returned"])
def test_what_is_to_be_done_holds_acts_alone(bank: People, answers: dict[str, Body], advice: str) -> None:
    """A line with an act names what, by whom or where, and of its days and fee what policy states; others hold none."""
    answer = bank.client.get(f"/v1/assessments/{answers[advice]['id']}", headers=bank.as_(bank.lead)).json()
    told = page(bank, bank.lead, f"/desk/assessments/{answer['id']}").text
    part = told[told.index('id="weighs"') : told.index("</table>", told.index('id="weighs"'))]
    rows = [
        tuple(text_of(cell).strip() for cell in re.findall(r"<td.*?</td>", row, re.S))
        for row in re.findall(r"<tr><td>.*?</tr>", part, re.S)
    ]
    cures = {one["cure"]["says"]: one["cure"] for one in _weighing(answer) if "cure" in one}
    for _, _, _, act, where, days, fee in rows:
        if act == "—":
            assert (where, days, fee) == ("", "", "")
            continue
        cure = cures[act]
        assert where == cure["where"]
        assert days == ("" if cure.get("days") is None else f"约 {cure['days']} 日")
        assert fee == ("" if cure.get("fee") is None else f"{cure['fee'] / 100:,.2f}")
    assert {row[3] for row in rows} - {"—"}


def _weighing(answer: Body) -> list[Body]:
    """The open findings of an answer."""
    return [*answer["findings"], *(one for row in answer["patents"] for one in row["findings"])]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_values_of_policy_are_called_by_name(bank: People, language: str) -> None:
    """As the API tells it, beside the code; a value is found by its name."""
    asked = bank.client.get("/v1/policy/books.debt_ratio_after", headers=bank.as_(bank.lead)).json()
    named = asked["title"] if language == "zh" else asked["title_en"]
    shown = text_of(page(bank, bank.lead, f"/desk/policy?q={named}", language).text)
    assert named in shown
    assert "books.debt_ratio_after" in shown
    assert "books.units" not in shown


@pytest.mark.parametrize("language", ["zh", "en"])
def test_policy_is_told_page_by_page_in_the_readers_language(bank: People, language: Language) -> None:
    """Every value stands on one page, explained in the language, and whole: nothing is cut off or shown as JSON."""
    policy, today = bank.state.assessor.policy, bank.state.today(bank.state.now())
    path, told = "/desk/policy", []
    while path:
        told.append(page(bank, bank.lead, path, language).text)
        following = re.search(r'href="(\?cursor=\d+)"', told[-1])
        path = f"/desk/policy{following[1]}" if following else ""
    assert max(len(one.encode()) for one in told) < 60_000
    assert sum(one.count('<span class="code keep">') for one in told) == len(policy.in_force(today))
    whole = " ".join(text_of(" ".join(told)).split())
    about = policy_description(policy("books.debt_ratio_after"), language).partition("`")[0]
    caution, month = ("关注事项 caution 70%", "6 个月") if language == "zh" else ("caution 70%", "6 months")
    assert [
        one for one in (about, caution, month, "1000.00", "拉萨市", "6542") if one not in whole.replace(",", "")
    ] == []
    assert "{&#34;" not in "".join(told)


def test_what_waits_is_what_its_owner_may_do(bank: People, answers: dict[str, Body]) -> None:
    """A file above one's level, or in which one holds another duty, waits for others; tiles count their lists."""
    file = answers["recommend"]["record"]["loan_file"]["id"]
    done(bank.submit(answers["recommend"], 300))
    done(bank.review(file))
    assert bank.file(file)["level"] == 2
    holds = {name: file[:8] in page(bank, name, "/desk/").text for name in (bank.first, *bank.branch, bank.reviewer)}
    assert list(holds.values()) == [False, True, True, False]
    done(bank.approve(file, bank.branch[0]))
    assert file[:8] not in page(bank, bank.branch[0], "/desk/").text
    for name in (bank.lead, bank.reviewer, bank.branch[1], bank.risk):
        tiles = re.findall(r'<a href="(/desk/[^"]*)"[^>]*><b>(\d+)</b>', page(bank, name, "/desk/").text)
        for to, number in tiles:
            listed = page(bank, name, to).text.partition('<table class="list"')[2].partition("</table>")[0]
            rows = listed.partition("<tbody>")[2].count("<tr>") - listed.count("<tfoot>")
            assert int(number) == max(rows, 0), (name, to)
