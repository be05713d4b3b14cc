"""What would change it: exact on small models, by trying everything there is to try."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import combinations, pairwise, product
from typing import Any

import lightgbm as lgb
import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.arrays import Floats
from features.policy import shipped
from features.registry import CATALOGUE
from models.counterfactuals.forest import Forest
from models.counterfactuals.levers import DeclaredLever, Lever, Option, features_of, levers, plain
from models.counterfactuals.search import MOST, Found, ProposedChange, SearchQuestion, search
from models.records.in_force import InForce
from models.score.scale import Calibration
from models.words.templates import SHIPPED
from tests.amount import law

NAMES = ("a", "b", "c", "d", "e", "f")
LINE = Calibration(0.8, -0.3, 0.1)
EFFORT = {"now": 0, "weeks": 1, "months": 2, "books": 3}


def slide(anchor: str, **more: Any) -> DeclaredLever:
    """A lever that slides one feature."""
    base = DeclaredLever("now", anchor=anchor, least=-3.0, most=3.0, step=0.1, finest=1e-9)
    return msgspec.structs.replace(base, **more)


def options(**settings: dict[str, float]) -> DeclaredLever:
    """A lever of options that set features."""
    return DeclaredLever("weeks", options={name: Option(set=values) for name, values in settings.items()})


DECLARED = {
    "slide_a": slide("a"),
    "slide_b": slide("b", shift={"e": -0.5}, time="months"),
    "choose_c": options(one={"c": 1.0}, two={"c": 2.0}),
    "slide_d": slide("d", least=-1.0, most=1.0),
}
"""Feature f is fixed; e moves with b alone."""


def booster(seed: int, rows: int = 600, **parameters: Any) -> lgb.Booster:
    """A small model with gaps, a category and interactions."""
    chance = np.random.default_rng(seed)
    x = chance.normal(size=(rows, 6))
    x[:, 2] = chance.integers(0, 4, rows)
    x[chance.random((rows, 6)) < 0.1] = np.nan
    z = np.nan_to_num(x)
    risk = 0.6 * z[:, 0] + z[:, 1] * z[:, 3] - z[:, 3] - 1.5 * (z[:, 2] == 1) + 0.6 * z[:, 4] + 0.6 * z[:, 5]
    told = {"objective": "binary", "num_leaves": 8, "min_data_in_leaf": 5, "verbosity": -1, "num_threads": 1}
    told |= {"deterministic": True, "seed": seed, "min_data_per_group": 5, "cat_smooth": 1.0} | parameters
    label = (chance.random(rows) < 1 / (1 + np.exp(-2 * risk))).astype(float)
    data = lgb.Dataset(x, label, feature_name=list(NAMES), categorical_feature=[2], params={"verbosity": -1})
    return lgb.train(told, data, 12)


def asked(line: float, **more: Any) -> SearchQuestion:
    """A question about a bad event."""
    return SearchQuestion(line, True, LINE, DECLARED, EFFORT, **more)


def applicant(seed: int) -> Floats:
    """One row, of which some features may be unknown."""
    chance = np.random.default_rng(seed)
    row = chance.normal(size=6)
    row[2] = chance.integers(0, 4)
    row[chance.random(6) < 0.1] = np.nan
    return row


SOMEBODY = np.array([1.0, 0.5, 0.0, 0.2, 0.3, 0.1])


def assessed(model: lgb.Booster, rows: Floats) -> Floats:
    """Log-odds by LightGBM itself."""
    return LINE.log_odds(np.asarray(model.predict(rows, raw_score=True, num_threads=1), dtype=np.float64))


def found(model: lgb.Booster, row: Floats, question: SearchQuestion) -> Found:
    """The search's answer."""
    now = dict(zip(NAMES, row.tolist(), strict=True))
    return search(Forest(model), NAMES, row, now, question, lambda rows: assessed(model, rows), lambda *_: True)


def everything(model: lgb.Booster, row: Floats) -> dict[str, list[Floats]]:
    """By lever, the row after each thing that it can do: a value in every interval between all splits of the model."""
    dumped = model.trees_to_dataframe()
    cuts = {
        name: sorted({float(t) for t in of["threshold"] if "||" not in str(t)})
        for name, of in dumped[dumped["decision_type"] == "<="].groupby("split_feature")
    }
    place = {name: i for i, name in enumerate(NAMES)}
    tried: dict[str, list[Floats]] = {}
    for name, told in DECLARED.items():
        rows = []
        for moved in _moves(told, dict(zip(NAMES, row.tolist(), strict=True)), cuts):
            changed = row.copy()
            for feature, value in moved.items():
                changed[place[feature]] = value
            rows.append(changed)
        tried[name] = rows
    return tried


