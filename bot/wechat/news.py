"""What an event says that is no message: the resident left, a notice arrived or not, they gave consent.

Documentation of service accounts: 关注/取消关注事件, 模板消息 (TEMPLATESENDJOBFINISH), 订阅通知事件推送.
wechatpy knows no subscription events, so their nested lists are read here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from backend.conversations.views import Sender

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_NOT_A_CODE = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Left:
    """The resident does not follow the account any more."""

    sender: Sender
    at: datetime


@dataclass(frozen=True, slots=True)
class Reported:
    """How the sending of a notice went; `lost`: the code of why it did not arrive, empty when it did."""

    sender: Sender
    remote_id: str
    lost: str


@dataclass(frozen=True, slots=True)
class Consented:
    """What the resident answered when asked whether notices may come, or changed afterwards."""

    sender: Sender
    at: datetime
    accepted: tuple[str, ...] = ()
    """Template ids."""
    refused: tuple[str, ...] = ()


News = Left | Reported | Consented


def news_of(fields: Mapping[str, Any], sender: Sender, at: datetime) -> tuple[News, ...]:
    """The news in an event's fields, nested ones included; none for any other event."""
    match fields.get("Event"):
        case "unsubscribe":
            return (Left(sender, at),)
        case "TEMPLATESENDJOBFINISH":
            lost = _lost(_word(fields.get("Status")).removeprefix("failed"), "success")
            return _reported(sender, fields.get("MsgID"), lost)
        case "subscribe_msg_sent_event":
            found: list[News] = []
            for entry in _listed(fields.get("SubscribeMsgSentEvent")):
                lost = _lost(_word(entry.get("ErrorCode")), "0")
                found += _reported(sender, entry.get("TemplateId"), lost)
            return tuple(found)
        case "subscribe_msg_popup_event" | "subscribe_msg_change_event" as event:
            nested = {"popup": "SubscribeMsgPopupEvent", "change": "SubscribeMsgChangeEvent"}
            return _consented(sender, at, _listed(fields.get(nested[event.split("_")[2]])))
    return ()


def _reported(sender: Sender, remote_id: object, lost: str) -> tuple[News, ...]:
    found = _word(remote_id)
    return (Reported(sender, found, lost),) if _ID.fullmatch(found) else ()


def _consented(sender: Sender, at: datetime, entries: list[Mapping[str, Any]]) -> tuple[News, ...]:
    answers: dict[str, list[str]] = {"accept": [], "reject": []}
    for entry in entries:
        template_id, answer = _word(entry.get("TemplateId")), _word(entry.get("SubscribeStatusString"))
        if _ID.fullmatch(template_id) and answer in answers:
            answers[answer].append(template_id)
    if not any(answers.values()):
        return ()
    return (Consented(sender, at, tuple(answers["accept"]), tuple(answers["reject"])),)


def _listed(nested: object) -> list[Mapping[str, Any]]:
    """The entries of `<List>`, which XML gives as one or several."""
    entries = nested.get("List") if isinstance(nested, Mapping) else None
    several = entries if isinstance(entries, list) else [entries]
    return [entry for entry in several if isinstance(entry, Mapping)]


def _lost(word: str, success: str) -> str:
    """`failed:user block` as user_block; empty for success."""
    if word == success:
        return ""
    return _NOT_A_CODE.sub("_", word.lower()).strip("_")[:40] or "unknown"


def _word(value: object) -> str:
    return value if isinstance(value, str) else ""
