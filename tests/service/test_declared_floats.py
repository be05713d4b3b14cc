"""Floats of an answer are written where they are declared: the same text as that of whoever looks into everything."""

from pathlib import Path

import msgspec
import orjson
import pytest

from service.assessing.declared_floats import floats_written
from service.assessing.stages import Assessed, Question
from service.edge.settings import Settings
from service.ledger.actors import OPEN
from service.ledger.canonical import canonical, without_floats
from service.ledger.opening import open_database
from service.ledger.redaction import answer_leaves, cut_of
from service.ledger.stored_artifacts import StoredArtifacts
from service.web.app import open_assessor
from tests.service.conftest import NOON
from tests.service.made import applicant, make_bundle, offering


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> list[Assessed]:
    """Answers of both kinds: with patents offered, held, none at all, with own assumptions, and on an early day."""
    folder = tmp_path_factory.mktemp("answers")
    make_bundle(folder / "pledge")
    make_bundle(folder / "whitelist", "whitelist")
    settings = Settings(bundles=(folder / "pledge", folder / "whitelist"))
    artifacts = StoredArtifacts(open_database(f"sqlite:///{Path(folder) / 'ledger.db'}"))
    assessor, _ = open_assessor(settings, lambda: NOON, artifacts)
    offered = offering(2, 8, 3)
    own = {"patent": offered["rows"]["patents"][0]["patent"], "royalty": 0.05, "life": 4.5, "source": "licence"}
    bodies = [
        *(offering(seed, 8, 3) for seed in range(5)),
        offered | {"assumptions": [own]},
        applicant(7, patents=0),
        applicant(8, patents=30) | {"as_of": "2012-01-01"},
        *(applicant(seed, patents=4) | {"kind": "whitelist"} for seed in range(3)),
    ]
    found = assessor.assess(assessor.gather([Question(orjson.dumps(b), NOON, NOON.date(), OPEN) for b in bodies]))
    told = [one for one in found if isinstance(one, Assessed)]
    assert len(told) >= len(bodies) - 1
    assert {one.parts["kind"] for one in told} == {"pledge", "whitelist"}
    return told


def test_the_leaves_are_those_of_the_canonical_text(answers: list[Assessed]) -> None:
    """Of every answer, as it is in memory and as it is read back; what was given is not changed."""
    for one in answers:
        sent, cut = orjson.dumps(one.parts), cut_of(one.leaves)
        expected = answer_leaves(sent, one.parts, cut)
        assert answer_leaves(sent, floats_written(one.parts), cut, without_floats) == expected
        assert answer_leaves(sent, floats_written(orjson.loads(sent)), cut, without_floats) == expected
        assert orjson.dumps(one.parts) == sent


def test_no_leaf_holds_a_float(answers: list[Assessed]) -> None:
    """Whatever is sealed of an answer can be written alike in every language."""
    for one in answers:
        leaves = {**one.leaves, **answer_leaves(b"", floats_written(one.parts), cut_of(one.leaves), without_floats)}
        for pointer, text in leaves.items():
            found: list[float] = []
            _floats(msgspec.json.decode(text), found)
            assert not found, pointer


def _floats(value: object, found: list[float]) -> None:
    if isinstance(value, float):
        found.append(value)
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        _floats(part, found)


def test_what_is_not_declared_is_found(answers: list[Assessed]) -> None:
    """A float where none is declared gives another text than the canonical one: its entry does not verify."""
    odd = {**answers[0].parts, "links": {"half": 0.5}}
    assert without_floats(floats_written(odd)) != canonical(odd)
