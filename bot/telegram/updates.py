"""An update of the Bot API as what it is to us: a message, a tap, somebody who came back, or nothing."""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from aiogram.enums import ChatMemberStatus, ChatType, ContentType
from aiogram.types import (
    Audio,
    CallbackQuery,
    ChatMemberUpdated,
    Document,
    Message,
    PhotoSize,
    Update,
)
from pydantic import ValidationError

from backend.conversations.views import Sender
from bot.telegram import keyboards
from bot.telegram.channel import NAME
from dialogs.languages import of_tags
from dialogs.messages import Contact, Location
from dialogs.words import vocabulary
from handlers.messages import IncomingAttachment, IncomingMessage

ALLOWED = ("message", "edited_message", "callback_query", "my_chat_member")
"""The kinds of updates that are asked for (Bot API, setWebhook: allowed_updates)."""

COMMANDS = {
    "help": "help",
    "progress": "progress",
    "cancel": "cancel",
    "human": "person",
    "menu": "menu",
    "language": "language",
}
"""Telegram's command → the dialogue's, whose own word it stands for."""

_COMMAND = re.compile(r"[a-z0-9_]{1,32}")
"""What a command looks like (Bot features, Commands); people also begin with a stroke what is none."""

_SCENE = re.compile(r"[A-Za-z0-9_-]{1,64}")
"""What a deep link may carry (Bot features, Deep linking)."""

_WITHOUT_MEANING = frozenset(
    {
        ContentType.STICKER,
        ContentType.DICE,
        ContentType.GAME,
        ContentType.POLL,
        ContentType.STORY,
        ContentType.INVOICE,
        ContentType.PAID_MEDIA,
        ContentType.CHECKLIST,
    }
)
"""Sent by a resident, but nothing to read; what else has no content is a note of Telegram's own."""


class Malformed(ValueError):
    """No update, or one without what its kind must have."""

    def __init__(self, kind: str, update_id: int | None) -> None:
        """`update_id`: its number, None where even that cannot be read."""
        super().__init__(kind)
        self.update_id = update_id


@dataclass(frozen=True, slots=True)
class Received:
    """What an update asks for; all empty: nothing."""

    message: IncomingMessage | None = None
    tap: CallbackQuery | None = None
    """To be answered in any case, or the phone shows a clock."""
    returned: Sender | None = None
    """Somebody who had blocked the bot lets it write again."""
    group: int | None = None
    """A group that the bot was put into."""


NOTHING = Received()


def parse(body: bytes) -> Update:
    """Read an update's JSON; raises Malformed."""
    try:
        return Update.model_validate_json(body)
    except (ValidationError, ValueError, RecursionError) as error:
        # The words of a validation error quote what the resident wrote.
        raise Malformed(type(error).__name__, _id_in(body)) from None


def id_of(found: Any) -> int | None:
    """The number of what should be an update; nothing else of it is fit for a log."""
    number = found.get("update_id") if isinstance(found, dict) else None
    return number if isinstance(number, int) else None


def _id_in(body: bytes) -> int | None:
    try:
        return id_of(json.loads(body))
    except (ValueError, RecursionError):
        return None


def read(update: Update, bot_id: int, largest: int, now: datetime) -> Received:
    """What an update asks for.

    `largest`: bytes of a photo beyond which a smaller size of it is taken; `now`: when a tap was, which says
    no time of its own. Ids hold the bot's, because another bot counts its messages anew.
    """
    if update.message is not None:
        message = _message(update.message, bot_id, largest)
        return Received(message=message and replace(message, language=_device_language(update.message)))
    if update.edited_message is not None:
        return Received(message=_edit(update.edited_message, update.update_id, bot_id, largest))
    if update.callback_query is not None:
        return _tap(update.callback_query, bot_id, now)
    if update.my_chat_member is not None:
        return _membership(update.my_chat_member)
    return NOTHING


def _message(message: Message, bot_id: int, largest: int) -> IncomingMessage | None:
    sender = _sender(message)
    if sender is None:
        return None
    message_id, at = f"{bot_id}.{message.message_id}", message.date.astimezone(UTC)
    text = message.text or message.caption or ""
    if text.startswith("/"):
        name, _, rest = text[1:].partition(" ")
        name = name.partition("@")[0].lower()
        if name == "start":
            scene = rest.strip()
            scene = scene if _SCENE.fullmatch(scene) else ""
            return IncomingMessage(sender, message_id, "open", at, scene=scene)
        if _COMMAND.fullmatch(name):
            # One that does not exist asks what there is.
            word = vocabulary()["commands"][COMMANDS.get(name, "help")][0]
            rest = rest if name in COMMANDS else ""
            return IncomingMessage(sender, message_id, "text", at, text=f"{word} {rest}".strip())
    if message.venue is not None or message.location is not None:
        return IncomingMessage(sender, message_id, "location", at, location=_location(message))
    if message.contact is not None:
        return _contact(message, sender, message_id, at)
    attachment = _attachment(message, largest)
    if attachment is not None:
        album = f"{bot_id}.{message.media_group_id}" if message.media_group_id else ""
        files = (attachment,)
        return IncomingMessage(
            sender, message_id, attachment.kind, at, text=text, attachments=files, album=album
        )
    if text:
        return IncomingMessage(sender, message_id, "text", at, text=text)
    if message.content_type in _WITHOUT_MEANING:
        return IncomingMessage(sender, message_id, "sticker", at)
    return None


