"""Who the firm is: age, size class, sector, people, and the titles whose certificate is valid on the day."""

from functools import partial

import numpy as np
import numpy.typing as npt

from features import firm_figures as figures
from features.arithmetic import only, over_positive
from features.arrays import Floats, Ints, not_known
from features.asof import Known, derived
from features.books import FRESH, books
from features.firm_figures import TITLE_MONTHS, certificate_held, registered
from features.registry import feature

SECTIONS = tuple("ABCDEFGHIJKLMNOPQRST")
SIZES = ("micro", "small", "medium", "large")
_SECTORS = "sme_size.sectors"
_LIMITS = tuple(
    f"sme_size.{name}"
    for name in (
        "accommodation", "agriculture", "catering", "construction", "industry", "leasing_and_business", "other",
        "post", "property_management", "real_estate", "retail", "software", "storage", "telecommunication",
        "transport", "wholesale",
    )
)  # fmt: skip
_MINOR_PER_YUAN = 100

title_feature = partial(feature, "firm", "titles", policies=(TITLE_MONTHS,))


@derived
def industry_codes(known: Known) -> list[str]:
    """The code of each case's industry itself (`C3921`), "" where it is not known."""
    words = known.tables.words("industry").words
    return [words[code] if code >= 0 else "" for code in industry(known).tolist()]


def industry(known: Known) -> Ints:
    """The code of each case's industry in the domain `industry`; -1 where it is not known."""
    found = registered(known, "industry")
    return np.where(np.isnan(found), -1, found).astype(np.int64)


@feature("firm", "firms", "year", "firm_age", zh="成立年限", en="years since foundation")
def firm_age(known: Known) -> Floats:
    """Days since foundation, in years of 365.25 days."""
    return figures.age(known)


@feature("firm", "firms", "person", "size", zh="职工人数", en="employees")
def staff(known: Known) -> Floats:
    """Employees as last registered."""
    return figures.staff(known)


@feature("firm", "firms", "share", "research", zh="研发人员占比", en="share of staff in research")
def research_staff_share(known: Known) -> Floats:
    """Employees in research and development over all employees."""
    return figures.research_staff_share(known).value


@feature("firm", "firms", "minor unit", "size", zh="注册资本", en="registered capital")
def registered_capital(known: Known) -> Floats:
    """Registered capital."""
    return registered(known, "registered_capital")


@feature("firm", "firms", "share", "size", zh="实缴资本比例", en="share of the registered capital that is paid in")
def paid_in_share(known: Known) -> Floats:
    """Paid-in capital over registered capital."""
    return over_positive(registered(known, "paid_in_capital"), registered(known, "registered_capital"))


@feature("firm", "firms", "flag", "ownership", zh="上市公司", en="listed on a stock exchange")
def listed(known: Known) -> Floats:
    """Whether the firm is listed."""
    return registered(known, "listed")


@feature(
    "firm", "firms", "flag", "listings", zh="登记状态异常（吊销、注销、清算）", en="not in business by the register",
    direction=1, because="a firm that is revoked, deregistered or in liquidation cannot earn what it owes", gate=True,
)  # fmt: skip
def not_in_business(known: Known) -> Floats:
    """Whether the business register says anything other than in business."""
    status = registered(known, "status")
    return only(~np.isnan(status), status != 0)


@feature("firm", "firms", "section", "sector", zh="行业门类", en="sector of the economy", categories=SECTIONS)
def sector(known: Known) -> Floats:
    """The section (letter) of GB/T 4754-2017, as its place from A."""
    place = known.tables.words("industry").map(lambda code: float(SECTIONS.index(code[0])), np.nan)
    return np.array(place)[industry(known)]


@feature(
    "firm", "firms", "class", "size", zh="企业规模类型", en="size class",
    gate=True, policies=(_SECTORS, FRESH, *_LIMITS),
)  # fmt: skip
@derived
def size_class(known: Known) -> Floats:
    """Size class by the limits of the firm's sector: 0 micro, 1 small, 2 medium, 3 large.

    A firm is in the highest class of which it meets every limit, going up from the lowest. Not known where a limit that
    decides needs a figure that is not known.
    """
    found = not_known(len(known))
    if not known.tables.words("industry"):
        return found
    minor = {"revenue": books(known).item("revenue"), "assets": books(known).item("total_assets")}
    figures = {name: values / _MINOR_PER_YUAN for name, values in minor.items()} | {"staff": staff(known)}
    for sectors, on_day in known.policy(_SECTORS).periods(known.as_of):
        of_case = _sectors(known, sectors)[industry(known)]
        for name in set(of_case[on_day].tolist()) - {""}:
            here = on_day & (of_case == name)
            for limits, in_force in known.policy(f"sme_size.{name}").periods(known.as_of):
                cases = here & in_force
                found[cases] = _class_by(limits, {k: v[cases] for k, v in figures.items()})
    return found