def _moves(
    lever: DeclaredLever, now: Mapping[str, float], cuts: Mapping[str, list[float]]
) -> Iterator[dict[str, float]]:
    if lever.options:
        for option in lever.options.values():
            yield {k: float(v) for k, v in option.set.items() if not np.isnan(now[k])}
        return
    anchor = lever.anchor
    assert anchor is not None
    if np.isnan(now[anchor]):
        return
    edges = list(cuts.get(anchor, []))
    for feature, by in lever.shift.items():
        edges += [
            now[anchor] + (cut - now[feature]) / by for cut in cuts.get(feature, []) if not np.isnan(now[feature])
        ]
    inside = sorted(edge for edge in edges if lever.least < edge < lever.most)
    ends = [lever.least, *inside, lever.most]
    for low, high in pairwise(ends):
        if high - low > 1e-6:
            p = (low + high) / 2
            shifts = lever.shift.items()
            yield {anchor: p} | {f: now[f] + by * (p - now[anchor]) for f, by in shifts if not np.isnan(now[f])}


def reachable(model: lgb.Booster, row: Floats, line: float) -> int | None:
    """The least number of levers by which the line can be crossed, found by trying every combination."""
    tried = everything(model, row)
    if assessed(model, row[None])[0] <= line:
        return 0
    for size in range(1, MOST + 1):
        for of in combinations(tried, size):
            combos = [_merged(row, parts) for parts in product(*(tried[name] for name in of))]
            if combos and (assessed(model, np.array(combos)) <= line).any():
                return size
    return None


def _merged(row: Floats, parts: tuple[Floats, ...]) -> Floats:
    merged = row.copy()
    for part in parts:
        differs = ~((part == row) | (np.isnan(part) & np.isnan(row)))
        merged[differs] = part[differs]
    return merged


MODELS = {seed: booster(seed) for seed in range(3)}


@law(80)
@given(st.integers(0, 2), st.integers(0, 10_000), st.floats(0.0, 1.0))
def test_what_is_found_is_the_smallest_and_none_means_none(seed: int, who: int, ease: float) -> None:
    """The size found equals that of trying every combination of every interval; where there is none, none is said."""
    model, row = MODELS[seed], applicant(who)
    present, lowest = assessed(model, row[None])[0], -3.5
    line = float(lowest + ease * (present - lowest))
    answer, least = found(model, row, asked(line)), reachable(model, row, line)
    if least == 0:
        assert answer.state == "above"
    elif least is None:
        assert (answer.state, answer.offers) == ("none", ())
    else:
        assert answer.state == "found"
        assert {len(offer.changes) for offer in answer.offers} == {least}


@law(80)
@given(st.integers(0, 2), st.integers(0, 10_000))
def test_every_offer_crosses_the_line_when_assessed_anew(seed: int, who: int) -> None:
    """The features as offered give log-odds on the right side, by LightGBM; nothing fixed is moved."""
    model, row = MODELS[seed], applicant(who)
    line = float(assessed(model, row[None])[0]) - 0.4
    answer = found(model, row, asked(line))
    for offer in answer.offers:
        changed = row.copy()
        for change in offer.changes:
            for name, moved in change.moved.items():
                assert name in ("a", "b", "c", "d", "e")
                assert moved.now == row[NAMES.index(name)]
                changed[NAMES.index(name)] = moved.to
        assert assessed(model, changed[None])[0] == offer.log_odds <= line


@law(40)
@given(st.integers(0, 2), st.integers(0, 10_000))
def test_a_wanted_event_is_crossed_upwards(seed: int, who: int) -> None:
    """Where the counted event is the good one, offers raise the log-odds to the line or above."""
    model, row = MODELS[seed], applicant(who)
    line = float(assessed(model, row[None])[0]) + 0.4
    answer = found(model, row, SearchQuestion(line, False, LINE, DECLARED, EFFORT))
    assert all(offer.log_odds >= line for offer in answer.offers)
    mirrored = reachable_upwards(model, row, line)
    assert (answer.state == "found") == (mirrored is not None)


def reachable_upwards(model: lgb.Booster, row: Floats, line: float) -> int | None:
    """As `reachable`, to the other side."""
    tried = everything(model, row)
    for size in range(1, MOST + 1):
        for of in combinations(tried, size):
            combos = [_merged(row, parts) for parts in product(*(tried[name] for name in of))]
            if combos and (assessed(model, np.array(combos)) >= line).any():
                return size
    return None


