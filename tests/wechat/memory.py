"""What lies in the database otherwise, in memory, for tests of what is built on it."""

from __future__ import annotations

from datetime import datetime

from backend.conversations.standing import Standing
from backend.conversations.views import Sender
from backend.db.database import Clock
from bot.wechat.apis import EVERY_CALL
from bot.wechat.errors import TokenError, WeChatError
from bot.wechat.ledger import Grant
from bot.wechat.stops import rests_until
from bot.wechat.windows import NotAllowed, Share


class MemoryStops:
    """Stops of one process."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.stopped: dict[str, tuple[int, datetime]] = {}
        self.told: list[tuple[str, int]] = []

    async def check(self, api: str) -> None:
        for name, error in ((EVERY_CALL, TokenError), (api, WeChatError)):
            code, until = self.stopped.get(name, (0, self.clock()))
            if until > self.clock():
                raise error(code)

    async def refused(self, api: str, code: int) -> None:
        self.told.append((api, code))
        if (until := rests_until(api, code, self.clock())) is not None:
            self.stopped[api] = (code, until)


class GenerousLedger:
    """Grants everything until WeChat itself has refused."""

    def __init__(self) -> None:
        self.taken = 0
        self.closed = ""
        self.left = False

    async def take(self, sender: Sender, messages: int) -> Grant:
        if self.closed:
            raise NotAllowed(self.closed)
        self.taken += messages
        return Grant(Standing(1, 1, 1, None, None, None, 0, 0, {}, False), Share(wrote=messages))

    async def give_back(self, grant: Grant) -> None:
        self.taken -= grant.share.wrote

    async def close(self, grant: Grant, why: str, *, left: bool) -> None:
        self.closed, self.left = why, left
