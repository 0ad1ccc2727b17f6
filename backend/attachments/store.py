"""The file store: bytes by their SHA-256 under the data directory, written once, never executed."""

from __future__ import annotations

import asyncio
import hashlib
import os
import tempfile
from pathlib import Path


class FileStore:
    """Content-addressed files; storing the same bytes twice keeps one file."""

    def __init__(self, root: Path) -> None:
        """`root` is made at the first write."""
        self._root = root

    async def put(self, content: bytes) -> str:
        """Keep these bytes, durably; their SHA-256 in hexadecimal."""
        return await asyncio.to_thread(self._put, content)

    async def get(self, sha256: str) -> bytes:
        """The bytes with this digest; raises FileNotFoundError."""
        return await asyncio.to_thread(self.path(sha256).read_bytes)

    def path(self, sha256: str) -> Path:
        """Where the bytes with this digest lie, for whoever serves them in parts."""
        return self._root / sha256[:2] / sha256

    def _put(self, content: bytes) -> str:
        sha256 = hashlib.sha256(content).hexdigest()
        path = self.path(sha256)
        if path.exists():
            return sha256
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(file.name).replace(path)
        return sha256
