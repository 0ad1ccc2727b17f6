"""What is said of a complaint that is registered already: another phone number, 改一下电话, 提交 again."""

from __future__ import annotations

from backend.domain.lifecycle import UNDER_WAY
from dialogs import case_or_new, category, correction, kinds, progress, readers
from dialogs.definition import Heard
from dialogs.memory import Memory, Reply
from dialogs.messages import Context, Prompt, Say, Supplement

_SHORT_VALUE = 12
"""Characters of a place, a time or a sum; a longer text tells more than that."""
_BESIDE_PHONE = 6
"""Letters beside a phone number that only say whose it is."""


def hear(memory: Memory, heard: Heard) -> Reply | None:
    """What belongs to a case under way; None when the message is about something else."""
    if heard.understanding.crises or heard.understanding.matters:
        return None
    said, text = correction.parse(heard.text), heard.text
    number = readers.phone(text) and (said or readers.letters(text) <= _BESIDE_PHONE)
    if heard.message.contact or number or (said and _is_right_instead(said, heard)):
        nothing = Reply(memory, (Say("chat.what_i_can_do"),)) if heard.message.contact else None
        return _add(memory, heard) or nothing
    if said is None or not said.slot or not heard.context.cases or memory.kept:
        return None
    return progress.find("supplement", text, memory, heard.context)


def _is_right_instead(said: correction.Said, heard: Heard) -> bool:
    """Whether a correction says what is right: with the entry's name, or in few words that look like one."""
    if said.slot or not said.value:
        return bool(said.value)
    short = len(said.value) <= _SHORT_VALUE and not category.intended(heard.understanding, heard.context)
    return short and bool(kinds.of(said.value, heard.understanding.entities))


def twice(memory: Memory, prompt: Prompt | None, context: Context) -> tuple[Say, ...]:
    """What somebody hears who submits once more what was registered; nothing when that is not certain."""
    done, sent_at = memory.handed_in, prompt and prompt.sent_at
    if not (done and sent_at and context.cases and done.asked <= sent_at <= done.at):
        return ()
    return (Say("case.registered_before", {"number": context.cases[0].number}),)


def _add(memory: Memory, heard: Heard) -> Reply | None:
    """To the only case under way, or asked which one, or whether it is something new."""
    cases = [case for case in heard.context.cases if case.status in UNDER_WAY]
    if len(cases) != 1 or memory.kept:
        return case_or_new.tell(memory, heard) if cases else None
    return Reply(memory, effects=(Supplement(cases[0].id, heard.text, heard.message.attachments),))
