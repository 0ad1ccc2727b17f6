"""Why everything on one machine cannot start."""

from __future__ import annotations


class StartError(Exception):
    """The message is one sentence for the operator that says what to do."""
