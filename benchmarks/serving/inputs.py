"""What a commit of the project is asked in a benchmark, made by its own code: run as a script with its packages.

    python - names                                 the features of its catalogue
    python - usual NUMBERS                         keep what its made bundles learn from; prints the features' names
    python - bundle FOLDER KIND TREES NUMBERS      a bundle that learned from these numbers; prints its trees' digest
    python - bodies KIND PATENTS OFFERED COUNT     questions about made-up firms

It uses only what every commit since version 0.1.0 has, and prints a JSON list of texts.
"""

import hashlib
import json
import re
import sys
from pathlib import Path

import numpy as np

from features.registry import CATALOGUE
from tests.service import made


def names() -> list[str]:
    """The features of the catalogue."""
    return list(CATALOGUE)


def usual(numbers: str, *known: str) -> list[str]:
    """Keep the matrix and the labels that made bundles learn from, with the features that others know too."""
    of = made._usual()
    kept = [place for place, name in enumerate(of.names) if not known or name in known]
    chosen = [of.names[place] for place in kept]
    np.savez(numbers, names=np.array(chosen), numbers=of.numbers[:, kept], label=of.label)
    return chosen


def bundle(folder: str, kind: str, trees: str, numbers: str) -> list[str]:
    """A bundle whose trees learned from the kept numbers, whatever this commit makes of the same rows."""
    kept, of = np.load(numbers), made._usual()
    learned = made.Learned(of.cases, of.rows, tuple(map(str, kept["names"])), kept["numbers"], kept["label"])
    made.make_bundle(Path(folder), kind, trees=int(trees), of=learned)  # type: ignore[arg-type]
    text = (Path(folder) / "model.lgb").read_text(encoding="utf-8")
    return [hashlib.sha256(re.findall(r"Tree=0\n.*end of trees", text, re.DOTALL)[0].encode()).hexdigest()]


def bodies(kind: str, patents: str, offered: str, count: str) -> list[str]:
    """Questions about so many made-up firms."""
    asked = (made.offering(seed, int(patents), int(offered), kind=kind) for seed in range(int(count)))
    return [json.dumps(body, ensure_ascii=False) for body in asked]


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["names"]:
            told = names()
        case ["usual", numbers, *known]:
            told = usual(numbers, *known)
        case ["bundle", folder, kind, trees, numbers]:
            told = bundle(folder, kind, trees, numbers)
        case ["bodies", kind, patents, offered, count]:
            told = bodies(kind, patents, offered, count)
        case _:
            sys.exit("say what is asked: names, usual, bundle or bodies, each with its arguments")
    print(json.dumps(told))
