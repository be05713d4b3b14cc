"""A page as a whole: the template with what every page shows around it, in the language of whoever reads."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, cached_property
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import quote

from fastapi import Depends
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.types import Scope

from features.errors import Fault
from features.phrase import Language
from models.words.faults import fault_said
from models.words.official import glossed
from service.access.accounts import Account
from service.access.answers import Given
from service.access.authentication import cookie_of
from service.access.drafts import Drafts
from service.access.people import PeopleShown, people_for, people_of
from service.access.roles import NOBODY, Caller, Permission, roles_on
from service.application.caller import CALLER, REFUSED
from service.application.downloads import AsFile
from service.application.state import AppState, state_of
from service.desk import assets, charts, formats
from service.desk.labels import DeskLabels, labels
from service.edge.errors import Refused
from service.edge.fields import LARGEST_ORDINAL
from service.loan_files.queues import waiting

LANGUAGE_COOKIE = "pledgescore-language"
HOME = "/desk/"
Wanted = Permission | Literal["signed in"]


@dataclass(frozen=True)
class Link:
    """Somewhere to go: a label's key or a text, and the address."""

    text: str
    to: str
    first: bool = False


@dataclass(frozen=True)
class Tab:
    """A part of the desk: the label's key, the address, what one must be allowed; `inside`: it is of the bank alone."""

    key: str
    to: str
    needs: Wanted
    inside: bool = False


TABS = (
    Tab("nav.inbox", HOME, "read", inside=True),
    Tab("nav.files", "/desk/files", "read", inside=True),
    Tab("nav.new", "/desk/new", "assess", inside=True),
    Tab("nav.batch", "/desk/batch", "assess", inside=True),
    Tab("nav.lists", "/desk/lists", "read", inside=True),
    Tab("nav.decisions", "/desk/decisions", "audit"),
    Tab("nav.models", "/desk/models", "read_models"),
    Tab("nav.policy", "/desk/policy", "read_policy"),
    Tab("nav.ledger", "/desk/ledger", "prove"),
    Tab("nav.users", "/desk/users", "read_users"),
    Tab("nav.audit_log", "/desk/audit-log", "audit", inside=True),
)


def tabs_of(caller: Caller) -> list[Tab]:
    """The parts that a caller may open."""
    fund = caller.place.fund is not None
    return [tab for tab in TABS if (tab.needs in caller.may) and not (tab.inside and fund)]


def home_of(caller: Caller) -> str:
    """Where a caller's day begins."""
    found = tabs_of(caller)
    return found[0].to if found else "/desk/help"


@dataclass(frozen=True)
class FieldFault:
    """Something wrong with what was sent: its field, empty where the page shows none; what that is called; why."""

    name: str
    label: str
    sentence: str


_UNSEEN = frozenset({"seen", "once", "secret"})
"""Fields that a form sends and does not show."""


