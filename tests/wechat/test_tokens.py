"""One access token for all tasks and processes: renewed once, early, and never without bound."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from backend.db.database import Database
from bot.wechat.client import WeChatClient
from bot.wechat.errors import NotReached, WeChatError
from bot.wechat.token_store import RedisTokenStore, token_store
from bot.wechat.tokens import Renew, Token, TokenStore
from tests.wechat.clock import SimulatedClock
from tests.wechat.conftest import APP_ID
from tests.wechat.emulator import Emulator
from tests.wechat.memory import MemoryStops

TOKEN_CALL = "cgi-bin/stable_token"
SEND_CALL = "cgi-bin/message/custom/send"
PROCESSES = 8


class MemoryStore:
    """The store of a single process."""

    def __init__(self) -> None:
        self.token: Token | None = None
        self._lock = asyncio.Lock()

    async def read(self) -> Token | None:
        return self.token

    async def update(self, renew: Renew) -> Token:
        async with self._lock:
            self.token = await renew(self.token)
            return self.token


def client_of(emulator: Emulator, store: TokenStore, clock: SimulatedClock) -> WeChatClient:
    http = httpx.AsyncClient(transport=httpx.ASGITransport(emulator.app), base_url="http://wechat/")
    return WeChatClient(http, APP_ID, "app-secret", store, MemoryStops(), clock)


@pytest.fixture
def emulator(clock: SimulatedClock) -> Emulator:
    made = Emulator(APP_ID, "app-secret", clock=clock)
    made.token_delay = 0.02
    for number in range(10):
        for _ in range(10):
            made.user_did(f"o{number}")
    return made


@pytest.fixture
def client(emulator: Emulator, clock: SimulatedClock) -> WeChatClient:
    return client_of(emulator, MemoryStore(), clock)


@pytest_asyncio.fixture(params=["postgresql", "redis"])
async def store(
    request: pytest.FixtureRequest, database_url: str, redis_url: str, clock: SimulatedClock
) -> AsyncIterator[TokenStore]:
    """Both places where processes share the token."""
    database, redis = Database(database_url, clock=clock), Redis.from_url(redis_url)
    yield token_store(APP_ID, database, redis if request.param == "redis" else None)
    await redis.aclose()
    await database.close()


async def test_many_tasks_ask_once(client: WeChatClient, emulator: Emulator) -> None:
    await asyncio.gather(*(client.send_text(f"o{n}", "您好") for n in range(10)))
    assert emulator.calls.count(TOKEN_CALL) == 1
    assert len(emulator.sent) == 10


async def test_renewed_five_minutes_early(
    client: WeChatClient, emulator: Emulator, clock: SimulatedClock
) -> None:
    await client.send_text("o1", "一")
    clock.advance(seconds=7200 - 301)
    await client.send_text("o1", "二")
    assert emulator.grants == [False]
    clock.advance(seconds=2)
    await client.send_text("o1", "三")
    assert emulator.grants == [False, False]
    assert emulator.calls.count(TOKEN_CALL) == 2
    assert SEND_CALL in emulator.calls


async def test_token_that_stays_the_same_near_its_end_is_not_asked_for_at_every_call(
    client: WeChatClient, emulator: Emulator, clock: SimulatedClock
) -> None:
    await client.send_text("o1", "一")
    # Another program of the account made the token: this one joins when it is nearly over.
    late = client_of(emulator, MemoryStore(), clock)
    clock.advance(seconds=7200 - 310)
    for _ in range(4):
        await late.send_text("o2", "二")
    assert emulator.calls.count(TOKEN_CALL) == 2


async def test_old_token_serves_while_it_cannot_be_renewed(
    client: WeChatClient, emulator: Emulator, clock: SimulatedClock
) -> None:
    await client.send_text("o1", "一")
    clock.advance(seconds=7200 - 200)
    emulator.fail(TOKEN_CALL, -1, times=2)
    await client.send_text("o1", "二")
    assert len(emulator.sent) == 2
    clock.advance(seconds=201)
    with pytest.raises(WeChatError):
        await client.send_text("o1", "三")


@pytest.mark.parametrize("code", [40001, 40014, 42001])
async def test_refused_token_is_renewed_once_and_the_call_made_again(
    client: WeChatClient, emulator: Emulator, code: int
) -> None:
    await client.send_text("o1", "一")
    emulator.expire_token()
    emulator.fail(SEND_CALL, code)
    await client.send_text("o1", "二")
    assert [sent.content for sent in emulator.sent] == ["一", "二"]
    assert emulator.grants == [False, False]
    assert emulator.calls.count(TOKEN_CALL) == 2


async def test_many_tasks_with_a_refused_token_renew_once(client: WeChatClient, emulator: Emulator) -> None:
    await client.send_text("o1", "一")
    emulator.expire_token()
    await asyncio.gather(*(client.send_text(f"o{n}", "二") for n in range(10)))
    assert emulator.grants == [False, False]
    assert len(emulator.sent) == 11


async def test_refused_for_ever_ends(client: WeChatClient, emulator: Emulator, clock: SimulatedClock) -> None:
    emulator.always_refuse_tokens = True
    for _ in range(30):
        before = len(emulator.calls)
        with pytest.raises(WeChatError, match="40001"):
            await client.send_text("o1", "一")
        # The first time a token is fetched, too, and a new one is forced.
        assert len(emulator.calls) - before <= 5
        clock.advance(minutes=1)
    assert emulator.grants.count(True) == 1


async def test_wrong_secret(emulator: Emulator, clock: SimulatedClock) -> None:
    emulator.secret = "another"
    with pytest.raises(WeChatError, match="40125"):
        await client_of(emulator, MemoryStore(), clock).send_text("o1", "一")
    assert len(emulator.calls) == 1


async def test_unintelligible_token_answer(client: WeChatClient, emulator: Emulator) -> None:
    from starlette.responses import Response

    for answer in (Response("<html>"), Response("[]"), Response("{}"), Response("x", 502)):
        emulator.fail(TOKEN_CALL, answer)
        with pytest.raises(NotReached):
            await client.send_text("o1", "一")
    assert SEND_CALL not in emulator.calls


async def test_shared_between_clients(store: TokenStore, emulator: Emulator, clock: SimulatedClock) -> None:
    clients = [client_of(emulator, store, clock) for _ in range(6)]
    await asyncio.gather(*(c.send_text(f"o{n}", "一") for n, c in enumerate(clients)))
    assert emulator.calls.count(TOKEN_CALL) == 1
    emulator.expire_token()
    await asyncio.gather(*(c.send_text(f"o{n}", "二") for n, c in enumerate(clients)))
    assert emulator.grants == [False, False]
    assert len(emulator.sent) == 12
    clock.advance(minutes=116)
    await asyncio.gather(*(c.send_text(f"o{n}", "三") for n, c in enumerate(clients)))
    assert emulator.grants == [False, False, False]
    assert len(emulator.sent) == 18


async def test_forced_renewals_are_counted_across_clients(
    store: TokenStore, emulator: Emulator, clock: SimulatedClock
) -> None:
    emulator.always_refuse_tokens = True
    for _ in range(4):
        with pytest.raises(WeChatError):
            await client_of(emulator, store, clock).send_text("o1", "一")
        clock.advance(minutes=1)
    assert emulator.grants.count(True) == 1


async def test_redis_away(emulator: Emulator, clock: SimulatedClock) -> None:
    store = RedisTokenStore(Redis(port=1, retry=Retry(NoBackoff(), 0)), "wechat_token:x")
    client = client_of(emulator, store, clock)
    for _ in range(3):
        await client.send_text("o1", "一")
    assert len(emulator.sent) == 3
    assert emulator.calls.count(TOKEN_CALL) == 1


async def test_unreadable_value_in_redis(redis_url: str, emulator: Emulator, clock: SimulatedClock) -> None:
    redis = Redis.from_url(redis_url)
    for value in (b"{}", b"[]", b"nonsense", b"\xff"):
        await redis.set(f"wechat_token:{APP_ID}", value)
        await client_of(emulator, RedisTokenStore(redis, f"wechat_token:{APP_ID}"), clock).send_text(
            "o1", "一"
        )
    assert len(emulator.sent) == 4
    await redis.aclose()


async def test_database_away(emulator: Emulator, clock: SimulatedClock) -> None:
    database = Database("postgresql://nobody@127.0.0.1:1/none?connect_timeout=1")
    with pytest.raises(NotReached):
        await client_of(emulator, token_store(APP_ID, database, None), clock).send_text("o1", "一")
    await database.close()


_PROCESS = """
import asyncio, sys
import httpx
from redis.asyncio import Redis
from backend.db.database import Database
from bot.wechat.client import WeChatClient
from bot.wechat.stops import SqlStops
from bot.wechat.token_store import token_store