def _edit(message: Message, update_id: int, bot_id: int, largest: int) -> IncomingMessage | None:
    sender, text = _sender(message), message.text or message.caption or ""
    attachment = _attachment(message, largest)
    # A position that moves (live location) is an edit too, and no new words.
    if sender is None or not (text or attachment):
        return None
    edited_at = datetime.fromtimestamp(message.edit_date, UTC) if message.edit_date else message.date
    message_id = f"{bot_id}.{message.message_id}"
    return IncomingMessage(
        sender,
        f"{message_id}.{update_id}",
        "edit",
        edited_at.astimezone(UTC),
        text=text,
        attachments=(attachment,) if attachment else (),
        edits=message_id,
    )


def _tap(tap: CallbackQuery, bot_id: int, now: datetime) -> Received:
    found = keyboards.read(tap.data or "")
    chat = tap.message.chat if tap.message is not None else None
    if found is None or chat is None or chat.type != ChatType.PRIVATE or tap.from_user.is_bot:
        return Received(tap=tap)
    prompt_id, choice = found
    sender = Sender(NAME, str(chat.id))
    message_id = f"{bot_id}.tap.{tap.id}"
    message = IncomingMessage(sender, message_id, "choice", now, choice=choice, prompt_id=prompt_id)
    return Received(message=message, tap=tap)


def _membership(change: ChatMemberUpdated) -> Received:
    old, new = change.old_chat_member.status, change.new_chat_member.status
    if change.chat.type == ChatType.PRIVATE:
        back = old == ChatMemberStatus.KICKED and new == ChatMemberStatus.MEMBER
        return Received(returned=Sender(NAME, str(change.chat.id))) if back else NOTHING
    inside = new in (ChatMemberStatus.MEMBER, ChatMemberStatus.ADMINISTRATOR)
    return Received(group=change.chat.id) if inside and change.chat.type != ChatType.CHANNEL else NOTHING


def _sender(message: Message) -> Sender | None:
    """The resident; None outside a private chat."""
    author = message.from_user
    if message.chat.type != ChatType.PRIVATE or author is None or author.is_bot:
        return None
    return Sender(NAME, str(message.chat.id))


def _device_language(message: Message) -> str:
    """What the resident's app speaks (Bot API, User.language_code: an IETF tag), if we do."""
    author = message.from_user
    return of_tags([author.language_code or ""]) if author is not None else ""


def _location(message: Message) -> Location:
    if message.venue is not None:
        place, label = message.venue.location, f"{message.venue.title} {message.venue.address}".strip()
        return Location(place.latitude, place.longitude, label)
    assert message.location is not None
    return Location(message.location.latitude, message.location.longitude)


def _contact(message: Message, sender: Sender, message_id: str, at: datetime) -> IncomingMessage:
    assert message.contact is not None and message.from_user is not None
    shared = message.contact
    first, last = shared.first_name, shared.last_name or ""
    chinese = unicodedata.name(first[:1] or " ", "").startswith("CJK")
    name = f"{last}{first}" if chinese else f"{first} {last}".strip()
    contact = Contact(shared.phone_number, name, own=shared.user_id == message.from_user.id)
    words = f"{name} {shared.phone_number}".strip()
    return IncomingMessage(sender, message_id, "contact", at, text=words, contact=contact)


def _attachment(message: Message, largest: int) -> IncomingAttachment | None:
    if message.photo:
        size = _best(message.photo, largest)
        return IncomingAttachment("image", remote_id=size.file_id, size=size.file_size)
    if message.voice is not None:
        return IncomingAttachment("voice", remote_id=message.voice.file_id, size=message.voice.file_size)
    for video in (message.video, message.video_note, message.animation):
        if video is not None:
            return IncomingAttachment("video", remote_id=video.file_id, size=video.file_size)
    for file in (message.document, message.audio):
        if file is not None:
            return _file(file)
    return None


def _best(sizes: list[PhotoSize], largest: int) -> PhotoSize:
    """The largest size of a photo that may be kept (Bot API, Message.photo: the same picture in several)."""
    fitting = [size for size in sizes if (size.file_size or 0) <= largest]
    return max(fitting or sizes, key=lambda size: size.width * size.height)


def _file(file: Document | Audio) -> IncomingAttachment:
    is_picture = (file.mime_type or "").startswith("image/")
    name = (file.file_name or "")[-200:]
    return IncomingAttachment(
        "image" if is_picture else "file", remote_id=file.file_id, name=name, size=file.file_size
    )
