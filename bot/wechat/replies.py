"""The passive reply: the XML that answers a resident's message in the same HTTP response."""

from __future__ import annotations

from collections.abc import Sequence

from wechatpy.replies import TextReply, create_reply

from bot.wechat.xml_text import cdata, clean, fit
from handlers.messages import IncomingMessage, Rendered


def reply_xml(account: str, message: IncomingMessage, says: Sequence[Rendered]) -> str:
    """The one reply WeChat takes for `message`; empty when there is nothing to say.

    Its time is that of the outgoing message, so that every repetition is the same bytes.
    """
    text = fit(clean("\n\n".join(say.text for say in says if say.text)))
    if not text:
        return ""
    written = says[0].created_at or message.at
    reply = TextReply(
        source=cdata(account),
        target=cdata(message.sender.user_id),
        content=cdata(text),
        time=int(written.timestamp()),
    )
    return str(create_reply(reply, render=True))
