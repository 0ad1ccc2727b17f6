"""Notices (模板消息, 订阅通知): a fixed form that reaches a resident whom nothing else may be written to."""

from __future__ import annotations

from collections.abc import Callable

from backend.conversations.views import Sender
from bot.wechat.client import WeChatClient
from bot.wechat.errors import (
    CLOSING,
    NEXT_WAY,
    NOT_FOLLOWING,
    OUR_MISTAKE,
    NotReached,
    TokenError,
    WeChatError,
    outcome_of,
    reason,
)
from bot.wechat.fields import Unfit
from bot.wechat.notice_book import NoticeBook, Prospects
from bot.wechat.notice_forms import Filled, NoticeForm, fill, forms_for
from bot.wechat.ways import PassedOver
from handlers.messages import Outcome, Rendered, Sent, TryLater

Link = Callable[[str, Rendered, int], str]
"""The address that a notice opens (`progress`, `survey`; the message; the resident's id), empty for none."""

_NO_CONSENT = 43101


class Notices:
    """The way that is taken when a customer service message is not allowed."""

    def __init__(self, client: WeChatClient, book: NoticeBook, link: Link, centre: str) -> None:
        """`centre` is the centre's name, for fields that show it."""
        self._client = client
        self._book = book
        self._link = link
        self._centre = centre

    async def send(self, address: Sender, message: Rendered, passed: list[PassedOver]) -> Outcome | None:
        """Hand one message over as the first form that fits. An exception: the outcome is unknown."""
        if not message.parts:
            return None
        try:
            prospects = await self._book.open(address, message.id)
        except NotReached as why:
            return TryLater(f"wechat_{why}")
        if prospects is None:
            return None
        for form in forms_for(prospects.forms, message):
            tried = await self._try(form, prospects, address, message)
            if not isinstance(tried, PassedOver):
                return tried
            passed.append(tried)
        return None

    async def _try(
        self, form: NoticeForm, prospects: Prospects, address: Sender, message: Rendered
    ) -> Outcome | PassedOver:
        if why := _closed(form, prospects):
            return PassedOver(form.by, why)
        try:
            filled = fill(form, message, self._centre, message.created_at or prospects.now)
        except Unfit as field:
            return PassedOver(form.by, f"field_{field}")
        resident_id = prospects.standing.resident_id
        uses_up = form.by == "notice" and not form.lasting
        try:
            if uses_up and not await self._book.take(resident_id, form.template_id):
                return PassedOver(form.by, "no_consent")
            return await self._hand_over(filled, address.user_id, message, resident_id)
        except NotReached as why:
            outcome: Outcome | PassedOver = TryLater(f"wechat_{why}")
        except WeChatError as error:
            outcome = await self._refused(form, prospects, error)
            uses_up = uses_up and error.code != _NO_CONSENT
        if uses_up:
            await self._book.give_back(resident_id, form.template_id)
        return outcome

    async def _hand_over(self, filled: Filled, openid: str, message: Rendered, resident_id: int) -> Sent:
        form = filled.form
        url = self._link(form.opens, message, resident_id) if form.opens != "nothing" else ""
        if form.by == "template":
            once = f"fq{message.id}"
            msgid = await self._client.send_template(openid, form.template_id, filled.data, url, once)
            return Sent("template", remote_id=msgid)
        await self._client.send_notice(openid, form.template_id, filled.data, url)
        # WeChat names a notice only when it reports on it; until then its template stands for it.
        return Sent("notice", remote_id=form.template_id)

    async def _refused(
        self, form: NoticeForm, prospects: Prospects, error: WeChatError
    ) -> Outcome | PassedOver:
        code = error.code
        if isinstance(error, TokenError):
            return outcome_of(code)
        if code == _NO_CONSENT and form.by == "notice":
            await self._book.refused(prospects.standing.resident_id, form.template_id)
        elif code in CLOSING:
            left = code in NOT_FOLLOWING
            await self._book.close(prospects.standing, form.by, reason(code), left=left)
        if code in NEXT_WAY or code in OUR_MISTAKE:
            return PassedOver(form.by, reason(code), outcome_of(code) if code in NOT_FOLLOWING else None)
        return outcome_of(code)


def _closed(form: NoticeForm, prospects: Prospects) -> str:
    standing = prospects.standing
    if form.by in prospects.lost_ways:
        return "did_not_arrive"
    if form.by == "template":
        return "not_following" if standing.left else standing.closed.get("template", "")
    if not form.lasting and not prospects.consents.get(form.template_id):
        return "no_consent"
    return ""
