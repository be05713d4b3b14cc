"""What a command prints: sentences in the language that was chosen, or codes with their facts as JSON."""

import sys
from collections.abc import Iterable

import msgspec

from features.chosen_words import language
from features.errors import AnyFact, PledgeScoreError, as_facts
from features.phrase import Phrase
from features.text_files import visible
from models.words.faults import PlacedFault, fault_line
from models.words.templates import say

_FAMILY = "print."


def text(phrase: Phrase) -> str:
    """A phrase as the command tells it."""
    wanted = language()
    return msgspec.json.encode(phrase).decode() if wanted is None else say(phrase, wanted)


def told(code: str, /, **facts: AnyFact) -> str:
    """What a command prints under the template `print.CODE`."""
    return text(Phrase(_FAMILY + code, as_facts(facts)))


def tell(code: str, /, **facts: AnyFact) -> None:
    """Print it."""
    print(told(code, **facts))


def tell_faults(faults: Iterable[PlacedFault], before: str = "") -> None:
    """Print what is wrong or stands in the way, a line each."""
    wanted = language()
    for one in faults:
        codes = ": ".join(filter(None, (one.pointer, text(one.phrase))))
        print(before + (codes if wanted is None else fault_line(one, wanted)))


def complain(error: PledgeScoreError) -> None:
    """Print a refusal on standard error: its sentence and the places that are wrong, or their codes."""
    wanted = language()
    if wanted is not None:
        print(f"pledgescore: {visible(error.text(wanted))}", file=sys.stderr)
        return
    for phrase in (error.phrase, *(one.phrase for one in error.faults)):
        print(f"pledgescore: {text(phrase)}", file=sys.stderr)
