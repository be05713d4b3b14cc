"""决策台账 in a real browser: an auditor's story by keys, a fund's without scripts; axe on every page and width."""

from collections.abc import Iterator

import pytest

from tests.service.decided import DecidedBank
from tests.service.desk.browsing import CHROMIUM, served
from tests.service.desk.test_browser import COVERED, TAGS, AtDesk

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium: apt-get install chromium fonts-noto-cjk"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # of uvicorn and playwright, not ours
]


@pytest.fixture(scope="module")
def at_desk(decided: DecidedBank) -> Iterator[AtDesk]:
    """Its desk, and a browser."""
    from playwright.sync_api import sync_playwright

    with served(decided.people.client.app) as origin, sync_playwright() as playwright:  # type: ignore[arg-type]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield AtDesk(decided.people, origin, browser)
        browser.close()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_auditor_finds_an_override_by_keys_alone(decided: DecidedBank, at_desk: AtDesk, language: str) -> None:
    """To the list, into the filter, down to the row, open, and the answer asked again: no hand on the mouse."""
    tab = at_desk.tab(decided.auditor, language)
    page = tab.page
    page.goto(f"{at_desk.origin}/desk/files")
    with page.expect_navigation():
        page.keyboard.press("g")
        page.keyboard.press("d")
    page.focus("#f-stands")
    page.keyboard.press("b" if language == "en" else "ArrowDown")
    while page.input_value("#f-stands") != "better":
        page.keyboard.press("ArrowDown")
    with page.expect_navigation():
        page.focus("#f-most")
        page.keyboard.press("Enter")
    assert page.locator("#decisions-table tbody tr").count() == 1
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.url.endswith(decided.answers["better"]["id"])
    assert page.locator(".light .tag.ok").count() == 3
    page.focus("a[href$='/replay']")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.locator(".box.ok").is_visible()
    tab.quiet()


def test_a_fund_takes_a_pack_without_scripts(decided: DecidedBank, at_desk: AtDesk) -> None:
    """From the first page to a decision of its book, and the pack of its file; no other reader is offered."""
    tab = at_desk.tab(decided.manager, java_script_enabled=False)
    page = tab.page
    page.goto(f"{at_desk.origin}/desk/")
    assert page.url.endswith("/desk/decisions")
    page.fill("#f-text", "row:drawn")
    page.click("form.filters button.first")
    page.click("#decisions-table tbody a")
    assert page.locator("select[name=for]").count() == 0
    with page.expect_download() as taken:
        page.click("form[action$='/pack'] button")
    assert taken.value.suggested_filename.endswith("-fund.zip")
    tab.quiet()


def test_axe_finds_nothing(decided: DecidedBank, at_desk: AtDesk) -> None:
    """WCAG 2.1 A and AA on the list (full, filtered to nothing, refused), decisions, the answer asked again, models."""
    from axe_playwright_python.sync_playwright import Axe

    axe, found = Axe(), []
    ids = {name: answer["id"] for name, answer in decided.answers.items()}
    paths = [
        "", "?text=nobody", "?least=viel", *(f"/{ids[name]}" for name in ("drawn", "better", "declined", "returned")),
        f"/{ids['drawn']}/replay", f"/{ids['undecided']}",
    ]  # fmt: skip
    bundle = decided.people.state.model_store.held["pledge"].bundle.id
    places = [f"/desk/decisions{path}" for path in paths] + ["/desk/ledger", "/desk/models", f"/desk/models/{bundle}"]
    for who in (decided.auditor, decided.manager):
        for place, path in enumerate(places):
            size = (1366, 768) if place % 2 else (1093, 614)
            tab = at_desk.tab(who, "en" if (place + len(who)) % 2 else "zh", size)
            tab.page.goto(f"{at_desk.origin}{path}")
            told = axe.run(tab.page, options={"runOnly": {"type": "tag", "values": TAGS}}).response
            found += [(path, one["id"], one["nodes"][0]["html"][:200]) for one in told["violations"]]
            assert not tab.page.evaluate("document.documentElement.scrollWidth > innerWidth"), path
            assert not tab.page.evaluate(COVERED), path
            tab.quiet("status of 409", "status of 422")
            tab.page.context.close()
    assert found == []
