"""What lists are called on pages."""

from collections.abc import Mapping

from models.rules import lists
from models.words.templates import SHIPPED
from service.desk.pages import DeskPage
from service.firm_lists.standing import about_list


def list_names(page: DeskPage) -> dict[str, Mapping[str, str]]:
    """Kinds of lists, how lists came, and what policy calls them today."""
    families = {"kinds": "list_kind", "ways": "push_came"}
    policy, today = page.state.assessor.policy, page.state.today(page.state.now())
    stated = ((name, about_list(policy, name, today)) for name in lists(policy))
    called = {name: about.zh if page.language == "zh" else about.en for name, about in stated if about is not None}
    return {"lists": called, **{name: SHIPPED.family(family, page.language) for name, family in families.items()}}
