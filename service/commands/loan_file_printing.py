"""A loan file, a list of them, and what was recorded, as a person reads it on a terminal, in Chinese or English."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from models.words.formats import ABSENT
from models.words.templates import SHIPPED
from service.commands.teller import Teller
from service.edge.settings import Settings
from service.ledger.redaction import Part


def list_lines(answer: Part, say: Teller) -> Iterator[str]:
    """The lines of a page of files, and how to go on behind it."""
    if not answer["items"]:
        yield say("files_none")
    for one in answer["items"]:
        yield f"{one['id']}  {_stands(one, say)}  {_firm(one)}"
        yield "    " + say.joined(_amounts(one, say))
    if answer["next"] is not None:
        yield say("files_next", cursor=answer["next"])


def drawn_lines(answer: Part, say: Teller) -> Iterator[str]:
    """The lines of a page of drawn loans, each with its numbers and papers, and how to go on behind it."""
    if not answer["items"]:
        yield say("loans_none")
    for one in answer["items"]:
        state = say.name("drawn_loan", one["state"])
        amount = ABSENT if one["amount"] is None else say("amount_of", amount=say.amount(one["amount"]))
        yield f"{one['loan'] or ABSENT}  {one['drawn_on'] or ABSENT}  {amount}  {state}  {one['legal_name'] or ABSENT}"
        numbers = {name: one[name] for name in ("contract", "decision", "entry", "loan_file")}
        numbers["registration"] = say.joined(pledge["registration"] for pledge in one["pledges"])
        told = (f"{say.name('loan_column', name)} {value}" for name, value in numbers.items() if value)
        yield "    " + say.joined(told)
        yield from (f"    {say.name('drawdown_paper', paper['kind'])} {paper['hash']}" for paper in one["papers"])
        not_held = say.name("loan_column", "not_held")
        yield from (f"    {say.name('drawdown_paper', kind)} {not_held}" for kind in one["missing"])
    if answer["next"] is not None:
        yield say("files_next", cursor=answer["next"])


def task_lines(answer: Part, say: Teller) -> Iterator[str]:
    """The lines of what is due."""
    if not answer["items"]:
        yield say("tasks_none")
    for one in answer["items"]:
        yield f"{one['file']}  {_task(one, say)}  {_firm(one)}"


def act_line(answer: Part, say: Teller) -> Iterator[str]:
    """What was recorded, where it stands in the ledger, and what the file waits for then."""
    record, file = answer["record"], answer["loan_file"]
    kind = say.name("loan_act", answer["kind"])
    if answer.get("outcome") is not None:
        kind += f" · {say.name('loan_outcome', answer['outcome'])}"
    yield say("act_recorded", kind=kind, entry=record["entry"], seal=record["seal"][:12])
    if answer["kind"] == "closing":
        yield say("closing_waits")
    if found := answer.get("worse") or answer.get("open"):
        yield say.line("found_worse", say.names("rule", found))
    yield f"{file['id']}  {_stands(file | {'late': False}, say)}"


def file_lines(file: Part, say: Teller) -> Iterator[str]:
    """The lines of a loan file as a whole."""
    yield say("file_title", file=file["id"])
    yield say.line("firm", _firm(file))
    bank, branch = file["bank"] or ABSENT, file["branch"] or ABSENT
    yield say.line("application", f"{file['application']} ({bank} / {branch})")
    yield say.line("stands", _stands(file, say))
    yield say.line("assessed", say.joined(_amounts(file, say)))
    yield say.line("assessment", say("until", advice=file["newest"], until=file["expires"]))
    if file["turn"]:
        yield say.line("terms", say.joined(_terms(file, say)))
    yield from _asked_next(file, say)
    for heading, part, line in (
        ("file_conditions", "conditions", _condition),
        ("file_drawdowns", "drawdowns", _drawdown),
        ("file_pledges", "pledges", _pledge),
        ("file_tasks", "tasks", _task_of_file),
        ("file_votes", "votes", _vote),
        ("file_steps", "steps", _step),
    ):
        rows: Sequence[Part] = file[part]
        if rows:
            yield say.heading(heading)
        for one in rows:
            yield "  " + line(one, say)
    yield say.line("seen", file["seen"][:12])


def _firm(one: Part) -> str:
    return f"{one['legal_name'] or ''} {one['firm']}".strip()


def _stands(one: Part, say: Teller) -> str:
    """The state, and until when it is to be left."""
    state = say.name("loan_state", one["state"])
    if one["due_on"] is None:
        return state
    late = "due_late" if one["late"] else "due_provisional" if one["provisional"] else "due_by"
    return say(late, state=state, day=one["due_on"])


def _amounts(one: Part, say: Teller) -> Iterator[str]:
    """What was advised, asked and advised amounts, what binds, and who leads."""
    yield say.name("advice", one["advice"])
    yield say("asked_amount", amount=say.amount(one["asked"]))
    yield say("advised_amount", amount=say.amount(one["advised"]))
    if one["binding"]:
        yield say("binds", bound=say.name("bound", one["binding"]))
    if one["lead"]:
        yield say("leads", name=one["lead"])


def _terms(file: Part, say: Teller) -> Iterator[str]:
    yield say("amount_of", amount=say.amount(file["amount"]))
    yield say("months_of", months=file["term_months"])
    yield say.name("standing", file["stands"])
    if file["level"]:
        yield say("level_of", level=file["level"])
    if file["waives"]:
        yield say.line("waives", say.names("rule", file["waives"]))


def _asked_next(file: Part, say: Teller) -> Iterator[str]:
    state = file["state"]
    if state == "to_review" and file["to_answer"]:
        yield say.heading("to_answer")
        for one in file["to_answer"]:
            yield f"  {one['rule']}  {say.name('rule', one['rule'])}  {one['subject']}"
    if file["blocking"] and state in ("draft", "returned", "to_review", "to_committee", "to_approve"):
        yield say.line("blocking", say.names("rule", file["blocking"]))
    if state in ("to_draw", "drawn") and file["standing"]:
        yield say.heading("standing")
        for code in file["standing"]:
            yield f"  {code.removeprefix('standing.')}  {_standing(code, say)}"
    if file["closing"] is not None:
        yield say("closing_waits")


def _standing(code: str, say: Teller) -> str:
    """What a precondition is; those that count something are named by their code alone."""
    named = SHIPPED.name(code, say.language)
    return "" if named == code else named


def _condition(one: Part, say: Teller) -> str:
    what = say.name("rule", one["rule"]) if one["rule"] else one["text"]
    facts = {"n": one["n"], "what": what, "when": say.name("condition_due", one["due"])}
    return say("condition_line", **facts, state=say.name("condition_state", one["state"]))


def _drawdown(one: Part, say: Teller) -> str:
    return say(
        "drawdown_line", loan=one["loan"] or ABSENT, amount=say.amount(one["amount"]), on=one["drawn_on"],
        due=one["due_on"],
    )  # fmt: skip


def _pledge(one: Part, say: Teller) -> str:
    return say("pledge_line", number=one["registration"], on=one["registered_on"], amount=say.amount(one["amount"]))


def _task(one: Mapping[str, object], say: Teller) -> str:
    subject = one["subject"]
    named = say.name("rule", subject) if one["what"] == "condition" else subject
    what = say.name("loan_task", one["what"]) + (f" {named}" if subject else "")
    late = "task_provisional" if one["provisional"] else "task_line"
    return say(late, n=one["n"], what=what, day=one["due_on"], owner=one["owner"])


def _task_of_file(one: Part, say: Teller) -> str:
    line = _task(one, say)
    return line if one["closed_on"] is None else say("task_done", task=line, day=one["closed_on"])


def _vote(one: Part, say: Teller) -> str:
    vote = say("vote_hidden") if one["vote"] is None else say.name("loan_vote", one["vote"])
    return say("vote_line", round=one["round"] + 1, member=one["member"], vote=vote)


def _step(one: Part, say: Teller) -> str:
    record, content = one["record"], one["content"]
    kind = say.name("loan_act", one["kind"])
    if content.get("outcome"):
        kind += f" · {say.name('loan_outcome', content['outcome'])}"
    words = next((content[name] for name in ("opinion", "reason", "note", "proof", "found") if content.get(name)), "")
    at = datetime.fromisoformat(record["at"]).astimezone(Settings.from_environment().zone)
    return f"{record['entry']:>6}  {at:%Y-%m-%d %H:%M}  {one['by'] or ABSENT}  {kind}  {words}".rstrip()
