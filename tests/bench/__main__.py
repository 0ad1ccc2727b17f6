"""Run the benchmarks, all or those named: figures as comments, then lines `name=ratio`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence

from nlu.train import TrainError
from tests.bench import language_model, pushes, wechat

Say = Callable[[str], None]

BENCHMARKS: Mapping[str, Callable[[Say], Mapping[str, float]]] = {
    "language_model": language_model.measure,
    "wechat": wechat.measure,
    "pushes": pushes.measure,
}
"""One module each; it tells its figures to `say` and returns its ratios by name."""


def main(names: Sequence[str]) -> int:
    """Print the ratios; one sentence when a name is unknown or something cannot be measured."""
    if unknown := set(names) - set(BENCHMARKS):
        print(f"Unknown: {', '.join(sorted(unknown))}; there are {', '.join(BENCHMARKS)}.", file=sys.stderr)  # noqa: T201
        return 2
    for name in names or BENCHMARKS:
        try:
            ratios = BENCHMARKS[name](_comment)
        except TrainError as error:
            print(error, file=sys.stderr)  # noqa: T201
            return 1
        for of, ratio in ratios.items():
            print(f"{of}={ratio:.2f}", flush=True)  # noqa: T201
    return 0


def _comment(line: str) -> None:
    print(f"# {line}", flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
