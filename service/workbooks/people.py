"""Names of people in a workbook: each becomes a key, since rows about people are joined by keys and never by names."""

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence

from features.tables import TABLES
from service.workbooks.rows import ReadRow

_KEY = re.compile("(person|uscc|cik|row):[!-~]+")
_PERSONS = tuple((table, name) for table in TABLES for name in ("person",) if name in TABLES[table].columns)
_ABOUT = (("guarantees", "guarantor"), ("credit_events", "about"), ("collateral", "pledgor"), ("uses", "payee"))
"""Columns that may name a person who stands on the sheet of people."""


def key_of(firm: str, name: str) -> str:
    """The key of a person of a firm: the same name is the same person there, and another at another firm."""
    return f"person:{hmac.new(firm.encode(), name.encode(), hashlib.sha256).hexdigest()[:16]}"


def with_keys(firm: str, rows: Mapping[str, Sequence[ReadRow]]) -> None:
    """Put keys in the place of names; the name of somebody on the sheet of people is kept there beside the key."""
    keys: dict[str, str] = {}
    for table, column in _PERSONS:
        for row in rows.get(table, ()):
            name = row.values.get(column)
            if isinstance(name, str) and not _KEY.fullmatch(name):
                keys[name] = row.values[column] = key_of(firm, name)
                if table == "people":
                    row.values.setdefault("full_name", name)
    for table, column in _ABOUT:
        for row in rows.get(table, ()):
            name = row.values.get(column)
            if isinstance(name, str) and name in keys:
                row.values[column] = keys[name]
