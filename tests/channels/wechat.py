"""A follower of the official account."""

from __future__ import annotations

from dataclasses import dataclass
from xml.sax.saxutils import escape

from backend.conversations.views import Sender
from bot.wechat.channel import WeChatChannel
from bot.wechat.parsing import CHANNEL
from tests.channels.phone import Act, Choice, NotTaken, Phone, Shown
from tests.wechat.emulator import Emulator
from tests.wechat.limits import WINDOWS
from tests.wechat.phone import Phone as WeChat
from tests.wechat.phone import ServiceBroken

_MIMES = {"image": "image/jpeg", "voice": "audio/amr", "video": "video/mp4"}
_MENU = "菜单里的链接"


CAN = frozenset({"text", "image", "voice", "video", "location", "open", "subscribe", "sticker", "block"})
WINDOW = WINDOWS["message"][1]


@dataclass
class WeChatPhone(Phone):
    """One resident of the official account."""

    wechat: WeChat
    emulator: Emulator
    _looked: int = 0

    def __post_init__(self) -> None:
        self.capabilities = WeChatChannel.capabilities
        self.can = CAN
        self._looked = len(self.emulator.sent)

    @property
    def sender(self) -> Sender:
        return Sender(CHANNEL, self.wechat.openid)

    async def start(self) -> None:
        """There is no page to open."""

    def written(self, text: str) -> Act:
        return self._act("text", f"<Content>{escape(text)}</Content>")

    def tapped(self, choice: Choice, shown: Shown) -> Act:
        fields = f"<Content>{escape(choice.label)}</Content><bizmsgmenuid>{choice.handle}</bizmsgmenuid>"
        return self._act("text", fields)

    def file(self, kind: str, content: bytes, name: str = "", caption: str = "") -> Act:
        media_id = self.emulator.give_media(content, _MIMES[kind], video=kind == "video")
        fields = f"<MediaId>{media_id}</MediaId>"
        more = {
            "image": "<PicUrl>http://x/1</PicUrl>",
            "voice": "<Format>amr</Format>",
            "video": f"<ThumbMediaId>{media_id}</ThumbMediaId>",
        }
        return self._act(kind, fields + more[kind])

    def position(self, latitude: float, longitude: float, label: str = "") -> Act:
        place = f"<Location_X>{latitude}</Location_X><Location_Y>{longitude}</Location_Y>"
        return self._act("location", f"{place}<Scale>20</Scale><Label>{escape(label)}</Label>")

    def opened(self, region: str = "") -> Act:
        return Act("scan", self.wechat.event("SCAN", region))

    def followed(self) -> Act:
        return Act("follow", self.wechat.event("subscribe"))

    def sticker(self) -> Act:
        return self._act("text", "<Content>【收到不支持的消息类型，暂无法显示】</Content>")

    async def block(self) -> None:
        await self.wechat.unfollow()

    async def unblock(self) -> None:
        self.emulator._users[self.wechat.openid].following = True
        await self.deliver(self.followed())

    async def deliver(self, act: Act) -> None:
        what = act.kind if act.kind in ("scan", "follow") else "message"
        try:
            reply = await self.wechat.deliver(act.content, what)
        except ServiceBroken:
            raise NotTaken from None
        if reply is not None:
            self.screen.append(Shown(reply))

    async def look(self) -> None:
        new, self._looked = self.emulator.sent[self._looked :], len(self.emulator.sent)
        for sent in new:
            if sent.openid != self.wechat.openid:
                continue
            if sent.kind == "image":
                self.screen.append(Shown("", picture=self.emulator.media(sent.content)))
                continue
            # A menu's items are lines that can be tapped; each begins with its number.
            items = [(number, *words.partition(" ")[::2]) for number, words in sent.items]
            choices = tuple(Choice(place, label or place, handle) for handle, place, label in items)
            self.screen.append(Shown(sent.content, choices))

    def waits(self) -> bool:
        return self.wechat.openid in self.emulator.messages.shown_typing

    async def forge(self) -> int:
        stranger = WeChat(self.wechat.url, "another token", self.wechat.http, clock=self.wechat.clock)
        xml = stranger.message("text", "<Content>x</Content>")
        return (await stranger.deliver_once(xml)).status_code

    def _act(self, kind: str, fields: str) -> Act:
        xml = self.wechat.message(kind, fields)
        return Act(kind, xml, xml.partition("<MsgId>")[2].partition("<")[0])
