"""Screening a lake: one row per firm and list with scores and reasons, the same whatever is screened together."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest

import training.screening.screen
from features.asof import Case, as_known
from features.encoded import Tables
from features.lake import Lake
from features.norms import Norm, Norms
from features.phrase import LANGUAGES, Language
from features.policy import shipped
from models.assess import Assessment, assess
from models.list_standing import ListStanding
from models.rules import lists
from models.rules.whitelists import UnknownList
from models.score.bundle import Bundle
from models.score.phrases import say_reason
from models.score.reasons import base_of
from models.words.templates import SHIPPED, say
from tests.service.made import make_bundle
from tests.training.making import world
from tests.training.screening.beside import asked_alike, differences, screened_rows
from training.screening.screen import (
    COLUMNS,
    NotTheSame,
    ScreeningQuestion,
    chosen_lists,
    count_firms,
    identity,
    screened,
    sources,
)

DAY = date(2024, 6, 30)


@pytest.fixture(scope="module")
def question(tmp_path_factory: pytest.TempPathFactory) -> ScreeningQuestion:
    """A small synthetic world, asked of all lists with both models."""
    folder = tmp_path_factory.mktemp("screened")
    lake = world(folder / "lake", loans=60)
    for kind in ("whitelist", "pledge"):
        make_bundle(folder / kind, kind)  # type: ignore[arg-type]
    return ScreeningQuestion(lake.path, DAY, tuple(lists(shipped())), folder / "whitelist", folder / "pledge")


@pytest.fixture(scope="module")
def rows(question: ScreeningQuestion) -> pl.DataFrame:
    """All firms against all lists."""
    return screened_rows(question)


def test_each_firm_has_one_row_per_list(question: ScreeningQuestion, rows: pl.DataFrame) -> None:
    """No firm is left out, none stands twice, and no firm that was not yet known is there."""
    lake = Lake(question.lake)
    known = pl.concat(lake.read(i, ["firms"])["firms"] for i in range(lake.partitions)).filter(
        pl.col("known_on") <= DAY
    )
    assert set(rows["firm"]) == set(known["firm"])
    assert rows.select("firm", "list").is_duplicated().sum() == 0
    assert rows.height == known["firm"].n_unique() * len(question.lists)
    assert sum(count_firms(lake, i, DAY) for i in range(lake.partitions)) == known["firm"].n_unique()
    assert rows.schema == pl.Schema(COLUMNS)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_row_says_what_an_assessment_says_of_the_firm_alone(question: ScreeningQuestion, language: Language) -> None:
    """Outcome, probabilities, grades, the first reasons and the findings are those of the firm assessed by itself.

    Each language is read of other firms.
    """
    question = replace(question, words=language)
    rows, seen = screened_rows(question), sources(question)
    assert seen.whitelist is not None
    assert seen.pledge is not None
    for row in rows.gather_every(58, 29 * LANGUAGES.index(language)).iter_rows(named=True):
        admission, pd = (_alone(question, row["firm"], bundle) for bundle in (seen.whitelist, seen.pledge))
        for name, told in (("admission", admission), ("pd", pd)):
            assert (row[name], row[f"{name}_grade"]) == (told.probability, told.grade)
            kept, base = told.reasons[: question.reasons], base_of(told.measured)
            assert row[f"{name}_reasons"] == "; ".join(f"{g.feature}={g.points:+.1f}" for g in kept)
            said = (say_reason(SHIPPED, told.bundle.kind, g, base, language) for g in kept)
            assert all(sentence in row[f"{name}_reasons_text"] for sentence in said)
        assert isinstance(admission.beside, ListStanding)
        listed = next(one for one in admission.beside.lists if one.list == row["list"])
        assert row["outcome"] == listed.outcome
        assert row["why_not"] == "; ".join(f"{f.rule}={f.outcome}" for f in listed.why_not)
        for finding in listed.why_not:
            title = SHIPPED.name(f"rule.{finding.rule}", language) + {"zh": "：", "en": ": "}[language]
            assert f"{title}{say(finding.observed, language)}" in row["why_not_text"]


def test_codes_alone_are_written_where_no_words_are_asked_for(question: ScreeningQuestion, rows: pl.DataFrame) -> None:
    """There is no column of sentences then, and the others say the same as beside sentences in any language."""
    bare, english = (screened_rows(replace(question, words=words)) for words in ("none", "en"))
    assert [name for name in COLUMNS if name not in bare.columns] == [
        "why_text", "why_not_text", "cautions_text", "admission_reasons_text", "pd_reasons_text",
    ]  # fmt: skip
    assert bare.equals(rows.select(bare.columns))
    assert bare.equals(english.select(bare.columns))
    assert not any(rows["why_not_text"].eq(english["why_not_text"]).filter(rows["why_not"] != ""))


def test_the_service_finds_the_same_of_a_firm(question: ScreeningQuestion, rows: pl.DataFrame, tmp_path: Path) -> None:
    """Outcomes, reasons against, cautions and probabilities are those of the service (500 firms: `make prove`)."""
    assert differences(question, rows, asked_alike(question)[::40], tmp_path) == []


def _alone(question: ScreeningQuestion, firm: str, bundle: Bundle) -> Assessment:
    tables = Tables.from_frames(Lake(question.lake).read_firm(firm))
    return assess(as_known(tables, [Case(firm, firm, DAY)], bundle.norms, shipped()), bundle, "test")[0]


def test_it_matters_not_how_many_are_screened_together(
    question: ScreeningQuestion, rows: pl.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A few firms at a time give the same rows, bit for bit."""
    monkeypatch.setattr(training.screening.screen, "TOGETHER", 17)
    assert screened_rows(question).equals(rows)


