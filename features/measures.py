"""Any further number that a bank has, as a feature: the latest known value of a measure that a plan names."""

from functools import cache

from features.arrays import Floats
from features.asof import Known
from features.registry import Feature


@cache
def measure_feature(measure: str) -> Feature:
    """The feature `measure:NAME`: the value with the latest day; NaN where none is known."""

    def compute(known: Known) -> Floats:
        """The latest known value of the measure."""
        rows = known.measures
        code = known.tables.words("measure").code(measure)
        return rows.pick(rows.value, rows.last(rows.codes("measure") == code))

    return Feature(
        name=f"measure:{measure}",
        family="measure",
        table="measures",
        unit="own",
        reason="measure",
        zh=f"自有指标 {measure}",
        en=f"own measure {measure}",
        compute=compute,
    )
