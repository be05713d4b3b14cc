"""Refusals: a code with typed facts, and a sentence for it in both languages."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, ValidationError

import pledgescore  # noqa: F401  (importing it makes every class of refusals known)
from features.errors import PledgeScoreError, fault
from features.phrase import LANGUAGES
from models.words.faults import fault_of
from models.words.templates import SHIPPED, say
from service.edge.errors import InvalidRequest, Refused

ROOT = Path(__file__).parents[3]


def classes(of: type[PledgeScoreError] = PledgeScoreError) -> Iterator[type[PledgeScoreError]]:
    """Every class of refusals."""
    yield of
    for one in of.__subclasses__():
        yield from classes(one)


NAMES = {one.__name__ for one in classes()} - {"InvalidRequest", "OtherStatus", "WrongMethod"}


PACKAGES = ("features", "models", "service", "training")
PLACES = {"fault": 1, "refusal_phrase": 0, "pydantic_error": 0, "_refusal": 1}
"""Where functions that make a refusal have its code."""
OWN_FACTS = {"faults", "rolled_back"}
"""What is given to an error beside the facts of its sentence."""


def calls() -> Iterator[tuple[str, str, set[str | None]]]:
    """Where a refusal or fault is made with a literal code, its code, and the facts that it is given."""
    places = PLACES | dict.fromkeys(NAMES, 0)
    for package in PACKAGES:
        for file in sorted((ROOT / package).rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                place = places.get(called(node))
                if isinstance(node, ast.Call) and place is not None and len(node.args) > place:
                    for code in literals(node.args[place]):
                        given = {one.arg for one in node.keywords} - OWN_FACTS
                        given |= {"place"} if called(node) == "_refusal" else set()
                        yield f"{file.relative_to(ROOT)}:{node.lineno}", code, given


PRINTED = ("tell", "told", "said")
"""Functions that print a code of the family `print`."""


def test_every_printed_code_has_its_template_and_facts() -> None:
    """What commands print is what the templates ask for."""
    found, wrong = 0, []
    for file in [*(f for one in ("service", "training") for f in (ROOT / one).rglob("*.py")), ROOT / "pledgescore.py"]:
        text = file.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(text)) if "from models.words.output import" in text else ():
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in PRINTED and node.args:
                given = {one.arg for one in node.keywords}
                for code in literals(node.args[0]):
                    found += 1
                    asked = SHIPPED.placeholders(f"print.{code}") if f"print.{code}" in SHIPPED.texts["zh"] else None
                    if asked is None or (None not in given and given != set(asked)):
                        wrong.append(f"{file.name}:{node.lineno} {code}")
    assert found > 50
    assert not wrong


def called(node: ast.AST) -> str:
    """The name of what is called, also where that is a method of `self`."""
    if not isinstance(node, ast.Call):
        return ""
    return node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")


def literals(code: ast.expr) -> Iterator[str]:
    """The codes that an argument may be, as far as they are written there."""
    if isinstance(code, ast.IfExp):
        yield from (*literals(code.body), *literals(code.orelse))
    if isinstance(code, ast.Constant):
        yield str(code.value)


def test_every_code_has_its_template_and_facts() -> None:
    """What a refusal is given is what its sentence names, in every place of the code."""
    found = list(calls())
    assert len(found) > 300
    wrong = [
        one
        for one in found
        if f"refusal.{one[1]}" not in SHIPPED.texts["zh"]
        or (None not in one[2] and one[2] != set(SHIPPED.placeholders(f"refusal.{one[1]}")))
    ]
    assert not wrong


SENTENCES = {
    "features/asof.py": "a name that the code got wrong",
    "features/grouped.py": "a name that the code got wrong",
    "features/phrase.py": "a phrase that the code nested wrongly",
    "features/registry.py": "a feature declared wrongly, found when the module is imported",
    "features/vocabulary/vocabulary.py": "a word declared wrongly, found when the module is imported",
    "models/rules/column_rules.py": "a rule declared wrongly",
    "models/rules/registry.py": "a rule declared wrongly",
    "models/rules/scorecards.py": "what check_policy refuses before, by a code",
    "models/shap/contributions.py": "a matrix that the code made wrongly",
    "models/shap/kernel.py": "no memory: nothing can be made of it",
    "models/words/formats.py": "a fact that does not fit its template: the templates cannot tell their own faults",
    "models/words/templates.py": "the templates cannot tell their own faults",
    "service/access/oidc.py": "for the log alone: whoever signs in is never told why",
    "service/assessing/declared_floats.py": "a part declared wrongly, found when the module is imported",
    "service/demonstration/bank.py": "a made-up bank that the code left without entries",
    "service/demonstration/acts_in_file.py": "an act that the code put before the question",
    "service/demonstration/office.py": "a made-up person who the code says may act",
    "service/demonstration/witnessing.py": "a checkpoint that the code did not sign yet",
    "service/edge/clock.py": "a simulated clock that the code would turn back",
    "service/ledger/compression.py": "caught by whoever verifies, who names the entry by a code",
    "service/ledger/append.py": "an entry that the code made wrongly",
    "service/ledger/canonical.py": "a value that the code made wrongly",
    "service/ledger/contents.py": "caught by whoever verifies, who names the entry by a code",
    "service/ledger/outer.py": "caught by whoever verifies, who names the entry by a code",
    "service/ledger/redaction.py": "caught by whoever verifies, who names the entry by a code",
    "service/desk/labels.py": "a label that is wrong or missing: a defect of the pages, which no label can tell",
    "service/ledger/wrapping.py": "caught by whoever verifies, who names the entry by a code",
    "service/ledger/migrations/versions/v0003_contents.py": "a step back that only a developer takes",
    "service/ledger/migrations/versions/v0008_form2.py": "a step back that only a developer takes",
    "service/ledger/migrations/versions/v0018_keys_of_banks.py": "a step back that only a developer takes",
    "service/web/shapes/part.py": "a part declared wrongly, found when the module is imported",
    "service/offline/verify.py": "stands alone without the product, and says both languages itself",
    "service/offline/witness.py": "stands beside it on the fund's machine",
    "training/world/write.py": "a row that the code made wrongly",
}
"""Modules that raise sentences, each with the reason: none of them is a refusal that a person is meant to read."""


def raised_sentences(package: str) -> Iterator[tuple[str, int]]:
    """Where an error is raised with words of its own: a text with a space, also one that is filled in."""
    for file in sorted((ROOT / package).rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
                if called(node.exc) == "PydanticCustomError":  # its message is never shown, its type is the code
                    continue
                given = [*node.exc.args, *(one.value for one in node.exc.keywords)]
                texts = [one.value for each in given for one in ast.walk(each) if isinstance(one, ast.Constant)]
                if any(isinstance(text, str) and " " in text for text in texts):
                    yield str(file.relative_to(ROOT)), node.lineno


@pytest.mark.parametrize("package", PACKAGES)
def test_no_refusal_is_a_sentence(package: str) -> None:
    """Sentences are raised where the code itself is wrong, and in the modules that are listed with a reason."""
    found = list(raised_sentences(package))
    assert not [one for one in found if one[0] not in SENTENCES]
    of_package = {file for file in SENTENCES if file.startswith(f"{package}/")}
    assert {file for file, _ in found} == of_package, "take what raises no sentence any more out of the list"


def test_no_listed_module_refuses_by_a_sentence() -> None:
    """Also in the listed modules, what is raised with words is no refusal, but an error of Python or of their own."""
    for file in SENTENCES:
        for node in ast.walk(ast.parse((ROOT / file).read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and called(node) in NAMES and node.args:
                code = node.args[0]
                assert not isinstance(code, ast.JoinedStr), f"{file}:{node.lineno}"
                assert not (isinstance(code, ast.Constant) and " " in str(code.value)), f"{file}:{node.lineno}"


def test_every_kind_of_problem_has_a_title() -> None:
    """In both languages, by the type that a client reads."""
    for one in classes(Refused):
        for language in LANGUAGES:
            assert f"problem.{one.problem}" in SHIPPED.texts[language], one
    assert InvalidRequest([]).title("zh") == "请求内容不符合要求"


def test_a_text_names_each_place_that_is_wrong() -> None:
    """The sentence, then a line for each fault, in the language asked for; `str` is English."""
    refused = InvalidRequest([fault("/name", "missing"), fault("", "twice")])
    assert refused.text("zh") == "共 2 处不符合要求，逐项列于错误清单。\n  /name: 必须填写\n  每件专利仅可填写一次"
    assert str(refused).splitlines()[1:] == ["  /name: is required", "  each patent is named once"]
    assert (refused.code, refused.facts) == ("invalid_request", {"count": 2})


class Given(BaseModel):
    """A body with fields of every kind that requests have."""

    model_config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)

    text: Annotated[str, Field(min_length=2, max_length=3, pattern="^a")] = "aa"
    share: Annotated[float, Field(ge=0, le=0.5)] = 0.0
    count: Annotated[int, Field(gt=0, lt=9)] = 1
    word: Literal["one", "two"] = "one"
    flag: bool = False
    items: Annotated[list[int], Field(min_length=1, max_length=2)] = [1]
    needed: str


@pytest.mark.parametrize(
    ("body", "zh", "en"),
    [
        ({}, "必须填写", "is required"),
        ({"other": 1}, "不是约定的字段", "is not a field of this request"),
        ({"text": "a"}, "至少 2 个字符", "must have at least 2 characters"),
        ({"text": "aaaa"}, "至多 3 个字符", "must have at most 3 characters"),
        ({"text": "bb"}, "须符合格式 ^a", "must match the pattern ^a"),
        ({"text": 5}, "须为文本", "must be text"),
        ({"share": 0.6}, "不得大于 0.5", "must be at most 0.5"),
        ({"share": -1.0}, "不得小于 0", "must be at least 0"),
        ({"share": float("nan")}, "须为有限数值", "must be a finite number"),
        ({"share": "x"}, "须为数值", "must be a number"),
        ({"count": 0}, "须大于 0", "must be above 0"),
        ({"count": 9}, "须小于 9", "must be below 9"),
        ({"count": 1.5}, "须为整数", "must be a whole number"),
        ({"word": "three"}, "须为下列之一：one、two", "must be one of one, two"),
        ({"flag": "yes"}, "须为 true 或 false", "must be true or false"),
        ({"items": []}, "至少 1 项", "must hold at least 1 items"),
        ({"items": [1, 2, 3]}, "至多 2 项", "must hold at most 2 items"),
        ({"items": {}}, "须为列表", "must be a list"),
    ],
)
def test_what_pydantic_finds_is_said_in_both_languages(body: dict[str, object], zh: str, en: str) -> None:
    """By codes of its own types of errors; nothing that was sent is repeated."""
    with pytest.raises(ValidationError) as found:
        Given.model_validate(body if body == {} else {"needed": "x"} | body)
    one = fault_of(found.value.errors()[0])
    assert (say(one.phrase, "zh"), say(one.phrase, "en")) == (zh, en)


def test_an_error_without_a_template_is_told_by_its_type() -> None:
    """A type of error that nobody wrote a sentence for is a code all the same."""
    told = fault_of({"type": "url_scheme", "loc": ("a", 1), "msg": "x", "input": "secret", "ctx": {"expected": "y"}})
    assert (told.pointer, told.code, dict(told.phrase.facts)) == ("/a/1", "value", {"type": "url_scheme"})
