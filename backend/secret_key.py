"""The key that signs links and cookies: from the settings, or made once and kept in the data directory."""

from __future__ import annotations

import os
import secrets

from backend.settings import Settings


def secret_key(settings: Settings) -> str:
    """The installation's key; every process that shares `data_dir` gets the same."""
    if settings.secret_key is not None:
        return settings.secret_key.get_secret_value()
    path = settings.data_dir / "secret_key"
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    own = path.with_name(f"secret_key.{os.getpid()}")
    own.touch(mode=0o600)
    own.write_text(secrets.token_hex(32), encoding="ascii")
    try:
        os.link(own, path)
    except FileExistsError:
        pass
    finally:
        own.unlink()
    return path.read_text(encoding="ascii")
