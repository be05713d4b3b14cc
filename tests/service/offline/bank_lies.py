"""Lies of a bank about a ledger that began in form 1 and holds erasures: each with the exit code that must come of it.

The bank holds its own key. What it says it signs anew (`said`); at its strongest it lied from the beginning, so that
links, seals, tree, checkpoint and the fund's receipt agree with the lie (`sealed`). Some lies are of the file alone
(`packed`), and some are told to somebody who kept something (`kept`, `seen`), or spoil what is kept.
"""

import io
import json
import zipfile
from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass
from random import Random
from typing import Any, Literal

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from service.ledger.canonical import canonical
from service.ledger.signing_devices import FileKey
from service.ledger.signing_keys import Signer
from service.offline.verify import OF_PLEDGE, included, sha
from tests.service import corrupting
from tests.service.corrupting import Members, Told, kind_of, path_of
from tests.service.offline.mixed import Mixed, set_leaf

How = Literal["said", "sealed", "packed", "kept", "seen", "mine"]
Telling = Callable[[Any, Random, Mixed], Any]


@dataclass(frozen=True)
class Lie:
    """`tell(what, chance, mixed)` changes a pack as it is said (`packed`: its members; `mine`: what the reader kept).

    `code` is of a finding; `on` are the packs that it is told about, each `times` times.
    """

    tell: Telling
    exit: int
    code: str
    how: How
    on: Sequence[str]
    times: int


LIES: list[Lie] = []
FILES = ("file", "other")
PERIODS = ("day_f", "day_g")


def lie(code: int, name: str, on: Sequence[str] = FILES, how: How = "said", times: int = 1) -> Callable[[Telling], Any]:
    """Enter a lie."""

    def entered(tell: Telling) -> Telling:
        LIES.append(Lie(tell, code, name, how, on, times))
        return tell

    return entered


def _any(pack: Told, chance: Random, *, but_last: int = 0, first: int = 0) -> Told:
    entries = [entry for entry in pack["entries"] if entry.get("leaves") and "form" in entry]
    found: Told = chance.choice(entries[first : len(entries) - but_last])
    return found


def _of(pack: Told, kind: str) -> Told:
    return next(entry for entry in pack["entries"] if "outer_leaves" in entry and kind_of(entry) == kind)


def _outer(entry: Told, pointer: str) -> list[str]:
    found: list[str] = next(leaf for leaf in entry["outer_leaves"] if leaf[0] == pointer)
    return found


def _hide(leaf: list[str]) -> None:
    leaf[:] = [corrupting.leaf_hash(leaf).hex()]


def _insert(pack: Told, *entries: Told) -> None:
    pack["entries"] = sorted([*pack["entries"], *entries], key=lambda entry: int(entry["seq"]))
    if "n" in pack["about"]:
        pack["about"]["n"] = len(pack["entries"])


# --- what is left out, mixed in, or moved ----------------------------------------------------------------------------


@lie(3, "file_gap", times=5)
def drop_an_act(pack: Told, chance: Random, _: Mixed) -> None:
    """An act of the file is not in the pack."""
    entries = pack["entries"]
    entries.pop(chance.randrange(1, len(entries) - 1))
    pack["about"]["n"] -= 1


@lie(3, "file_short", times=2)
def drop_the_last(pack: Told, chance: Random, _: Mixed) -> None:
    """The last entries are not in the pack."""
    for _n in range(chance.randrange(1, 5)):
        pack["entries"].pop()
        pack["about"]["n"] -= 1


@lie(3, "file_gap", on=("file", "other", "erased"))
def drop_the_first(pack: Told, _: Random, __: Mixed) -> None:
    """The assessment is not in the pack."""
    pack["entries"].pop(0)
    pack["about"]["n"] -= 1


@lie(1, "wrong", on=("file", "other", "taken", "first", "day_g"), times=2)
def swap_two(pack: Told, chance: Random, _: Mixed) -> None:
    """Two entries stand in each other's place."""
    entries = pack["entries"]
    one, two = chance.sample(range(len(entries)), 2)
    entries[one], entries[two] = entries[two], entries[one]


@lie(1, "wrong", on=("file", "other", "taken", "first", "erased"))
def twice(pack: Told, chance: Random, _: Mixed) -> None:
    """An entry stands there twice."""
    at = chance.randrange(len(pack["entries"]))
    pack["entries"].insert(at, deepcopy(pack["entries"][at]))
    pack["about"]["n"] += 1


