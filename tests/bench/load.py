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
from urllib.parse import urlsplit


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
    def median_ms(self) -> float:
        """Half of the answers took less, in milliseconds."""
        return 1000 * statistics.median(self.latencies)


def parse_requests(url: str, texts: Sequence[str]) -> list[bytes]:
    """Return the requests that ask the server at `url` what the texts mean."""
    return [_post(url, "/model/parse", json.dumps({"text": text}).encode()) for text in texts]


async def load(url: str, requests: Sequence[bytes], connections: int, seconds: float) -> Load:
    """Send the requests, over and over, as fast as they are answered.

    Raises:
        RuntimeError: an answer is not a 200.

    """
    endless = itertools.cycle(requests)
    latencies: list[float] = []
    processor, started = time.process_time(), time.perf_counter()
    until = started + seconds
    await asyncio.gather(*(_connection(url, endless, until, latencies) for _ in range(connections)))
    return Load(time.perf_counter() - started, latencies, time.process_time() - processor)


async def _connection(url: str, requests: Iterator[bytes], until: float, latencies: list[float]) -> None:
    address = urlsplit(url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    try:
        while (sent := time.perf_counter()) < until:
            writer.write(next(requests))
            head = await reader.readuntil(b"\r\n\r\n")
            if not head.startswith(b"HTTP/1.1 200 "):
                raise RuntimeError(f"the server answers {head.splitlines()[0].decode()}")
            length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
            await reader.readexactly(int(length))
            latencies.append(time.perf_counter() - sent)
    finally:
        writer.close()


def _post(url: str, path: str, body: bytes) -> bytes:
    head = f"POST {path} HTTP/1.1\r\nHost: {urlsplit(url).netloc}\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
