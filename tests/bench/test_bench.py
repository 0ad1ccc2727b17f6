"""The benchmarks' own parts: the load arrives as told, and the ratios come as lines."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import pytest

from nlu.train import TrainError
from tests.bench import __main__ as bench
from tests.bench.load import load, parse_requests


class Server:
    """Answers what it is told to, and remembers what it was asked."""

    def __init__(self) -> None:
        self.url = ""
        self.status = b"200 OK"
        self.texts: list[str] = []
        self.connections = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                assert head.startswith(b"POST /model/parse HTTP/1.1\r\n")
                length = int(head.partition(b"Content-Length: ")[2].partition(b"\r\n")[0])
                self.texts.append(json.loads(await reader.readexactly(length))["text"])
                writer.write(b"HTTP/1.1 " + self.status + b"\r\nContent-Length: 2\r\n\r\n{}")
        except asyncio.IncompleteReadError:
            writer.close()


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    made = Server()
    listening = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    async with listening:
        yield made


async def test_the_load_is_as_many_connections_as_told_with_every_text_in_turn(server: Server) -> None:
    texts = ["物业费", "工资 两个月", "漏水"]
    found = await load(server.url, parse_requests(server.url, texts), connections=3, seconds=0.2)
    assert server.connections == 3
    assert len(found.latencies) == len(server.texts) > 3
    assert {server.texts.count(text) for text in texts} <= {
        len(server.texts) // 3,
        len(server.texts) // 3 + 1,
    }
    assert found.throughput == pytest.approx(len(found.latencies) / found.seconds)
    assert 0 < found.median_ms < 200


async def test_an_error_is_no_answer(server: Server) -> None:
    server.status = b"500 Internal Server Error"
    with pytest.raises(RuntimeError, match="500"):
        await load(server.url, parse_requests(server.url, ["物业费"]), connections=1, seconds=0.2)


def test_figures_are_comments_and_ratios_are_lines(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def measure(say: bench.Say) -> dict[str, float]:
        say("ours 10 ms, theirs 20 ms")
        return {"time_vs_theirs": 0.5}

    monkeypatch.setattr(bench, "BENCHMARKS", {"some": measure, "others": lambda say: {"more": 1.234}})
    assert bench.main([]) == 0
    assert capsys.readouterr().out == "# ours 10 ms, theirs 20 ms\ntime_vs_theirs=0.50\nmore=1.23\n"
    assert bench.main(["others"]) == 0
    assert capsys.readouterr().out == "more=1.23\n"


def test_what_cannot_be_measured_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def measure(say: bench.Say) -> dict[str, float]:
        raise TrainError("No Rasa here.")

    monkeypatch.setattr(bench, "BENCHMARKS", {"some": measure})
    assert bench.main([]) == 1
    assert bench.main(["other"]) == 2
    assert capsys.readouterr().err == "No Rasa here.\nUnknown: other; there are some.\n"
