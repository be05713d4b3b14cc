"""What the model says as phrases: a reason, the baseline it is measured from, a warning, what a probability means."""

from features.matrix import named
from features.phrase import Fact, Language, Phrase
from models.score.kind import ModelKind
from models.score.reasons import Base, Compared, Reason
from models.words.templates import Words, phrase


def meaning(kind: ModelKind, horizon: str) -> Phrase:
    """What the probability of a model of that kind and horizon is."""
    return phrase(f"meaning.{kind.name}.{horizon}")


def base_phrase(base: Base) -> Phrase:
    """Whose average the points are measured from."""
    return phrase("base", who=who(base.name))


def who(baseline: str) -> tuple[str, ...]:
    """The cases of a baseline, by its name, as a phrase within a phrase."""
    group, _, code = baseline.partition(":")
    return (f"baseline.{group}", "code", code) if code else (f"baseline.{group}",)


def say_reason(
    words: Words, kind: ModelKind, reason: Reason, base: Base, language: Language, currency: str = "CNY"
) -> str:
    """The sentence of a reason: what moved the score and, where it is compared, how the value stands to what is usual.

    What is usual is the same in every answer of a model, so it is said once.
    """
    said = words.say(moved_phrase(kind, reason), language, currency)
    if reason.compared_to is None:
        return said
    usual = words.say_held(usual_phrase, (reason.feature, reason.compared_to, base.name), language, currency)
    return words.name("joint", language).join((said, usual))


def moved_phrase(kind: ModelKind, reason: Reason) -> Phrase:
    """What moved the score, and by how much."""
    tenths = abs(round(10 * reason.points))
    by = f"reason.{kind.name}.{reason.direction}"
    facts: dict[str, Fact] = {
        "topic": reason.code,
        "feature": reason.feature,
        "observed": figure(reason.feature, reason.observed),
    }
    return Phrase(by, facts | {"points": tenths}) if tenths else Phrase(f"{by}_little", facts)


def usual_phrase(feature: str, compared: Compared, baseline: str) -> Phrase:
    """How the value of a feature stands to what is usual in a baseline."""
    value = figure(feature, compared.value) if compared.of == "median" else decimal(compared.value)
    code = f"compared.{compared.of}.{compared.relation}"
    return Phrase(code, {"who": who(baseline), "value": value, "n": compared.n})


def figure(feature: str, value: float | str | None) -> tuple[str, str, str | None]:
    """A feature's value as a fact: the feature, its unit and decimal text, the word of a category, or None."""
    text = None if value is None else value if isinstance(value, str) else decimal(value)
    return feature, named(feature).unit, text


def decimal(value: float) -> str:
    """The shortest decimal text of a number, a whole one without a point: the same on every machine."""
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)
