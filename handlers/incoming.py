"""A resident wrote: one function, one transaction."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from backend.cases import queries
from backend.cases.views import CaseView
from backend.conversations import earlier, entry, outbox, turns
from backend.conversations.alerts import STAFF
from backend.conversations.views import Opened, OutgoingView
from backend.db.work import Work
from backend.organisation.regions import place_name
from dialogs import router
from dialogs.messages import Message, OpenCase, Say, Understanding, UseLanguage
from dialogs.texts import label
from handlers import edits, hearing, saying
from handlers.edits import Edit
from handlers.effects import Scene, carry_out
from handlers.messages import Capabilities, IncomingMessage, Rendered
from handlers.parts import Parts
from handlers.reception import Received, keep_attachments, receive_attachments
from handlers.relay import relay
from handlers.rendering import prompt_of, render
from handlers.talking import talk
from handlers.waiting import expect_officer

logger = logging.getLogger(__name__)

CASES_SINCE = timedelta(days=90)
LONGEST_TEXT = 8000
"""Characters of one message that are kept; no channel sends longer ones."""


@dataclass(frozen=True, slots=True)
class Handled:
    """A message that is committed: nothing about it can be lost any more."""

    conversation_id: int
    incoming_id: int
    duplicate: bool
    replies: tuple[Rendered, ...] | None = None
    """What the response carries, taken with the commit; None: it is still to be claimed."""


async def handle(
    parts: Parts, message: IncomingMessage, awaited: Callable[[], bool] | None = None
) -> Handled:
    """Take one message in: understood, decided, carried out, answered and committed, or nothing of it.

    A message id that was seen before changes nothing. `awaited` tells whether a response still waits to carry
    the reply: then the commit takes it for that response. Raises DatabaseUnavailable.
    """
    text = message.text.replace("\0", "")[:LONGEST_TEXT]
    if text != message.text:
        message = dataclasses.replace(message, text=text)
    if parts.flood.is_over(message.sender):
        return await _hold(parts, message, hearing.only_danger(message), awaited)
    async with parts.database.work() as work:
        understanding, talked = await talk(parts, work, message, awaited)
    if talked is None:
        return await _hold(parts, message, understanding, awaited)
    if talked.duplicate:
        return Handled(talked.conversation_id, talked.incoming_id, duplicate=True)
    return _handled(parts, message, talked.conversation_id, talked.incoming_id, talked.view)


async def _hold(
    parts: Parts,
    message: IncomingMessage,
    understanding: Understanding,
    awaited: Callable[[], bool] | None,
) -> Handled:
    """Take a message in that may lead to more than words: its conversation is locked until the commit."""
    received = await receive_attachments(parts, message.attachments)
    async with parts.database.work() as work:
        edit = None
        if message.kind == "edit":
            begun = await turns.begin(work, message.sender)
            conversation = begun.conversation
            found = await edits.read(work, conversation.conversation_id, message, received)
            if found is None:
                seen = await entry.received(work, conversation.conversation_id, message.edits)
                return Handled(conversation.conversation_id, seen or 0, duplicate=True)
            if isinstance(found, IncomingMessage):
                message = found
            else:
                edit, received = found, found.added
            incoming_id = await entry.receive(work, conversation.conversation_id, hearing.kept(message))
        else:
            begun = await turns.begin(work, message.sender, hearing.kept(message))
            conversation, incoming_id = begun.conversation, begun.incoming_id
        if incoming_id is None:
            seen = await entry.received(work, conversation.conversation_id, message.message_id)
            return Handled(conversation.conversation_id, seen or 0, duplicate=True)
        given = None
        # Somebody in danger is heard however often they write; a repetition by the channel counts as one.
        if parts.flood.allows(message.sender) or understanding.crises:
            given = await _answer(
                parts, work, begun, incoming_id, message, received, understanding, edit, awaited
            )
        else:
            await keep_attachments(parts, work, conversation.conversation_id, incoming_id, received)
            if parts.flood.tell(message.sender):
                await _reply(parts, work, conversation, incoming_id, message, (Say("flood.slow_down"),))
        if conversation.mode != "bot":
            work.wake(STAFF)
        if conversation.mode == "person":
            await expect_officer(parts, work, conversation.conversation_id)
        work.wake(outbox.topic(conversation.conversation_id))
        await work.commit()
        view = await turns.still_carried(work, given.view() if given else None, awaited)
    return _handled(parts, message, conversation.conversation_id, incoming_id, view)


async def claim(parts: Parts, handled: Handled, capabilities: Capabilities) -> tuple[Rendered, ...]:
    """The reply for the response to this very message; empty when the worker has pushed it meanwhile."""
    if handled.replies is not None:
        return handled.replies
    async with parts.database.work() as work:
        # A question that is shown again was asked just now.
        await entry.changed(work, handled.conversation_id)
        replies = await outbox.claim_reply(work, handled.incoming_id)
        if replies:
            # Other open pages show only what has been handed over: until now they could not see it.
            work.wake(outbox.topic(handled.conversation_id))
        await work.commit()
    return tuple(render(view, capabilities) for view in replies)


def _handled(
    parts: Parts, message: IncomingMessage, conversation_id: int, incoming_id: int, view: OutgoingView | None
) -> Handled:
    capabilities = parts.channels[message.sender.channel].capabilities
    replies = (render(view, capabilities),) if view else None
    return Handled(conversation_id, incoming_id, duplicate=False, replies=replies)


async def _answer(
    parts: Parts,
    work: Work,
    begun: turns.Begun,
    incoming_id: int,
    message: IncomingMessage,
    received: Sequence[Received],
    understanding: Understanding,
    edit: Edit | None,
    awaited: Callable[[], bool] | None,
) -> turns.Given | None:
    conversation = begun.conversation
    rules = await parts.rules.current(work)
    files = await keep_attachments(parts, work, conversation.conversation_id, incoming_id, received)
    cases: Sequence[CaseView] = ()
    if begun.has_cases:
        cases = await queries.of_resident(work, conversation.resident_id, work.now - CASES_SINCE)
    context = hearing.around(parts, rules, conversation, work.now, cases)
    heard = dataclasses.replace(
        hearing.heard(message, context.now), attachments=files.ids, taken_at=files.taken_at
    )
    if edit is not None:
        heard = dataclasses.replace(heard, before=edit.before, told_in=edit.told_in)
    if message.scene:
        heard = dataclasses.replace(heard, region=await place_name(work, message.scene))
    if message.kind == "choice" and message.prompt_id is not None:
        asked = await outbox.find_outgoing(work, message.prompt_id, conversation.conversation_id)
        heard = dataclasses.replace(heard, prompt=prompt_of(asked) if asked else None)
        heard = _by_place(heard, message.choice_place)
        await _note_label(work, incoming_id, heard)
    if files.refused and not files.ids:
        if not message.text:
            await _reply(parts, work, conversation, incoming_id, message, files.refused)
            return None
        heard = dataclasses.replace(heard, kind="text")
    turn = router.turn(conversation.state, heard, understanding, context)
    scene = Scene(parts, work, rules, conversation, incoming_id)
    state, after = turn.state, turn.after
    quiet = await _goes_on(work, conversation.conversation_id, incoming_id, message)
    says = [*files.refused, *(() if quiet else turn.says)]
    for effect in turn.effects:
        if isinstance(effect, UseLanguage):
            conversation = dataclasses.replace(conversation, language=effect.language)
        result = await carry_out(scene, effect)
        says += () if quiet and result.done else result.says
        if not result.done:
            # A complaint that could not be opened is kept as it was; what came too late is over.
            opening = isinstance(effect, OpenCase)
            state, after = conversation.state if opening else router.drop_form(state), ()
    if quiet:
        after = ()
    capabilities = parts.channels[message.sender.channel].capabilities
    told: Sequence[Say] = (*says, *after)
    if begun.waits:
        told = await relay(work, conversation, told, capabilities)
    return await saying.answer(
        work,
        conversation.conversation_id,
        state,
        told,
        incoming_id=incoming_id,
        language=conversation.language,
        capabilities=capabilities,
        # From now on: a response that is given up later finds its reply taken before that, and it is pushed.
        carried_at=parts.database.clock() if awaited is not None and awaited() else None,
    )


def _by_place(heard: Message, place: int | None) -> Message:
    choices = heard.prompt.choices if heard.prompt else ()
    if place is None or not 1 <= place <= len(choices):
        return heard
    return dataclasses.replace(heard, choice=choices[place - 1].id)


async def _goes_on(work: Work, conversation_id: int, incoming_id: int, message: IncomingMessage) -> bool:
    """Whether a picture is one more of an album: nine pictures sent as one are answered once."""
    if not message.album or message.text:
        return False
    return await earlier.has_begun(work, conversation_id, message.album, incoming_id)


async def _note_label(work: Work, incoming_id: int, heard: Message) -> None:
    """Staff read what was on the button, not its code."""
    for choice in heard.prompt.choices if heard.prompt else ():
        if choice.id == heard.choice:
            await entry.note_label(work, incoming_id, label(choice))


async def _reply(
    parts: Parts,
    work: Work,
    conversation: Opened,
    incoming_id: int,
    message: IncomingMessage,
    says: Sequence[Say],
) -> None:
    await saying.reply(
        work,
        conversation.conversation_id,
        says,
        incoming_id=incoming_id,
        language=conversation.language,
        capabilities=parts.channels[message.sender.channel].capabilities,
    )
