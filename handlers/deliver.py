"""Hand one message over to its channel: an attempt is on record before it is made."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from backend.conversations import alerts, deliveries, entry, next_contact, outbox, pace, reports
from backend.conversations.views import Opened, OutgoingView, Sender
from backend.db.work import Work
from backend.domain.deadlines import SHANGHAI
from dialogs import router
from dialogs.messages import FORM_IDLE
from handlers.messages import Outcome, Rendered, Sent, TryLater, Undeliverable
from handlers.parts import Parts
from handlers.rendering import render
from handlers.unsubmitted import is_past

logger = logging.getLogger(__name__)

TRIES = 5
"""After so many tries a message gives up its place in its conversation and is tried now and then."""
SEND_SECONDS = 30.0
GIVEN_UP_AFTER = timedelta(hours=24)
"""How long a message is tried, and waits for the resident's next contact, before it is a phone task."""
FIRST_PAUSE = timedelta(minutes=5)
LONGEST_PAUSE = timedelta(hours=2)
BUSY_AGAIN = timedelta(minutes=2)
SWITCHED_OFF_AGAIN = timedelta(minutes=10)
"""How long a message rests whose channel the settings have switched off."""
ONCE = frozenset({"survey", outbox.REMINDER})
"""Kinds that are not sent again when nobody knows whether they arrived."""
FEWER = timedelta(minutes=1)
"""How long no resident is written to first when a channel wants fewer messages: WeChat counts by minutes."""


class DeliverAgain(Exception):
    """The message keeps its place and is tried again; `after`: not sooner, the channel said so."""

    def __init__(self, after: timedelta | None = None) -> None:
        """Without `after` the queue's own patience decides."""
        super().__init__()
        self.after = after


@dataclass(frozen=True, slots=True)
class _Attempt:
    id: Callable[[], int]
    """Known once the attempt is committed."""
    address: Sender
    message: Rendered


async def deliver(parts: Parts, outgoing_id: int, *, paced_by: str = "") -> None:
    """Deliver one outgoing message, at least once; a survey whose outcome is unknown is left to a person.

    A reminder is sent once or not at all, and not when it is no longer true.
    `paced_by`: the channel whose pace it keeps, for what nobody waits for at this moment. Raises DeliverAgain
    while it makes sense to try again in the same place.
    """
    if paced_by:
        await _turn(parts, paced_by)
    async with parts.database.work() as work:
        attempt = await _begin(parts, work, outgoing_id)
        await work.commit()
    if attempt is None:
        return
    outcome = await _send(parts, attempt)
    async with parts.database.work() as work:
        again = await _finish(work, outgoing_id, attempt, outcome)
        await work.commit()
    if again is not None:
        raise again


async def _turn(parts: Parts, channel: str) -> None:
    """Wait for the turn of one message among all that the channel's residents are sent first.

    Raises DeliverAgain when it is far off: until then the resident's other messages may go.
    """
    pushes = parts.channels[channel].capabilities.pushes_per_second if channel in parts.channels else None
    if pushes is None:
        return
    async with parts.database.work() as work:
        wait = await pace.next_turn(work, channel, timedelta(seconds=1 / pushes))
        await work.commit()
    if wait > pace.LONGEST_WAIT:
        raise DeliverAgain(wait)
    await asyncio.sleep(wait.total_seconds())


async def _begin(parts: Parts, work: Work, outgoing_id: int) -> _Attempt | None:
    locked = await deliveries.lock(work, outgoing_id)
    if locked is None or locked.message.state not in {"queued", "sending"}:
        return None
    view, address = locked.message, locked.address
    if view.state == "sending" and view.kind in ONCE:
        await _give_up(work, view, "unknown", "interrupted")
        return None
    if view.kind == outbox.REMINDER and is_past(view, locked.conversation, work.now):
        await deliveries.mark(work, outgoing_id, "dropped", "moved_on")
        return None
    if (until := _hold_until(parts, view, locked.conversation, work.now)) is not None:
        await deliveries.hold(work, outgoing_id, until, "busy")
        return None
    if address.channel not in parts.channels:
        await deliveries.hold(work, outgoing_id, work.now + SWITCHED_OFF_AGAIN, "channel_off")
        return None
    link = parts.picture_link(address.channel, view.id, view.conversation_id)
    message = render(view, parts.channels[address.channel].capabilities, link)
    return _Attempt(deliveries.begin_attempt(work, outgoing_id, message.text), address, message)


def _hold_until(parts: Parts, view: OutgoingView, conversation: Opened, now: datetime) -> datetime | None:
    """What a timer sends waits for the morning, a survey also until no form is active and no person there."""
    if view.kind not in ONCE:
        return None
    if parts.quiet_hours is not None and (morning := parts.quiet_hours.release(now)) > now:
        return morning
    if view.kind == outbox.REMINDER:
        return None
    if conversation.mode != "bot":
        return now + BUSY_AGAIN
    touched = _touched(conversation)
    if router.is_busy(conversation.state, touched, now):
        return min(now + BUSY_AGAIN, (touched or now) + FORM_IDLE)
    return None


