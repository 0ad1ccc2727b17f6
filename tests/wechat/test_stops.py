"""What WeChat refuses for a while is left alone by every process, and staff are told once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
import pytest_asyncio

from backend.conversations import alerts
from backend.db.database import Database
from bot.wechat.apis import EVERY_CALL, FORCED_TOKEN, STABLE_TOKEN
from bot.wechat.errors import ALERTING, NotReached, TokenError, WeChatError
from bot.wechat.stops import SqlStops
from tests.wechat.clock import SimulatedClock
from tests.wechat.conftest import APP_ID

SEND, UPLOAD = "cgi-bin/message/custom/send", "cgi-bin/media/upload"


@pytest_asyncio.fixture
async def database(database_url: str, clock: SimulatedClock) -> AsyncIterator[Database]:
    opened = Database(database_url, clock=clock)
    yield opened
    await opened.close()


async def told(database: Database) -> list[tuple[str, ...]]:
    async with database.work() as work:
        return [alert.codes for alert in await alerts.open_alerts(work) if alert.kind == "channel"]


async def test_the_days_quota_until_midnight_in_shanghai(database: Database, clock: SimulatedClock) -> None:
    clock.now = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    await SqlStops(database, APP_ID).refused(SEND, 45009)
    other_process = SqlStops(database, APP_ID)
    for _ in range(2):
        with pytest.raises(WeChatError, match="45009"):
            await other_process.check(SEND)
    await other_process.check(UPLOAD)
    await SqlStops(database, "another account").check(SEND)
    clock.now = datetime(2026, 3, 2, 15, 59, tzinfo=UTC)
    with pytest.raises(WeChatError):
        await other_process.check(SEND)
    clock.now = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)
    await other_process.check(SEND)


@pytest.mark.parametrize("code", [48001, 40200])
async def test_a_missing_right_is_asked_for_again_the_next_day(
    database: Database, clock: SimulatedClock, code: int
) -> None:
    stops = SqlStops(database, APP_ID)
    await stops.refused(SEND, code)
    with pytest.raises(WeChatError, match=str(code)):
        await stops.check(SEND)
    clock.advance(days=1)
    await stops.check(SEND)


async def test_what_is_about_one_message_stops_nothing(database: Database) -> None:
    stops = SqlStops(database, APP_ID)
    for code in (-1, 45011, 45015, 45047, 43004, 40001, 40003, 47003):
        await stops.refused(SEND, code)
        await stops.check(SEND)


async def test_no_token_stops_everything_for_a_minute(database: Database, clock: SimulatedClock) -> None:
    stops = SqlStops(database, APP_ID)
    for api, code in ((EVERY_CALL, 40001), (STABLE_TOKEN, 40164), (FORCED_TOKEN, 40164)):
        await stops.refused(api, code)
        with pytest.raises(WeChatError, match=str(code)) as refused:
            await stops.check(SEND if api == EVERY_CALL else api)
        assert isinstance(refused.value, TokenError) is (api == EVERY_CALL)
        clock.advance(minutes=1)
        await stops.check(SEND)
        await stops.check(api)


async def test_staff_are_told_once(database: Database) -> None:
    stops = SqlStops(database, APP_ID)
    for _ in range(3):
        for code in (40164, 45009, -1):
            await stops.refused(SEND, code)
    assert set(await told(database)) == {("wechat_40164_address_not_allowed",), ("wechat_45009_daily_quota",)}


async def test_every_code_that_a_person_must_look_at_is_told(database: Database) -> None:
    for code in sorted(ALERTING):
        await SqlStops(database, APP_ID).refused(SEND, code)
    await SqlStops(database, APP_ID).refused(EVERY_CALL, 40001)
    codes = {codes[0].split("_")[1] for codes in await told(database)}
    assert codes == {str(code) for code in ALERTING | {40001}}


async def test_without_the_database_nothing_is_called(clock: SimulatedClock) -> None:
    database = Database("postgresql://nobody@127.0.0.1:1/none?connect_timeout=1", clock=clock)
    with pytest.raises(NotReached):
        await SqlStops(database, APP_ID).check(SEND)
    await SqlStops(database, APP_ID).refused(SEND, 45009)
    await database.close()
