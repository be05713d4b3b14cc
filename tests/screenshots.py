"""Pictures of every page of the desk, from the demonstration bank: `make screenshots` writes docs/screenshots/.

Pages that are added to the desk are added to `PAGES`.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image
from sqlalchemy import select

import pledgescore
from service.access.accounts import Account
from service.access.roles import UNBOUND, Place
from service.application.state import AppState
from service.assessing.loan_file_index import LOAN_FILES
from service.demonstration.bank import DATABASE, open_bank
from service.web.app import create_app
from tests.service.desk.browsing import CHROMIUM, served

OUT = Path(__file__).parents[1] / "docs" / "screenshots"
COLOURS = 128
"""Of a picture's palette: pages have few."""


@dataclass(frozen=True)
class Screen:
    """A size of the window, and how many dots make a pixel of it."""

    name: str
    width: int
    height: int
    scale: float = 1.0


OFFICE, OFFICE_125, PHONE = Screen("1366", 1366, 768), Screen("1093", 1093, 614, 1.25), Screen("390", 390, 844)
BOTH = (OFFICE, OFFICE_125)


@dataclass(frozen=True)
class Seen:
    """What an account reaches, the newest: a file by state, an answer by advice, what was decided on by state.

    `models`: the bundles that serve, by kind.
    """

    files: dict[str, str]
    answers: dict[str, str]
    decided: dict[str, str]
    models: dict[str, str]


@dataclass(frozen=True)
class Shot:
    """A page: its name, the role of whoever looks at it, where it is, how large, in which languages."""

    name: str
    role: str
    path: Callable[[Seen], str]
    screens: tuple[Screen, ...] = BOTH
    languages: tuple[str, ...] = ("zh",)


def at(path: str) -> Callable[[Seen], str]:
    """A fixed address."""
    return lambda _: path


def file_in(state: str, act: str = "") -> Callable[[Seen], str]:
    """A file in a state, or the form of an act in it."""
    return lambda seen: f"/desk/files/{seen.files[state]}{act}"


def answer_in(advice: str, page: str = "") -> Callable[[Seen], str]:
    """An answer that advises so."""
    return lambda seen: f"/desk/assessments/{seen.answers[advice]}{page}"


def champion(kind: str) -> Callable[[Seen], str]:
    """The page of the model of a kind that serves."""
    return lambda seen: f"/desk/models/{seen.models[kind]}"


def decision_in(state: str, page: str = "") -> Callable[[Seen], str]:
    """The decision about a file in a state."""
    return lambda seen: f"/desk/decisions/{seen.decided[state]}{page}"


PAGES = (
    Shot("sign-in", "", at("/desk/sign-in"), languages=("zh", "en")),
    Shot("inbox", "credit_officer", at("/desk/"), languages=("zh", "en")),
    Shot("inbox-approver", "approver", at("/desk/")),
    Shot("inbox-drawdown", "drawdown_desk", at("/desk/?state=to_draw")),
    Shot("inbox-warnings", "risk_manager", at("/desk/?state=warnings")),
    Shot("files", "auditor", at("/desk/files")),
    Shot("answer-recommended", "auditor", answer_in("recommend"), (*BOTH, PHONE), ("zh", "en")),
    Shot("answer-referred", "auditor", answer_in("refer")),
    Shot("answer-against", "auditor", answer_in("advise_against")),
    Shot("trial", "credit_officer", answer_in("recommend", "/what-if"), languages=("zh", "en")),
    Shot("peers", "credit_officer", answer_in("recommend", "/peers"), languages=("zh", "en")),
    Shot("file-drawn", "auditor", file_in("drawn")),
    Shot("file-declined", "auditor", file_in("declined")),
    Shot("submission", "credit_officer", file_in("draft", "/submission"), (*BOTH, PHONE)),
    Shot("review", "reviewer", file_in("to_review", "/review"), (*BOTH, PHONE)),
    Shot("vote", "committee_member", file_in("to_committee", "/votes")),
    Shot("minutes", "committee_secretary", file_in("to_committee", "/minutes")),
    Shot("approval", "approver", file_in("to_approve", "/approval"), (*BOTH, PHONE), ("zh", "en")),
    Shot("release", "drawdown_desk", file_in("to_draw", "/release")),
    Shot("new", "credit_officer", at("/desk/new")),
    Shot("batch", "credit_officer", at("/desk/batch")),
    Shot("lists", "credit_officer", at("/desk/lists")),
    Shot("hand-over", "risk_manager", at("/desk/hand-over")),
    Shot("orphans", "fund_manager", at("/desk/orphans")),
    Shot("decisions", "auditor", at("/desk/decisions"), languages=("zh", "en")),
    Shot("drawn-loans", "auditor", at("/desk/drawn-loans"), languages=("zh", "en")),
    Shot("decision", "auditor", decision_in("drawn"), languages=("zh", "en")),
    Shot("decision-fund", "fund_manager", decision_in("declined")),
    Shot("replay", "auditor", decision_in("drawn", "/replay")),
    Shot("models", "data_scientist", at("/desk/models")),
    Shot("model", "validator", champion("pledge"), languages=("zh", "en")),
    Shot("policy", "auditor", at("/desk/policy?q=authority")),
    Shot("ledger", "auditor", at("/desk/ledger")),
    Shot("users", "administrator", at("/desk/users")),
    Shot("help", "credit_officer", at("/desk/help")),
)


