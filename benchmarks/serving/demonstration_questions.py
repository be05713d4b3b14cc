"""The last applicants of a lake that offer three patents or more, a question a line: run with a commit's packages.

python - LAKE COUNT
"""

import json
import sys
from pathlib import Path

import polars as pl

from features.lake import Lake

if __name__ == "__main__":
    lake, parts = Lake(Path(sys.argv[1])), []
    for index in range(lake.partitions):
        rows = lake.read(index, ["applications", "collateral"])
        offered = rows["collateral"].filter(pl.col("kind") == "patent").group_by("application").len("patents")
        asked = rows["applications"].unique("application", keep="first", maintain_order=True)
        parts.append(asked.join(offered, on="application").filter(pl.col("patents") >= 3))
    found = pl.concat(parts, how="diagonal").sort("applied_on", "application", descending=True)
    for row in found.head(int(sys.argv[2])).iter_rows(named=True):
        about = {name: row[name] for name in ("firm", "application", "bank")}
        question = {"kind": "pledge", "as_of": row["applied_on"].isoformat(), "case": row["application"], **about}
        print(json.dumps(question))
