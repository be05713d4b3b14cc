"""Every page and state of the desk with who looks at it, and what must hold of each in a browser."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from features.phrase import Language
from features.policy import shipped
from service.decisions.erasure import ask, confirm
from tests.models.underwriting.whole_case import whole
from tests.service.conftest import NOON
from tests.service.desk.browsing import AtDesk, Watched
from tests.service.desk.reading import leading_nowhere
from tests.service.desk.test_intake import begin
from tests.service.jobs.spoiled import made_list
from tests.service.loan_files import cases
from tests.service.loan_files.people import Body, People, done
from tests.service.made import applicant
from tests.service.test_erasing import person

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
SIZES = ((1366, 768), (1093, 614))
"""A screen of 1366 × 768, and the same where Windows enlarges by a quarter: the commonest desk."""
REFUSED = tuple(f"status of {status}" for status in (401, 403, 404, 409, 410, 422))

COVERED = """() => {
  const end = Math.max(0, ...[...document.querySelectorAll(".nav a")].map(link => link.getBoundingClientRect().right));
  const find = document.querySelector(".find");
  return find !== null && find.getBoundingClientRect().left < end;
}"""
"""Whether the search lies over the parts of the desk."""

NAV_LINES = (
    """() => new Set([...document.querySelectorAll(".nav a")].map(link => link.getBoundingClientRect().top)).size"""
)
"""In how many lines the parts of the desk stand."""


@dataclass(frozen=True)
class Look:
    """Somebody (nobody: the empty name) at an address."""

    who: str
    path: str


def violations(page: Any) -> list[tuple[str, str, str]]:
    """What axe finds against WCAG 2.1 A and AA on a page."""
    from axe_playwright_python.sync_playwright import Axe

    told = Axe().run(page, options={"runOnly": {"type": "tag", "values": TAGS}}).response
    return [
        (one["id"], one["nodes"][0]["html"][:200], one["nodes"][0]["failureSummary"][:300])
        for one in told["violations"]
    ]


def faults(tab: Watched, path: str) -> list[str]:
    """What is wrong with a page in a window, each as a line; none where all holds."""
    page = tab.page
    page.goto(tab.origin + path)
    found = [f"{path}: {one}" for one in violations(page)]
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        found.append(f"{path}: wider than the window")
    if page.evaluate(COVERED):
        found.append(f"{path}: the search lies over the navigation")
    if page.evaluate(NAV_LINES) > 1:
        found.append(f"{path}: the navigation stands in more than one line")
    return found + [f"{path}: leads nowhere: {to}" for to in leading_nowhere(page.content())]


def looked_at(desk: AtDesk, looks: list[Look], language: Language, first: int = 0) -> Iterator[str]:
    """What is wrong with pages, the widths in turn, beginning with the given one; console, CSP and hosts included."""
    tabs: dict[tuple[str, int], Watched] = {}
    for place, look in enumerate(looks, start=first):
        seen = look.who, place % len(SIZES)
        if seen not in tabs:
            tabs[seen] = desk.tab(look.who, language, SIZES[seen[1]])
        yield from faults(tabs[seen], look.path)
    for tab in tabs.values():
        yield from (line for line in tab.said if not any(word in line for word in REFUSED))
        tab.page.context.close()


def heavy_pages(desk: AtDesk) -> list[Look]:
    """The pages that hold most, one for each of their templates."""
    bank = desk.bank
    refer = bank.assess(cases.special_mention(), firm="row:heavy-refer")
    file, answer = desk.assessed("heavy")
    drawn = desk.decided.answers["drawn"]
    return [
        Look(bank.lead, f"/desk/assessments/{refer['id']}"),
        Look(bank.lead, f"/desk/assessments/{answer}/what-if"),
        Look(bank.lead, begin(bank, firm="row:heavy-draft", empty="")),
        Look(bank.lead, f"/desk/files/{drawn['record']['loan_file']['id']}"),
        Look(bank.lead, f"/desk/files/{file}/submission"),
        Look(desk.decided.auditor, f"/desk/decisions/{drawn['id']}"),
    ]


def other_pages(desk: AtDesk) -> list[Look]:
    """All the others, with files in every state."""
    answers = _answers(desk.bank)
    return [*_of_the_lead(desk, answers), *_of_acts(desk, answers), *_of_readers(desk, answers)]


def _of_the_lead(desk: AtDesk, answers: dict[str, Body]) -> list[Look]:
    bank, draft = desk.bank, answers["draft"]
    tried = {"rows": {"applications": [{"amount": 5 * 10**8, "term_months": 24}]}}
    told = bank.client.post(f"/v1/assessments/{draft['id']}/trials", json=tried, headers=bank.as_(bank.lead))
    jobs = [_job(bank, name, made) for name, made in (("over", made_list(2)), ("checked", made_list(4, 2, first=9)))]
    paths = [
        "/desk/?state=warnings", "/desk/files?q=row", "/desk/files?q=nobody", "/desk/help", "/desk/new",
        "/desk/?state=drafts", "/desk/batch", "/desk/lists", *(f"/desk/jobs/{job}" for job in jobs), "/desk/models",
        "/desk/policy?q=authority", "/desk/ledger", "/desk/files/nothing",
        *(f"/desk/assessments/{answers[one]['id']}" for one in ("against", "many", "erased")),
        *(f"/desk/assessments/{draft['id']}/peers?against={one}" for one in ("all", "sector")),
        f"/desk/assessments/{draft['id']}/what-if?trial={told.json()['entry']}",
        f"/v1/assessments/{draft['id']}/report?form=html&part=full&words=zh",
    ]  # fmt: skip
    return [Look(bank.lead, path) for path in paths]


def _of_acts(desk: AtDesk, answers: dict[str, Body]) -> list[Look]:
    bank = desk.bank
    draft, refer, committee = (answers[one]["record"]["loan_file"]["id"] for one in ("draft", "refer", "committee"))
    for one in ("refer", "committee"):
        done(bank.submit(answers[one], 200))
    done(bank.review(committee, outcome="opposed"))
    fulfil = desk.approved("axe-fulfil", outcome="agreed_with_conditions", conditions=[{"text": "追加抵押"}])
    drawn, to_draw = desk.drawn("axe-drawn"), desk.approved("axe-to-draw")
    pages = [
        (bank.lead, draft, ("", "/documents", "/withdrawal")), (bank.lead, fulfil, ("", "/conditions/1/done")),
        (bank.lead, to_draw, ("/drawdowns",)), (bank.lead, drawn, ("/tasks/1/done", "/closure")),
        (bank.reviewer, refer, ("/review", "/return")), (bank.members[0], committee, ("", "/votes")),
        (bank.secretary, committee, ("/minutes",)), (bank.first, desk.to_approve("axe"), ("/approval",)),
        (bank.second, fulfil, ("/conditions/1/confirmation",)), (bank.desk, to_draw, ("/release",)),
        (bank.risk, drawn, ("/warnings",)), (bank.first, drawn, ("/corrections",)),
        (desk.decided.auditor, draft, ("/submission",)),
    ]  # fmt: skip
    return [Look(who, f"/desk/files/{file}{act}") for who, file, acts in pages for act in acts]


def _of_readers(desk: AtDesk, answers: dict[str, Body]) -> list[Look]:
    bank, decided = desk.bank, desk.decided
    bundle = bank.state.model_store.held["pledge"].bundle.id
    ids = {name: answer["id"] for name, answer in decided.answers.items()}
    decisions = ("?text=nobody", "?least=viel", *(f"/{ids[one]}" for one in ("undecided", "better", "declined")))
    pages = [
        ("", ("/desk/sign-in", "/desk/invitation")),
        (bank.desk, ("/desk/?state=to_committee&advice=refer",)),
        (bank.risk, ("/desk/hand-over",)),
        (bank.lead, ("/desk/",)),
        (decided.auditor, ("/desk/decisions", "/desk/drawn-loans", "/desk/users", f"/desk/models/{bundle}")),
        (decided.auditor, ("/desk/audit-log", "/desk/orphans", f"/desk/assessments/{answers['refer']['id']}")),
        (decided.auditor, tuple(f"/desk/decisions{one}" for one in (*decisions, f"/{ids['drawn']}/replay"))),
        (decided.manager, ("/desk/decisions", f"/desk/decisions/{ids['drawn']}", "/desk/ledger", "/desk/models")),
        (decided.manager, (f"/desk/assessments/{ids['drawn']}", "/desk/drawn-loans?month=2026-13")),
    ]  # fmt: skip
    return [Look(who, path) for who, paths in pages for path in paths]


def _answers(bank: People) -> dict[str, Body]:
    given = {"draft": whole(), "refer": cases.special_mention(), "against": cases.non_performing(),
             "committee": cases.without_sales()}  # fmt: skip
    found = {name: bank.assess(rows, firm=f"row:axe-{name}") for name, rows in given.items()}
    for name, made in (("many", applicant(8, patents=300)), ("erased", applicant(9, patents=1, application=None))):
        found[name] = bank.client.post("/v1/assessments", json=made, headers=bank.as_(bank.lead)).json()
    later = NOON.date() + timedelta(days=3660)  # until then it must be kept
    erased = found["erased"]["case"]["firm"]
    asked = ask(bank.state.engine, erased, "person_asked", person("王芳", today=later), shipped())
    confirm(bank.state.engine, asked.id, person("李明", today=later), shipped())
    return found


def _job(bank: People, name: str, made: Any) -> str:
    told = bank.client.post(f"/v1/jobs?name={name}", content=made.content, headers=bank.as_(bank.lead))
    return str(told.json()["id"])
