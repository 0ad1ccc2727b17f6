"""One listener in a process of its own: `python -m bot.serve residents` or `staff`."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import socket
import sys

import uvicorn

from backend.logs import configure_logging
from backend.settings import SettingsError, load_settings
from bot.registry import check_channels

LISTENERS = {"residents": "bot.app:create_app", "staff": "bot.staff:create_app"}
"""Name → factory of the ASGI app."""
SOCKET_VARIABLE = "FENGQIAO_SOCKET"
"""Number of a listening socket that the supervisor holds: requests wait in it while the process restarts."""
KEEP_ALIVE_SECONDS = 75
"""An idle connection stays open longer than a proxy keeps it (nginx: 60 s): if the listener closed first, a
message that the proxy sends at that moment would be lost on the way."""
RARELY = (10_000, 20, 50)
"""How often garbage is looked for: by default it would be several times for each message."""
STOP_SECONDS = 3
"""Time for open requests when asked to stop; pages that wait for events never end by themselves."""


class _OpenPages(logging.Filter):
    """At the end uvicorn calls an error what is the rule here: open pages were waiting for events."""

    def filter(self, record: logging.LogRecord) -> bool:
        cut_off = record.exc_info is not None and record.exc_info[0] is asyncio.CancelledError
        if cut_off or "graceful shutdown exceeded" in str(record.msg):
            record.levelno, record.levelname = logging.INFO, "INFO"
        return True


def main(arguments: list[str]) -> int:
    """Serve until a signal; 2 for a wrong name, 1 for unusable settings."""
    if len(arguments) != 1 or arguments[0] not in LISTENERS:
        print(f"usage: python -m bot.serve {'|'.join(LISTENERS)}", file=sys.stderr)  # noqa: T201
        return 2
    name = arguments[0]
    try:
        settings = load_settings()
        check_channels(settings)
    except SettingsError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    configure_logging(name)
    logging.getLogger("uvicorn.error").addFilter(_OpenPages())
    residents = name == "residents"
    config = uvicorn.Config(
        LISTENERS[name],
        factory=True,
        host=settings.host if residents else settings.staff_host,
        port=settings.port if residents else settings.staff_port,
        log_config=None,
        access_log=False,
        server_header=False,
        ws="none",
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=STOP_SECONDS,
    )
    config.load()
    # What is there by now stays, and a message makes little that only the collector could free.
    gc.collect()
    gc.freeze()
    gc.set_threshold(*RARELY)
    server = uvicorn.Server(config)
    number = os.environ.get(SOCKET_VARIABLE)
    if number is None:
        server.run()
    else:
        with socket.socket(fileno=int(number)) as listening:
            server.run(sockets=[listening])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
