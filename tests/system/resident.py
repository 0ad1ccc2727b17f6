"""A scripted resident over WeChat who wants one thing: a case number."""

from __future__ import annotations

import asyncio
import re

from tests.wechat.phone import Phone, ServiceBroken

NUMBER = re.compile(r"FQ\d{4}-\d{6}")
ANSWERS = (
    ("提交", "1"),
    ("对吗", "1"),
    ("哪一方面", "1"),
    ("哪方面", "1"),
    ("号楼", "恒大名都8号楼"),
    ("地方", "恒大名都8号楼"),
    ("在哪里", "恒大名都8号楼"),
)
REPLAYS = 40
PUSH_SECONDS = 60


class Resident:
    """Answers what the bot asks; every message is delivered again until it was taken."""

    def __init__(self, phone: Phone, story: str) -> None:
        self.phone = phone
        self.story = story

    async def gets_a_number(self) -> str:
        """Tell the story, answer until the number comes; raises AssertionError when it does not."""
        reply = await self._write(self.story)
        for _ in range(15):
            if found := NUMBER.search(reply):
                return found[0]
            reply = await self._write(next((a for words, a in ANSWERS if words in reply), "跳过"))
        raise AssertionError(reply)

    async def _write(self, text: str) -> str:
        """The reply to a text: passive, or pushed when the response did not bring it."""
        seen = len(self.phone.inbox())
        xml = self.phone.message("text", f"<Content><![CDATA[{text}]]></Content>")
        for _ in range(REPLAYS):
            try:
                reply = await self.phone.deliver(xml)
                break
            except ServiceBroken:
                await asyncio.sleep(0.5)
        else:
            raise AssertionError("nobody took the message")
        if reply is not None:
            return reply
        for _ in range(PUSH_SECONDS * 5):
            if len(self.phone.inbox()) > seen:
                return self.phone.inbox()[-1]
            await asyncio.sleep(0.2)
        raise AssertionError("left in silence")
