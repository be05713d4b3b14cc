"""What the commands about loan files send to the service, and print of its answer."""

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import msgspec
import typer

from features.chosen_words import language
from features.errors import PledgeScoreError
from features.text_files import visible
from features.written import amount_in_text
from models.words.output import tell
from service.commands.loan_file_client import Body, LoanFileClient, RefusedByService
from service.commands.loan_file_printing import act_line, drawn_lines, file_lines, list_lines, task_lines
from service.commands.teller import Teller
from service.edge.clock import system_clock
from service.edge.settings import Settings

Who = tuple[str, str]
"""The service's address, and who acts."""


class BadOption(PledgeScoreError):
    """What was told to a command cannot be read."""


class TypedTerms(NamedTuple):
    """Terms as they are typed: amount, months, own conditions, what is set aside."""

    amount: str
    months: int
    conditions: Sequence[str] | None
    waives: Sequence[str] | None

    def body(self) -> Body:
        """The same as a service takes it."""
        return {
            "amount": fen(self.amount),
            "term_months": self.months,
            "conditions": _conditions(self.conditions),
            "waives": [_waived(one) for one in self.waives or ()],
        }


TermsGiven = tuple[str, int, Sequence[str] | None, Sequence[str] | None]
"""The same as a command hands them on."""


def fen(text: str) -> int:
    """An amount that is written with its unit, in fen. Raises `BadOption`."""
    amount = amount_in_text(text)
    if amount is None or amount != amount.to_integral_value():
        raise BadOption("amount_without_unit", given=text)
    return int(amount)


def signed_in(who: Who, new_password: bool) -> None:
    """Ask for the password and the code, and sign in."""
    client = LoanFileClient(*who)
    if not client.person:
        raise BadOption("person_unnamed")
    words = Teller(language() or "zh")
    password = typer.prompt(words("ask_password", name=client.person), hide_input=True)
    fresh = typer.prompt(words("ask_new_password"), hide_input=True, confirmation_prompt=True) if new_password else None
    code = typer.prompt(words("ask_code"))
    with refusals_told():
        answer = client.sign_in(password, code, fresh)
        tell("signed_in", account=client.person, role=str(answer["role"]))


def signed_out(who: Who) -> None:
    """End the session."""
    LoanFileClient(*who).sign_out()
    tell("signed_out", account=who[1])


def listed(who: Who, asked: Mapping[str, object]) -> None:
    """Print a page of loan files."""
    with refusals_told():
        _print(LoanFileClient(*who).get("/v1/loan-files", **asked), list_lines)


def drawn_loans(who: Who, asked: Mapping[str, object]) -> None:
    """Print a page of drawn loans."""
    with refusals_told():
        _print(LoanFileClient(*who).get("/v1/drawn-loans", **asked), drawn_lines)


def shown(who: Who, file: str) -> None:
    """Print a loan file."""
    with refusals_told():
        _print(LoanFileClient(*who).get(f"/v1/loan-files/{file}"), file_lines)


def due_items(who: Who, until: str, mine: bool) -> None:
    """Print what is due."""
    with refusals_told():
        _print(LoanFileClient(*who).get("/v1/due-items", until=until, mine=mine), task_lines)


def opened(who: Who, question: Path) -> None:
    """Ask for an assessment, and print its advice and its loan file."""
    try:
        body = msgspec.json.decode(question.read_bytes(), type=Body)
    except (OSError, msgspec.DecodeError):
        raise BadOption("no_question", file=question) from None
    with refusals_told():
        client = LoanFileClient(*who)
        answer = client.post("/v1/assessments", body)
        if (wanted := language()) is None:
            _print(answer, file_lines)
            return
        advice, record = answer.get("recommendation"), msgspec.convert(answer["record"], Body)
        if answer["retrospective"] or not isinstance(record.get("loan_file"), dict):
            raise BadOption("opens_no_file", as_of=str(answer["as_of"]))
        loan_file = msgspec.convert(record["loan_file"], Body)
        if isinstance(advice, dict):
            print(advice["says"])
        print(Teller(wanted)("file_opened", file=loan_file["id"], assessment=answer["id"]))


