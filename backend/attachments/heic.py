"""HEIC becomes JPEG, since most browsers do not show it; its decoder runs in a process of its own.

A decoder in C that meets bytes made to break it, or merely broken, may take its process with it. Here that is
a child that has nothing else to do: no listener dies, with everybody's requests, of somebody's photo.
"""

from __future__ import annotations

import io
import logging
import os
import subprocess
import sys
from pathlib import Path

import pi_heif
from PIL import ImageOps
from prometheus_client import Counter

from backend.attachments.pictures import Broken, opened

logger = logging.getLogger(__name__)

pi_heif.register_heif_opener()

QUALITY = 90
"""Of the JPEG."""
TRIES = 2
"""A child that dies may be the machine's fault (no memory left); twice, it is the file's."""
SECONDS = 20.0
"""For one picture; a phone's takes less than two."""
CRASHES = Counter("fengqiao_picture_crashes", "Readers of pictures that died or did not end")

_COMMAND = (sys.executable, "-m", __name__)
_ROOT = Path(__file__).parents[2]
_LENGTH = 4
"""Bytes before the EXIF that a child hands back, which say how long that is."""


class Crashed(Exception):
    """The file kills whatever reads it."""


def converted(content: bytes) -> tuple[bytes, bytes]:
    """The picture upright as JPEG, with nothing beside it, and the EXIF that it had.

    Raises Broken when it cannot be read, Crashed when it killed who tried.
    """
    for _ in range(TRIES):
        status, handed = _read(content)
        if status == 0:
            length = int.from_bytes(handed[:_LENGTH], "big")
            return handed[_LENGTH + length :], handed[_LENGTH : _LENGTH + length]
        if status is not None and status > 0:
            raise Broken
        CRASHES.inc()
        logger.warning("reader of a picture died", extra={"status": status, "bytes": len(content)})
    raise Crashed


def convert(content: bytes) -> tuple[bytes, bytes]:
    """What `converted` returns, in this very process; raises whatever comes."""
    with opened(content) as picture:
        exif: bytes = picture.info.get("exif") or b""
        profile = picture.info.get("icc_profile")
        upright = ImageOps.exif_transpose(picture).convert("RGB")
        upright.info.clear()
        kept = io.BytesIO()
        upright.save(kept, "JPEG", quality=QUALITY, icc_profile=profile)
    return kept.getvalue(), exif


def _read(content: bytes) -> tuple[int | None, bytes]:
    """How a child ended (None: not in time, negative: by a signal), and what it handed back."""
    try:
        child = subprocess.run(
            _COMMAND,
            input=content,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=SECONDS,
            cwd=_ROOT,
            # It needs no password and no key.
            env={name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ},
            check=False,
        )
    except subprocess.TimeoutExpired:
        return None, b""
    return child.returncode, child.stdout


def _main() -> int:
    try:
        kept, exif = convert(sys.stdin.buffer.read())
    except Exception:  # a reader of broken bytes raises whatever comes
        return 1
    sys.stdout.buffer.write(len(exif).to_bytes(_LENGTH, "big") + exif + kept)
    return 0


if __name__ == "__main__":
    sys.exit(_main())
