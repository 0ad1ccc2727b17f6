"""Fixtures of the tests of the signed links."""

from __future__ import annotations

from tests.webchat.listener import listener

__all__ = ["listener"]
