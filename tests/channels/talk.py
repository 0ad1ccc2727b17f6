"""A conversation of one resident: what is sent, and what comes to be seen of the answer."""

from __future__ import annotations

from dataclasses import dataclass

from tests.channels.installation import Installation
from tests.channels.phone import Act, Phone

FILES = ("image", "voice", "video", "file", "files")


@dataclass
class Talk:
    """A phone, and how much of its screen was read."""

    installation: Installation
    phone: Phone
    read: int = 0

    async def say(self, text: str) -> str:
        """Write; the words that come back."""
        return await self.send(self.phone.written(text))

    async def send(self, act: Act, *, after: float = 10) -> str:
        """Deliver once, some seconds after the last; the words that come back, choices as lines."""
        self.installation.clock.advance(seconds=after)
        shown = len(self.phone.screen)
        await self.phone.deliver(act)
        if act.kind in FILES or len(self.phone.screen) == shown:
            # It comes by push, or there is none, or it is late.
            await self.installation.worked_on(self.phone)
            await self.phone.look()
        return self.news()

    async def tap(self, label: str) -> str:
        """Answer the newest message: by a tap where there is something to tap, else by its number."""
        shown = self.phone.screen[-1]
        for choice in shown.choices:
            if label in choice.label:
                return await self.send(self.phone.tapped(choice, shown))
        lines = [line.partition(" ") for line in shown.text.splitlines()]
        return await self.say(next(number for number, _, words in lines if words.startswith(label)))

    async def wait(self, **passed: float) -> str:
        """Let time pass and everything happen that is due then; what is seen of it."""
        await self.installation.jobs(**passed)
        await self.phone.look()
        return self.news()

    def news(self) -> str:
        """What is on the screen since the last time it was asked."""
        new, self.read = self.phone.screen[self.read :], len(self.phone.screen)
        return "\n".join(shown.whole for shown in new)
