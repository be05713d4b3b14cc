"""The order in which findings are shown."""

from models.rules.order import TOPICS
from models.rules.registry import RULES


def test_every_rule_that_may_weigh_has_its_place():
    """Whatever may weigh on a loan stands in one topic; what a topic names is a rule."""
    placed = [rule for rules in TOPICS.values() for rule in rules]
    weighing = {code for code, rule in RULES.items() if rule.about != "list" and set(rule.weighs) != {"info"}}
    assert len(placed) == len(set(placed))
    assert weighing <= set(placed) <= set(RULES)
