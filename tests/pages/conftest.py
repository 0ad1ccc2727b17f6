"""Fixtures of the tests of the signed links."""

from __future__ import annotations

from tests.webchat.listener import file_listener, listener

__all__ = ["file_listener", "listener"]
