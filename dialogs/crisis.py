"""Danger to somebody's life or safety: the card first, the staff at once, the words kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from dialogs import complaint, danger, form, same_or_new
from dialogs.definition import Heard
from dialogs.memory import Memory, Reply
from dialogs.messages import CallPerson, Context, Effect, RaiseCrisis, Say

GATHERING = "gathering"
CARD_AGAIN_AFTER = timedelta(minutes=10)
"""The same card is not shown again sooner: it would push the person's own words off the screen."""


def respond(memory: Memory, kinds: tuple[str, ...], context: Context) -> Reply:
    """The alert, and the cards that are due; with a card, a person is called.

    Whether staff are there is not known here: what the call for a person tells follows the cards.
    """
    due = [k for k in kinds if k not in memory.crises or context.now - memory.crises[k] >= CARD_AGAIN_AFTER]
    cards = [Say(f"crisis.{card}") for card in danger.cards(due)]
    effects: list[Effect] = [RaiseCrisis(kinds)]
    if cards:
        effects.append(CallPerson("crisis"))
    elif GATHERING in due:
        cards.append(Say("crisis.gathering"))
    shown = replace(memory, crises={**memory.crises, **dict.fromkeys(due, context.now)})
    return Reply(shown, tuple(cards), tuple(effects), asks=False)


def is_grave(reply: Reply) -> bool:
    """Whether cards were shown: then nothing else is asked of the person now."""
    return CallPerson("crisis") in reply.effects


def keep_words(memory: Memory, heard: Heard) -> Memory:
    """The words as (part of) the story of a complaint, so that nothing has to be told again.

    Danger in another matter than the one being told is kept beside it: the resident settles both later.
    """
    if memory.form and complaint.is_active(memory):
        filling = form.home(complaint.FORM, memory.form)
        elsewhere = not filling.doubt and danger.is_elsewhere(filling, heard)
        put = same_or_new.wonder if elsewhere else same_or_new.add
        return replace(memory, form=put(filling, heard))
    if memory.kept:
        return memory.adopt(complaint.add(memory.kept, heard))
    return memory.begin(complaint.begin(heard))
