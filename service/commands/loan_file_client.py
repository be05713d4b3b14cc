"""How a command asks a service about loan files: as an account that signed in, by a key, or under a name."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import msgspec
import typer

from features.chosen_words import language
from features.errors import PledgeScoreError
from service.access.sessions import COOKIE
from service.edge import secret_files

TOKEN = "PLEDGESCORE_TOKEN"
_SECONDS = 60.0
Body = dict[str, object]


class ServiceAway(PledgeScoreError):
    """No service answers at the address, or what answers is none of ours."""


class ToldProblem(msgspec.Struct, frozen=True):
    """What a service says of a refusal, in the language that was asked for."""

    code: str
    detail: str = ""
    facts: Mapping[str, object] = {}
    errors: tuple["ToldFault", ...] = ()


class ToldFault(msgspec.Struct, frozen=True):
    """What is wrong at one place of what was sent."""

    pointer: str
    code: str
    message: str = ""
    facts: Mapping[str, object] = {}


class RefusedByService(Exception):
    """The service refused what was asked."""

    def __init__(self, problem: ToldProblem) -> None:
        super().__init__(problem.code)
        self.problem = problem


@dataclass(frozen=True)
class LoanFileClient:
    """A service, and who asks it: the account or name `person`, empty where a key asks or nobody is named."""

    service: str
    person: str = ""

    def get(self, path: str, **query: object) -> Body:
        """What a route answers. Raises `RefusedByService` or `ServiceAway`."""
        given = {name: value for name, value in query.items() if value not in (None, "", False)}
        return self._answered(self._asked("GET", path, params=given))

    def content(self, path: str, **query: object) -> bytes:
        """What a route answers that is not read here, such as a file. Raises `RefusedByService` or `ServiceAway`."""
        answer = self._asked("GET", path, params=query)
        if not answer.is_success:
            self._answered(answer)
        return answer.content

    def post(self, path: str, body: Mapping[str, object]) -> Body:
        """What an act gets; the person is named where nobody is signed in. Raises `RefusedByService`, `ServiceAway`."""
        told = {name: value for name, value in body.items() if value is not None}
        if self.person and not self._known and path.startswith(("/v1/loan-files", "/v1/hand-overs")):
            told["person"] = self.person
        return self._answered(self._asked("POST", path, json=told))

    def sign_in(self, password: str, code: str, new_password: str | None = None) -> Body:
        """Begin a session, and keep it in a file that only its owner reads."""
        self.sign_out()
        told = {"name": self.person, "password": password, "code": code}
        if new_password is not None:
            told["new_password"] = new_password
        return self._answered(self._asked("POST", "/v1/session", json=told))

    def sign_out(self) -> None:
        """Forget the session; the service forgets it, too, where it answers."""
        if self._file.exists():
            self._asked("DELETE", "/v1/session")
            self._file.unlink()

    @property
    def _file(self) -> Path:
        place = f"{self.person or 'nobody'}@{urlsplit(self.service).netloc}".replace(":", "-").replace("/", "-")
        return Path(typer.get_app_dir("pledgescore")) / "sessions" / place

    @property
    def _known(self) -> bool:
        return TOKEN in os.environ or self._file.exists()

    def _headers(self) -> dict[str, str]:
        if self.person and self._file.exists():
            session = secret_files.read(self._file).decode()
            return {"Cookie": f"{COOKIE}={session}", "Origin": self.service}
        return {"Authorization": f"Bearer {os.environ[TOKEN]}"} if TOKEN in os.environ else {}

    def _asked(self, method: str, path: str, **more: object) -> httpx.Response:
        query = {"words": language() or "none"} if path.startswith("/v1/") else {}
        params = {**query, **more.pop("params", {})}  # type: ignore[dict-item]
        try:
            answer = httpx.request(
                method,
                self.service.rstrip("/") + path,
                params=params,
                headers=self._headers(),
                timeout=_SECONDS,
                **more,  # type: ignore[arg-type]
            )
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise ServiceAway("service_away", service=self.service, why=str(error) or type(error).__name__) from None
        self._keep(answer)
        return answer

    def _keep(self, answer: httpx.Response) -> None:
        """Keep the session that the answer begins or renews."""
        given = SimpleCookie(answer.headers.get("set-cookie", "")).get(COOKIE)
        if given is not None and given.value and self.person:
            self._file.unlink(missing_ok=True)
            secret_files.write(self._file, given.value.encode())

    def _answered(self, answer: httpx.Response) -> Body:
        try:
            if answer.is_success:
                return msgspec.json.decode(answer.content, type=Body)
            raise RefusedByService(msgspec.json.decode(answer.content, type=ToldProblem))
        except msgspec.DecodeError:
            why = f"HTTP {answer.status_code}"
            raise ServiceAway("service_away", service=self.service, why=why) from None