def test_what_a_rule_requires_is_part_of_every_offer() -> None:
    """A required lever is pulled even where the score alone would do with less, and cures leave fewer changes."""
    model, row = MODELS[0], SOMEBODY
    line = float(assessed(model, row[None])[0]) - 0.3
    free = found(model, row, asked(line))
    assert free.state == "found"
    bound = found(model, row, asked(line, required=frozenset({"slide_d"})))
    assert bound.offers
    assert all("slide_d" in {change.lever for change in offer.changes} for offer in bound.offers)
    assert found(model, row, asked(line, cures=3)).state == "none"
    assert found(model, row, asked(line, required=frozenset({"nobody"}))).state == "none"


def test_an_offer_that_the_rules_refuse_is_passed_over_for_the_next() -> None:
    """What the whole assessment does not confirm is not offered, though the score would cross; another set is."""
    model, row = MODELS[0], SOMEBODY
    now = dict(zip(NAMES, row.tolist(), strict=True))
    question = asked(float(assessed(model, row[None])[0]) - 0.3)
    free = found(model, row, question)
    refused = free.offers[0].changes[0].lever

    def allowed(_row: Floats, changes: Sequence[ProposedChange]) -> bool:
        return refused not in {change.lever for change in changes}

    answer = search(Forest(model), NAMES, row, now, question, lambda rows: assessed(model, rows), allowed)
    assert answer.offers
    assert all(refused not in {change.lever for change in offer.changes} for offer in answer.offers)
    never = search(Forest(model), NAMES, row, now, question, lambda rows: assessed(model, rows), lambda *_: False)
    assert (never.state, never.offers) == ("none", ())


def test_a_cut_of_a_rule_is_a_point_of_its_lever() -> None:
    """Where a rule answers otherwise between two splits of the model, the lever stops on its far side too."""
    now = dict.fromkeys(NAMES, 0.0)
    told = {"slide_a": slide("a")}
    (without,) = levers(told, now, {"a": np.array([-1.0])})
    (cut,) = levers(told, now, {"a": np.array([-1.5, -1.0])})
    assert {point.to for point in without.points} < {point.to for point in cut.points}
    assert -1.5 in {point.to for point in cut.points}


def test_an_applicant_over_the_line_is_told_so() -> None:
    """Nothing need change; with a cure that a rule demands, the cure alone does."""
    model, row = MODELS[0], SOMEBODY
    line = float(assessed(model, row[None])[0])
    assert found(model, row, asked(line)).state == "above"
    cured = found(model, row, asked(line, cures=1))
    assert cured.state == "found"
    assert cured.offers[0].changes == ()


def test_levers_that_move_one_feature_are_never_offered_together() -> None:
    """Two levers on one feature would contradict each other."""
    both = {"slide_a": slide("a"), "too": slide("a", most=0.0), "slide_d": slide("d")}
    model, row = MODELS[0], SOMEBODY
    line = float(assessed(model, row[None])[0]) - 0.9
    answer = found(model, row, SearchQuestion(line, True, LINE, both, EFFORT, offers=99))
    assert answer.offers
    assert all({"slide_a", "too"} - {change.lever for change in offer.changes} for offer in answer.offers)


def test_a_quicker_change_is_offered_before_a_slower() -> None:
    """Offers of one size stand in order of the time that they take."""
    model, row = MODELS[0], SOMEBODY
    line = float(assessed(model, row[None])[0]) - 0.1
    answer = found(model, row, asked(line))
    ranks = [sum(EFFORT[change.time] for change in offer.changes) for offer in answer.offers]
    assert len(ranks) > 1
    assert ranks == sorted(ranks)


def test_the_answer_speaks_of_the_score_and_not_of_the_risk() -> None:
    """Both languages say that it is the score that changes; the told answer is plain."""
    model, row = MODELS[0], SOMEBODY
    answer = found(model, row, asked(float(assessed(model, row[None])[0]) - 0.3))
    assert answer.state == "found"
    assert "does not say that the risk of default would fall" in SHIPPED.name(f"what_if.{answer.state}", "en")
    assert "不代表违约风险因此降低" in SHIPPED.name(f"what_if.{answer.state}", "zh")
    told = json.loads(json.dumps(msgspec.to_builtins(answer.offers), allow_nan=False))
    assert told == json.loads(msgspec.json.encode(answer.offers))


