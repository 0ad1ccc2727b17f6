"""The comparison of pipelines in docs/nlu.md, made anew: `python -m nlu.evaluation.compare [FILE ...]`."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import httpx

from nlu.evaluation.measured import Measured, fingerprint, measure
from nlu.evaluation.pipelines import Variant, variants
from nlu.evaluation.table import table, with_table
from nlu.evaluation.workplace import experiments_directory
from nlu.train import ROOT, TrainError

PAGE = ROOT / "docs" / "nlu.md"


def main(arguments: Sequence[str], now: datetime) -> int:
    """Measure what has no figures yet, print the table and put it into the page; one sentence when it fails.

    A run that was cut short goes on where it was: figures are kept in DATA_DIR/experiments by the fingerprint
    of pipeline and texts. With --only the table is printed and the page stays as it is.
    """
    chosen = _read(arguments)
    files = {path.stem: path for path in chosen.files}
    try:
        known = {variant.name: variant for variant in variants()}
        if unknown := set(chosen.only or ()) - set(known):
            raise ValueError(
                f"No pipeline is called {', '.join(sorted(unknown))}; there are {', '.join(known)}."
            )
        rows = [(known[name], figures(known[name], files)) for name in chosen.only or known]
        text = table(rows, tuple(files), now)
        print(text)  # noqa: T201
        if not chosen.only:
            PAGE.write_text(with_table(PAGE.read_text("utf-8"), text), "utf-8")
    except (OSError, ValueError, TrainError, httpx.HTTPError) as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    return 0


def _read(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m nlu.evaluation.compare", description=__doc__)
    parser.add_argument(
        "files", nargs="*", type=Path, help="labelled texts to measure on besides the holdout"
    )
    parser.add_argument("--only", nargs="+", metavar="NAME", help="these pipelines alone")
    return parser.parse_args(arguments)


def figures(variant: Variant, files: Mapping[str, Path]) -> Measured:
    """Return what the pipeline measures on the present texts: kept figures, or new ones, which are kept.

    Raises:
        TrainError: it could not be trained or served, or the texts changed meanwhile.
        ValueError: a file is not one of labelled texts.

    """
    paths = list(files.values())
    mark = fingerprint(variant, paths)
    kept = experiments_directory() / f"{variant.name}-{mark}.json"
    if kept.exists():
        return Measured(**json.loads(kept.read_text("utf-8")))
    _say(f"{variant.name}: {variant.title}")
    measured = measure(variant, files, _say)
    if fingerprint(variant, paths) != mark:
        raise TrainError(
            f"The sentences or the code changed while {variant.name} was measured; run it again."
        )
    kept.write_text(json.dumps(asdict(measured), ensure_ascii=False), "utf-8")
    return measured


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], datetime.now(UTC)))
