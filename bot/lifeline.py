"""A child process that ends with its parent, even with one that is killed."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Callable

_PR_SET_PDEATHSIG = 1
"""prctl(2): the signal that the kernel sends to a process when its parent ends (Linux)."""


def ends_with(parent: int) -> Callable[[], None]:
    """What a child of the process `parent` runs before its program starts; nothing where there is no prctl.

    Kill, not a polite signal: a listener that takes its time would keep its port from the next start.
    """
    if not sys.platform.startswith("linux"):
        return lambda: None
    prctl = ctypes.CDLL(None, use_errno=True).prctl

    def prepare() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # It ended before we could ask.
            os._exit(1)

    return prepare
