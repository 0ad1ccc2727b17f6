"""Fixtures of the web chat's tests."""

from __future__ import annotations

from tests.webchat.listener import file_listener, listener, own_listener

__all__ = ["file_listener", "listener", "own_listener"]
