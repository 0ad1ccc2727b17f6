"""A resident changed words that were sent before: what is being told now says what they say now."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from dialogs import category, complaint, danger, form, matters, said
from dialogs.definition import Heard
from dialogs.filling import Filling
from dialogs.memory import Memory, Reply
from dialogs.messages import Say, Supplement, Understanding
from dialogs.story import ANSWER_LIMIT, STORY_LIMIT, TOLD_UNASKED, gather, is_more_than_words
from dialogs.texts import shorten, text
from dialogs.words import label_of

_ANSWERS = ("place", "since", "amount", "people", "phone", "other_party")
"""Questions whose answers are typed; a tap or a digit cannot be edited into another one."""

QUOTED = 100
"""Characters of the earlier words that staff are shown beside the new ones."""


def take(memory: Memory, heard: Heard) -> Reply:
    """The words in the place of the earlier ones, or with the case that those went into.

    Where neither can be done the resident is told so: nobody shall believe that a change was taken.
    """
    changed = in_forms(memory, heard)
    if changed is not None:
        return Reply(changed, (Say("edit.taken"),))
    message = heard.message
    if message.told_in is None:
        return Reply(memory, (Say("edit.say_again"),))
    words = {"before": shorten(message.before, QUOTED), "after": heard.text}
    return Reply(
        memory, effects=(Supplement(message.told_in, text("edit.note", words), message.attachments),)
    )


def in_forms(memory: Memory, heard: Heard) -> Memory | None:
    """The memory with the words replaced in what is being told; None when the earlier ones are not there."""
    if not heard.message.before.strip() or label_of("commands", heard.text):
        return None
    if memory.form and (changed := _in_filling(memory.form, heard)):
        return replace(memory, form=changed)
    if memory.kept and (changed := _in_filling(memory.kept, heard)):
        return replace(memory, kept=changed)
    for place, waiting in enumerate(memory.paused):
        if changed := _in_filling(waiting, heard):
            return replace(memory, paused=(*memory.paused[:place], changed, *memory.paused[place + 1 :]))
    return None


def _in_filling(filling: Filling, heard: Heard) -> Filling | None:
    if filling.name != complaint.FORM.name:
        return None
    slots = {**_in_story(filling, heard), **_in_answers(filling, heard)}
    beside = tuple(_in_kept(message, heard) for message in filling.said)
    if not slots and beside == filling.said:
        return None
    all_slots = gather({**filling.slots, **slots}, heard.message)
    changed = replace(filling, slots=danger.settled(filling.slots, all_slots, heard), said=beside)
    other_questions = any(told(changed) != told(filling) for told in (danger.is_told, matters.are_told))
    return form.proceed(complaint.FORM, changed, heard.context.now) if other_questions else changed


def _in_story(filling: Filling, heard: Heard) -> dict[str, Any]:
    """The story with the new words, and what they say without being asked, as far as nobody was asked."""
    story = filling.text("story")
    told = _instead(story, heard)
    if told is None:
        return {}
    understanding, context, slots = heard.understanding, heard.context, filling.slots
    changed: dict[str, Any] = {"story": told[:STORY_LIMIT]}
    whole = story == heard.message.before.strip()[:STORY_LIMIT]
    if "category" not in slots and category.is_told(understanding, context):
        better = category.better(slots, understanding, context)
        changed |= category.guess(understanding, context) if whole else better
    if "category" not in slots and slots.get("matters"):
        parts = [_in_kept(part, heard) for part in slots["matters"]]
        changed["matters"] = said.matters(heard) if whole else parts
    changed |= {
        name: value[:ANSWER_LIMIT]
        for name, value in understanding.entities
        if name in TOLD_UNASKED and value and name not in filling.answered
    }
    if understanding.crises:
        changed["crises"] = list(dict.fromkeys((*slots.get("crises", ()), *understanding.crises)))
    return changed


def _in_answers(filling: Filling, heard: Heard) -> dict[str, Any]:
    """The typed answer that the earlier words gave, as the new ones give it."""
    now = replace(heard, understanding=Understanding())
    before = replace(now, message=replace(heard.message, text=heard.message.before))
    for slot in _ANSWERS:
        question = complaint.FORM.question(slot)
        if question is None or not filling.text(slot):
            continue
        was, reads = question.read(filling, before), question.read(filling, now)
        if was and reads and slot in reads.slots and was.slots.get(slot) == filling.slots[slot]:
            return dict(reads.slots)
    return {}


def _in_kept(message: Mapping[str, Any], heard: Heard) -> Mapping[str, Any]:
    words = _instead(message["text"], heard)
    return message if words is None else {**message, "text": words}


def _instead(told: str, heard: Heard) -> str | None:
    """What was told with the new words for the earlier ones; None where those are no message of their own."""
    before = re.escape(heard.message.before.strip()[:STORY_LIMIT])
    if not is_more_than_words(heard.text):
        return None
    words, found = re.subn(rf"(?:(?<=\n)|^){before}(?=\n|$)", lambda _: heard.text, told, count=1)
    return words if found else None