def test_each_model_compares_with_its_own_norms(
    question: ScreeningQuestion, rows: pl.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Other norms of the whitelist model leave what the pledge model says as it is."""
    seen = sources(question)
    assert seen.whitelist is not None
    other = replace(seen.whitelist, norms=Norms.of([Norm("peers:all", "median:staff", 80.0, 1000, "2020-01-01")]))
    monkeypatch.setattr(training.screening.screen, "sources", lambda _: replace(seen, whitelist=other))
    again = screened_rows(question)
    assert again.select(pl.col("^pd.*$")).equals(rows.select(pl.col("^pd.*$")))


def test_without_a_model_nobody_passes_a_list_that_asks_for_it(question: ScreeningQuestion) -> None:
    """The admission is unknown, which is no pass; and there are no reasons."""
    rows = screened_rows(replace(question, lists=("push",), whitelist=None, pledge=None))
    assert "pass" not in rows["outcome"]
    assert rows["why_not"].str.contains("list_admission=unknown").all()
    assert rows.select(pl.col("^(admission|pd).*$")).null_count().sum_horizontal()[0] == rows.height * 8


def test_as_many_reasons_are_kept_as_asked_for(question: ScreeningQuestion) -> None:
    """None, one, or all that there are."""
    for kept, least, most in ((0, 0, 0), (1, 1, 1), (1000, 5, 1000)):
        rows = screened_rows(replace(question, lists=("push",), reasons=kept))
        counts = rows["pd_reasons"].str.count_matches("=")
        assert least <= counts.min() <= counts.max() <= most  # type: ignore[operator]


def test_a_process_that_sees_something_else_does_not_answer(question: ScreeningQuestion) -> None:
    """A worker with another model or another lake says what differs."""
    expected = identity(question) | {"pledge_model": "another"}
    with pytest.raises(NotTheSame, match=r"pledge model: another ≠ [0-9a-f]{64}"):
        screened(question, 0, expected)


def test_a_list_that_nobody_states_is_refused() -> None:
    """`all` is every list."""
    with pytest.raises(UnknownList, match="there is no list 'nobody'"):
        chosen_lists("nobody", shipped())
    assert list(chosen_lists("all", shipped())) == lists(shipped())
