"""The two ports, held by the supervisor so that connections wait while a listener restarts."""

from __future__ import annotations

import errno
import socket

from bot.start_error import StartError

BACKLOG = 512
"""Connections that wait while a listener restarts."""


def listen(host: str, port: int, setting: str) -> socket.socket:
    """A listening socket that children can inherit. Raises StartError, naming `setting`, for a taken port."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listening = socket.socket(family, socket.SOCK_STREAM)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(BACKLOG)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise StartError(
                f"Port {port} is taken by another program: stop that one, or set {setting} to a free port."
            ) from None
        raise StartError(f"Cannot listen on {host}:{port} ({error.strerror}): change {setting}.") from None
    listening.setblocking(False)
    return listening


def free_port() -> int:
    """A port of this machine that nobody listens on now."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port