@pytest.mark.parametrize(
    ("near", "far", "step", "finest", "position"),
    [
        (0.47, 0.31, 0.1, 1e-6, 0.4),
        (0.47, 0.41, 0.1, 1e-6, 0.47),
        (0.4700001, 0.4699, 0.1, 1e-6, 0.47),
        (0.31, 0.47, 0.1, 1e-6, 0.4),
        (24.0, 18.0, 1.0, 1.0, 24.0),
        (23.5, 23.2, 1.0, 1.0, None),
        (1.0, 1.0, 0.1, 0.1, 1.0),
    ],
)
def test_positions_are_said_plainly(
    near: float, far: float, step: float, finest: float, position: float | None
) -> None:
    """The nearest multiple of the step in the interval, of a finer one where it holds none, down to the finest."""
    assert plain(near, far, step, finest) == position


def test_an_unknown_feature_is_never_changed() -> None:
    """What is not known has no present from which to change it."""
    now = dict.fromkeys(NAMES, float("nan"))
    assert levers(DECLARED, now, {name: np.array([0.0]) for name in NAMES}) == []


def declared() -> dict[str, DeclaredLever]:
    """The levers of the shipped policy."""
    return InForce(shipped(), date(2026, 11, 20))("changes.levers", dict[str, DeclaredLever])


def shipped_levers(**now: float) -> list[Lever]:
    """The shipped levers for an applicant of whom these features are known."""
    known = dict.fromkeys(features_of(declared()), float("nan")) | now
    return levers(declared(), known, {name: np.array([known[name] * 0.7]) for name in now})


def test_the_shipped_levers_move_only_what_can_be_moved() -> None:
    """Every feature of the levers exists; every family has a reason why the rest is fixed; buying is never offered."""
    told = declared()
    assert set(features_of(told)) <= set(CATALOGUE)
    fixed = next(iter(shipped()("changes.fixed").values.values()))
    assert {feature.family for feature in CATALOGUE.values()} <= set(fixed)
    bought = {"patents_held", "inventions_in_force", "recent_purchases", "bought_share", "bought_before_application"}
    moved = {name for lever in told.values() for name in features_of({"one": lever})}
    assert not moved & bought
    assert not moved & {name for name, feature in CATALOGUE.items() if feature.family == "flag"}
    effort = next(iter(shipped()("changes.effort").values.values()))
    assert {lever.time for lever in told.values()} <= set(effort)


def test_a_smaller_amount_moves_every_ratio_of_the_amount() -> None:
    """Asking for 70% moves amount to revenue, assets, equity and cash flow to 70% as well, in whole 10,000 RMB."""
    found = shipped_levers(asked_amount=1_000_000_000.0, amount_to_revenue=0.2, amount_to_assets=0.4)
    amount = next(lever for lever in found if lever.name == "smaller_amount")
    assert [point.to for point in amount.points] == [700_000_000.0]
    assert amount.points[0].moved == pytest.approx(
        {"asked_amount": 700_000_000.0, "amount_to_revenue": 0.14, "amount_to_assets": 0.28}
    )


def test_new_equity_moves_the_books_together() -> None:
    """A tenth of assets in new equity that repays short-term debt: worked by hand."""
    books = {
        "debt_ratio": 0.6, "current_liabilities_to_assets": 0.4, "working_capital_to_assets": 0.1,
        "current_ratio": 1.25, "altman_z": 1.0, "long_term_debt_to_assets": 0.1, "short_term_debt_share": 0.75,
        "current_ratio_change": 0.2, "liabilities_growth": 0.2, "amount_to_assets": 0.1, "amount_to_equity": 0.25,
    }  # fmt: skip
    told = declared()
    now = dict.fromkeys(features_of(told), float("nan")) | books
    found = levers(told, now, {"debt_ratio": np.array([0.5])})
    equity = next(lever for lever in found if lever.name == "new_equity")
    assert equity.points[0].to == pytest.approx(0.10)
    expected = {
        "debt_ratio": 0.5, "current_liabilities_to_assets": 0.3, "working_capital_to_assets": 0.2,
        "current_ratio": 0.5 / 0.3, "altman_z": 1.0 + 0.656 + 1.05 * (0.5 / 0.5 - 0.4 / 0.6),
        "amount_to_equity": 0.1 / 0.5, "short_term_debt_share": 0.2 / 0.3,
        "current_ratio_change": 0.2 + 0.5 / 0.3 - 1.25, "liabilities_growth": 1.2 * 0.5 / 0.6 - 1,
    }  # fmt: skip
    assert equity.points[0].moved == pytest.approx(expected)


def test_what_is_already_so_is_not_offered() -> None:
    """A controller who guarantees already, no arrears: nothing to offer there; arrears can be paid."""
    found = shipped_levers(controller_guarantees=1.0, tax_arrears_open=0.0, guarantors=1.0)
    assert found == []
    late = shipped_levers(tax_arrears_open=1.0, tax_arrears_to_revenue=0.1)
    assert [lever.name for lever in late] == ["tax_arrears"]
