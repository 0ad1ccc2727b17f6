"""A load generator: some connections, each with one request under way, for some seconds.

It speaks just enough HTTP. An ordinary client takes as much of the processor for a request as the server, and
would be measured instead of it.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit


class Exchange(Protocol):
    """Somebody who sends requests one after the other."""

    def request(self) -> bytes:
        """Return the next one."""

    def heard(self, body: bytes) -> None:
        """Take its answer in."""


class _Endless:
    def __init__(self, requests: Iterator[bytes]) -> None:
        self._requests = requests

    def request(self) -> bytes:
        return next(self._requests)

    def heard(self, body: bytes) -> None:
        pass


@dataclass(frozen=True, slots=True)
class Load:
    """What a load came to."""

    seconds: float
    latencies: list[float]
    """Seconds of each answer."""
    processor_seconds: float
    """What the generator itself took."""

    @property
    def throughput(self) -> float:
        """Answers per second."""
        return len(self.latencies) / self.seconds

    @property
    def share(self) -> float:
        """What the generator took of a core."""
        return self.processor_seconds / self.seconds

    @property
    def slowest_percent_ms(self) -> float:
        """99 of 100 answers took less, in milliseconds."""
        return 1000 * statistics.quantiles(self.latencies, n=100)[98]

    @property
    def median_ms(self) -> float:
        """Half of the answers took less, in milliseconds."""
        return 1000 * statistics.median(self.latencies)


def parse_requests(url: str, texts: Sequence[str]) -> list[bytes]:
    """Return the requests that ask the server at `url` what the texts mean."""
    return [
        post(url, "/model/parse", "application/json", json.dumps({"text": text}).encode()) for text in texts
    ]


async def load(url: str, requests: Sequence[bytes], connections: int, seconds: float) -> Load:
    """Send the requests, over and over, as fast as they are answered.

    Raises:
        RuntimeError: an answer is not a 200.

    """
    endless = _Endless(itertools.cycle(requests))
    return await converse(url, [endless] * connections, seconds)


async def converse(url: str, talks: Sequence[Exchange], seconds: float) -> Load:
    """Hold the talks, each on a connection of its own, as fast as they are answered; they may go on later.

    Raises:
        RuntimeError: an answer is not a 200.

    """
    latencies: list[float] = []
    processor, started = time.process_time(), time.perf_counter()
    until = started + seconds
    await asyncio.gather(*(_connection(url, talk, until, latencies) for talk in talks))
    return Load(time.perf_counter() - started, latencies, time.process_time() - processor)


async def _connection(url: str, talk: Exchange, until: float, latencies: list[float]) -> None:
    address = urlsplit(url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    try:
        while time.perf_counter() < until:
            request = talk.request()
            sent = time.perf_counter()
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            if not head.startswith(b"HTTP/1.1 200 "):
                raise RuntimeError(f"the server answers {head.splitlines()[0].decode()}")
            length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
            body = await reader.readexactly(int(length))
            latencies.append(time.perf_counter() - sent)
            talk.heard(body)
    finally:
        writer.close()


def post(url: str, path: str, media_type: str, body: bytes) -> bytes:
    """Return a whole request."""
    head = f"POST {path} HTTP/1.1\r\nHost: {urlsplit(url).netloc}\r\nContent-Type: {media_type}\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
