"""A form of a loan file as its page shows it: what stands in each field, and what was wrong with what was sent."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from models.words.templates import SHIPPED
from service.desk.formats import in_language, percent_typed, wan, wan_typed
from service.desk.forms import SentForm, by_pointer
from service.desk.pages import DeskPage
from service.desk.reading import DUES, PLEDGES, blocking, waivable
from service.desk.views.loan_file import StepLine, step_lines
from service.edge.errors import InvalidRequest, Refused, SeenChanged
from service.ledger.kinds import Kind
from service.ledger.redaction import Part

_SET_ASIDE = {"code": "reason_code", "mitigation": "mitigation", "until": "until"}
"""Fields of what is set aside, and what entries call them."""


_LABELS = {
    "seen": "seen", "vote": "act.votes", "contract": "contract", "proof": "condition.proof", "loan": "loan_no",
    "drawn_on": "drawn_on", "due_on": "repay_on", "level": "task.level", "owner": "task.owner", "person": "person",
}  # fmt: skip
_OF_ACTS = {
    "warnings": {"due_on": "col.due"},
    "closure": {"outcome": "field.ended"},
    "release": {"amount": "field.release"},
    "conditions/{n}/confirmation": {"proof": "confirmation.proof"},
}
"""What fields are called that have no label of their own, in all acts and in one."""


def field_labels(act: str) -> dict[str, str]:
    """The labels of the fields of an act's form, by name, where they are not `field.NAME`."""
    return _LABELS | _OF_ACTS.get(act, {})


@dataclass(frozen=True)
class ActForm:
    """The fields as they were sent, else as they begin; `refused`: why what was sent was not let through."""

    sent: SentForm
    defaults: Mapping[str, str]
    seen: str
    language: str
    rows: Mapping[str, object]
    refused: Refused | None = None
    told: Mapping[str, list[str]] = field(default_factory=dict)

    def value(self, name: str) -> str:
        """What stands in a field; what was not sent, such as a field that was hidden, begins as ever."""
        return self.sent.raw(name) if name in self.sent.data else self.defaults.get(name, "")

    def ticked(self, name: str) -> bool:
        """Whether a box is ticked: as it was left, and where it was not shown, as it begins."""
        return self.sent.ticked(name) or (not self.sent.unticked(name) and bool(self.defaults.get(name)))

    def chosen(self, name: str, value: str) -> bool:
        """Whether one of several values of a field is ticked; its default names them, a line each."""
        return value in (self.sent.texts(name) if self.sent.data else self.defaults.get(name, "").splitlines())

    def errors(self, name: str) -> list[str]:
        """What is wrong with a field, as sentences."""
        return self.told.get(name, [])

    def fen(self, name: str) -> object:
        """An amount in the field, in fen."""
        return SentForm.of({name: self.value(name)}).fen(name)

    def count(self, name: str) -> object:
        """A whole number in the field."""
        return SentForm.of({name: self.value(name)}).count(name)

    def set_aside(self, file: Part) -> frozenset[str]:
        """The rules that the form would set aside as it stands."""
        dropped = {rule for rule in waivable(file) if not self.ticked(f"keep_{rule}")}
        return frozenset(dropped | {rule for rule in blocking(file) if self.ticked(f"waive_{rule}")})

    def steps_between(self, file: Part, page: DeskPage) -> list[StepLine]:
        """What was done in the file since it was seen: whoever signs reads it before signing again."""
        seals = [step["record"]["seal"] for step in file["steps"]]
        since = seals.index(self.sent.text("seen")) + 1 if self.sent.text("seen") in seals else 0
        return step_lines(file, page)[since:]


def act_form(file: Part, sent: SentForm, page: DeskPage, refused: Refused | None = None) -> ActForm:
    """The form on the file; where what was seen has changed, it is to be signed on the file as it is now."""
    told: dict[str, list[str]] = {}
    if isinstance(refused, InvalidRequest):
        told = {
            name: [SHIPPED.say(one.phrase, page.language) for one in faults]
            for name, faults in by_pointer(refused).items()
        }
    seen = sent.text("seen") if sent.data and not isinstance(refused, SeenChanged) else ""
    rows = {"waivable": waivable(file), "blocking": blocking(file), "pledges": range(PLEDGES)}
    return ActForm(sent, _defaults(file), seen, page.language, rows, refused, told)


def _defaults(file: Part) -> dict[str, str]:
    """What the fields begin with: the terms that the file carries, else those advised; what was set aside before."""
    amount = file["amount"] or file["advised"] or file["asked"]
    cap = file["cap"]
    amount = min(amount, cap) if amount is not None and cap is not None else amount
    months = file["term_months"] or file["advised_term"]
    left = max(file["released"] - file["drawn"], 0)
    found = {
        "amount": "" if amount is None else wan_typed(amount),
        "term_months": "" if months is None else str(months),
        "rate": "" if file["rate"] is None else percent_typed(file["rate"]),
        "left": wan(left),
        "secured_0": "" if amount is None else wan_typed(amount),
        "contract": str(file["contract"] or ""),
        "present": "\n".join(str(one["member"]) for one in file["votes"] if one["round"] == file["round"]),
    }
    found |= _signed(file)
    before = _set_aside(file)
    for rule in waivable(file):
        found[f"keep_{rule}"] = "" if rule in before else "1"
    for rule in blocking(file):
        found[f"waive_{rule}"] = "1" if rule in before else ""
    for rule, one in before.items():
        found |= {f"{name}_{rule}": one[told] for name, told in _SET_ASIDE.items()}
    return found


def _signed(file: Part) -> dict[str, str]:
    """What else whoever signed first agreed to: who signs next may not change it."""
    if file["state"] != "to_approve" or not file["signatures"]:
        return {}
    first = next(step["content"] for step in reversed(file["steps"]) if step["kind"] == Kind.APPROVAL)
    set_by = {due: [one["text"] for one in first["conditions"] if one["due"] == due] for due in DUES}
    return {f"own_{due}": "\n".join(texts) for due, texts in set_by.items()} | {"expires_on": first["expires_on"]}


def _set_aside(file: Part) -> Mapping[str, Part]:
    """What the standing terms set aside, as it was last told."""
    for step in reversed(file["steps"]):
        if "waives" in step["content"]:
            return {one["rule"]: one for one in step["content"]["waives"]}
    return {}


def codes_of(page: DeskPage, parameter: str) -> list[tuple[str, str]]:
    """The codes of a parameter of policy with their wording in the reader's language, as policy states both."""
    state = page.state
    told = state.assessor.policy(parameter).on(state.today(state.now()))
    return [(str(code), in_language(str(text), page.language)) for code, text in dict(told).items()]