@lie(4, "file", on=("file", "other", "erased", "again"), times=2)
def act_of_another_file(pack: Told, chance: Random, mixed: Mixed) -> None:
    """An act of another loan file is among them, proven as it is."""
    other = mixed.pack("other" if pack["about"]["file"] != mixed.pack("other")["about"]["file"] else "file")
    _insert(pack, chance.choice(other["entries"]))


@lie(4, "file", on=("file", "other", "taken"), times=2)
def entry_of_form_1_of_another(pack: Told, _: Random, mixed: Mixed) -> None:
    """An assessment of form 1 that the loan file never took up is among them."""
    _insert(pack, mixed.pack("first")["entries"][0])


@lie(1, "wrong", on=("file", "other"), times=3)
def of_two_ledgers(pack: Told, chance: Random, mixed: Mixed) -> None:
    """An entry is that of another ledger, which the same bank signs."""
    other = mixed.resealed(_changed(mixed.pack("file" if len(pack["entries"]) > 10 else "other"), chance))
    at = chance.randrange(1, len(pack["entries"]))
    pack["entries"][at] = other["entries"][at]


def _changed(pack: Told, chance: Random) -> Told:
    set_leaf(pack["entries"][0], "/actor", f"{chance.randrange(10**9):032}", "outer_leaves")
    return pack


@lie(1, "wrong", times=2)
def wrong_n(pack: Told, chance: Random, _: Mixed) -> None:
    """It says that it holds more, or fewer, than it does."""
    pack["about"]["n"] += chance.choice((-1, 1, 2))


@lie(3, "empty", on=("file", "other", "first"))
def nothing_at_all(pack: Told, _: Random, __: Mixed) -> None:
    """No entry is in the pack."""
    pack["entries"].clear()
    pack["about"]["n"] = 0


@lie(1, "wrong")
def a_file_as_an_assessment(pack: Told, _: Random, mixed: Mixed) -> None:
    """A loan file is said to be an assessment that lies in none, so that no head is asked for; its end is missing."""
    told = next(leaf for leaf in pack["entries"][0]["leaves"] if leaf[0] == "/answer/id")
    del pack["about"]["file"]
    pack["about"]["assessment"] = told[2].strip('"')
    drop_the_last(pack, Random(1), mixed)


@lie(1, "wrong", on=("file", "day_f", "first"))
def about_two_things(pack: Told, _: Random, __: Mixed) -> None:
    """It is about a period and a file at once, or about nothing."""
    pack["about"] |= {"assessment": None} if "assessment" in pack["about"] else {"file": "x" * 32, "period": "2026-11"}


@lie(3, "asked", on=("file", "other", "again", "taken", "first"))
def another_was_asked_for(pack: Told, _: Random, __: Mixed) -> None:
    """The pack of another loan file is given for an assessment."""
    name = "assessment" if "assessment" in pack["about"] else "asked"
    pack["about"][name] = "00000000-0000-4000-8000-000000000000"


@lie(3, "taken_up", on=("taken",))
def what_was_taken_up_is_left_out(pack: Told, _: Random, __: Mixed) -> None:
    """The entries of form 1 which the file took up are not shown."""
    pack["entries"] = [entry for entry in pack["entries"] if "form" in entry]
    pack["about"]["n"] = len(pack["entries"])


# --- head, anchor, firm, what was erased -----------------------------------------------------------------------------


@lie(3, "head_unproven", on=("file", "other", "taken", "erased", "again"))
def no_head(pack: Told, _: Random, __: Mixed) -> None:
    """The anchor is said not to hold the file."""
    pack["head"] = None


@lie(1, "wrong", on=("file", "other", "again", "erased"))
def head_of_another(pack: Told, _: Random, mixed: Mixed) -> None:
    """The head is that of another loan file."""
    pack["head"] = mixed.pack("taken")["head"]


@lie(1, "wrong", times=4)
def head_changed(pack: Told, chance: Random, _: Mixed) -> None:
    """The head is said to be another than was sealed."""
    name, value = chance.choice(
        (("n", 2), ("settled", None), ("seal", "0" * 64), ("place", 0), ("count", 9), ("path", []))
    )
    pack["head"][name] = value


