"""What lies in the database otherwise, in memory, for tests of what is built on it."""

from __future__ import annotations

from backend.conversations.standing import Standing
from backend.conversations.views import Sender
from bot.wechat.errors import DAILY_QUOTA, NO_MENU, NO_RIGHTS, WeChatError
from bot.wechat.ledger import Grant
from bot.wechat.windows import NotAllowed, Share


class MemoryStops:
    """Stops that last as long as the test."""

    def __init__(self) -> None:
        self.stopped: dict[str, int] = {}
        self.told: list[tuple[str, int]] = []

    async def check(self, api: str) -> None:
        if api in self.stopped:
            raise WeChatError(self.stopped[api])

    async def refused(self, api: str, code: int) -> None:
        self.told.append((api, code))
        if code in {DAILY_QUOTA, NO_MENU, NO_RIGHTS}:
            self.stopped[api] = code


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
