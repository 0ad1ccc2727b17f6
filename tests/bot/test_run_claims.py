"""What only one installation may hold: the data directory and the ports."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from bot.claims import claimed, free_port, listen
from bot.start_error import StartError


def test_a_data_directory_is_held_by_one_process_until_it_ends(tmp_path: Path) -> None:
    source = (
        "import sys, time; from pathlib import Path; from bot.claims import claimed\n"
        "with claimed(Path(sys.argv[1])): print('held', flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", source, str(tmp_path)], stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        other.stdout.readline()
        with pytest.raises(StartError) as refused, claimed(tmp_path):
            pass
        other.kill()
    assert str(refused.value) == (
        f"Another process ({other.pid}) uses DATA_DIR {tmp_path}: stop it first, or choose another DATA_DIR."
    )
    with claimed(tmp_path):
        pass


def test_a_data_directory_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    sentence = r"cannot be used .*: make it writable or choose another"
    with pytest.raises(StartError, match=sentence), claimed(tmp_path / "file" / "data"):
        pass


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