@lie(3, "old_anchor", on=("file",), times=2)
def head_of_yesterday(pack: Told, _: Random, mixed: Mixed) -> None:
    """The head is that of an anchor of yesterday, and what came since is left out."""
    old = mixed.pack("yesterday")
    pack["head"], anchor = old["head"], old["beside"]["anchor"]
    hashes = [sha(b"\x00", bytes.fromhex(one["seal"])) for _, one in sorted(mixed.headers.items())][:141]
    anchor["proof"] = [other.hex() for other in path_of(hashes, anchor["seq"] - 1)]
    pack["beside"]["anchor"] = anchor
    pack["entries"] = pack["entries"][: len(old["entries"])]
    pack["about"]["n"] = len(pack["entries"])


@lie(3, "firm_chain", on=("file", "other", "again"))
def firm_untold(pack: Told, _: Random, __: Mixed) -> None:
    """How often the firm was assessed is not told."""
    pack["firm"] = None


@lie(3, "firm_chain", on=("file", "again", "taken"), times=2)
def firm_counted_otherwise(pack: Told, chance: Random, _: Mixed) -> None:
    """Other assessments of the firm are left out of the count, made up, or told twice."""
    told = pack["firm"]
    told["others"] = chance.choice((told["others"][:-1], [*told["others"], 9999], [*told["others"], told["others"][0]]))
    told["assessments"] += chance.choice((0, len(told["others"]))) if len(told["others"]) == 0 else 0


@lie(1, "wrong", on=("file",), how="sealed", times=3)
def settled_while_open(pack: Told, chance: Random, _: Mixed) -> None:
    """The head that was sealed says of a loan that it is open or settled, against its acts."""
    pack["head"]["settled"] = chance.choice((False, None, 0))


@lie(3, "erased_untold", times=3)
def erased_untold(pack: Told, chance: Random, _: Mixed) -> None:
    """An entry is said to be erased, and no erasure names it."""
    _any(pack, chance)["leaves"] = None


@lie(3, "erased_untold", on=("erased",), how="sealed", times=2)
def erased_by_an_erasure_of_before(pack: Told, chance: Random, _: Mixed) -> None:
    """The erasure names entries behind it alone."""
    set_leaf(_of(pack, "erasure"), "/entries", [137 + chance.randrange(1, 4)])


@lie(3, "file_short", on=("erased",))
def erasure_left_out(pack: Told, _: Random, __: Mixed) -> None:
    """The erasure itself is not shown."""
    pack["entries"].pop()
    pack["about"]["n"] -= 1


@lie(4, "beside", on=("file", "other"), times=2)
def what_came_later_was_in_force(pack: Told, chance: Random, mixed: Mixed) -> None:
    """Beside what was in force stands what has no business there."""
    pack["beside"]["in_force"].append(chance.choice((pack["entries"][-1], pack["beside"]["anchor"])))


# --- what is withheld, made up, or has no business there -------------------------------------------------------------


@lie(3, "withheld", times=8)
def hide_a_leaf(pack: Told, chance: Random, _: Mixed) -> None:
    """A leaf of an act that the reader may see is withheld."""
    entry = _any(pack, chance, first=1)
    _hide(chance.choice([leaf for leaf in entry["leaves"] if len(leaf) == 3 and leaf[0] != "/assessment"]))


@lie(3, "withheld", times=6)
def hide_a_conclusion(pack: Told, chance: Random, _: Mixed) -> None:
    """What the answer advises, lends or values is withheld from a fund that may see it."""
    own = {f"/answer/{part}{audience}" for part in OF_PLEDGE for audience in ("", "/fund")}
    _hide(chance.choice([leaf for leaf in _of(pack, "assessment")["leaves"] if leaf[0] in own]))


@lie(3, "withheld", on=("file@bank",), times=4)
def hide_a_row(pack: Told, chance: Random, _: Mixed) -> None:
    """A part of what was asked is withheld from a reader who may see all of it."""
    rows = [leaf for leaf in _of(pack, "assessment")["leaves"] if leaf[0].startswith("/rows/")]
    _hide(chance.choice(rows))


@lie(3, "withheld", on=("file", "other", "day_g"))
def hide_who(pack: Told, chance: Random, _: Mixed) -> None:
    """Who entered an act is withheld."""
    _hide(_outer(_any(pack, chance, first=1), "/actor"))


@lie(1, "wrong", on=("file", "other", "day_g"), times=2)
def hide_an_outer_leaf(pack: Told, chance: Random, _: Mixed) -> None:
    """Kind, firm or loan file of an entry is withheld."""
    _hide(_outer(_any(pack, chance), chance.choice(("/kind", "/firm", "/file"))))


