"""A bundle: everything that one model version needs to answer, sealed by hashes, in five files that people can read.

`model.lgb` the trees as LightGBM writes them · `bundle.json` features, calibration, scale, norms, policy values read,
card · `panel.csv` the reference sample · `exam.json` the self-test · `bundle.sha256` the hash of each, whose own hash
is the bundle's id. No pickle.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path

import msgspec

from features.asof import Case
from features.errors import PledgeScoreError
from features.matrix import named
from features.norms import Norm, Norms
from features.phrase import LANGUAGES
from features.policy import Policy
from models.score.kind import KindName, ModelKind
from models.score.kinds import KINDS
from models.score.reference_sample import LEAST_PEERS, SECTOR, TRAINING, Baseline, ReferenceSample, Usual, UsualFile
from models.score.scale import SCALE_POLICIES, Calibration, RenewalDays, Scale
from models.score.self_test import RawRows, ReadPolicy, SelfTest, Trees, differences, sit
from models.shap.bits import digits, number
from models.shap.contributions import TABLE_LIMIT, ContributionTables, tables
from models.shap.trees import Booster, WrittenBooster
from models.words.templates import SHIPPED

FORM = "pledgescore-bundle-1"
FILES = ("model.lgb", "bundle.json", "panel.csv", "exam.json")
SELF_TEST, MANIFEST = "exam.json", "bundle.sha256"
EXPIRY = "expiry.assessment"


class BundleRefused(PledgeScoreError):
    """A bundle may not serve: a file was changed, or this version no longer answers as the bundle's self-test does."""


@dataclass(frozen=True)
class Seen:
    """What the training cases held of one feature: the range of numbers, or the categories that occurred."""

    least: float
    most: float
    categories: tuple[int, ...] = ()


