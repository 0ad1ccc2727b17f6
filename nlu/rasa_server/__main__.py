"""Load a model once and answer with it in several processes: `python -m nlu.rasa_server --model …`."""

from __future__ import annotations

import argparse
import gc
import logging
import os
import socket
import sys
from pathlib import Path

import jieba
from rasa.utils.log_utils import configure_structlog

from nlu.rasa_server.app import make_app
from nlu.rasa_server.parser import Parser
from nlu.rasa_server.workers import Workers

MOST_BY_DEFAULT = 4
BACKLOG = 128
"""Connections that wait while a worker is busy or replaced."""

_THREADS = Path("/proc/self/task")


def main() -> None:
    """Serve until SIGTERM, SIGINT or SIGHUP."""
    options = _options()
    # Where cores are few, whoever answers residents comes first.
    os.nice(5)
    configure_structlog(logging.WARNING)
    # Beside the model, and not where every user of this machine may put one.
    jieba.dt.tmp_dir = str(options.model.parent)
    parser = Parser(options.model)
    if not _can_fork():
        _say("this pipeline runs threads: one process")
        make_app(parser).run(sock=_listen(options.host, options.port))
        return
    count = options.workers or min(len(os.sched_getaffinity(0)), MOST_BY_DEFAULT)
    # One for each: the kernel spreads the connections, and a worker's wait while it is replaced.
    sockets = [_listen(options.host, options.port) for _ in range(count)]
    # The collector writes to all it looks at, and what a worker writes to it no longer shares.
    gc.collect()
    gc.freeze()
    Workers(count, lambda number: make_app(parser).run(sock=sockets[number]), _say).run()
    # Taking so many objects apart would take seconds, and none of them needs it.
    os._exit(0)


def _options() -> argparse.Namespace:
    options = argparse.ArgumentParser(prog="python -m nlu.rasa_server")
    options.add_argument("--model", type=Path, required=True, help="what `rasa train` made, or its directory")
    options.add_argument("--host", default="127.0.0.1")
    options.add_argument("--port", type=int, default=5005)
    options.add_argument(
        "--workers", type=int, default=0, help=f"processes; 0 = as many as cores, at most {MOST_BY_DEFAULT}"
    )
    return options.parse_args()


def _can_fork() -> bool:
    """A fork takes one thread along: a pipeline whose library runs more (TensorFlow's) would hang in it."""
    return _THREADS.is_dir() and len(list(_THREADS.iterdir())) == 1


def _listen(host: str, port: int) -> socket.socket:
    listening = socket.create_server((host, port), backlog=BACKLOG, reuse_port=True)
    listening.setblocking(False)
    return listening


def _say(line: str) -> None:
    sys.stderr.write(f"nlu.rasa_server: {line}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    main()