@lie(3, "scope_hidden", on=("day_g",), times=3)
def hide_the_scope(pack: Told, chance: Random, _: Mixed) -> None:
    """Whether an entry is in the fund's scope is withheld."""
    _hide(_outer(_any(pack, chance), "/scope/g"))


@lie(3, "unknown_layout", how="sealed", times=2)
def a_kind_that_looks_like_another(pack: Told, chance: Random, _: Mixed) -> None:
    """A kind is written with letters that look like those of another."""
    entry = _of(pack, "approval")
    odd = chance.choice(("аpproval", "approval\u200b", "ａpproval", "Approval", "approva\u0142"))
    set_leaf(entry, "/kind", odd, "outer_leaves")


@lie(3, "model_missing")
def model_left_out(pack: Told, _: Random, __: Mixed) -> None:
    """The model of the assessment is left out, so that nothing follows from it."""
    pack["without"] = "bundles/"


@lie(4, "member", on=("file", "other", "day_f", "first"), times=2)
def a_member_more(pack: Told, chance: Random, _: Mixed) -> None:
    """A member that belongs to no entry, signed as the others are."""
    name = chance.choice(
        ("COMPLETE.txt", "sent/7.json", "bundles/x/bundle.json", "decision.pdf", "policies/0.json", "d/")
    )
    pack["with"] = {name: b"" if name == "d/" else b"== COMPLETE"}


@lie(1, "wrong", times=4)
def an_entry_that_says_more(pack: Told, chance: Random, _: Mixed) -> None:
    """An entry tells what no seal covers."""
    extra: Told = chance.choice(({"note": "approved"}, {"scope": ["/scope/f"]}, {"kind": "approval"}, {"proofs": []}))
    _any(pack, chance).update(extra)


@lie(1, "wrong", on=("day_f", "day_g", "month_f"))
def a_stub_that_says_more(pack: Told, chance: Random, _: Mixed) -> None:
    """A stub tells what no seal covers."""
    chance.choice([one for one in pack["entries"] if "scope" in one])["actor"] = "nobody"


@lie(1, "wrong", times=3)
def a_made_up_leaf(pack: Told, chance: Random, _: Mixed) -> None:
    """A value is another than was sealed."""
    entry = _any(pack, chance)
    chance.choice([leaf for leaf in entry["leaves"] if len(leaf) == 3])[2] = "7"


# --- the bank that lied from the beginning ---------------------------------------------------------------------------


@lie(1, "wrong", on=("file", "other", "day_g"), how="sealed", times=2)
def time_runs_back(pack: Told, chance: Random, _: Mixed) -> None:
    """An entry is dated before the one before it, or behind the checkpoint."""
    _any(pack, chance, first=1)["at"] = chance.choice(("2026-11-20T03:00:00.000000Z", "2026-12-01T04:00:00.000001Z"))


@lie(1, "wrong", how="sealed", on=("file", "other", "again"))
def anchor_of_tomorrow(pack: Told, _: Random, __: Mixed) -> None:
    """The anchor is dated behind the checkpoint that it stands before."""
    pack["beside"]["anchor"]["at"] = "2026-12-02T00:00:00.000000Z"


@lie(1, "wrong", how="sealed", times=2)
def two_of_one_number(pack: Told, chance: Random, _: Mixed) -> None:
    """Two entries of a loan file have one number."""
    entries = pack["entries"]
    place = chance.randrange(2, len(entries))
    leaf = _outer(entries[place], "/file")
    leaf[2] = leaf[2].replace(f'"n":{place + 1}', f'"n":{place}')


@lie(3, "file_gap", how="sealed", times=2)
def a_number_is_skipped(pack: Told, chance: Random, _: Mixed) -> None:
    """The numbers of a loan file jump from the beginning on: one was taken out."""
    entries = pack["entries"]
    place = chance.randrange(2, len(entries))
    for at in range(place, len(entries)):
        leaf = _outer(entries[at], "/file")
        leaf[2] = leaf[2].replace(f'"n":{at + 1}', f'"n":{at + 2}')
    pack["head"]["n"] += 1


@lie(1, "wrong", how="sealed", times=2)
def not_behind_the_one_before(pack: Told, chance: Random, _: Mixed) -> None:
    """An entry of a loan file is tied to another than the one before it."""
    leaf = _outer(pack["entries"][chance.randrange(1, len(pack["entries"]))], "/file")
    leaf[2] = canonical({**json.loads(leaf[2]), "before": "ab" * 32}).decode()


