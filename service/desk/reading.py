"""From a form to what the API takes: the same names, amounts in fen, days as they were typed."""

from collections.abc import Mapping

from service.desk.forms import SentForm
from service.ledger.redaction import Part

DUES = ("before_contract", "before_drawdown", "after")
PLEDGES = 3
"""Rows for registered pledges on the form of a release."""

Told = Mapping[str, object]


def waivable(file: Part) -> list[str]:
    """The conditions that the advice sets: each is kept unless its box is unticked."""
    return [str(rule) for rule in file["advised_conditions"]]


def blocking(file: Part) -> list[str]:
    """What speaks against the loan: each is set aside only where its box is ticked."""
    return [str(rule) for rule in file["blocking"] if rule not in file["advised_conditions"]]


def _person(sent: SentForm) -> Told:
    return {"person": sent.optional("person")}


def _own(sent: SentForm) -> list[dict[str, str]]:
    return [{"text": text, "due": due} for due in DUES for text in sent.lines(f"own_{due}")]


def _waives(sent: SentForm, file: Part) -> list[str]:
    """The rules that the form sets aside: what it did not show is kept."""
    return [rule for rule in waivable(file) if sent.unticked(f"keep_{rule}")] + [
        rule for rule in blocking(file) if sent.ticked(f"waive_{rule}")
    ]


def _terms(sent: SentForm, file: Part) -> Told:
    set_aside = [
        {
            "rule": rule,
            "reason_code": sent.text(f"code_{rule}"),
            "mitigation": sent.text(f"mitigation_{rule}"),
            "until": sent.text(f"until_{rule}"),
        }
        for rule in _waives(sent, file)
    ]
    return {
        **_person(sent),
        "seen": sent.text("seen"),
        "amount": sent.fen("amount"),
        "term_months": sent.count("term_months"),
        "rate": sent.share("rate"),
        "conditions": _own(sent),
        "waives": set_aside,
    }


def submission(sent: SentForm, file: Part) -> Told:
    """Two investigators submit."""
    return {
        **_terms(sent, file),
        "assessment": sent.text("assessment") or str(file["newest"]),
        "second": sent.optional("second"),
        "visits": sent.texts("visit"),
        "note": sent.optional("note"),
        "reason_code": sent.optional("reason_code"),
        "not_brought": [
            {"what": one["what"], "reason": text}
            for place, one in enumerate(file["wanted"])
            if (text := sent.text(f"without_{place}"))
        ],
    }


def opinion(sent: SentForm, file: Part) -> Told:
    """The reviewer's opinion."""
    answers = [
        {"rule": one["rule"], "subject": one["subject"], "answer": text}
        for place, one in enumerate(file["to_answer"])
        if (text := sent.text(f"answer_{place}"))
    ]
    return {
        **_person(sent),
        "seen": sent.text("seen"),
        "outcome": sent.optional("outcome"),
        "opinion": sent.optional("opinion"),
        "answers": answers,
        "conditions": _own(sent),
    }


def vote(sent: SentForm, _: Part) -> Told:
    """A member's vote."""
    told = {name: sent.optional(name) for name in ("meeting", "vote", "reason")}
    return {**_person(sent), "seen": sent.text("seen"), **told}


def minutes(sent: SentForm, file: Part) -> Told:
    """The minutes; of who left why, beside the name or in a line each: name, a colon, why."""
    recused = [{"member": member, "reason": reason} for member, reason in sent.beginning("recused_").items()]
    for line in sent.lines("recused"):
        member, _, reason = line.replace("：", ":").partition(":")
        recused.append({"member": member.strip(), "reason": reason.strip()})
    return {
        **_terms(sent, file),
        "meeting": sent.optional("meeting"),
        "held_on": sent.day("held_on"),
        "chair": sent.optional("chair"),
        "vetoed": sent.ticked("vetoed"),
        "present": [line.strip() for text in sent.texts("present") for line in text.splitlines() if line.strip()],
        "recused": recused,
    }


def approval(sent: SentForm, file: Part) -> Told:
    """An approval with its terms, or that it is declined."""
    if sent.text("outcome") == "declined":
        return {
            **_person(sent),
            "seen": sent.text("seen"),
            "outcome": "declined",
            "reason_code": sent.optional("decline_code"),
            "reason": sent.optional("reason"),
        }
    return {
        **_terms(sent, file),
        "outcome": sent.optional("outcome"),
        "reason_code": sent.optional("reason_code"),
        "reason": sent.optional("reason"),
        "expires_on": sent.day("expires_on"),
    }