@dataclass(frozen=True)
class Bundle:
    """One model version.

    `horizon`: `12m`, `maturity`, `admission` or `given`; `events`: how many the trees and the calibration learned from;
    `card`: facts of training and figures of judgement, as printed; `seen`: per feature, what training held;
    `reference_sample`: what reasons are measured from.
    """

    kind: ModelKind
    name: str
    booster: Booster
    features: tuple[str, ...]
    calibration: Calibration
    scale: Scale
    norms: Norms
    made_on: date
    horizon: str
    events: int
    synthetic: bool
    seen: Mapping[str, Seen]
    reference_sample: ReferenceSample
    card: Mapping[str, object]
    id: str = ""

    @cached_property
    def trees(self) -> Trees:
        """The part that turns features into numbers."""
        return Trees(self.booster, self.features, self.calibration, self.scale, self.norms)

    @cached_property
    def norms_digest(self) -> str:
        """SHA-256 of the norms, computed once."""
        return self.norms.digest

    def against(self, group: str) -> ContributionTables:
        """The trees explained against a group of the sample, compiled at the first call; the same rows are once."""
        rows = self.reference_sample.groups[group]
        if rows not in self._against:
            self._against[rows] = self._to_compare.against(self.reference_sample.background(group))
        return self._against[rows]

    def compile(self) -> "Bundle":
        """The same, with all tables that an assessment may need."""
        tables(self.booster)
        for group in self.reference_sample.groups:
            if group.startswith(SECTOR):
                self.against(group)
        return self

    @cached_property
    def _against(self) -> dict[tuple[int, ...], ContributionTables]:
        return {}

    @cached_property
    def _to_compare(self) -> ContributionTables:
        """Tables so small that those of all groups keep to the limit of one model together."""
        whole, groups = tables(self.booster), max(1, len(self.reference_sample.groups))
        if whole.table_bytes * groups <= TABLE_LIMIT:
            return whole
        return ContributionTables.compile(self.booster, TABLE_LIMIT // groups)


class SeenFile(msgspec.Struct, frozen=True):
    """The values of a feature that the trees saw; numbers as 16 hex digits."""

    least: str
    most: str
    categories: tuple[int, ...]


class FeatureFile(msgspec.Struct, frozen=True):
    """A feature as `bundle.json` describes it; before reference samples were kept, without what is usual."""

    name: str
    categories: tuple[str, ...]
    seen: SeenFile
    usual: UsualFile | None = None


class ReferenceSampleFile(msgspec.Struct, frozen=True):
    """Of how many cases the reference sample is, and the fewest that a group is compared with."""

    cases: int
    least: int


class FormOfFile(msgspec.Struct, frozen=True):
    """In which form a `bundle.json` is written."""

    form: str


class BundleFile(FormOfFile, frozen=True):
    """What `bundle.json` says; numbers that answers follow from as 16 hex digits."""

    kind: KindName
    name: str
    made_on: date
    horizon: str
    events: int
    synthetic: bool
    features_sha256: str
    features: tuple[FeatureFile, ...]
    calibration: dict[str, str]
    scale: dict[str, str]
    grades: dict[str, str]
    policy: dict[str, object]
    norms: list[Norm]
    card: dict[str, object]
    panel: ReferenceSampleFile | None = None
    renewals: tuple[RenewalDays, ...] = ()


def tree_names(features: Iterable[str]) -> list[str]:
    """The features' names inside a booster: LightGBM refuses the colon of `measure:NAME`."""
    return [name.replace(":", ".") for name in features]


def save(
    folder: Path,
    bundle: Bundle,
    cases: Sequence[Case],
    rows: RawRows,
    policy: Policy,
    policies: Sequence[str] = (),
) -> Bundle:
    """Write the bundle with a self-test of these cases and rows; returns it with its id.

    `policies`: parameters that its making read besides those that the features read (the definition of default).
    """
    asked = ReadPolicy.of(policy)
    self_test = sit(cases, rows, bundle.trees, asked)
    read = {*asked.asked, *policies, *SCALE_POLICIES, bundle.kind.grade_bounds, EXPIRY, LEAST_PEERS}
    read |= {name for feature in bundle.features for name in named(feature).policies}
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.lgb").write_text(bundle.booster.model_to_string(), encoding="utf-8")
    _write(folder / "bundle.json", _told(bundle, snapshot(policy, read, bundle.made_on)))
    (folder / "panel.csv").write_text(bundle.reference_sample.to_csv(), encoding="utf-8")
    _write(folder / "exam.json", self_test.to_json())
    manifest = "".join(f"{_hash(folder / name)}  {name}\n" for name in FILES)
    (folder / MANIFEST).write_text(manifest, encoding="ascii")
    return replace(bundle, id=_text_hash(manifest))


def load(folder: Path, policy: Policy, expect: str | None = None) -> Bundle:
    """The bundle of a folder, after hashes, features, policy and self-test were found as they were when it was made.

    `policy` is the shipped one: a bank's overrides apply after the self-test. `expect` is the id that the registry
    knows.
    Raises `BundleRefused`, naming what differs.
    """
    found = _checked_id(folder, expect)
    text = (folder / "bundle.json").read_bytes()
    form = msgspec.json.decode(text, type=FormOfFile).form
    if form != FORM:
        raise BundleRefused("bundle_form", folder=folder, form=form, reads=FORM)
    told = msgspec.json.decode(text, type=BundleFile)
    _check_features(folder, told)
    _check_policy(folder, told.policy, told.made_on, policy)
    bundle = replace(_bundle(folder, told), id=found)
    _check_self_test(folder, bundle, policy)
    return bundle.compile()


def recall(folder: Path, expect: str | None = None) -> Bundle:
    """The bundle of a folder that need not hold its self-test, for asking again what it once answered.

    What differs then is what is sought, so nothing is refused but other bytes, or features that are gone; a bundle made
    before reference samples were kept has none. `expect` is the id that it must have, if any. Raises `BundleRefused` or
    `UnknownFeature`.
    """
    parts = kept_parts(folder)
    found = _hash(folder / MANIFEST)
    if expect not in (None, found):
        raise BundleRefused("bundle_other", folder=folder, bundle=expect, parts=(MANIFEST,))
    listed = (folder / MANIFEST).read_text(encoding="ascii").splitlines()
    wrong = [name for name in parts if name != MANIFEST and f"{_hash(folder / name)}  {name}" not in listed]
    if wrong:
        raise BundleRefused("bundle_other", folder=folder, bundle=found, parts=tuple(wrong))
    told = msgspec.json.decode((folder / "bundle.json").read_bytes(), type=BundleFile)
    _check_features(folder, told)
    return replace(_bundle(folder, told), id=found)


def kept_parts(folder: Path) -> tuple[str, ...]:
    """The files of a bundle that are kept to ask it again: those that it lists, without its self-test.

    Raises `BundleRefused` where one of them is not there.
    """
    if not (folder / MANIFEST).is_file():
        raise BundleRefused("bundle_incomplete", folder=folder, missing=(MANIFEST,))
    listed = (folder / MANIFEST).read_text(encoding="utf-8", errors="replace")
    parts = tuple(name for name in FILES if name != SELF_TEST and f"  {name}\n" in listed)
    missing = [name for name in parts if not (folder / name).is_file()]
    if missing:
        raise BundleRefused("bundle_parts_missing", folder=folder, missing=tuple(missing))
    return (MANIFEST, *parts)


def snapshot(policy: Policy, names: Iterable[str], day: date) -> dict[str, dict[str, object]]:
    """The values, by first day, that the parameters had up to a day: later ones were not yet read by anybody."""
    return {
        name: {since.isoformat(): value for since, value in policy(name).values.items() if since <= day}
        for name in sorted(names)
    }


def _checked_id(folder: Path, expect: str | None) -> str:
    missing = [name for name in (*FILES, MANIFEST) if not (folder / name).is_file()]
    if missing and MANIFEST not in missing and not set(missing) & set(kept_parts(folder)):
        raise BundleRefused("bundle_earlier", folder=folder, missing=tuple(missing))
    if missing:
        raise BundleRefused("bundle_incomplete", folder=folder, missing=tuple(missing))
    manifest = (folder / MANIFEST).read_bytes()
    wanted = "".join(f"{_hash(folder / name)}  {name}\n" for name in FILES).encode("ascii")
    if manifest != wanted:
        changed = [name for name in FILES if f"{_hash(folder / name)}  {name}".encode() not in manifest.splitlines()]
        raise BundleRefused("bundle_altered", folder=folder, parts=tuple(changed or [MANIFEST]))
    found = hashlib.sha256(manifest).hexdigest()
    if expect is not None and found != expect:
        raise BundleRefused("bundle_not_registered", folder=folder, bundle=found, expected=expect)
    return found


def _check_features(folder: Path, told: BundleFile) -> None:
    names = [feature.name for feature in told.features]
    if _text_hash("\n".join(names)) != told.features_sha256:
        raise BundleRefused("bundle_feature_order", folder=folder)
    for feature in told.features:
        if named(feature.name).categories != feature.categories:
            raise BundleRefused("bundle_categories", folder=folder, feature=feature.name)


def _check_policy(folder: Path, read: Mapping[str, object], made_on: date, policy: Policy) -> None:
    stated = set(policy.names())
    for name, values in read.items():
        now = snapshot(policy, [name], made_on)[name] if name in stated else None
        if json.dumps(now, sort_keys=True) != json.dumps(values, sort_keys=True):
            raise BundleRefused("bundle_policy", folder=folder, name=name, made_on=made_on)


def _check_self_test(folder: Path, bundle: Bundle, policy: Policy) -> None:
    self_test = SelfTest.from_json(json.loads((folder / "exam.json").read_text(encoding="utf-8")))
    wrong = differences(self_test, sit(self_test.cases, self_test.rows, bundle.trees, policy))
    if wrong:
        raise BundleRefused("bundle_self_test", folder=folder, count=len(wrong), first=wrong[0])


def _told(bundle: Bundle, policy: Mapping[str, object]) -> dict[str, object]:
    return {
        "form": FORM,
        "kind": bundle.kind.name,
        "name": bundle.name,
        "made_on": bundle.made_on.isoformat(),
        "horizon": bundle.horizon,
        "meaning": {lang: SHIPPED.name(f"meaning.{bundle.kind.name}.{bundle.horizon}", lang) for lang in LANGUAGES},
        "events": bundle.events,
        "synthetic": bundle.synthetic,
        "features_sha256": _text_hash("\n".join(bundle.features)),
        "features": [
            _feature(name, bundle.seen[name], usual)
            for name, usual in zip(bundle.features, bundle.reference_sample.whole.usual, strict=True)
        ],
        "panel": {"cases": bundle.reference_sample.whole.cases, "least": bundle.reference_sample.least},
        "calibration": {name: digits(value) for name, value in asdict(bundle.calibration).items()},
        "scale": {name: digits(getattr(bundle.scale, name)) for name in ("points_at", "odds", "to_double")},
        "renewals": [asdict(told) for told in bundle.scale.renewals],
        "grades": {grade: digits(b) for grade, b in zip(bundle.scale.grades, bundle.scale.bounds, strict=True)},
        "policy": policy,
        "norms": bundle.norms.to_json(),
        "card": bundle.card,
    }


def _feature(name: str, seen: Seen, usual: Usual) -> dict[str, object]:
    known = named(name)
    return {
        "name": name,
        "family": known.family,
        "unit": known.unit,
        "direction": known.direction,
        "categories": list(known.categories),
        "seen": {"least": digits(seen.least), "most": digits(seen.most), "categories": list(seen.categories)},
        "usual": usual.to_json(),
    }


def _bundle(folder: Path, told: BundleFile) -> Bundle:
    kind = KINDS[told.kind]
    scale = {name: number(text) for name, text in told.scale.items()}
    grades = {grade: number(text) for grade, text in told.grades.items()}
    booster = WrittenBooster((folder / "model.lgb").read_text(encoding="utf-8"))
    features = tuple(feature.name for feature in told.features)
    if booster.feature_name() != tree_names(features):
        raise BundleRefused("bundle_trees", folder=folder)
    return Bundle(
        kind=kind,
        name=told.name,
        booster=booster,
        features=features,
        calibration=Calibration(**{name: number(text) for name, text in told.calibration.items()}),
        scale=Scale(
            **scale,
            sign=kind.sign,
            grades=tuple(grades),
            bounds=tuple(grades.values()),
            horizon=told.horizon,
            renewals=told.renewals,
        ),
        norms=Norms.of(told.norms),
        made_on=told.made_on,
        horizon=told.horizon,
        events=told.events,
        synthetic=told.synthetic,
        seen={feature.name: _seen(feature.seen) for feature in told.features},
        reference_sample=_reference_sample(folder, told),
        card=told.card,
    )


def _reference_sample(folder: Path, told: BundleFile) -> ReferenceSample:
    if told.panel is None:
        return ReferenceSample.none([feature.name for feature in told.features])
    usual = tuple(Usual.of(feature.usual) for feature in told.features if feature.usual is not None)
    whole = Baseline(TRAINING, told.panel.cases, usual)
    return ReferenceSample.from_csv((folder / "panel.csv").read_text(encoding="utf-8"), whole, told.panel.least)


def _seen(told: SeenFile) -> Seen:
    return Seen(number(told.least), number(told.most), told.categories)


def _write(path: Path, told: Mapping[str, object]) -> None:
    text = json.dumps(told, ensure_ascii=False, allow_nan=False)  # told to indent, it would be written by slow Python
    path.write_text(msgspec.json.format(text, indent=1) + "\n", encoding="utf-8")


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _text_hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