@lie(3, "assessment_missing", how="sealed", times=2)
def rests_on_another(pack: Told, chance: Random, _: Mixed) -> None:
    """An act rests on an assessment that is not in the pack."""
    set_leaf(_any(pack, chance, first=1), "/assessment", {"id": "x", "seal": "ab" * 32})


@lie(4, "scope", on=("day_g",), how="sealed", times=3)
def sealed_out_of_scope(pack: Told, chance: Random, _: Mixed) -> None:
    """What is shown to the fund was sealed as none of its own."""
    set_leaf(_any(pack, chance), "/scope/g", False, "outer_leaves")


@lie(3, "left_out", on=("day_f", "day_g"), how="sealed", times=2)
def a_stub_of_ones_own(pack: Told, chance: Random, mixed: Mixed) -> None:
    """A stub of what was sealed as the fund's: it is not shown."""
    stub = chance.choice([one for one in pack["entries"] if "scope" in one])
    stub["scope"][2] = "true"
    leaf = sha(b"\x00", bytes.fromhex(stub["scope"][1]), canonical([stub["scope"][0], True]))
    stub["outer"] = included(leaf, stub["place"], stub["size"], [bytes.fromhex(one) for one in stub["path"]]).hex()


@lie(1, "wrong", how="sealed", on=("file", "day_f", "taken"))
def a_second_opening(pack: Told, chance: Random, _: Mixed) -> None:
    """The opening entry tells of fewer entries before it than there are."""
    told = next(leaf for leaf in pack["beside"]["opening"]["leaves"] if leaf[0] == "/form1")
    told[2] = told[2].replace('"n":108', f'"n":{chance.randrange(108)}')


@lie(1, "wrong", how="sealed", on=("file", "other", "taken"))
def head_of_the_checkpoint(pack: Told, _: Random, __: Mixed) -> None:
    """The checkpoint names another last entry, or another ledger."""
    pack["also"] = {"seal": "ab" * 32}


# --- months and days -------------------------------------------------------------------------------------------------


@lie(1, "wrong", on=("day_f", "day_g", "month_f", "month_g"), times=3)
def a_hole(pack: Told, chance: Random, _: Mixed) -> None:
    """An entry of the period is missing, and so is every stub for it."""
    second = [one for one in pack["entries"] if "form" in one]
    pack["entries"].remove(chance.choice(second[1:-1]))


@lie(1, "wrong", on=("day_g", "month_g"), times=3)
def hidden_by_a_stub(pack: Told, chance: Random, _: Mixed) -> None:
    """In the place of an entry stands a stub that says that it is not the fund's."""
    entry = _any(pack, chance, first=1)
    like = next(one for one in pack["entries"] if "scope" in one)
    stub = {name: entry[name] for name in ("form", "suite", "before", "seq", "at", "outer", "inner", "seal")}
    scope, hashes = _outer(entry, "/scope/g"), [corrupting.leaf_hash(leaf) for leaf in entry["outer_leaves"]]
    place = entry["outer_leaves"].index(scope)
    stub |= {"scope": [scope[0], scope[1], "false"], "place": place, "size": like["size"]}
    stub["path"] = [other.hex() for other in path_of(hashes, place)]
    pack["entries"][pack["entries"].index(entry)] = stub


@lie(1, "wrong", on=PERIODS, times=2)
def stub_marked_otherwise(pack: Told, chance: Random, _: Mixed) -> None:
    """A stub says otherwise than was sealed, or of another fund."""
    stub = chance.choice([one for one in pack["entries"] if "scope" in one])
    stub["scope"][chance.choice((0, 2))] = chance.choice(("true", "/scope/h", "FALSE", "0"))


@lie(3, "not_shown", on=PERIODS, times=2)
def header_for_a_stub(pack: Told, chance: Random, _: Mixed) -> None:
    """Of an entry the header alone is shown."""
    stub = chance.choice([one for one in pack["entries"] if "scope" in one])
    for name in ("scope", "place", "size", "path"):
        del stub[name]


@lie(3, "bounds", on=PERIODS)
def nothing_before(pack: Told, _: Random, __: Mixed) -> None:
    """The entry before the period is not shown."""
    pack["beside"]["before"] = None


