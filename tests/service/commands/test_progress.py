"""Whoever waits for a command on many entries sees how far it has come."""

from io import StringIO

import pytest
from rich.console import Console

from features.chosen_words import choose
from features.phrase import Language
from service.commands.progress import progress_of


@pytest.mark.parametrize(
    ("language", "expected"),
    [("zh", ("正在核验", "500/2000", "每秒", "剩余时间")), ("en", ("verifying", "500/2000", "a second", "left:"))],
)
def test_a_bar_tells_what_is_done_how_far_and_how_quickly(language: Language, expected: tuple[str, ...]) -> None:
    """In the language that was asked for, how many entries of how many were read, the rate and the time left."""
    out = StringIO()
    choose(language)
    with progress_of("verifying", Console(file=out, force_terminal=True, width=120)) as seen:
        seen(250, 2000)
        seen(500, 2000)
    for one in expected:
        assert one in out.getvalue()
