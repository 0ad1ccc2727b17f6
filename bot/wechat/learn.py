"""Take in what an event says, once however often WeChat tells it."""

from __future__ import annotations

from backend.conversations import consents
from backend.conversations import standing as standings
from bot.wechat.news import Consented, Left, News, Reported
from handlers.left import left
from handlers.parts import Parts
from handlers.reported import reported

REFUSED_BY_USER = "user_block"


async def learn(parts: Parts, news: News) -> None:
    """Note one piece of news; raises DatabaseUnavailable, so that WeChat tells it again."""
    match news:
        case Left():
            await left(parts, news.sender, news.at)
        case Reported():
            await reported(parts, news.sender, news.remote_id, news.lost)
            if news.lost == REFUSED_BY_USER:
                await _close_templates(parts, news)
        case Consented():
            await _consented(parts, news)


async def _close_templates(parts: Parts, news: Reported) -> None:
    async with parts.database.work() as work:
        standing = await standings.look(work, news.sender)
        if standing is not None:
            await standings.close(work, standing, "template", "refused_by_user")
            await work.commit()


async def _consented(parts: Parts, news: Consented) -> None:
    async with parts.database.work() as work:
        resident_id = await consents.resident(work, news.sender)
        for template_id in news.refused:
            await consents.refused(work, resident_id, template_id, news.at)
        for template_id in news.accepted:
            await consents.given(work, resident_id, template_id, news.at)
        await work.commit()