@lie(3, "bounds", on=PERIODS)
def nothing_behind(pack: Told, _: Random, __: Mixed) -> None:
    """The entry behind the period is not shown."""
    pack["beside"]["after"] = None


@lie(3, "bounds", on=PERIODS)
def a_day_cut_short(pack: Told, _: Random, mixed: Mixed) -> None:
    """The last entry of the period is said to lie behind it."""
    last = pack["entries"].pop()
    pack["about"]["last"] -= 1
    hashes = [sha(b"\x00", bytes.fromhex(one["seal"])) for _, one in sorted(mixed.headers.items())][:141]
    for name, entry in (("after", last), ("last", pack["entries"][-1])):
        bare = {one: entry[one] for one in ("form", "suite", "before", "seq", "at", "outer", "inner", "seal")}
        pack["beside"][name] = bare | {"proof": [other.hex() for other in path_of(hashes, bare["seq"] - 1)]}


@lie(4, "period", on=PERIODS)
def a_day_too_long(pack: Told, _: Random, mixed: Mixed) -> None:
    """The entry behind the period is told as one of it."""
    after, hashes = pack["beside"]["after"], [bytes.fromhex(one["seal"]) for _, one in sorted(mixed.headers.items())]
    pack["entries"].append({name: told for name, told in after.items() if name != "proof"})
    pack["about"]["last"] += 1
    paths = [sha(b"\x00", one) for one in hashes][:141]
    pack["beside"]["last"] = after
    pack["beside"]["after"] = mixed.headers[141] | {"proof": [other.hex() for other in path_of(paths, 140)]}


@lie(4, "period", on=PERIODS)
def another_day(pack: Told, _: Random, __: Mixed) -> None:
    """The entries of a day are told as those of another."""
    pack["about"]["period"] = "2026-11-21"


@lie(3, "first_form", on=("month_f", "month_g"))
def first_form_left_out(pack: Told, _: Random, __: Mixed) -> None:
    """All that was entered before the opening entry is left out of the month."""
    pack["entries"] = [entry for entry in pack["entries"] if "form" in entry]


@lie(1, "wrong", on=("month_f", "month_g"))
def month_closed_otherwise(pack: Told, _: Random, mixed: Mixed) -> None:
    """Another anchor is told as the one that closes the month."""
    pack["beside"]["anchor"] = mixed.pack("file")["beside"]["anchor"]


@lie(1, "wrong", on=("month_f", "month_g"), times=2)
def form_1_unproven(pack: Told, chance: Random, _: Mixed) -> None:
    """Of an entry of form 1 the header alone is shown, or a made-up one."""
    entry = chance.choice([one for one in pack["entries"] if "form" not in one])
    del entry["leaves"]


# --- until when, and for whom ----------------------------------------------------------------------------------------


@lie(5, "later", on=("file", "other", "again"), times=2)
def behind_the_checkpoint(pack: Told, chance: Random, _: Mixed) -> None:
    """Acts behind the checkpoint are known, and left out: the bank names them."""
    pack["left_out"] = [142 + n for n in range(chance.choice((1, 2, 25)))]


@lie(5, "later", on=("yesterday",), how="seen", times=2)
def yesterdays_pack(_: Told, __: Random, ___: Mixed) -> None:
    """The pack of yesterday, before the closure, to a fund that saw today's."""


@lie(3, "kept_is_newer", on=("yesterday",), how="kept", times=2)
def an_older_checkpoint(_: Told, __: Random, ___: Mixed) -> None:
    """The pack of yesterday to a fund that countersigned since."""


@lie(1, "wrong", on=("file", "other", "again"), times=2)
def left_out_within(pack: Told, chance: Random, _: Mixed) -> None:
    """What is left out lies within the checkpoint."""
    pack["left_out"] = [chance.choice((140, 7, 0, True, 1.5, "142"))]


@lie(1, "wrong", on=("file", "day_f", "first"), times=3)
def receipt_of_another(pack: Told, chance: Random, mixed: Mixed) -> None:
    """The countersignature is that of another fund, of the bank itself, of another checkpoint, or none."""
    stranger = Signer(FileKey(Ed25519PrivateKey.generate()))
    told = {name: one for name, one in pack["receipt"]["receipt"].items() if name != "key"}
    older = told | {"size": told["size"] - 1}
    signers = (stranger, mixed.own)
    others = [None, *(one.signed("receipt", told) for one in signers), mixed.pack("yesterday")["receipt"]]
    pack["receipt"] = chance.choice([*others, mixed.bank.fund_signer.signed("receipt", older)])


