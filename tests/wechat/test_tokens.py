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

from backend.conversations import alerts
from backend.db.database import Database
from bot.wechat.client import WeChatClient
from bot.wechat.errors import NotReached, TokenError, WeChatError
from bot.wechat.stops import SqlStops
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
    return WeChatClient(http, APP_ID, "app-secret", store, MemoryStops(clock), clock)


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
        with pytest.raises(TokenError, match="40001"):
            await client.send_text("o1", "一")
        # The first time a token is fetched, too, and a new one is forced.
        assert len(emulator.calls) - before <= 5
        clock.advance(minutes=1)
    assert emulator.grants.count(True) == 1


async def test_refused_for_ever_is_no_storm_and_staff_are_told(
    database_url: str, emulator: Emulator, clock: SimulatedClock
) -> None:
    """Four processes that send all the time for ten minutes, while WeChat takes no token at all."""
    emulator.always_refuse_tokens, emulator.token_delay = True, 0.0
    databases = [Database(database_url, clock=clock, pool_size=2) for _ in range(4)]
    clients = []
    for database in databases:
        client = client_of(emulator, token_store(APP_ID, database, None), clock)
        client._stops = SqlStops(database, APP_ID)
        clients.append(client)
    for _ in range(30):
        sends = [client.send_text("o1", "一") for client in clients for _ in range(2)]
        refused = await asyncio.gather(*sends, return_exceptions=True)
        assert all(isinstance(error, TokenError) for error in refused)
        clock.advance(seconds=20)
    # Once a minute everybody who is sending at that moment tries: twice, with a token in between.
    assert emulator.calls.count(SEND_CALL) <= 10 * 8 * 2
    assert emulator.calls.count(TOKEN_CALL) <= 10 * 4 * 2
    assert emulator.grants.count(True) == 1
    async with databases[0].work() as work:
        [alert] = await alerts.open_alerts(work)
    assert (alert.kind, alert.codes) == ("channel", ("wechat_40001_token",))
    emulator.always_refuse_tokens = False
    clock.advance(minutes=1)
    await clients[0].send_text("o1", "二")
    assert [sent.content for sent in emulator.sent] == ["二"]
    for database in databases:
        await database.close()


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


async def test_without_redis_a_process_remembers_when_it_forced_one(
    redis_url: str, emulator: Emulator, clock: SimulatedClock
) -> None:
    """Refused for ever, with Redis away, there again without what was forced, and away."""
    away, there = Redis(port=1, retry=Retry(NoBackoff(), 0)), Redis.from_url(redis_url)
    store = RedisTokenStore(away, f"wechat_token:{APP_ID}")
    client = client_of(emulator, store, clock)
    emulator.always_refuse_tokens = True
    for redis in (away, there, away):
        store._redis = redis
        for _ in range(5):
            with pytest.raises(TokenError, match="40001"):
                await client.send_text("o1", "一")
            clock.advance(minutes=2)
    assert emulator.grants.count(True) == 1
    clock.advance(minutes=75)
    with pytest.raises(TokenError, match="40001"):
        await client.send_text("o1", "一")
    assert emulator.grants.count(True) == 2, "a day has room for that"
    emulator.always_refuse_tokens = False
    clock.advance(minutes=2)
    await client.send_text("o1", "一")
    assert len(emulator.sent) == 1
    await there.aclose()


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


_PROCESSES = """
import asyncio, multiprocessing, sys
import httpx
from redis.asyncio import Redis
from backend.db.database import Database
from bot.wechat.client import WeChatClient
from bot.wechat.stops import SqlStops
from bot.wechat.token_store import token_store

APP_ID = "wx0123456789abcdef"

async def send(base, database_url, redis_url, openid, barrier):
    database = Database(database_url)
    for redis in (None, Redis.from_url(redis_url)):
        store = token_store(APP_ID, database, redis)
        http = httpx.AsyncClient(base_url=base)
        client = WeChatClient(http, APP_ID, "app-secret", store, SqlStops(database, APP_ID))
        await store.read()
        for _ in range(2):
            barrier.wait(60)
            await client.send_text(openid, "您好")
            barrier.wait(60)
    await database.close()

def process(*arguments):
    asyncio.run(send(*arguments))

base, database_url, redis_url, count = sys.argv[1:]
fork = multiprocessing.get_context("fork")
barrier = fork.Barrier(int(count) + 1)
made = [
    fork.Process(target=process, args=(base, database_url, redis_url, f"o{n}", barrier))
    for n in range(int(count))
]
for one in made:
    one.start()
for _ in range(4):
    barrier.wait(60)
    barrier.wait(60)
    print("sent", flush=True)
    sys.stdin.readline()
for one in made:
    one.join(60)
sys.exit(sum(one.exitcode != 0 for one in made))
"""
"""One start of the interpreter, then as many real processes as there are to be."""


def test_several_processes_ask_once(database_url: str, redis_url: str) -> None:
    """The first token, and the one after all were refused at once: shared by PostgreSQL, then by Redis."""
    emulator = Emulator(APP_ID, "app-secret")
    emulator.token_delay = 0.2
    for number in range(PROCESSES):
        emulator.user_did(f"o{number}")
    with emulator.serving() as base:
        script = subprocess.Popen(
            [sys.executable, "-c", _PROCESSES, base, database_url, redis_url, str(PROCESSES)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert script.stdout is not None and script.stdin is not None
        for number in range(1, 5):
            assert script.stdout.readline() == "sent\n"
            assert emulator.calls.count(TOKEN_CALL) == number, "one of all asks"
            if number % 2:
                emulator.expire_token()
            script.stdin.write("\n")
            script.stdin.flush()
        script.communicate(timeout=60)
    assert script.returncode == 0
    assert emulator.grants == [False] * 3, "the two stores got the same token from WeChat in between"
    assert len(emulator.sent) == 4 * PROCESSES