async def main(base, database_url, redis_url, openid):
    database = Database(database_url)
    redis = Redis.from_url(redis_url) if redis_url else None
    http = httpx.AsyncClient(base_url=base)
    store = token_store("wx0123456789abcdef", database, redis)
    stops = SqlStops(database, "wx0123456789abcdef")
    client = WeChatClient(http, "wx0123456789abcdef", "app-secret", store, stops)
    print("ready", flush=True)
    sys.stdin.readline()
    await asyncio.gather(*(client.send_text(openid, str(n)) for n in range(3)))
    await database.close()

asyncio.run(main(*sys.argv[1:]))
"""


@pytest.mark.parametrize("place", ["postgresql", "redis"])
def test_several_processes_ask_once(place: str, database_url: str, redis_url: str) -> None:
    emulator = Emulator(APP_ID, "app-secret")
    emulator.token_delay = 0.2
    with emulator.serving() as base:
        for number in range(PROCESSES):
            emulator.user_did(f"o{number}")
        processes = [
            subprocess.Popen(
                [
                    sys.executable,
                    "-c",
                    _PROCESS,
                    base,
                    database_url,
                    redis_url * (place == "redis"),
                    f"o{number}",
                ],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for number in range(PROCESSES)
        ]
        for process in processes:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        for process in processes:
            process.communicate("go\n", timeout=60)
            assert process.returncode == 0
    assert emulator.calls.count(TOKEN_CALL) == 1
    assert len(emulator.sent) == 3 * PROCESSES