def handed_over(who: Who, told: Mapping[str, object]) -> None:
    """Hand files over, and print what was recorded."""
    with refusals_told():
        answer = LoanFileClient(*who).post("/v1/hand-overs", told)
        for one in msgspec.convert(answer["items"], list[Body]):
            _print(one, act_line)


def submitted(who: Who, file: str, seen: str, told: Mapping[str, object], terms: TermsGiven) -> None:
    """Submit on the newest assessment."""
    with refusals_told():
        client = LoanFileClient(*who)
        found = client.get(f"/v1/loan-files/{file}")
        given = [_pair(one, "=") for one in msgspec.convert(told["not_brought"], list[str])]
        left = [{"what": what, "reason": reason} for what, reason in given]
        body = {**_without_empty(told), "not_brought": left, **TypedTerms(*terms).body(), "assessment": found["newest"]}
        _print(client.post("/v1/loan-files", body | {"seen": _seen(found, seen)}), act_line)


def reviewed(
    who: Who, file: str, seen: str, told: Body, answers: Sequence[str], conditions: Sequence[str] | None
) -> None:
    """Give an opinion; an answer to a rule stands for all its subjects."""
    given = dict(_pair(one, "=") for one in answers)
    with refusals_told():
        client = LoanFileClient(*who)
        found = client.get(f"/v1/loan-files/{file}")
        asked = msgspec.convert(found["to_answer"], list[dict[str, str]])
        told |= {"answers": [{**one, "answer": given[one["rule"]]} for one in asked if one["rule"] in given]}
        told |= {"conditions": _conditions(conditions), "seen": _seen(found, seen)}
        _print(client.post(f"/v1/loan-files/{file}/review", told), act_line)


def minuted(  # noqa: PLR0913, PLR0917  (one argument for each thing that is told)
    who: Who,
    file: str,
    seen: str,
    told: Body,
    terms: TermsGiven,
    recused: Sequence[str],
    on: str,
    paper: Path | None,
) -> None:
    """Close the vote."""
    left = [{"member": name, "reason": reason} for name, reason in (_pair(one, "=") for one in recused)]
    told |= {"held_on": on or _today(), "recused": left, "document": _digest(paper)}
    done(who, file, "minutes", {**told, **TypedTerms(*terms).body()}, seen)


def approved(who: Who, file: str, seen: str, told: Mapping[str, object], terms: TermsGiven) -> None:
    """Approve."""
    done(who, file, "approval", {"outcome": "approved", **_without_empty(told), **TypedTerms(*terms).body()}, seen)


def condition_reported(who: Who, file: str, n: int, told: Body, on: str, paper: Path | None) -> None:
    """Report a condition done."""
    done(who, file, f"conditions/{n}/done", told | {"happened_on": on or _today(), "document": _digest(paper)})


def released(  # noqa: PLR0913, PLR0917  (one argument for each thing that is told)
    who: Who,
    file: str,
    seen: str,
    told: Body,
    amount: str,
    standing: Sequence[str],
    pledges: Sequence[str],
    on: str,
) -> None:
    """Release an amount."""
    day = on or _today()
    items = [
        {"item": name if "." in name else f"standing.{name}", "done_on": day, "document": paper}
        for name, paper in (_pair(one, "=") for one in standing)
    ]
    told |= {"amount": fen(amount), "standing": items, "pledges": [_pledge(one) for one in pledges]}
    done(who, file, "release", told, seen)


def paid(who: Who, file: str, told: Body, amount: str, on: str) -> None:
    """Record a payment."""
    done(who, file, "drawdowns", told | {"amount": fen(amount), "drawn_on": on or _today()})


