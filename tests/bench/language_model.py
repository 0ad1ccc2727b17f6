"""The model's server beside Rasa's own: the stock pipeline, the same sentences, `rasa run`, in turns."""

from __future__ import annotations

import asyncio
import json
import os
import random
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import fmean, median
from tempfile import TemporaryDirectory

from nlu.evaluation.pipelines import variants
from nlu.evaluation.workplace import experiments_directory
from nlu.train import ROOT, SENTENCES, current_hash, rasa_python, server_command, train, train_model
from tests.bench.load import Load, load, parse_requests
from tests.bench.served import Served, served

STOCK = "stock"
"""The pipeline in nlu/experiments."""
ROUNDS = 8
SLICE_SECONDS = 2.0
"""Short turns, so that a busy moment of the machine meets both."""
CONCURRENCIES = (1, 8)

Say = Callable[[str], None]
Loads = dict[tuple[str, int], list[Load]]


def measure(say: Say) -> Mapping[str, float]:
    """Return ours to stock: throughput (more is better); answer time, start and memory (less is better)."""
    train(say=say)
    stock = _stock_model(say)
    commands = {"ours": server_command, "stock": lambda port: _rasa_run(stock, port)}
    starts: dict[str, list[float]] = {name: [] for name in commands}
    for name, command in commands.items():
        with served(command) as once:
            starts[name].append(once.start_seconds)
    with served(commands["ours"]) as first, served(commands["stock"]) as second:
        servers = {"ours": first, "stock": second}
        for name, server in servers.items():
            starts[name].append(server.start_seconds)
        loads, processor = _loads(servers)
        memory = {name: server.memory() for name, server in servers.items()}
        processes = len(first.processes)

    say(f"ours: {processes} processes, the parent among them; stock: one; {os.cpu_count()} cores")
    for connections in CONCURRENCIES:
        say(
            f"concurrency {connections}: "
            + "; ".join(_told(name, loads[name, connections]) for name in servers)
        )
    say(f"start: {_listed({name: fmean(seconds) for name, seconds in starts.items()}, 's')}")
    say(f"memory: {_listed(memory, 'MB')}")
    generator = {name: 1000 * _generator_seconds(loads, name) for name in servers}
    say(f"processor per request: {_listed(processor, 'ms')}")
    say(f"the load generator's own: {_listed(generator, 'ms')}")
    return {
        "nlu_throughput_vs_stock_c8": _ratio(loads, 8, lambda it: it.throughput),
        "nlu_throughput_vs_stock_c1": _ratio(loads, 1, lambda it: it.throughput),
        "nlu_p50_vs_stock": _ratio(loads, 1, lambda it: it.median_ms),
        "nlu_start_vs_stock": median(a / b for a, b in zip(starts["ours"], starts["stock"], strict=True)),
        "nlu_memory_vs_stock": memory["ours"] / memory["stock"],
    }


def _loads(servers: Mapping[str, Served]) -> tuple[Loads, dict[str, float]]:
    """Loads in turns, and the processor milliseconds that each server took for a request."""
    texts = _texts()
    loads: Loads = {(name, connections): [] for name in servers for connections in CONCURRENCIES}
    before: dict[str, float] = {}
    for number in range(ROUNDS + 1):
        for name, server in servers.items():
            requests = parse_requests(server.url, texts)
            for connections in CONCURRENCIES:
                found = asyncio.run(load(server.url, requests, connections, SLICE_SECONDS))
                # The first round is for warming up.
                if number:
                    loads[name, connections].append(found)
            if not number:
                before[name] = server.processor_seconds()
    return loads, {
        name: 1000 * (server.processor_seconds() - before[name]) / _answers(loads, name)
        for name, server in servers.items()
    }


def _answers(loads: Loads, name: str) -> int:
    return sum(len(each.latencies) for connections in CONCURRENCIES for each in loads[name, connections])


def _generator_seconds(loads: Loads, name: str) -> float:
    every = [each for connections in CONCURRENCIES for each in loads[name, connections]]
    return sum(each.processor_seconds for each in every) / _answers(loads, name)


def _ratio(loads: Loads, connections: int, figure: Callable[[Load], float]) -> float:
    rounds = zip(loads["ours", connections], loads["stock", connections], strict=True)
    return median(figure(ours) / figure(stock) for ours, stock in rounds)


def _told(name: str, rounds: list[Load]) -> str:
    throughput, answer = median(it.throughput for it in rounds), median(it.median_ms for it in rounds)
    return f"{name} {throughput:.0f}/s, half of the answers within {answer:.1f} ms"


def _listed(figures: Mapping[str, float], unit: str) -> str:
    return ", ".join(f"{name} {figure:.2f} {unit}" for name, figure in figures.items())


def _texts() -> list[str]:
    """What no model was trained on, short chat and long stories mixed, in the same order for both."""
    files = sorted((ROOT / "training_data" / "holdout").glob("*.jsonl"))
    texts = [json.loads(line)["text"] for path in files for line in path.read_text("utf-8").splitlines()]
    random.Random(0).shuffle(texts)
    return texts


def _stock_model(say: Say) -> Path:
    """Train it, unless one of the present sentences is kept."""
    variant = next(variant for variant in variants() if variant.name == STOCK)
    directory = experiments_directory()
    model = directory / f"{STOCK}-{current_hash(config=variant.file)}.tar.gz"
    if not model.exists():
        say("The stock pipeline has no model of the present sentences yet.")
        with TemporaryDirectory(dir=directory) as place:
            config, made = Path(place) / "config.yml", Path(place) / "model.tar.gz"
            config.write_text(variant.configuration, "utf-8")
            train_model(made, directory / f"{STOCK}.log", say, sentences=ROOT / SENTENCES, config=config)
            for old in directory.glob(f"{STOCK}-*.tar.gz"):
                old.unlink()
            made.replace(model)
    return model


def _rasa_run(model: Path, port: int) -> list[str]:
    options = {"--model": str(model), "--interface": "127.0.0.1", "--port": str(port)}
    words = (word for option in options.items() for word in option)
    return [rasa_python(), "-m", "rasa", "run", "--enable-api", "--quiet", *words]
