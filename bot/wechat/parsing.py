"""WeChat's XML as a resident's message."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from wechatpy import events, messages, parse_message

from backend.conversations.views import Sender
from bot.wechat.menus import tapped
from bot.wechat.news import News, news_of
from dialogs.messages import Location
from handlers.messages import IncomingAttachment, IncomingMessage, Kind

CHANNEL = "wechat"

_NAME = re.compile(r"[^\s<>\[\]]{1,128}")
"""What an OpenID or an account's original id may look like: it goes into an index and into our own XML."""

_NUMBER = re.compile(r"[0-9]{1,20}")

_SCENE = 64
"""Longest scene of a QR code (WeChat, 生成带参数的二维码)."""

_STICKER = re.compile(r"[\[【](Unsupported Message|收到不支持的消息类型.*)[\]】]")
"""What WeChat writes as the text of a message whose kind it keeps to itself: stickers, mostly."""

_ATTACHMENTS: dict[type, Kind] = {
    messages.ImageMessage: "image",
    messages.VoiceMessage: "voice",
    messages.VideoMessage: "video",
    messages.ShortVideoMessage: "video",
}


class Malformed(ValueError):
    """Not what WeChat sends: no XML, or without sender, receiver and type."""


class Unreadable(ValueError):
    """From WeChat, but without what a message of its type must have."""


@dataclass(frozen=True, slots=True)
class Received:
    """One callback: to which account, and the message or what else it says; neither for other events."""

    account: str
    message: IncomingMessage | None
    news: tuple[News, ...] = ()


def parse(xml: str) -> Received:
    """Read a callback's XML; raises Malformed or Unreadable."""
    parsed = _parse_xml(xml)
    # wechatpy hands nested and repeated elements through as dictionaries and lists.
    fields = parsed._data
    data = {name: value for name, value in fields.items() if isinstance(value, str)}
    parsed._data = data
    account, user = data.get("ToUserName", ""), data.get("FromUserName", "")
    if not (_NAME.fullmatch(account) and _NAME.fullmatch(user) and data.get("MsgType")):
        raise Malformed("envelope")
    sender, at = Sender(CHANNEL, user), _time(data.get("CreateTime", ""))
    if isinstance(parsed, events.BaseEvent) or data["MsgType"].lower() == "event":
        return Received(account, _event(parsed, data, sender, at), news_of(fields, sender, at))
    return Received(account, _message(parsed, data, sender, at))


def out_of_reach(message: IncomingMessage) -> IncomingMessage:
    """The message for an account that cannot download: its file is named, but there is no way to it.

    Of a recording whose words WeChat wrote down the words are enough.
    """
    if not message.attachments or message.text:
        return replace(message, attachments=())
    return replace(message, attachments=tuple(replace(a, remote_id="") for a in message.attachments))


def _parse_xml(xml: str) -> Any:
    try:
        parsed = parse_message(xml)
    except Exception as error:
        # wechatpy lets ExpatError, KeyError, TypeError, AttributeError and ValueError through.
        raise Malformed(type(error).__name__) from None
    if parsed is None:
        raise Malformed("empty")
    return parsed


def _message(parsed: Any, data: dict[str, str], sender: Sender, at: datetime) -> IncomingMessage:
    message_id = data.get("MsgId", "")
    if not _NUMBER.fullmatch(message_id):
        raise Unreadable("MsgId")
    if isinstance(parsed, messages.TextMessage):
        return _text(data, sender, message_id, at)
    kind = _ATTACHMENTS.get(type(parsed))
    if kind is not None:
        return _attachment(kind, data, sender, message_id, at)
    if isinstance(parsed, messages.LocationMessage):
        return IncomingMessage(sender, message_id, "location", at, location=_location(data))
    if isinstance(parsed, messages.LinkMessage):
        words = [data[name] for name in ("Title", "Description", "Url") if name in data]
        if not words:
            raise Unreadable("link")
        return IncomingMessage(sender, message_id, "text", at, text="\n".join(words))
    return IncomingMessage(sender, message_id, "sticker", at)


def _text(data: dict[str, str], sender: Sender, message_id: str, at: datetime) -> IncomingMessage:
    text = data.get("Content", "")
    if tap := tapped(data.get("bizmsgmenuid", "")):
        prompt_id, place = tap
        return IncomingMessage(
            sender, message_id, "choice", at, text=text, prompt_id=prompt_id, choice_place=place
        )
    if not text:
        raise Unreadable("Content")
    if _STICKER.fullmatch(text):
        return IncomingMessage(sender, message_id, "sticker", at)
    return IncomingMessage(sender, message_id, "text", at, text=text)


def _attachment(
    kind: Kind, data: dict[str, str], sender: Sender, message_id: str, at: datetime
) -> IncomingMessage:
    media_id = data.get("MediaId", "")
    if not media_id or len(media_id) > 512 or kind not in {"image", "voice", "video"}:
        raise Unreadable("MediaId")
    attachment = IncomingAttachment(kind, remote_id=media_id)
    # Old accounts still get what WeChat itself heard; it is promised to nobody any more.
    heard = data.get("Recognition", "").strip() if kind == "voice" else ""
    return IncomingMessage(
        sender, message_id, kind, at, text=heard, attachments=(attachment,), by_machine=bool(heard)
    )


def _event(parsed: Any, data: dict[str, str], sender: Sender, at: datetime) -> IncomingMessage | None:
    event, key = data.get("Event", ""), data.get("EventKey", "")
    if not event:
        raise Unreadable("Event")
    # Events have no MsgId; WeChat's documentation names these fields for telling repetitions.
    message_id = f"{sender.user_id}{data['CreateTime']}{event}{key}"[:512]
    match parsed:
        case events.SubscribeEvent() | events.SubscribeScanEvent():
            # wechatpy has taken `qrscene_` off; without it the key is something else.
            scene = key if isinstance(parsed, events.SubscribeScanEvent) else ""
            return IncomingMessage(sender, message_id, "subscribe", at, scene=scene[:_SCENE])
        case events.ScanEvent():
            return IncomingMessage(sender, message_id, "open", at, scene=key[:_SCENE])
        case events.ClickEvent():
            if not key:
                raise Unreadable("EventKey")
            return IncomingMessage(sender, message_id, "choice", at, choice=key)
    return None


def _location(data: dict[str, str]) -> Location:
    # Location_X is the latitude (WeChat, receiving standard messages).
    try:
        latitude, longitude = float(data.get("Location_X", "")), float(data.get("Location_Y", ""))
    except ValueError:
        raise Unreadable("location") from None
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise Unreadable("location")
    return Location(latitude, longitude, data.get("Label", ""))


def _time(seconds: str) -> datetime:
    if not _NUMBER.fullmatch(seconds):
        raise Unreadable("CreateTime")
    try:
        return datetime.fromtimestamp(int(seconds), UTC)
    except (ValueError, OverflowError, OSError):
        raise Unreadable("CreateTime") from None