def _touched(conversation: Opened) -> datetime | None:
    """When the form was last touched: the question of a reminder gets as much time as any other."""
    heard, prompt = conversation.last_message_at, conversation.prompt
    if prompt is None or prompt.kind != outbox.REMINDER or prompt.sent_at is None:
        return heard
    return max(heard, prompt.sent_at) if heard else prompt.sent_at


async def _send(parts: Parts, attempt: _Attempt) -> Outcome | None:
    """What the channel said; None = nobody knows whether it arrived."""
    channel = parts.channels[attempt.address.channel]
    try:
        async with asyncio.timeout(SEND_SECONDS):
            return await channel.send(attempt.address, attempt.message)
    except Exception as error:
        logger.exception(
            "outcome of a delivery unknown",
            exc_info=False,
            extra={"outgoing_id": attempt.message.id, "error": type(error).__name__},
        )
        return None


async def _finish(
    work: Work, outgoing_id: int, attempt: _Attempt, outcome: Outcome | None
) -> DeliverAgain | None:
    """Write down what came of it; what to raise when it is to be tried again in the same place."""
    locked = await deliveries.lock(work, outgoing_id)
    if locked is None:
        return None
    view = locked.message
    work.wake(outbox.topic(view.conversation_id))
    reason = outcome.reason if isinstance(outcome, TryLater | Undeliverable) else "unknown"
    over = outcome.passed_over if outcome is not None else ()
    perhaps_seen = outcome is None and view.kind in ONCE
    if (
        view.purpose
        and (isinstance(outcome, Sent) or perhaps_seen)
        and not _is_overtaken(view, locked.conversation, work.now)
    ):
        # Not before: a digit must never answer a question that the resident was not shown.
        await outbox.set_prompt(work, view.conversation_id, outgoing_id)
    if isinstance(outcome, Sent):
        await deliveries.finish_attempt(
            work,
            attempt.id(),
            outgoing_id,
            state="sent",
            outcome="sent",
            way=outcome.way,
            remote_id=outcome.remote_id,
            passed_over=outcome.passed_over,
        )
        if outcome.remote_id:
            await reports.check_early(work, attempt.address, outcome.remote_id)
        return None
    if isinstance(outcome, TryLater) and outcome.fewer:
        await pace.pause(work, attempt.address.channel, FEWER)
    again_now = isinstance(outcome, TryLater) and not outcome.tomorrow
    if (again_now or (outcome is None and not perhaps_seen)) and view.attempts < TRIES:
        await deliveries.finish_attempt(
            work, attempt.id(), outgoing_id, state="queued", outcome=reason, passed_over=over
        )
        return DeliverAgain(outcome.after if isinstance(outcome, TryLater) else None)
    until = _wait_until(outcome, view, work.now)
    state = "queued" if until else "dead" if outcome else "unknown"
    await deliveries.finish_attempt(
        work, attempt.id(), outgoing_id, state=state, outcome=reason, passed_over=over
    )
    if until is not None:
        await deliveries.hold(work, outgoing_id, until, next_contact.REASON)
        await entry.changed(work, view.conversation_id)
    else:
        await _give_up(work, view, state, reason)
    return None


def _is_overtaken(view: OutgoingView, conversation: Opened, now: datetime) -> bool:
    """Whether the dialogue has asked its next question meanwhile, and that one is on its way too."""
    prompt = conversation.prompt
    if view.kind == outbox.REMINDER:
        return is_past(view, conversation, now)
    newer = prompt is not None and prompt.id > view.id and prompt.state in {"queued", "sending"}
    return view.kind == "reply" and newer


def _wait_until(outcome: Outcome | None, view: OutgoingView, now: datetime) -> datetime | None:
    """When to try again, unless the resident writes before; None = it is time for a phone call."""
    last = view.created_at + GIVEN_UP_AFTER
    if now >= last or view.kind == outbox.REMINDER:
        return None
    match outcome:
        case Undeliverable(at_next_contact=True):
            return last
        case TryLater(tomorrow=True):
            midnight = datetime.combine(now.astimezone(SHANGHAI).date() + timedelta(days=1), time(), SHANGHAI)
            return midnight.astimezone(UTC) + FIRST_PAUSE
        case TryLater(after=after):
            pause = min(FIRST_PAUSE * (1 << (view.attempts - TRIES)), LONGEST_PAUSE)
            return min(last, now + max(pause, after or pause))
        case _:
            return None


async def _give_up(work: Work, view: OutgoingView, state: str, reason: str) -> None:
    """Leave it to a person; a reminder is worth no phone call."""
    if view.kind == outbox.REMINDER:
        await deliveries.mark(work, view.id, "dropped", reason)
        return
    await deliveries.mark(work, view.id, state, reason)
    await alerts.raise_alert(
        work, "phone", view.conversation_id, codes=[reason], case_id=view.case_id, outgoing_id=view.id
    )
