"""The comparison with published figures and the page that shows it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

import pledgescore
from features.chosen_words import choose
from models.words.templates import SHIPPED
from tests.models.words.test_chinese import latin
from training.realism.check import MeasuredFigure, measured, page
from training.realism.figures import FIGURES, LEFT_OUT
from training.realism.published import PublishedFigure

PAGE = Path(__file__).parents[3] / "docs" / "world.md"


def test_at_least_25_figures_each_with_source_and_tolerance() -> None:
    """The tolerance is a tenth of the target, or the source's own range around it."""
    assert len(FIGURES) >= 25
    assert len({figure.code for figure in FIGURES}) == len(FIGURES)
    for figure in FIGURES:
        assert figure.source
        assert figure.low <= figure.target <= figure.high


def test_the_page_lists_the_figures_of_today() -> None:
    """docs/world.md shows every figure with its target and every one left out; remake it by `world check --write`."""
    shown = PAGE.read_text(encoding="utf-8")
    for figure in FIGURES:
        name = SHIPPED.name(f"published.{figure.code}", "en")
        assert f"| {name} | {figure.target:.4g} | {figure.low:.4g} to {figure.high:.4g} |" in shown
    for code in LEFT_OUT:
        assert f"| {SHIPPED.name(f'left_out.{code}', 'en')} |" in shown
    assert "missed" not in shown


def test_a_figure_out_of_tolerance_is_called_missed() -> None:
    """In the page and to the caller."""
    figure = PublishedFigure("in_use", 1.0, 0.9, 1.1, "input", "use_2026", lambda _: 1.2)
    missed = MeasuredFigure(figure, 1.2)
    assert not missed.met
    assert "**missed**" in page([missed], 1, 1, "a")


@pytest.fixture
def in_chinese() -> Iterator[None]:
    """Commands speak Chinese in this test."""
    choose("zh")
    yield
    choose()


@pytest.mark.usefixtures("in_chinese")
def test_the_page_speaks_chinese() -> None:
    """Every figure, source and reason, with no English but what is quoted."""
    text = page([MeasuredFigure(figure, figure.target) for figure in FIGURES], 1000, 1, "a")
    assert latin(text) == set()
    assert "`pledgescore world check --firms 1000 --seed 1 --mechanism a --write docs/world.md`" in text
    assert (
        "| 资产负债率 | 0.576 | 0.5184 – 0.6336 | 0.576 | 符合 | 拟合 | 国家统计局，规模以上工业企业，2024 年 |" in text
    )


def test_most_figures_hold_in_a_small_world() -> None:
    """Figures of many firms hold already among 1,500; rare things need the size that the command uses."""
    found = {m.figure.code: m for m in measured(1500, 3, "a")}
    for name in ("asset_turnover", "debt_ratio", "loss_makers"):
        assert found[name].value == pytest.approx(found[name].figure.target, rel=0.2)
    assert sum(m.met for m in found.values()) > len(found) / 2


def test_the_command_makes_a_lake_and_says_so(tmp_path: Path) -> None:
    """`pledgescore world OUT` writes, and refuses to write over a lake."""
    words = ["world", str(tmp_path / "lake"), "--loans", "60"]
    made = CliRunner().invoke(pledgescore.app, words)
    assert made.exit_code == 0, made.output
    assert "synthetic world of 200 firms" in made.output
    assert CliRunner().invoke(pledgescore.app, words).exit_code == 1
