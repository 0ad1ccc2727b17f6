"""What a callback leads to: authentic, kept, and answered within WeChat's five seconds."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from prometheus_client import Counter

from backend.db.database import Clock, DatabaseUnavailable, utc_now
from bot.wechat.gate import Gate, Letter, Query, Refused
from bot.wechat.news import News
from bot.wechat.parsing import Malformed, Received, Unreadable, out_of_reach, parse
from bot.wechat.replies import reply_xml
from handlers.incoming import Handled
from handlers.messages import IncomingMessage, Rendered

logger = logging.getLogger(__name__)

ANSWER_WITHIN = timedelta(seconds=4)
"""WeChat hangs up after 5 s and delivers again."""

KEEP_WITHIN = timedelta(milliseconds=700)
"""How long keeping a late message as it came may take: the rest of WeChat's time."""

FINISH_SECONDS = 10.0
"""How long a process that is stopped waits for what it began."""

CALLBACKS = Counter("fengqiao_wechat_callbacks", "Callbacks of WeChat by what came of them", ["outcome"])

Handle = Callable[[IncomingMessage, Callable[[], bool]], Awaitable[Handled]]
Claim = Callable[[Handled], Awaitable[Sequence[Rendered]]]
Keep = Callable[[IncomingMessage], Awaitable[None]]
Settle = Callable[[IncomingMessage, Handled], Awaitable[None]]
Learn = Callable[[News], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer: status, body, whether it is XML."""

    status: int
    body: str = ""
    xml: bool = False


SUCCESS = Answer(200, "success")
"""Tells WeChat that nothing is to be shown and nothing to be delivered again."""

FORBIDDEN = Answer(403, "forbidden")
TOO_LARGE = Answer(413, "too large")
TRY_AGAIN = Answer(503, "try again")


class Callback:
    """Answers WeChat's callbacks; keeps hold of messages that take longer than their answer may."""

    def __init__(
        self,
        gate: Gate,
        handle: Handle,
        claim: Claim,
        keep: Keep,
        settle: Settle,
        learn: Learn,
        *,
        files: bool = True,
        clock: Clock = utc_now,
        answer_within: timedelta = ANSWER_WITHIN,
        keep_within: timedelta = KEEP_WITHIN,
    ) -> None:
        """`handle` works on a message in one transaction, `claim` takes its reply for this response.

        `handle` is also told whether this response still waits: then its transaction takes the reply itself.

        `keep` stores a message as it came, for when `handle` takes longer than WeChat waits; `settle` ends
        that once `handle` is through. `learn` takes in what an event says besides. `files`: whether what
        residents send can be downloaded.
        """
        self._gate = gate
        self._handle = handle
        self._claim = claim
        self._keep = keep
        self._settle = settle
        self._learn = learn
        self._files = files
        self._clock = clock
        self._answer_within = answer_within.total_seconds()
        self._keep_within = keep_within.total_seconds()
        self._unfinished: set[asyncio.Future[Any]] = set()

    def handshake(self, query: Query) -> Answer:
        """WeChat asks whether this address is ours."""
        try:
            echo = self._gate.check_handshake(query, self._clock())
        except Refused as reason:
            return _counted(FORBIDDEN, f"refused_{reason}")
        return _counted(Answer(200, echo), "handshake")

    def turned_away(self, query: Query) -> Answer | None:
        """The refusal that the URL alone is enough for, None when the body is to be read."""
        try:
            self._gate.check_url(query, self._clock())
        except Refused as reason:
            return _counted(FORBIDDEN, f"refused_{reason}")
        return None

    def too_large(self) -> Answer:
        """The body is longer than any of WeChat's."""
        return _counted(TOO_LARGE, "refused_too_large")

    async def receive(self, query: Query, body: bytes) -> Answer:
        """Answer a callback whose URL was let in."""
        try:
            letter = self._gate.open(query, body)
        except Refused as reason:
            return _counted(FORBIDDEN, f"refused_{reason}")
        try:
            received = parse(letter.xml)
        except Malformed:
            # A plain signature does not cover the body; what was encrypted is WeChat's own.
            return _counted(SUCCESS if letter.key else FORBIDDEN, "malformed")
        except Unreadable as reason:
            logger.warning("unreadable message", extra={"lacks": str(reason)})
            return _counted(SUCCESS, "unreadable")
        if received.message is None:
            return await self._learn_all(received.news)
        message = received.message if self._files else out_of_reach(received.message)
        return await self._answer(letter, received, message)

    async def finish(self) -> None:
        """Wait for messages that are still worked on; what takes longer was kept for the worker."""
        if self._unfinished:
            await asyncio.wait(self._unfinished, timeout=FINISH_SECONDS)

    async def _learn_all(self, news: Sequence[News]) -> Answer:
        try:
            async with asyncio.timeout(self._answer_within):
                for piece in news:
                    await self._learn(piece)
        except (DatabaseUnavailable, TimeoutError):
            return _counted(TRY_AGAIN, "event_not_kept")
        except Exception as error:
            logger.exception("event not kept", exc_info=False, extra={"error": type(error).__name__})
            return _counted(TRY_AGAIN, "event_not_kept")
        return _counted(SUCCESS, "event" if news else "ignored")

    async def _answer(self, letter: Letter, received: Received, message: IncomingMessage) -> Answer:
        waits = [True]
        handling = self._begin(message, lambda: waits[0])
        try:
            done, _ = await asyncio.wait({handling}, timeout=self._answer_within)
            if not done:
                waits[0] = False
                return await self._promise(handling, message)
            return await self._carry(letter, received, message, handling)
        except asyncio.CancelledError:
            # The process is told to stop: this response carries nothing any more.
            waits[0] = False
            self._hold(asyncio.create_task(self._leave(handling, message)))
            raise

    async def _carry(
        self, letter: Letter, received: Received, message: IncomingMessage, handling: asyncio.Future[Handled]
    ) -> Answer:
        """The response with the reply of a message that is through."""
        try:
            # Asked for, the reply counts as given: a WeChat that hung up delivers again and gets the same.
            says = await self._claim(handling.result())
        except DatabaseUnavailable:
            return _counted(TRY_AGAIN, "database_away")
        except Exception:
            logger.exception("message not kept", extra={"message_id": message.message_id})
            return _counted(TRY_AGAIN, "failed")
        xml = reply_xml(received.account, message, says)
        if not xml:
            return _counted(SUCCESS, "silent")
        if letter.key is not None:
            xml = letter.key.encrypt(xml, self._clock())
        return _counted(Answer(200, xml, xml=True), "replied")

    def _begin(self, message: IncomingMessage, awaited: Callable[[], bool]) -> asyncio.Future[Handled]:
        handling = asyncio.ensure_future(self._handle(message, awaited))
        self._hold(handling)
        return handling

    def _hold(self, task: asyncio.Future[Any]) -> None:
        # The event loop keeps only weak references: without this one a message could vanish on its way.
        self._unfinished.add(task)
        task.add_done_callback(self._unfinished.discard)

    async def _promise(self, handling: asyncio.Future[Handled], message: IncomingMessage) -> Answer:
        """Acknowledge a message that is still worked on, once it is kept; its reply is pushed."""
        try:
            async with asyncio.timeout(self._keep_within):
                await self._keep(message)
        except (DatabaseUnavailable, TimeoutError):
            return _counted(TRY_AGAIN, "late_not_kept")
        self._hold(asyncio.create_task(self._see_through(handling, message)))
        return _counted(SUCCESS, "late")

    async def _leave(self, handling: asyncio.Future[Handled], message: IncomingMessage) -> None:
        """See a message through whose request was cut off; WeChat may ask again, elsewhere."""
        try:
            await self._keep(message)
        except DatabaseUnavailable:
            return
        await self._see_through(handling, message)

    async def _see_through(self, handling: asyncio.Future[Handled], message: IncomingMessage) -> None:
        try:
            await self._settle(message, await handling)
        except Exception as error:
            facts = {"message_id": message.message_id, "error": type(error).__name__}
            logger.exception("late message left to the worker", exc_info=False, extra=facts)


def _counted(answer: Answer, outcome: str) -> Answer:
    CALLBACKS.labels(outcome).inc()
    return answer
