"""Reading pages as a person does: signed in, in a language, as text."""

from html import unescape
from re import findall, sub

from httpx import Response
from starlette.routing import Match

from service.desk.routes import DESK
from tests.service.loan_files.people import People


def page(bank: People, name: str, path: str, language: str = "zh", expect: int = 200) -> Response:
    """A page as the person sees it; each of its links and forms leads somewhere."""
    headers = bank.as_(name)
    cookie = f"{headers['Cookie']}; pledgescore-language={language}"
    told = bank.client.get(path, headers={**headers, "Cookie": cookie})
    assert told.status_code == expect, told.text
    assert leading_nowhere(told.text) == []
    return told


def leading_nowhere(html: str) -> list[str]:
    """The addresses on a page that no page of the desk answers."""
    links = {("GET", to) for to in findall(r'(?:href|src)="(/desk[^"]*)"', html)}
    forms = {(how.upper(), to) for how, to in findall(r'<form[^>]* method="(\w+)"[^>]* action="(/desk[^"]*)"', html)}
    return sorted(to for how, to in links | forms if not _answered(how, unescape(to)))


def _answered(method: str, to: str) -> bool:
    path = to.partition("?")[0].partition("#")[0]
    scope = {"type": "http", "method": method, "path": path, "root_path": "", "headers": []}
    return any(route.matches(scope)[0] is Match.FULL for route in DESK)


def text_of(html: str) -> str:
    """The page without its tags."""
    return unescape(sub(r"<[^>]+>", " ", html))
