"""English names of Chinese provinces and prefectures, by the first digits of their codes (GB/T 2260)."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import msgspec
import yaml

_FILE = Path(__file__).parent / "regions_en.yaml"


@cache
def english_regions() -> Mapping[str, str]:
    """The names by two digits (provinces) and by four (prefectures)."""
    return msgspec.convert(yaml.load(_FILE.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader), dict[str, str])