@dataclass(frozen=True)
class DeskPage:
    """What a request is answered from: who asks, in which language, and what the application works with."""

    scope: Scope
    state: AppState

    @property
    def language(self) -> Language:
        """The language of the browser's cookie; Chinese where there is none."""
        return "en" if cookie_of(self.scope, LANGUAGE_COOKIE) == "en" else "zh"

    @property
    def say(self) -> DeskLabels:
        """The labels."""
        return labels(self.language)

    @property
    def caller(self) -> Caller:
        """Whoever asks; nobody where authorization refused before it knew."""
        found: Caller = self.scope.get(CALLER, NOBODY)
        return found

    @property
    def path(self) -> str:
        """The path with its query."""
        query = bytes(self.scope.get("query_string", b"")).decode("latin-1")
        return quote(str(self.scope["path"])) + (f"?{query}" if query else "")

    @property
    def query(self) -> QueryParams:
        """What the query says."""
        return QueryParams(bytes(self.scope.get("query_string", b"")).decode("latin-1"))

    def moment(self, told: object) -> str:
        """A moment as the bank's clock showed it."""
        return formats.moment(told, self.state.settings.zone)

    def clock(self, told: str) -> str:
        """A moment of today as the bank's clock showed it, to the second; of another day with the day."""
        zone = self.state.settings.zone
        at = datetime.fromisoformat(told).astimezone(zone)
        today = at.date() == self.state.now().astimezone(zone).date()
        return at.strftime("%H:%M:%S" if today else "%Y-%m-%d %H:%M:%S")

    def synthetic(self) -> bool:
        """Whether a model in service learned from made-up firms."""
        return any(one.bundle.synthetic for one in self.state.model_store.held.values())

    def seats(self) -> list[Account]:
        """The accounts that one click signs in: of a demonstration alone."""
        demonstration = self.state.demonstration
        return [] if demonstration is None else [self.state.accounts.one(name) for name in demonstration.accounts]

    def idle_minutes(self) -> int:
        """After how many minutes without a request whoever signs in now must sign in again."""
        return round(self.state.sessions.idle(self.state.now()).total_seconds() / 60)

    def ribbon(self) -> str:
        """What stands above every page where figures or times are made up; else nothing."""
        if self.state.demonstration is not None:
            return self.say("ribbon.demonstration")
        return self.say("ribbon.synthetic") if self.synthetic() else ""

    @cached_property
    def _account(self) -> Account | None:
        caller = self.caller
        if not caller.person:
            return None
        return self.state.accounts.one(caller.name.partition(":")[2])

    def reset(self) -> Given | None:
        """The reset of the own sign-in that whoever is signed in must know of."""
        return None if self._account is None else self.state.accounts.recent_reset(self._account.name, self.state.now())

    def person(self) -> str:
        """The name of whoever is signed in."""
        return self.say("nobody") if self._account is None else self._account.shown

    def account(self) -> str:
        """The account's name."""
        return "" if self._account is None else self._account.name

    def role(self) -> str:
        """The caller's role by name."""
        return "" if not self.caller.signed_in else self.say.name("role", self.caller.role)

    def place(self) -> str:
        """Where the caller works, and how high a decision it may take."""
        place, authority = self.caller.place, self.caller.authority
        where = [one for one in (place.bank, place.branch, place.fund) if one]
        if authority and self.caller.signed_in:
            where.append(self.say("authority", level=authority))
        return " · ".join(where)

    @cached_property
    def _people(self) -> PeopleShown:
        with self.state.engine.connect() as connection:
            return people_for(connection, self.caller, self.language)

    def who(self, name: object) -> str:
        """A person by name and role, for the name of an account; empty for none."""
        return self._people.of(name)

    def all(self, names: Iterable[object]) -> str:
        """Several people, one after the other."""
        return self._people.each(names, self.say("joint"))

    def people(self, needs: Permission, *, gone: bool = False) -> list[tuple[str, str]]:
        """The bank's people who may do something, by the names of their accounts; none where nobody signs in.

        `gone`: those too who can sign in no more.
        """
        if not self.caller.signed_in:
            return []
        state = self.state
        may = {
            one.name for one in roles_on(state.assessor.policy, state.today(state.now())).values() if needs in one.may
        }
        with state.engine.connect() as connection:
            found = people_of(connection, self.caller.place.bank, gone=gone)
        return [(one.name, self.who(one.name)) for one in found if one.role in may]

    def branches(self) -> list[tuple[str, str]]:
        """The branches of the caller's bank with who works there; none for whoever stands in one, or in no bank."""
        place = self.caller.place
        if place.bank is None or place.branch is not None:
            return []
        named: dict[str, list[str]] = {}
        with self.state.engine.connect() as connection:
            for one in people_of(connection, place.bank):
                if one.branch is not None:
                    named.setdefault(one.branch, []).append(one.shown or one.name)
        say, joint = self.say, self.say("joint")
        return [
            (branch, say("branch.people", branch=branch, names=joint.join(names[:2]), count=len(names)))
            for branch, names in sorted(named.items())
        ]

    @cached_property
    def _waiting(self) -> int:
        with self.state.engine.connect() as connection:
            return waiting(connection, self.caller)

    def waiting(self) -> int:
        """How many files wait for what the caller may do."""
        return self._waiting

    def drafts(self) -> Drafts:
        """What the caller began to write and has not sent."""
        return self.state.drafts(self.caller)

    def typed(self, names: Sequence[str]) -> dict[str, str]:
        """The filters of these names as they were typed, without those that are empty."""
        found = {name: self.query.get(name, "").strip() for name in names}
        return {name: value for name, value in found.items() if value}

    def as_file(self) -> AsFile:
        """How a table is taken away: as CSV where the address says so, else as Excel."""
        return self.language, "csv" if self.query.get("format") == "csv" else "xlsx"

    def number(self, name: str, digits: int) -> int | None:
        """A whole number of at most so many digits that the query says; None for none, and for no number of a row."""
        text = self.query.get(name, "")
        found = int(text) if text.isascii() and text.isdigit() and len(text) <= digits else None
        return found if found is not None and found <= LARGEST_ORDINAL else None

    def faults_of(self, refused: Refused | None, fields: Mapping[str, str]) -> list[FieldFault]:
        """What is wrong with what was sent, with the name of each field; nothing where nothing was refused."""
        return [self._told(one, fields) for one in (() if refused is None else refused.faults)]

    def _told(self, one: Fault, fields: Mapping[str, str]) -> FieldFault:
        name = one.pointer.lstrip("/").partition("/")[0]
        label = self.say.texts.get(fields.get(name, f"field.{name}"), "")
        return FieldFault(name if label and name not in _UNSEEN else "", label, fault_said(one, self.language))

    def show(
        self,
        template: str,
        /,
        title: str,
        *,
        status: int = 200,
        refused: Refused | None = None,
        fields: Mapping[str, str] | None = None,
        crumbs: Sequence[Link] = (),
        **facts: object,
    ) -> HTMLResponse:
        """The page made from a template; `title` stands above it and in the window's bar.

        `refused`: what was sent and not done; the page has its status, its sentence as `wrong` and what is wrong with
        each field as `faults`, unless told others. `fields`: labels of fields by name, where they are not `field.NAME`.
        """
        caller, wrong = self.caller, ""
        if refused is not None:
            status, wrong = int(refused.status), refused.sentence(self.language)
            self.scope[REFUSED] = refused.code
        known = caller is not NOBODY and status < HTTPStatus.INTERNAL_SERVER_ERROR
        text = environment().get_template(template).render(
            page=self,
            say=self.say,
            title=title,
            crumbs=crumbs,
            caller=caller if known else None,
            tabs=tabs_of(caller) if known else [],
            home=home_of(caller) if known else HOME,
            now=formats.moment(self.state.now().isoformat(), self.state.settings.zone),
            stamp=self.state.now().strftime("%Y%m%d%H%M"),
            version=self.state.assessor.code,
            status=status,
            patterns=charts.PATTERNS,
            legend_lowers=charts.legend("lowers", self.say("lowers")),
            legend_raises=charts.legend("raises", self.say("raises")),
            **{"wrong": wrong, "faults": self.faults_of(refused, fields or {}), **facts},
        )  # fmt: skip
        return HTMLResponse(text, status)


async def _page(request: Request) -> DeskPage:
    return DeskPage(request.scope, state_of(request))


Shown = Annotated[DeskPage, Depends(_page)]
"""What a route takes to show a page."""


@cache
def environment() -> Environment:
    """The templates: everything that is put in is escaped, and nothing may be missing."""
    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals["asset"] = assets.address
    for write in (
        formats.wan,
        formats.yuan,
        formats.percent,
        formats.points,
        formats.plain,
        formats.brief,
        formats.short,
        formats.code,
        glossed,
    ):
        made.filters[write.__name__] = write
    return made
