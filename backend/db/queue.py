"""The job queue (procrastinate) that lives in the same database as the rows its jobs name."""

from __future__ import annotations

from procrastinate import App, PsycopgConnector

LIVE = "default"
"""What cannot wait and is sent nowhere by itself: timers of somebody who waits, a dialogue that goes on."""
REPLIES = "replies."
"""Before a channel's name: what a resident waits for at this moment, replies and an officer's words."""
CASES = "cases"
"""What follows from steps of cases and from timers, thousands at once perhaps."""
FILES = "files"
"""What is made of them."""
DOWNLOADS = "downloads."
"""Before a channel's name: files that are still there."""
PUSHES = "pushes."
"""Before a channel's name: messages that residents are sent first. Each channel has a pace of its own."""

queue = App(connector=PsycopgConnector())
"""The worker registers the tasks; everybody else defers by name on their own transaction."""
