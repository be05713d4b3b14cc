"""Whether a caller may use a route: what the route's rule needs, against what the caller's role and place allow."""

from service.access.roles import OPEN, Caller
from service.access.route_rules import ANYBODY, SIGNED_IN, RouteRule
from service.edge.errors import Forbidden, NotSignedIn


def is_open(rule: RouteRule, caller: Caller) -> bool:
    """Whether nothing more is looked at: the route is anybody's, or there is no sign-in."""
    return rule.needs == ANYBODY or caller is OPEN


def check_allowed(rule: RouteRule, caller: Caller) -> None:
    """Raises `NotSignedIn` or `Forbidden` where the rule does not let the caller use its route."""
    if is_open(rule, caller):
        return
    if not caller.signed_in:
        raise NotSignedIn("not_signed_in")
    if rule.needs != SIGNED_IN and rule.needs not in caller.may:
        raise Forbidden("role_may_not", role=caller.role, needs=rule.needs)
    if rule.inside and caller.place.fund is not None:
        raise Forbidden("bank_only")
