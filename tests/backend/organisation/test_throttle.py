"""The login throttle: per user, per address, shared through Redis, and without it."""

from __future__ import annotations

import pytest

from backend.organisation.throttle import PER_ADDRESS, PER_USER, LoginThrottle
from tests.fixtures.redis import RedisServer


async def tries(throttle: LoginThrottle, username: str, address: str, count: int) -> int:
    return sum([await throttle.admit(username, address) for _ in range(count)])


async def test_per_user() -> None:
    throttle = LoginThrottle()
    assert await tries(throttle, "admin", "10.0.0.1", PER_USER.amount + 5) == PER_USER.amount
    assert not await throttle.admit("admin", "10.0.0.2")
    assert await throttle.admit("li", "10.0.0.1")
    await throttle.succeeded("admin")
    assert await throttle.admit("admin", "10.0.0.1")


async def test_per_address_counts_only_failures() -> None:
    throttle = LoginThrottle()
    for number in range(PER_ADDRESS.amount):
        assert await throttle.admit(f"user{number}", "10.0.0.1")
        await throttle.failed("10.0.0.1")
    assert not await throttle.admit("somebody", "10.0.0.1")
    assert await throttle.admit("somebody", "10.0.0.2")


async def test_processes_share_it_through_redis(redis_url: str) -> None:
    one, other = LoginThrottle(redis_url), LoginThrottle(redis_url)
    assert await tries(one, "shared", "10.0.0.1", PER_USER.amount) == PER_USER.amount
    assert not await other.admit("shared", "10.0.0.1")
    await other.succeeded("shared")
    assert await one.admit("shared", "10.0.0.1")
    await one.failed("10.0.0.9")


async def test_a_dead_redis_leaves_memory(redis_server: RedisServer) -> None:
    throttle = LoginThrottle(redis_server.url)
    assert await throttle.admit("admin", "10.0.0.1")
    redis_server.stop()
    try:
        assert await tries(throttle, "admin", "10.0.0.1", PER_USER.amount + 5) == PER_USER.amount
        await throttle.failed("10.0.0.1")
        await throttle.succeeded("admin")
        assert await throttle.admit("admin", "10.0.0.1")
    finally:
        redis_server.start()


@pytest.mark.parametrize("address", ["", "::1", "unknown"])
async def test_any_address(address: str) -> None:
    assert await LoginThrottle().admit("admin", address)