@lie(4, "reader", on=("day_f", "month_f"), how="seen", times=2)
def of_another_fund(pack: Told, _: Random, __: Mixed) -> None:
    """The pack of another fund, of nobody, of the bank or of a court is given to the fund g as its own."""


@lie(1, "wrong", on=("file", "day_f"), times=3)
def for_nobody(pack: Told, chance: Random, _: Mixed) -> None:
    """It is for a reader of whom nothing is known."""
    pack["reader"] = chance.choice(
        ({"for": "court2", "fund": None}, {"for": None, "fund": "f"}, {"for": "fund", "fund": [1]})
    )


@lie(1, "wrong", on=("file", "other", "day_f"), how="kept", times=2)
def history_of_another_tree(pack: Told, chance: Random, _: Mixed) -> None:
    """The proof that history went on is that of another tree, or cut, or too long."""
    for size, proof in pack["consistency"].items():
        odd = ([sha(other.encode()).hex() for other in proof], proof[:-1], [*proof, "ab" * 32], proof[::-1])
        pack["consistency"][size] = chance.choice(odd)


@lie(3, "no_consistency", on=("file", "other", "day_f"), how="kept")
def no_history(pack: Told, _: Random, __: Mixed) -> None:
    """There is no proof that history went on."""
    pack["consistency"] = {}


# --- the file --------------------------------------------------------------------------------------------------------


def _zip(members: Sequence[tuple[str, bytes]], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as packed:
        for name, content in members:
            packed.writestr(zipfile.ZipInfo(name), content, method)
    return out.getvalue()


def _relisted(members: Members, mixed: Mixed) -> Members:
    return corrupting.relisted(members, mixed.own)


ENTRIES = "entries/000001.jsonl"


@lie(1, "wrong", on=("file", "day_f", "first"), how="packed", times=2)
def names_twice(members: Members, chance: Random, mixed: Mixed) -> bytes:
    """A name stands twice in an entry: who reads the first reads another value."""
    lines = members[ENTRIES].split(b"\n")
    place = chance.randrange(len(lines) - 1)
    name = chance.choice((b"seq", b"at", b"before"))
    lines[place] = b'{"%b":"made up",' % name + lines[place][1:]
    return _zip(list(_relisted(members | {ENTRIES: b"\n".join(lines)}, mixed).items()))


@lie(1, "wrong", on=("file", "day_f", "first"), how="packed", times=2)
def no_json_of_ours(members: Members, chance: Random, mixed: Mixed) -> bytes:
    """A line is no canonical JSON: other spaces, a number that is none, a float, another order."""
    lines = members[ENTRIES].split(b"\n")
    odd = (b" " + lines[0], lines[0].replace(b'":', b'": ', 1), b'{"at":NaN}', lines[0][:-1] + b',"z":1e5}', b"[]")
    lines[0] = chance.choice(odd)
    return _zip(list(_relisted(members | {ENTRIES: b"\n".join(lines)}, mixed).items()))


@lie(1, "wrong", on=("file", "day_f"), how="packed", times=2)
def signed_by_a_stranger(members: Members, _: Random, mixed: Mixed) -> bytes:
    """The list of members is signed by somebody else."""
    return _zip(list(corrupting.relisted(members, Signer(FileKey(Ed25519PrivateKey.generate()))).items()))


@lie(1, "wrong", on=("file", "day_f"), how="packed", times=3)
def signature_written_otherwise(members: Members, chance: Random, mixed: Mixed) -> bytes:
    """The signature is one that only a careless verifier takes: S over the order, other digits, other case."""
    told = json.loads(_relisted(members, mixed)["manifest.json"])
    text = told["signature"]
    order = 2**252 + 27742317777372353535851937790883648493
    over = (int.from_bytes(bytes.fromhex(text[64:]), "little") + order).to_bytes(32, "little").hex()
    told["signature"] = chance.choice((text[:64] + over, text.upper(), text + "00", text[64:] + text[:64], "00" * 64))
    return _zip(list((members | {"manifest.json": canonical(told)}).items()))


@lie(1, "wrong", on=("file", "day_f"), how="packed", times=2)
def a_member_that_is_not_listed(members: Members, chance: Random, _: Mixed) -> bytes:
    """A member more, or fewer, than the bank signed."""
    more = [*members.items(), ("sent/1.json", b"{}")]
    return _zip(chance.choice((more, more[1:-1])))


# --- what stays valid ------------------------------------------------------------------------------------------------


@lie(0, "", on=("file", "other", "again"), how="packed", times=2)
def members_in_another_order(members: Members, chance: Random, _: Mixed) -> bytes:
    """The order and packing of members says nothing: the signed list names them."""
    listed = list(members.items())
    chance.shuffle(listed)
    return _zip(listed, chance.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)))


