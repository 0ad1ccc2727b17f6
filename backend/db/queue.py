"""The job queue (procrastinate) that lives in the same database as the rows its jobs name."""

from __future__ import annotations

from procrastinate import App, PsycopgConnector

queue = App(connector=PsycopgConnector())
"""The worker registers the tasks; everybody else defers by name on their own transaction."""