def main(only: list[str]) -> None:
    """Take the pictures, all or those whose names begin so."""
    from playwright.sync_api import sync_playwright

    if CHROMIUM is None:
        raise SystemExit("there is no Chromium: apt-get install chromium fonts-noto-cjk")
    OUT.mkdir(exist_ok=True)
    with _demonstration() as (state, origin), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        for shot in PAGES:
            if not only or any(shot.name.startswith(one) for one in only):
                _take(browser, state, origin, shot)
        browser.close()


@contextmanager
def _demonstration() -> Iterator[tuple[AppState, str]]:
    """The demonstration bank, served."""
    lake = pledgescore.HOME / "world"
    if not (pledgescore.HOME / DATABASE).exists():
        raise SystemExit("there is no demonstration bank yet: make demo")
    bank = open_bank(pledgescore.HOME, lake)
    settings, demonstration = bank.settings, bank.demonstration
    app = create_app(settings.model_copy(update={"per_client": 1e6}), demonstration=demonstration)
    with served(app) as origin:
        yield app.state.pledgescore, origin


def _seats(state: AppState, role: str) -> list[Account]:
    """The accounts of a role, those first that the sign-in page offers."""
    offered = state.demonstration.accounts if state.demonstration else ()
    names = dict.fromkeys((*offered, *(one.name for one in state.accounts.listed(UNBOUND))))
    return [one for one in map(state.accounts.one, names) if one.role == role]


def _place(state: AppState, shot: Shot) -> tuple[Account | None, str]:
    """Who looks at a page, and where it is. Raises `KeyError` where nobody reaches such a file."""
    for account in _seats(state, shot.role) if shot.role else [None]:
        try:
            return account, shot.path(_seen(state, account.place if account else Place()))
        except KeyError:
            continue
    raise KeyError(shot.name)


def _seen(state: AppState, place: Place) -> Seen:
    files = LOAN_FILES.c
    wanted = select(files.state, files.id, files.advice, files.newest, files.assessment).order_by(files.seq)
    if place.bank is not None:
        wanted = wanted.where(files.bank == place.bank)
    if place.branch is not None:
        wanted = wanted.where(files.branch == place.branch)
    with state.engine.connect() as connection:
        rows = connection.execute(wanted).all()
    return Seen(
        {row.state: row.id for row in rows},
        {row.advice: row.newest for row in rows},
        {row.state: row.assessment for row in rows},
        {kind: one.bundle.id for kind, one in state.model_store.held.items()},
    )


def _take(browser: Any, state: AppState, origin: str, shot: Shot) -> None:
    try:
        account, path = _place(state, shot)
    except KeyError as missing:
        print(f"{missing}: there is no such file")
        return
    for language in shot.languages:
        for screen in shot.screens:
            context = browser.new_context(
                viewport={"width": screen.width, "height": screen.height}, device_scale_factor=screen.scale
            )
            host = {"domain": "127.0.0.1"}
            cookies = [{"name": "pledgescore-language", "value": language, "path": "/desk", **host}]
            if account:
                identity = state.sessions.begin(account.name, state.now())
                cookies.append({"name": "__Host-pledgescore", "value": identity, "path": "/", "secure": True, **host})
            context.add_cookies(cookies)
            page = context.new_page()
            page.goto(origin + path)
            file = OUT / f"{shot.name}{'-en' if language == 'en' else ''}-{screen.name}.png"
            page.screenshot(path=file)
            context.close()
            _compress(file)


def _compress(file: Path) -> None:
    """A palette in the place of millions of colours."""
    with Image.open(file) as picture:
        picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(file, optimize=True)


if __name__ == "__main__":
    main(sys.argv[1:])
