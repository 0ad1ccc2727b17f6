"""Fixtures of the tests in a browser."""

from __future__ import annotations

from tests.webchat.listener import listener

__all__ = ["listener"]
