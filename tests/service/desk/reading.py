"""Reading pages as a person does: signed in, in a language, as text."""

from html import unescape
from re import sub

from httpx import Response

from tests.service.loan_files.people import People


def page(bank: People, name: str, path: str, language: str = "zh", expect: int = 200) -> Response:
    """A page as the person sees it."""
    headers = bank.as_(name)
    cookie = f"{headers['Cookie']}; pledgescore-language={language}"
    told = bank.client.get(path, headers={**headers, "Cookie": cookie})
    assert told.status_code == expect, told.text
    return told


def text_of(html: str) -> str:
    """The page without its tags."""
    return unescape(sub(r"<[^>]+>", " ", html))
