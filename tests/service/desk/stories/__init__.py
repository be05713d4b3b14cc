"""What people do at the desk, from the first page to the last: each story is one function, told to a `Hand`.

A module of this folder tells the stories of a subject; whoever walks them chooses language and hand.
"""

from collections.abc import Callable
from importlib import import_module
from pkgutil import iter_modules

from features.phrase import Language
from tests.service.desk.browsing import AtDesk
from tests.service.desk.hands import Hand

Story = Callable[[Hand], None]
STORIES: dict[str, Story] = {}


def story(run: Story) -> Story:
    """Let the decorated function be one of the stories, by its name."""
    assert run.__name__ not in STORIES
    STORIES[run.__name__] = run
    return run


def all_stories() -> dict[str, Story]:
    """Every story that a module of this folder tells."""
    for module in iter_modules(__path__):
        import_module(f"{__name__}.{module.name}")
    return STORIES


def walk(desk: AtDesk, name: str, language: Language, by: type[Hand]) -> None:
    """One story, in one language, by one hand. Raises `AssertionError` where it does not go as it should."""
    hand = by(desk, language)
    try:
        STORIES[name](hand)
        hand.leave()
    finally:
        hand.page.context.close()