def releasing(sent: SentForm, file: Part) -> Told:
    """The drawdown desk's check, with the standing preconditions and the registered pledges."""
    standing = [
        {"item": item, "done_on": sent.text(f"standing_day_{place}"), "document": sent.text(f"standing_paper_{place}")}
        for place, item in enumerate(file["standing"])
        if sent.text(f"standing_day_{place}") or sent.text(f"standing_paper_{place}")
    ]
    pledges = [
        {
            "registration": sent.text(f"registration_{place}"),
            "registered_on": sent.text(f"registered_on_{place}"),
            "amount": sent.fen(f"secured_{place}"),
            "maximum": sent.ticked(f"maximum_{place}"),
        }
        for place in range(PLEDGES)
        if sent.text(f"registration_{place}")
    ]
    return {
        **_person(sent),
        "seen": sent.text("seen"),
        "amount": sent.fen("amount"),
        "contract": sent.optional("contract"),
        "standing": standing,
        "pledges": pledges,
    }


def payment(sent: SentForm, _: Part) -> Told:
    """That money was paid out."""
    told = {name: sent.optional(name) for name in ("drawn_on", "due_on", "loan")}
    return {**_person(sent), "amount": sent.fen("amount"), **told}


def returning(sent: SentForm, _: Part) -> Told:
    """The file goes back, with what is wanted."""
    told = {name: sent.optional(name) for name in ("reason_code", "reason")}
    return {**_person(sent), "wanted": sent.lines("wanted"), **told}


def withdrawal(sent: SentForm, _: Part) -> Told:
    """The application is withdrawn."""
    return {**_person(sent), **{name: sent.optional(name) for name in ("by", "reason_code", "reason")}}


def paper(sent: SentForm, _: Part) -> Told:
    """A paper by its digest: of the file that was chosen, or as it was typed."""
    told = {name: sent.optional(name) for name in ("what", "dated_on", "about")}
    return {**_person(sent), "hash": sent.digest("file") or sent.optional("hash"), **told}


def warning(sent: SentForm, _: Part) -> Told:
    """A warning with its day and owner."""
    names = ("code", "level", "due_on", "owner", "note")
    return {**_person(sent), **{name: sent.optional(name) for name in names}}


def closure(sent: SentForm, _: Part) -> Told:
    """How the loan ended."""
    told = {name: sent.optional(name) for name in ("closed_on", "outcome")}
    return {**_person(sent), "loss": sent.fen("loss"), "recovered": sent.fen("recovered"), **told}


def condition(sent: SentForm, file: Part) -> Told:
    """A condition is done; an advised one on the newest assessment, in which its rule ran again."""
    told = {name: sent.optional(name) for name in ("happened_on", "proof")}
    document = sent.digest("file") or sent.optional("kept")
    return {**_person(sent), "document": document, "assessment": str(file["newest"]), **told}


def proof(sent: SentForm, _: Part) -> Told:
    """A second person confirms."""
    return {**_person(sent), "proof": sent.optional("proof")}


RIGHT_AMOUNTS = ("amount", "loss", "recovered")
"""Values of a payment or a closure that are amounts."""
RIGHT_TEXTS = ("loan", "drawn_on", "due_on", "closed_on")


def correction(sent: SentForm, _: Part) -> Told:
    """What does not count, why, and the values that are right, of those that were recorded wrongly."""
    told: dict[str, object] = {name: sent.fen(f"right_{name}") for name in RIGHT_AMOUNTS}
    told |= {name: sent.optional(f"right_{name}") for name in RIGHT_TEXTS}
    right = {name: value for name, value in told.items() if value is not None}
    return {**_person(sent), "entry": sent.count("entry"), "reason": sent.optional("reason"), "right": right or None}


def check(sent: SentForm, _: Part) -> Told:
    """What was due was done."""
    told = {name: sent.optional(name) for name in ("happened_on", "found")}
    return {**_person(sent), "document": sent.digest("file"), **told}


def note(sent: SentForm, _: Part) -> Told:
    """A warning is settled."""
    return {**_person(sent), "note": sent.optional("note")}