def checked(who: Who, file: str, n: int, found: str, on: str, paper: Path | None) -> None:
    """Report that something due was done."""
    told = {"found": found, "happened_on": on or _today(), "document": _digest(paper)}
    done(who, file, f"tasks/{n}/done", told)


def laid_beside(who: Who, file: str, paper: Path, told: Body) -> None:
    """Lay a paper beside the file."""
    done(who, file, "documents", told | {"hash": _digest(paper)})


def closed(who: Who, file: str, outcome: str, loss: str, recovered: str, on: str) -> None:
    """Record how the loan ended."""
    told = {"outcome": outcome, "loss": fen(loss), "recovered": fen(recovered) if recovered else None}
    done(who, file, "closure", told | {"closed_on": on or _today()})


def done(who: Who, file: str, what: str, told: Mapping[str, object], seen: str | None = None) -> None:
    """Do something in a file, and print what was recorded; `seen` None: it does not rest on what was seen."""
    with refusals_told():
        client, body = LoanFileClient(*who), dict(told)
        if seen is not None:
            body["seen"] = _seen(client.get(f"/v1/loan-files/{file}"), seen)
        _print(client.post(f"/v1/loan-files/{file}/{what}", body), act_line)


@contextmanager
def refusals_told() -> Iterator[None]:
    """Print what the service refuses, and end with exit code 1."""
    try:
        yield
    except RefusedByService as refused:
        problem, wanted = refused.problem, language()
        if wanted is None:
            print(msgspec.json.encode(problem).decode(), file=sys.stderr)
        else:
            print(f"pledgescore: {visible(problem.detail)}", file=sys.stderr)
            for one in problem.errors:
                print(f"  {one.pointer.removeprefix('/body')}: {visible(one.message)}", file=sys.stderr)
        raise typer.Exit(1) from None


def _print(answer: Body, lines: Callable[[Body, Teller], Iterator[str]]) -> None:
    """Print an answer as it is wanted: in words, or as JSON."""
    wanted = language()
    if wanted is None:
        print(msgspec.json.encode(answer).decode())
        return
    for line in lines(answer, Teller(wanted)):
        print(line)


def _seen(found: Body, told: str) -> str:
    """The digest of the file as it was seen. Raises `BadOption` where it is not what was seen."""
    seen = str(found["seen"])
    if not seen.startswith(told):
        raise BadOption("seen_other", seen=told, now=seen[:8])
    return seen


def _conditions(told: Iterable[str] | None) -> list[Body]:
    return [{"text": one} for one in told or ()]


def _waived(text: str) -> Body:
    names = ("rule", "reason_code", "until", "mitigation")
    parts = text.split(":", len(names) - 1)
    if len(parts) != len(names):
        raise BadOption("option_form", given=text, form="RULE:REASON_CODE:DAY:MITIGATION")
    return dict(zip(names, parts, strict=True))


def _pledge(text: str) -> Body:
    parts = text.split(":")
    if len(parts) not in (3, 4) or parts[3:] not in ([], ["max"]):
        raise BadOption("option_form", given=text, form="NUMBER:DAY:AMOUNT[:max]")
    number, day, amount = parts[:3]
    return {"registration": number, "registered_on": day, "amount": fen(amount), "maximum": parts[3:] == ["max"]}


def _pair(text: str, between: str) -> tuple[str, str]:
    name, found, value = text.partition(between)
    if not found:
        raise BadOption("option_form", given=text, form=f"NAME{between}TEXT")
    return name.strip(), value.strip()


def _digest(paper: Path | None) -> str | None:
    if paper is None:
        return None
    try:
        return sha256(paper.read_bytes()).hexdigest()
    except OSError:
        raise BadOption("no_paper", file=paper) from None


def _without_empty(told: Mapping[str, object]) -> Body:
    return {name: value for name, value in told.items() if value not in (None, "")}


def _today() -> str:
    return system_clock().astimezone(Settings.from_environment().zone).date().isoformat()
