"""One command: what a backtest of 1,000 and of 10,000 old files with outcomes takes.

    python -m benchmarks.backtest [--files 1000 10000]

Each workbook is written by one process and read by another, as `pledgescore backtest WORKBOOK --out TABLE` does, so
that the memory told is the reader's alone: its peak in MiB, and its processor time for a file in milliseconds. The
outcomes are made up, as the files are: every seventh is bad. The last line tells what the larger one takes more.
"""

import argparse
import csv
import os
import sys
import tempfile
from collections import Counter
from pathlib import Path
from subprocess import Popen

BAD_EACH = 7
WRITES = """
import sys
from pathlib import Path
from service.workbooks.template import write_workbook
from tests.service.made import calm_bundle, offering

def file(n):
    body = offering(n % 400 + 1, case=f"H{n:05}")
    told = {"known_on": "2027-11-20", "source_kind": "typed", "case": body["case"], "as_of": body["as_of"]}
    body["rows"]["outcomes"] = [told | {"label": n % BAD_EACH == 0}]
    return body

folder, files = Path(sys.argv[1]), int(sys.argv[2])
if not (folder / "bundle").exists():
    calm_bundle(folder / "bundle")
write_workbook(folder / f"{files}.xlsx", "zh", "0" * 64, [file(n) for n in range(files)])
""".replace("BAD_EACH", str(BAD_EACH))
READS = "import sys, pledgescore; pledgescore.app(sys.argv[1:])"


def run(code: str, *arguments: object, **environment: str) -> tuple[float, float]:
    """Run a program to its end: its processor seconds and its peak memory in MiB."""
    child = Popen([sys.executable, "-c", code, *map(str, arguments)], env={**os.environ, **environment})
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        raise SystemExit(f"it ended with {child.returncode}")
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def check(table: Path, files: int) -> None:
    """The table must hold every file, and the outcomes that were written."""
    with table.open(encoding="utf-8-sig", newline="") as file:
        came_out = Counter(row["Outcome"] for row in csv.DictReader(file))
    bad = len(range(0, files, BAD_EACH))
    if came_out != {"bad": bad, "good": files - bad}:
        raise SystemExit(f"the table tells {came_out} of {files} files")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, nargs="+", default=[1_000, 10_000])
    peaks = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for files in parser.parse_args().files:
            run(WRITES, folder, files)
            book, table = folder / f"{files}.xlsx", folder / f"{files}.csv"
            surroundings = {
                "PLEDGESCORE_BUNDLE": str(folder / "bundle"),
                "PLEDGESCORE_DATABASE": f"sqlite:///{folder / 'ledger.db'}",
            }
            seconds, peak = run(READS, "--words", "en", "backtest", book, "--out", table, **surroundings)
            check(table, files)
            size = book.stat().st_size / 2**20
            print(f"{files:>7,} files ({size:.1f} MiB)  peak {peak:6.0f} MiB  {1_000 * seconds / files:6.1f} ms a file")
            peaks.append(peak)
    print(f"the last takes {peaks[-1] - peaks[0]:.0f} MiB more than the first")


if __name__ == "__main__":
    main()