@lie(0, "", on=("file", "other"), how="packed", times=2)
def entries_in_more_members(members: Members, chance: Random, mixed: Mixed) -> bytes:
    """How entries are spread over members says nothing."""
    lines = members[ENTRIES].splitlines(keepends=True)
    at = chance.randrange(1, len(lines))
    parts = {ENTRIES: b"".join(lines[:at]), "entries/000002.jsonl": b"".join(lines[at:])}
    return _zip(list(_relisted(members | parts, mixed).items()))


@lie(0, "", on=("yesterday",), times=2)
def yesterday_to_who_kept_nothing(_: Told, __: Random, ___: Mixed) -> None:
    """Complete up to its checkpoint, whose day is told: who kept nothing since cannot know of more."""


@lie(0, "", on=("file", "other"), how="packed")
def another_catalogue(members: Members, _: Random, mixed: Mixed) -> bytes:
    """What codes mean is not evidence; nor is the verifier in the pack, of which is told that it is another."""
    return _zip(list(_relisted(members | {"catalogue.json": b"{}", "verify.py": b"print('COMPLETE')"}, mixed).items()))


@lie(0, "", on=("file",), how="sealed", times=3)
def another_value_from_the_beginning(pack: Told, chance: Random, _: Mixed) -> None:
    """A bank that entered an untrue value: a seal proves that it was not changed, not that it is true."""
    set_leaf(_of(pack, "drawdown"), "/amount", chance.randrange(1, 10**9))


@lie(1, "wrong", on=("file",), how="sealed", times=3)
def another_value_since(pack: Told, chance: Random, _: Mixed) -> None:
    """The same to a fund that countersigned before: another history."""
    pack["kept"] = True
    set_leaf(_of(pack, "drawdown"), "/amount", chance.randrange(1, 10**9))


@lie(0, "", on=("file", "other"))
def nothing_of_who_asked(pack: Told, _: Random, __: Mixed) -> None:
    """By which id it was asked for need not be told, nor history from sizes that nobody kept."""
    pack["about"].pop("asked", None)
    pack["consistency"] = {}


# --- what is the reader's own ----------------------------------------------------------------------------------------


@lie(2, "misused", on=("file", "day_f"), how="mine", times=4)
def what_was_kept_is_spoilt(kept: Told, chance: Random, mixed: Mixed) -> Any:
    """The checkpoint that the reader kept is none, or was changed: that says nothing about the pack."""
    stranger = Signer(FileKey(Ed25519PrivateKey.generate()))
    inner = {name: told for name, told in kept["checkpoint"].items() if name != "key"}
    changed = deepcopy(kept)
    changed["checkpoint"][chance.choice(("size", "root", "at", "ledger"))] = 7
    others: tuple[Any, ...] = (7, [], {}, {"checkpoint": {}, "signature": ""}, stranger.signed("checkpoint", inner))
    return chance.choice((changed, *others, mixed.own.signed("checkpoint", inner | {"size": 0})))


def told(mixed: Mixed, lie: Lie, on: str, time: int) -> tuple[Members | bytes, Any]:
    """The pack of a lie, and the checkpoint that was kept by who reads it."""
    chance = Random(f"{lie.tell.__name__} {on} {time}")
    if lie.how == "mine":
        return mixed.members(on), lie.tell(deepcopy(mixed.older), chance, mixed)
    if lie.how == "packed":
        found: Members | bytes = lie.tell(mixed.members(on), chance, mixed)
        return found, None
    members, pack = mixed.members(on), mixed.pack(on)
    lie.tell(pack, chance, mixed)
    without, more, kept = pack.pop("without", None), pack.pop("with", {}), pack.pop("kept", lie.how == "kept")
    also = pack.pop("also", {})
    if lie.how == "sealed":
        mixed.resealed(pack, **also)
    members = {name: text for name, text in members.items() if without is None or not name.startswith(without)} | more
    newer = on == "yesterday" and kept
    return mixed.signed(members, pack), (mixed.newest if newer else mixed.older) if kept else None
