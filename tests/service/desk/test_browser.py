"""The desk in a real Chromium: every story once, each hand and each language many times; axe where pages hold most.

All stories in both languages by all hands, and axe on every page, are `make prove ONLY=desk`.
"""

import pytest

from features.phrase import LANGUAGES, Language
from tests.service.desk.browsing import CHROMIUM, AtDesk
from tests.service.desk.every_page import heavy_pages, looked_at, violations
from tests.service.desk.hands import HANDS, Hand, Keys, Mouse
from tests.service.desk.stories import all_stories, walk

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium: apt-get install chromium fonts-noto-cjk"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # of uvicorn and playwright, not ours
]
WAYS = [(language, by) for by in HANDS for language in LANGUAGES]
WALKS = [(name, *WAYS[place % len(WAYS)]) for place, name in enumerate(all_stories())]
MOST_KEYS = 45


@pytest.mark.parametrize(("name", "language", "by"), WALKS, ids=[f"{one}-{lang}-{by.name}" for one, lang, by in WALKS])
def test_a_story_goes_as_it_is_told(at_desk: AtDesk, name: str, language: Language, by: type[Hand]) -> None:
    """And the browser says nothing: no console line, no report of the CSP, no request to another host."""
    walk(at_desk, name, language, by)


def test_every_hand_and_language_walks_several_stories() -> None:
    """The part that is walked here covers what the matrix is made of."""
    assert {name for name, _, _ in WALKS} == set(all_stories())
    assert min(sum((language, by) == way for _, language, by in WALKS) for way in WAYS) >= 3


def test_an_opinion_in_at_most_forty_five_keys(at_desk: AtDesk) -> None:
    """From the inbox: choose the row, open, act, choose the outcome, sign."""
    file = at_desk.to_approve("keys")
    hand = Keys(at_desk, "zh")
    hand.seat(at_desk.bank.first)
    hand.go("/desk/")
    while hand.page.locator(f"tr.chosen a[href='/desk/files/{file}']").count() == 0:
        hand.key("j")
    for key in ("Enter", "a"):
        with hand.leads_on():
            hand.key(key)
    hand.tick("outcome.approved")
    hand.press("act.approval")
    assert at_desk.bank.file(file)["state"] == "to_draw"
    assert hand.pressed <= MOST_KEYS, hand.pressed
    hand.leave()


def test_a_slip_is_told_while_one_types(at_desk: AtDesk) -> None:
    """At its field, without being asked; the draft is saved meanwhile, and what is put right is told no more."""
    hand = Mouse(at_desk, "zh")
    hand.seat(at_desk.bank.lead)
    hand.go("/desk/new")
    hand.fill("new.firm", "91350100M000100Y43")
    hand.press("new.begin")
    day = hand.column("applications", "applied_on")
    live = hand.page.locator("[data-live='applications.0.applied_on']")
    hand.fill(day, "20261399")
    live.wait_for()
    assert hand.page.inner_text("[data-note]").startswith("草稿已保存")
    hand.fill(day, "20261116")
    live.wait_for(state="detached")
    hand.leave()


def test_an_error_is_found_by_axe_and_by_the_reader(at_desk: AtDesk) -> None:
    """A form that was refused has the focus at its box, links to each field, and nothing for axe."""
    file, _ = at_desk.assessed("wrong")
    hand = Mouse(at_desk, "zh")
    hand.seat(at_desk.bank.lead)
    hand.go(f"/desk/files/{file}/submission")
    hand.choose("field.second", hand.person(at_desk.bank.second, "credit_officer"))
    hand.fill("amount", "0")
    hand.fill("term", "12")
    hand.press("act.submission", refused=True)
    assert hand.page.evaluate("document.activeElement.getAttribute('role')") == "alert"
    hand.press("amount")
    assert hand.page.url.endswith("#f-amount")
    assert violations(hand.page) == []
    hand.leave()


def test_the_answer_and_the_opinion_fit_a_telephone(at_desk: AtDesk) -> None:
    """At 390 × 844 both are read without scrolling sideways."""
    file = at_desk.to_approve("telephone")
    tab = at_desk.tab(at_desk.bank.first, size=(390, 844))
    for path in (f"/desk/assessments/{at_desk.bank.file(file)['newest']}", f"/desk/files/{file}/approval"):
        tab.page.goto(at_desk.origin + path)
        assert tab.page.evaluate("document.documentElement.scrollWidth") <= 390, path
    tab.quiet()


def test_the_one_page_prints_on_one_page(at_desk: AtDesk) -> None:
    """The print that the answer leads to is one sheet of A4; a trial prints as a trial and without its form."""
    _, answer = at_desk.assessed("printed")
    tab = at_desk.tab(at_desk.bank.lead)
    page = tab.page
    page.goto(f"{at_desk.origin}/desk/assessments/{answer}/what-if")
    page.emulate_media(media="print")
    assert page.locator(".ribbon.trial").is_visible()
    assert page.locator("#trial").is_hidden()
    page.goto(f"{at_desk.origin}/desk/assessments/{answer}")
    page.goto(at_desk.origin + page.get_attribute("[data-key=p]", "href"))
    printed = page.pdf(format="A4", prefer_css_page_size=True)
    assert printed.count(b"/Type /Page\n") + printed.count(b"/Type /Page ") == 1
    tab.quiet()


@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_finds_nothing_where_pages_hold_most(at_desk: AtDesk, language: Language) -> None:
    """Nor is a page wider than its window, the navigation in two lines, or a link to nowhere."""
    looks = heavy_pages(at_desk)[LANGUAGES.index(language) :: 2]
    assert list(looked_at(at_desk, looks, language, first=1)) == []
