"""Reading pages as a person does: signed in, in a language, as text."""

from html import unescape
from html.parser import HTMLParser
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


def fields_of(html: str) -> dict[str, list[str]]:
    """What the form of an act would send as it stands, but for its buttons."""
    found = _Fields()
    found.feed(html[html.index('<form class="card"') :].partition("</form>")[0])
    return found.sent


class _Fields(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.sent: dict[str, list[str]] = {}
        self._inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag in ("textarea", "select"):
            self._inside = told["name"]
            self.sent[self._inside] = [""]
        elif tag == "option" and "selected" in told:
            self.sent[self._inside] = [told["value"]]
        elif tag == "input" and (told.get("type") not in ("radio", "checkbox") or "checked" in told):
            self.sent.setdefault(told["name"], []).append(told.get("value", ""))

    def handle_data(self, data: str) -> None:
        if self._inside and self.lasttag == "textarea":
            self.sent[self._inside][0] += data

    def handle_endtag(self, tag: str) -> None:
        if tag in ("textarea", "select"):
            self._inside = ""