def _sectors(known: Known, sectors: dict[str, str]) -> npt.NDArray[np.str_]:
    """The name of the sector of each industry code, by the longest prefix that is stated; "" where there is none."""

    def sector_of(code: str) -> str:
        prefixes = [code[:length] for length in range(len(code), 0, -1)]
        return next((sectors[p] for p in prefixes if p in sectors), "")

    return np.array(known.tables.words("industry").map(sector_of, ""))


def _class_by(limits: dict[str, dict[str, float]], figures: dict[str, Floats]) -> Floats:
    found = np.zeros(len(figures["staff"]))
    for place, name in enumerate(SIZES[1:]):
        below, unknown = np.zeros(len(found), dtype=bool), np.zeros(len(found), dtype=bool)
        for item, limit in limits[name].items():
            below |= figures[item] < limit
            unknown |= np.isnan(figures[item])
        found = np.where((found == place) & ~below, np.where(unknown, np.nan, place + 1.0), found)
    return found


def _title_held(known: Known, *titles: str) -> Floats:
    """1 where a certificate of one of the kinds is held on the day, 0 where none is; NaN where that is not known."""
    held = certificate_held(known, *titles)
    return np.where((held == 1).any(axis=1), 1.0, held.max(axis=1))


@title_feature("flag", "title", zh="高新技术企业证书有效", en="high-tech certificate valid", gate=True)
def high_tech_held(known: Known) -> Floats:
    """Whether a high-tech enterprise certificate is valid on the day."""
    return _title_held(known, "high_tech")


@title_feature("flag", "title", zh="专精特新企业证书有效", en="specialised-SME certificate valid", gate=True)
def specialised_held(known: Known) -> Floats:
    """Whether a specialised-SME or little-giant certificate is valid on the day."""
    return _title_held(known, "specialised_sme", "little_giant")


@title_feature("flag", "title", zh="科技型或创新型中小企业入库有效", en="tech-SME entry valid", gate=True)
def tech_sme_held(known: Known) -> Floats:
    """Whether an entry as technology-based or innovative SME is valid on the day."""
    return _title_held(known, "tech_sme", "innovative_sme")


@title_feature("flag", "title", zh="知识产权优势或示范企业", en="IP advantage or demonstration firm", gate=True)
def ip_title_held(known: Known) -> Floats:
    """Whether a title for the management of intellectual property is valid on the day."""
    return _title_held(known, "ip_advantage", "ip_demonstration", "ip_management")


@feature("firm", "titles", "title", "title", zh="近三年被撤销的资质数", en="titles revoked in three years")
def titles_revoked(known: Known) -> Floats:
    """Titles revoked within the 36 months before the day."""
    rows = known.titles
    recent = (rows.revoked_on > known.months_ago(36)[rows.case]) & (rows.revoked_on <= known.as_of[rows.case])
    return only(known.asked("titles"), rows.count(recent))


@feature("firm", "people", "share", "ownership", zh="实际控制人持股比例", en="controller's share")
def controller_share(known: Known) -> Floats:
    """The largest share that a person named as controller holds on the day."""
    rows = known.people
    current = ~(rows.until < known.as_of[rows.case]) & ~(rows.since > known.as_of[rows.case])
    return rows.largest(rows.numbers("share"), rows.where("role", "controller") & current)


@feature("firm", "related", "firm", "related", zh="关联企业数", en="related firms")
def related_firms(known: Known) -> Floats:
    """Other firms tied to the firm on the day."""
    rows = known.related
    return only(known.asked("related"), rows.distinct(rows.codes("other"), ~(rows.until < known.as_of[rows.case])))


@feature(
    "firm", "related", "firm", "related", zh="有不良贷款的关联企业数", en="related firms with a non-performing claim",
    direction=1, because="distress in a group reaches its members through guarantees and claims among them",
)  # fmt: skip
def related_non_performing(known: Known) -> Floats:
    """Related firms that have a non-performing claim at any bank."""
    rows = known.related
    told = rows.any(~np.isnan(rows.non_performing)) | (known.asked("related") & ~rows.any())
    return only(told, rows.distinct(rows.codes("other"), rows.non_performing == 1))
