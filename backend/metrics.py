"""`/metrics` in Prometheus' format: requests of this process, and what waits in the database."""

from __future__ import annotations

import hmac
import time

from fastapi import FastAPI, Request, Response
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from pydantic import SecretStr
from starlette.routing import Match, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.db.database import Database
from backend.statistics.operations import Operations, operations


class RequestMeters:
    """What one listener was asked, with a registry of its own."""

    def __init__(self, listener: str) -> None:
        """`listener`: staff or residents."""
        self.registry = CollectorRegistry()
        self.requests = Counter(
            f"fengqiao_{listener}_requests",
            "Requests by method, route and status.",
            ["method", "route", "status"],
            registry=self.registry,
        )
        self.seconds = Histogram(
            f"fengqiao_{listener}_request_seconds",
            "Seconds until an answer began.",
            ["route"],
            registry=self.registry,
        )


class Meters(RequestMeters):
    """The staff listener's: its own requests, and what the database says of the whole installation."""

    def __init__(self) -> None:
        """Each app has a registry of its own."""
        super().__init__("staff")
        self.outgoing = self._gauge("outgoing_messages", "Messages for residents.", "state")
        self.waiting = self._gauge("waiting_messages", "Messages not sent yet.", "channel", "kind")
        self.oldest = self._gauge("oldest_message_seconds", "Age of the oldest of them.", "channel", "kind")
        self.delivered = self._gauge(
            "recent_deliveries", "Tries of the last five minutes.", "channel", "way", "outcome"
        )
        self.stashed = self._gauge("stashed_messages", "Residents' messages not worked on yet.", "state")
        self.jobs = self._gauge("jobs", "Jobs in the queue.", "status")
        self.queues = self._gauge("waiting_jobs", "Jobs that wait.", "queue")
        self.chats = self._gauge("waiting_chats", "Residents without an officer.")
        self.alerts = self._gauge("open_alerts", "Alerts nobody has seen to.")
        self.overdue = self._gauge("overdue_cases", "Open cases past a deadline.")

    def show(self, now: Operations) -> bytes:
        """All meters with the counts of this moment."""
        for gauge in (self.outgoing, self.waiting, self.oldest, self.delivered, self.queues):
            gauge.clear()
        for state, count in now.outgoing.items():
            self.outgoing.labels(state).set(count)
        for each in now.waiting:
            self.waiting.labels(each.channel, each.kind).set(each.count)
            self.oldest.labels(each.channel, each.kind).set(each.oldest.total_seconds())
        for tried in now.delivered:
            self.delivered.labels(tried.channel, tried.way, tried.outcome).set(tried.count)
        for state, count in now.stashed.items():
            self.stashed.labels(state).set(count)
        for status, count in now.jobs.items():
            self.jobs.labels(status).set(count)
        for queue, count in now.queues.items():
            self.queues.labels(queue).set(count)
        self.chats.set(now.waiting_chats)
        self.alerts.set(now.open_alerts)
        self.overdue.set(now.overdue_cases)
        return generate_latest(self.registry)

    def _gauge(self, name: str, words: str, *labels: str) -> Gauge:
        return Gauge(f"fengqiao_{name}", words, labels, registry=self.registry)


class CountRequests:
    """Counts every request by its route, never by its path: paths are without bound."""

    def __init__(self, app: ASGIApp, meters: RequestMeters) -> None:
        """Made by Starlette."""
        self._app = app
        self._meters = meters

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and note how its answer began."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.monotonic()

        async def noted(message: Message) -> None:
            if message["type"] == "http.response.start":
                route = getattr(scope.get("route"), "path", "other")
                self._meters.requests.labels(scope["method"], route, message["status"]).inc()
                self._meters.seconds.labels(route).observe(time.monotonic() - started)
            await send(message)

        await self._app(scope, receive, noted)


class CountedRoute(Route):
    """A route of Starlette's own, which is counted by its path as FastAPI's are."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether it is meant; if so, it says so in the scope."""
        match, child = super().matches(scope)
        return match, {**child, "route": self}


def install(app: FastAPI, database: Database) -> None:
    """Count requests from now on and answer `/metrics`."""
    meters = Meters()
    app.add_middleware(CountRequests, meters=meters)

    @app.get("/metrics", include_in_schema=False)
    async def metrics() -> Response:
        async with database.work() as work:
            now = await operations(work)
        return Response(meters.show(now), media_type=CONTENT_TYPE_LATEST)


def install_for_residents(app: FastAPI, token: SecretStr | None) -> None:
    """Count requests from now on; `/metrics` answers whoever shows the token, and without one nobody.

    This listener faces the internet. What is counted here is this process's own: requests, and what the
    channels count.
    """
    meters = RequestMeters("residents")
    app.add_middleware(CountRequests, meters=meters)
    wanted = f"Bearer {token.get_secret_value()}".encode() if token is not None else None

    @app.get("/metrics", include_in_schema=False)
    async def metrics(request: Request) -> Response:
        shown = request.headers.get("authorization", "").encode()
        if wanted is None or not hmac.compare_digest(shown, wanted):
            return Response("Not found", 404, media_type="text/plain")
        counted = generate_latest(meters.registry) + generate_latest(REGISTRY)
        return Response(counted, media_type=CONTENT_TYPE_LATEST)
