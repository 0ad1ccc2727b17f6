"""A resident's WeChat: signs, encrypts and delivers like WeChat's server, and shows what comes back.

    async with httpx.AsyncClient() as http:
        phone = Phone("http://127.0.0.1:8000/wechat", token="…", http=http)
        print(await phone.say("楼上漏水"))

Against an app in the same process: `http = httpx.AsyncClient(transport=httpx.ASGITransport(app))`.
"""

from __future__ import annotations

import asyncio
import itertools
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from xml.etree import ElementTree

import httpx

from tests.wechat import cipher
from tests.wechat.emulator import Emulator

ACCOUNT = "gh_0123456789ab"
DELIVERIES = 3
HANG_UP_SECONDS = 5.0

_message_ids = itertools.count(int(time.time() * 1_000_000) * 1_000)


class ServiceBroken(Exception):
    """What WeChat then shows: 该公众号提供的服务出现故障，请稍后再试."""


@dataclass
class Phone:
    """One resident (`openid`) of one official account."""

    url: str
    token: str
    http: httpx.AsyncClient
    openid: str = field(default_factory=lambda: "o" + secrets.token_hex(13))
    app_id: str = ""
    aes_key: str = ""
    """Set: safe mode."""
    emulator: Emulator | None = None
    """Set: writing opens the window for pushes there, and `inbox` shows them too."""
    clock: Callable[[], float] = time.time
    hang_up_seconds: float = HANG_UP_SECONDS
    replies: list[str] = field(default_factory=list)
    """Texts that came as passive replies."""

    async def say(self, text: str) -> str | None:
        """Write a text; the reply, None when there was none within the response."""
        return await self.deliver(self.message("text", f"<Content><![CDATA[{text}]]></Content>"))

    async def send_photo(self, media_id: str) -> str | None:
        fields = f"<PicUrl><![CDATA[http://x/1]]></PicUrl><MediaId><![CDATA[{media_id}]]></MediaId>"
        return await self.deliver(self.message("image", fields))

    async def send_voice(self, media_id: str) -> str | None:
        fields = f"<MediaId><![CDATA[{media_id}]]></MediaId><Format><![CDATA[amr]]></Format>"
        return await self.deliver(self.message("voice", fields))

    async def send_location(self, latitude: float, longitude: float, label: str = "") -> str | None:
        fields = (
            f"<Location_X>{latitude}</Location_X><Location_Y>{longitude}</Location_Y>"
            f"<Scale>20</Scale><Label><![CDATA[{label}]]></Label>"
        )
        return await self.deliver(self.message("location", fields))

    async def follow(self, scene: str = "") -> str | None:
        key = f"qrscene_{scene}" if scene else ""
        return await self.deliver(self.event("subscribe", key), "follow")

    async def click(self, key: str) -> str | None:
        """Tap an entry of the account's menu."""
        return await self.deliver(self.event("CLICK", key), "menu")

    async def tap(self, words: str) -> str | None:
        """Tap a choice of the newest message here that offers it."""
        assert self.emulator is not None
        shown = [sent for sent in reversed(self.emulator.sent) if sent.openid == self.openid]
        number = next(number for sent in shown for number, label in sent.items if label == words)
        fields = f"<Content><![CDATA[{words}]]></Content><bizmsgmenuid>{number}</bizmsgmenuid>"
        return await self.deliver(self.message("text", fields))

    async def scan(self, scene: str) -> str | None:
        """Scan one of the account's QR codes as somebody who follows it already."""
        return await self.deliver(self.event("SCAN", scene), "scan")

    async def report(self, msgid: str, status: str = "success") -> None:
        """What WeChat tells the account after a template message to this phone."""
        fields = (
            f"<Event><![CDATA[TEMPLATESENDJOBFINISH]]></Event><MsgID>{msgid}</MsgID>"
            f"<Status><![CDATA[{status}]]></Status>"
        )
        await self.deliver(self._xml("event", fields), "nothing")

    async def consent(self, template_id: str, answer: str = "accept") -> None:
        """Answer whether notices may come."""
        assert self.emulator is not None
        self.emulator.messages.consents[self.openid, template_id] += 1 if answer == "accept" else 0
        fields = (
            "<Event><![CDATA[subscribe_msg_popup_event]]></Event><SubscribeMsgPopupEvent><List>"
            f"<TemplateId><![CDATA[{template_id}]]></TemplateId>"
            f"<SubscribeStatusString><![CDATA[{answer}]]></SubscribeStatusString><PopupScene>1</PopupScene>"
            "</List></SubscribeMsgPopupEvent>"
        )
        await self.deliver(self._xml("event", fields), "nothing")

    async def unfollow(self) -> None:
        assert self.emulator is not None
        self.emulator.unfollow(self.openid)
        await self.deliver(self.event("unsubscribe"), "nothing")

    def message(self, kind: str, fields: str, message_id: int | None = None) -> str:
        """A message's XML as WeChat writes it."""
        return self._xml(kind, f"{fields}<MsgId>{message_id or next(_message_ids)}</MsgId>")

    def event(self, event: str, key: str = "") -> str:
        """An event's XML as WeChat writes it."""
        return self._xml("event", f"<Event><![CDATA[{event}]]></Event><EventKey><![CDATA[{key}]]></EventKey>")

    async def deliver(self, xml: str, what: str = "message") -> str | None:
        """Deliver up to three times, as WeChat does; raises ServiceBroken when none was taken."""
        if self.emulator is not None and what != "nothing":
            self.emulator.user_did(self.openid, what)
        for _ in range(DELIVERIES):
            try:
                response = await asyncio.wait_for(self.deliver_once(xml), self.hang_up_seconds * 1.1)
            except (TimeoutError, httpx.HTTPError):
                continue
            if response.status_code == 200:
                reply = self.read(response.content)
                if reply is not None:
                    self.replies.append(reply)
                return reply
        raise ServiceBroken

    async def deliver_once(self, xml: str) -> httpx.Response:
        """One delivery with its own time, nonce and signature."""
        query, body = self.sealed(xml)
        return await self.http.post(
            self.url,
            params=query,
            content=body,
            headers={"Content-Type": "text/xml"},
            # Cancelled from outside, a request can leave its place in the pool taken for ever.
            timeout=self.hang_up_seconds,
        )

    def sealed(self, xml: str) -> tuple[dict[str, str], bytes]:
        """The URL's parameters and the body of one delivery."""
        timestamp, nonce = str(int(self.clock())), str(secrets.randbelow(10**10))
        query = {
            "signature": cipher.signature(self.token, timestamp, nonce),
            "timestamp": timestamp,
            "nonce": nonce,
            "openid": self.openid,
        }
        if not self.aes_key:
            return query, xml.encode()
        encrypted = cipher.encrypt(xml, self.aes_key, self.app_id)
        query["encrypt_type"] = "aes"
        query["msg_signature"] = cipher.signature(self.token, timestamp, nonce, encrypted)
        to, inside = f"<![CDATA[{ACCOUNT}]]>", f"<![CDATA[{encrypted}]]>"
        return query, f"<xml><ToUserName>{to}</ToUserName><Encrypt>{inside}</Encrypt></xml>".encode()

    async def handshake(self, echo: str = "5837397576500011341") -> httpx.Response:
        """What WeChat asks when the address is entered in its console."""
        query, _ = self.sealed("")
        names = ("signature", "timestamp", "nonce")
        return await self.http.get(self.url, params={n: query[n] for n in names} | {"echostr": echo})

    def read(self, content: bytes) -> str | None:
        """The text of an answer; None for `success` or nothing. Raises ServiceBroken for anything else."""
        if content in {b"", b"success"}:
            return None
        try:
            root = ElementTree.fromstring(content)
            if self.aes_key:
                root = ElementTree.fromstring(self._opened(root))
        except ElementTree.ParseError:
            raise ServiceBroken from None
        fields = {child.tag: child.text or "" for child in root}
        if fields.get("ToUserName") != self.openid or fields.get("FromUserName") != ACCOUNT:
            raise ServiceBroken
        if not fields.get("CreateTime", "").isdigit() or fields.get("MsgType") != "text":
            raise ServiceBroken
        if len(fields["Content"].encode()) > 2048:
            raise ServiceBroken
        return fields["Content"]

    def inbox(self) -> list[str]:
        """Every text this phone shows: passive replies, then what was pushed."""
        return self.replies + (self.emulator.texts(self.openid) if self.emulator else [])

    def _opened(self, root: ElementTree.Element) -> str:
        fields = {child.tag: child.text or "" for child in root}
        expected = cipher.signature(self.token, fields["TimeStamp"], fields["Nonce"], fields["Encrypt"])
        if fields["MsgSignature"] != expected:
            raise ServiceBroken
        return cipher.decrypt(fields["Encrypt"], self.aes_key, self.app_id)

    def _xml(self, kind: str, fields: str) -> str:
        return (
            f"<xml><ToUserName><![CDATA[{ACCOUNT}]]></ToUserName>"
            f"<FromUserName><![CDATA[{self.openid}]]></FromUserName>"
            f"<CreateTime>{int(self.clock())}</CreateTime>"
            f"<MsgType><![CDATA[{kind}]]></MsgType>{fields}</xml>"
        )
