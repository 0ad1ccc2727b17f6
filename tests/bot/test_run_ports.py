"""The ports that the supervisor holds for its listeners."""

from __future__ import annotations

import socket

import pytest

from bot.ports import free_port, listen
from bot.start_error import StartError


def test_a_taken_port_is_one_sentence_that_names_the_setting() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(StartError) as refused:
            listen("127.0.0.1", port, "STAFF_PORT")
    assert str(refused.value) == (
        f"Port {port} is taken by another program: stop that one, or set STAFF_PORT to a free port."
    )


def test_an_address_of_another_machine_is_one_sentence() -> None:
    with pytest.raises(StartError, match=r"Cannot listen on 192\.0\.2\.1:\d+ \(.*\): change PORT"):
        listen("192.0.2.1", free_port(), "PORT")


def test_a_connection_waits_in_the_socket_until_somebody_serves_it() -> None:
    with (
        listen("127.0.0.1", free_port(), "PORT") as listening,
        socket.create_connection(listening.getsockname(), timeout=5) as early,
    ):
        listening.setblocking(True)
        accepted, _ = listening.accept()
        with accepted:
            accepted.sendall(b"late")
        assert early.recv(4) == b"late"
