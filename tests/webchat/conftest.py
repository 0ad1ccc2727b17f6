"""Fixtures of the web chat's tests."""

from __future__ import annotations

from tests.webchat.listener import listener

__all__ = ["listener"]
