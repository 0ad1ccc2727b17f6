"""`/metrics` in Prometheus' format: requests of this process, and what waits in the database."""

from __future__ import annotations

import time

from fastapi import FastAPI, Response
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.db.database import Database
from backend.statistics.operations import Operations, operations


class Meters:
    """The meters of one process."""

    def __init__(self) -> None:
        """Each app has a registry of its own."""
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "fengqiao_staff_requests",
            "Requests by method, route and status.",
            ["method", "route", "status"],
            registry=self.registry,
        )
        self.seconds = Histogram(
            "fengqiao_staff_request_seconds",
            "Seconds until an answer began.",
            ["route"],
            registry=self.registry,
        )
        self.outgoing = Gauge(
            "fengqiao_outgoing_messages", "Messages for residents.", ["state"], registry=self.registry
        )
        self.jobs = Gauge("fengqiao_jobs", "Jobs in the queue.", ["status"], registry=self.registry)
        self.waiting = Gauge(
            "fengqiao_waiting_chats", "Residents without an officer.", registry=self.registry
        )
        self.alerts = Gauge("fengqiao_open_alerts", "Alerts nobody has seen to.", registry=self.registry)
        self.overdue = Gauge("fengqiao_overdue_cases", "Open cases past a deadline.", registry=self.registry)

    def show(self, now: Operations) -> bytes:
        """All meters with the counts of this moment."""
        self.outgoing.clear()
        for state, count in now.outgoing.items():
            self.outgoing.labels(state).set(count)
        for status, count in now.jobs.items():
            self.jobs.labels(status).set(count)
        self.waiting.set(now.waiting_chats)
        self.alerts.set(now.open_alerts)
        self.overdue.set(now.overdue_cases)
        return generate_latest(self.registry)


class CountRequests:
    """Counts every request by its route, never by its path: paths are without bound."""

    def __init__(self, app: ASGIApp, meters: Meters) -> None:
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


def install(app: FastAPI, database: Database) -> None:
    """Count requests from now on and answer `/metrics`."""
    meters = Meters()
    app.add_middleware(CountRequests, meters=meters)

    @app.get("/metrics", include_in_schema=False)
    async def metrics() -> Response:
        async with database.work() as work:
            now = await operations(work)
        return Response(meters.show(now), media_type=CONTENT_TYPE_LATEST)
