"""What two packs for a fund differ in beside conclusions, which follow from everything and are told all the same."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from service.assessing.audiences import CONCLUDING, CONCLUSIONS
from tests.service import corrupting
from tests.service.banked import Bank

ITS_OWN = ("id", "asked_at", "links", "record")
"""Parts that differ between any two answers."""
OF_A_PATENT = ("pledgeable", "carries")
"""What of a patent is a conclusion."""
OF_A_REASON = ("code", "observed", "better")
"""What of a reason does not follow from the model."""


def shown_in(bank: Bank, assessment: str) -> dict[str, Any]:
    """What the pack for a fund shows of an assessment that is covered by a checkpoint, by pointer."""
    file = bank.pack(assessment, "fund")
    entry = corrupting.told(corrupting.read(file))["entries"][0]
    return {leaf[0]: json.loads(leaf[2]) for leaf in entry["leaves"] if len(leaf) == 3}


def differing(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    """The pointers of what differs and may not."""
    left, right = (dict(_facts(shown)) for shown in (one, other))
    moved = {pointer for pointer in left.keys() ^ right.keys() if not pointer.startswith("/answer/reasons/")}
    return sorted(moved | {pointer for pointer in left.keys() & right.keys() if left[pointer] != right[pointer]})


def _facts(shown: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """All that is shown beside the conclusions: of a list of findings, patents or reasons each item by itself."""
    for pointer, value in shown.items():
        part = pointer.split("/")[2] if pointer.startswith("/answer/") else ""
        if part in ITS_OWN or part in CONCLUSIONS:
            continue
        if part == "reasons":
            yield from ((f"{pointer}/{one['feature']}", [one.get(name) for name in OF_A_REASON]) for one in value)
        elif part == "findings":
            yield pointer, [one for one in value if one["rule"] not in CONCLUDING]
        elif part == "lists":
            kept = [[one for one in listed["findings"] if one["rule"] not in CONCLUDING] for listed in value]
            yield pointer, kept
        elif part == "patents":
            yield pointer, [{name: own for name, own in one.items() if name not in OF_A_PATENT} for one in value]
        else:
            yield pointer, value
