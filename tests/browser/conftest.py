"""Fixtures of the tests in a browser."""

from __future__ import annotations

from tests.webchat.listener import file_listener, listener, own_listener

__all__ = ["file_listener", "listener", "own_listener"]
