"""The flood limit per resident: over it a message is kept, but not worked on."""

from __future__ import annotations

import time
from collections import OrderedDict, deque
from collections.abc import Callable

from backend.conversations.views import Sender

WINDOW_SECONDS = 60.0


class FloodLimit:
    """Counts messages per resident within any minute in this process: a coarse guard needs no more.

    Every message passes here, so that it takes a few steps whatever the number of residents. (The library
    `limits`, which counts rarer things, looks at every resident's messages whenever one arrives.)
    """

    def __init__(self, per_minute: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        """`per_minute` messages of one resident are answered within any 60 s; `clock`: monotonic seconds."""
        self._per_minute = per_minute
        self._clock = clock
        self._answered: OrderedDict[Sender, deque[float]] = OrderedDict()
        self._told: OrderedDict[Sender, float] = OrderedDict()

    def is_over(self, sender: Sender) -> bool:
        """Whether one more message would be too much; counts nothing."""
        return len(self._recent(sender)) >= self._per_minute

    def allows(self, sender: Sender) -> bool:
        """Whether this message is still to be answered; counts it."""
        recent = self._recent(sender)
        if len(recent) >= self._per_minute:
            return False
        recent.append(self._clock())
        self._answered[sender] = recent
        self._answered.move_to_end(sender)
        return True

    def tell(self, sender: Sender) -> bool:
        """Whether the resident is to be told now that it is too much: once a minute."""
        now = self._clock()
        while self._told and next(iter(self._told.values())) <= now - WINDOW_SECONDS:
            self._told.popitem(last=False)
        if sender in self._told:
            return False
        self._told[sender] = now
        return True

    def _recent(self, sender: Sender) -> deque[float]:
        """When this resident's messages of the last minute were answered; who fell silent is forgotten."""
        since = self._clock() - WINDOW_SECONDS
        while self._answered and next(iter(self._answered.values()))[-1] <= since:
            self._answered.popitem(last=False)
        recent = self._answered.get(sender) or deque()
        while recent and recent[0] <= since:
            recent.popleft()
        return recent
