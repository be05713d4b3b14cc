"""Reading pages as a person does: signed in, in a language, as text."""

from html import unescape
from html.parser import HTMLParser
from re import S, findall, sub

from httpx import Response
from starlette.routing import Match

from service.access.roles import Caller
from service.access.route_rules import ANYBODY, RULES, SIGNED_IN
from service.desk.routes import DESK
from tests.service.hands import account_id
from tests.service.loan_files.people import People


def page(bank: People, name: str, path: str, language: str = "zh", expect: int = 200) -> Response:
    """A page as the person sees it: what it offers leads somewhere that the person may go, and it shows no code."""
    headers = bank.as_(name)
    cookie = f"{headers['Cookie']}; pledgescore-language={language}"
    told = bank.client.get(path, headers={**headers, "Cookie": cookie})
    assert told.status_code == expect, told.text
    assert leading_nowhere(told.text) == [], leading_nowhere(told.text)
    caller = bank.state.accounts.caller_of(account_id(bank.state, name), bank.now[0])
    assert caller is not None
    assert offered_in_vain(told.text, caller) == [], offered_in_vain(told.text, caller)
    assert path.startswith("/desk/policy") or codes_in(told.text) == [], codes_in(told.text)
    return told


def leading_nowhere(html: str) -> list[str]:
    """The addresses on a page that no page of the desk answers, and the places of a page that are not on it."""
    places = {unescape(place) for place in findall(r'\bid="([^"]*)"', html)}
    within = {unescape(to) for to in findall(r'href="#([^"]+)"', html)}
    return sorted([to for how, to in _offered(html) if _route(how, to) is None] + list(within - places))


def offered_in_vain(html: str, caller: Caller) -> list[str]:
    """The links and forms on a page that whoever reads it may not use."""
    found = []
    for how, to in _offered(html):
        rule = RULES[f"{how} {_route(how, to)}"]
        may = rule.needs in (ANYBODY, SIGNED_IN) or rule.needs in caller.may
        if not may or (rule.inside and caller.place.fund):
            found.append(f"{how} {to}")
    return sorted(found)


def codes_in(html: str) -> list[str]:
    """What stands in the sentences of a page and is a code, such as `known_on`; not what is set as a code, or typed."""
    apart = sub(r'<(\w+)[^>]* class="[^"]*\bcode\b[^"]*".*?</\1>|<(pre|textarea|style)\b.*?</\2>', " ", html, flags=S)
    apart = sub(r'<option value="([^"]*)"[^>]*>\1</option>', " ", apart)
    return findall(r"\b[a-z]+(?:_[a-z]+)+\b|\b(?:uscc|cik):\w*|\^\[", text_of(apart.partition("<body")[2]))


def links_of(html: str) -> list[str]:
    """What a page leads to: links, pictures, styles and scripts."""
    return [unescape(to) for to in findall(r'\b(?:href|src)="([^"]+)"', html)]


def _offered(html: str) -> set[tuple[str, str]]:
    links = {("GET", to) for to in links_of(html) if to.startswith("/desk")}
    forms = {
        (how.upper(), unescape(to))
        for how, to in findall(r'<form[^>]* method="(\w+)"[^>]* action="(/desk[^"]*)"', html)
    }
    return links | forms


def _route(method: str, to: str) -> str | None:
    """The route that answers an address."""
    path = to.partition("?")[0].partition("#")[0]
    scope = {"type": "http", "method": method, "path": path, "root_path": "", "headers": []}
    return next((route.path for route in DESK if route.matches(scope)[0] is Match.FULL), None)


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
