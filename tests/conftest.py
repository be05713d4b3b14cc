"""What every test begins with."""

from collections.abc import Iterator

import pytest

from tests import rendering  # isort: skip  (first: it notes every phrase that is made from here on)
from features.chosen_words import VARIABLE, choose
from service.edge.settings import Settings


@pytest.fixture(scope="session", autouse=True)
def every_phrase_renders() -> Iterator[None]:
    """Whatever the tests of this process made a phrase of can be said in both languages with its facts."""
    yield
    assert not rendering.not_rendered()


@pytest.fixture(scope="session", autouse=True)
def bare_environment() -> Iterator[None]:
    """No setting of the machine that the tests run on reaches them."""
    with pytest.MonkeyPatch.context() as patch:
        for field in Settings.model_fields:
            for variable in Settings.variables(field):
                patch.delenv(variable, raising=False)
        patch.setenv(VARIABLE, "en")  # what commands print is compared in English, unless a test asks otherwise
        choose()
        yield
