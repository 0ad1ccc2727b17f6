"""The circuit breaker: closed, open, half-open, by an injected clock."""

from __future__ import annotations

from dataclasses import dataclass

from nlu.breaker import CircuitBreaker


@dataclass
class Clock:
    now: float = 100.0

    def __call__(self) -> float:
        return self.now


def broken(clock: Clock) -> CircuitBreaker:
    breaker = CircuitBreaker(clock, failures=2, pause=5)
    for _ in range(2):
        assert breaker.allows()
        breaker.failed()
    return breaker


def test_opens_after_consecutive_failures_only() -> None:
    breaker = CircuitBreaker(Clock(), failures=2, pause=5)
    breaker.failed()
    breaker.succeeded()
    breaker.failed()
    assert breaker.state == "closed"
    breaker.failed()
    assert breaker.state == "open"
    assert not breaker.allows()


def test_one_request_tries_after_the_pause_and_closes_it() -> None:
    clock = Clock()
    breaker = broken(clock)
    clock.now += 4.9
    assert not breaker.allows()
    clock.now += 0.2
    assert breaker.state == "half-open"
    assert breaker.allows()
    assert not breaker.allows()
    breaker.succeeded()
    assert breaker.state == "closed"
    assert breaker.allows()


def test_a_failed_try_opens_it_for_another_pause() -> None:
    clock = Clock()
    breaker = broken(clock)
    clock.now += 6
    assert breaker.allows()
    breaker.failed()
    assert breaker.state == "open"
    clock.now += 4
    assert not breaker.allows()
    clock.now += 2
    assert breaker.allows()


def test_an_abandoned_try_leaves_room_for_the_next() -> None:
    clock = Clock()
    breaker = broken(clock)
    clock.now += 6
    assert breaker.allows()
    breaker.abandoned()
    assert breaker.allows()


def test_a_late_failure_of_an_older_request_does_not_take_the_place_of_the_try() -> None:
    clock = Clock()
    breaker = broken(clock)
    breaker.failed()
    assert breaker.state == "open"
    clock.now += 6
    assert breaker.allows()
