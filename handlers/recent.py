"""Where conversations stood when this process last answered in them: a guess that the database judges."""

from __future__ import annotations

from datetime import timedelta

from cachetools import TTLCache

from backend.conversations.turns import Glance
from backend.conversations.views import Sender

KEPT_FOR = timedelta(minutes=5)
"""Residents answer a question within a minute or two; who takes longer is looked up again."""

AT_MOST = 2_000
"""Conversations, of some kilobytes each; the one that went on longest ago makes room."""


class Recent:
    """Spares the look at a conversation that goes on soon, which most messages do.

    What it says may be wrong by the time it is used, as a look may: `turns.talk` compares. Residents' words
    lie in it, so it holds few conversations, for a short time (they are thrown out when others come in), in
    memory alone.
    """

    def __init__(self) -> None:
        """Empty."""
        self._seen: TTLCache[Sender, Glance] = TTLCache(AT_MOST, KEPT_FOR.total_seconds())

    def keep(self, sender: Sender, stands: Glance) -> None:
        """Remember where this conversation stands."""
        self._seen[sender] = stands

    def take(self, sender: Sender) -> Glance | None:
        """Where it stood, and forget that: whoever comes meanwhile looks for themselves."""
        return self._seen.pop(sender, None)
