"""Addresses: which of them only this machine reaches, and what of one may be told."""

import ipaddress
import re

_USER = re.compile(r"(?<=://)[^/\s@]+@")
_QUERY = re.compile(r"(://[^\s?'\"]*)\?[^\s'\"]*")


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches the address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def without_secrets(text: str) -> str:
    """The text, its addresses without user, password and query: what libraries say names the address that failed."""
    return _QUERY.sub(r"\1", _USER.sub("", text))
