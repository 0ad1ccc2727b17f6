"""Customer service messages (客服消息): words, a menu where the account may, a picture."""

from __future__ import annotations

from collections.abc import Sequence

from backend.conversations.views import Sender
from bot.stored_files import OpenFile
from bot.wechat.client import WeChatClient
from bot.wechat.errors import (
    CLOSING,
    NEXT_WAY,
    NO_MENU,
    NOT_FOLLOWING,
    NotReached,
    OutcomeUnknown,
    TokenError,
    WeChatError,
    outcome_of,
    reason,
)
from bot.wechat.ledger import SERVICE, Grant, Ledger
from bot.wechat.menus import menu_of
from bot.wechat.ways import PassedOver
from bot.wechat.windows import WROTE, NotAllowed
from bot.wechat.xml_text import divided
from handlers.messages import Outcome, Rendered, Sent, TryLater, Undeliverable

MENU = "menu"
"""The way of a message whose choices can be tapped."""

MOST_TEXTS = WROTE.messages - 1
"""Messages that a long text may become: a picture may come with it, and more is never allowed at once."""

PICTURES = frozenset({"image/jpeg", "image/png", "image/gif", "image/bmp"})
"""What `media/upload` takes as an image, up to 10 MB."""

INTERRUPTED = "interrupted"
"""Why the rest was not sent when nobody knows whether it was."""


class _Unsent(Exception):
    """Nothing of the message was sent."""

    def __init__(self, outcome: Outcome | PassedOver) -> None:
        super().__init__()
        self.outcome = outcome


class ServiceMessages:
    """The way that is taken first: anything can be said, to who wrote not long ago."""

    def __init__(self, client: WeChatClient, ledger: Ledger, open_file: OpenFile) -> None:
        """`ledger` is asked before each message."""
        self._client = client
        self._ledger = ledger
        self._open_file = open_file

    async def send(self, address: Sender, message: Rendered, passed: list[PassedOver]) -> Outcome | None:
        """Hand one message over. An exception means that the outcome is unknown."""
        outcome = await self._send(address, message)
        if not isinstance(outcome, PassedOver):
            return outcome
        passed.append(outcome)
        return None

    async def _send(self, address: Sender, message: Rendered) -> Outcome | PassedOver:
        """Words before the picture."""
        texts = divided(message.text, MOST_TEXTS)
        try:
            grant = await self._ledger.take(address, len(texts) + (message.attachment_id is not None))
        except NotAllowed as why:
            return _closed(str(why))
        except NotReached as why:
            return TryLater(f"wechat_{why}")
        try:
            media_id = await self._upload(message.attachment_id)
            return await self._say(grant, address.user_id, message, texts, media_id)
        except _Unsent as unsent:
            await self._ledger.give_back(grant)
            return unsent.outcome

    async def _upload(self, attachment_id: int | None) -> str | None:
        if attachment_id is None:
            return None
        try:
            file = await self._open_file(attachment_id)
            if file.mime not in PICTURES:
                raise _Unsent(Undeliverable("attachment_no_picture"))
            return await self._client.upload_image(file.content, file.name, file.mime)
        except LookupError as error:
            raise _Unsent(Undeliverable(f"attachment_{error.args[0]}")) from None
        except OutcomeUnknown:
            # An upload that may have arrived has shown the resident nothing.
            raise _Unsent(TryLater("wechat_unreachable")) from None
        except NotReached as error:
            raise _Unsent(TryLater(f"wechat_{error}")) from None
        except WeChatError as error:
            raise _Unsent(outcome_of(error.code)) from None

    async def _say(
        self, grant: Grant, openid: str, message: Rendered, texts: Sequence[str], media_id: str | None
    ) -> Outcome:
        sent: Sent | None = None
        try:
            for text in texts:
                sent = await self._words(openid, message if len(texts) == 1 else None, text)
            if media_id is not None:
                await self._client.send_image(openid, media_id)
        except NotReached as error:
            if sent is None:
                raise _Unsent(TryLater(f"wechat_{error}")) from None
            return _half(str(error))
        except OutcomeUnknown:
            if sent is None:
                raise
            return _half(INTERRUPTED)
        except WeChatError as error:
            about_resident = error.code in CLOSING and not isinstance(error, TokenError)
            if about_resident:
                await self._ledger.close(grant, reason(error.code), left=error.code in NOT_FOLLOWING)
            if sent is None:
                raise _Unsent(_refused(error)) from None
            return _half(reason(error.code))
        return sent or Sent(SERVICE)

    async def _words(self, openid: str, question: Rendered | None, text: str) -> Sent:
        menu = menu_of(question) if question is not None else None
        if menu is None:
            await self._client.send_text(openid, text)
            return Sent(SERVICE)
        try:
            await self._client.send_menu(openid, menu.head, menu.items)
        except WeChatError as error:
            if error.code != NO_MENU:
                raise
            await self._client.send_text(openid, text)
            return Sent(SERVICE, passed_over=(f"{MENU}:{reason(NO_MENU)}",))
        return Sent(MENU)


def _half(why: str) -> Undeliverable:
    """The beginning has arrived: trying the whole message again would say it twice."""
    return Undeliverable("wechat_rest_not_sent", passed_over=(f"{SERVICE}:{why}",))


def _closed(why: str) -> PassedOver:
    """The ledger says no: what WeChat answered when it closed the way, or would answer."""
    code = why.partition("_")[0]
    if code.isdecimal():
        return _passed_over(int(code))
    return PassedOver(SERVICE, why, Undeliverable(f"wechat_{why}", at_next_contact=why != "not_following"))


def _refused(error: WeChatError) -> Outcome | PassedOver:
    another = error.code in NEXT_WAY and not isinstance(error, TokenError)
    return _passed_over(error.code) if another else outcome_of(error.code)


def _passed_over(code: int) -> PassedOver:
    return PassedOver(SERVICE, reason(code), outcome_of(code))
