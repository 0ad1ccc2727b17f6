"""Something told while a case is under way: more about that case, or a new matter?"""

from __future__ import annotations

from dataclasses import replace

from backend.domain.lifecycle import UNDER_WAY
from dialogs import complaint, languages, matters, story, supplement
from dialogs.definition import Heard
from dialogs.filling import Filling
from dialogs.memory import Memory, Reply
from dialogs.messages import CaseBrief, Choice, Context, Location, Prompt, Say, Supplement
from dialogs.readers import phrases
from dialogs.words import is_among, label_of, plain, vocabulary

PURPOSE = "case_or_new"
MOST_LISTED = 3
SAME, NEW = "same", "new"
_SHORTEST = 2
"""Characters of a text that tells anything."""
_LONGEST_QUESTION = 10
"""Characters in which somebody says that they do not understand what is asked."""


def tell(memory: Memory, heard: Heard) -> Reply:
    """Keep what was told; ask where it belongs when a case is under way, else begin a complaint with it."""
    memory, kept, put_off = keep(memory, heard)
    received = story.received(heard.message) if not heard.text else ()
    reply = place(memory, kept, heard.context, received)
    return replace(reply, says=(*put_off, *reply.says))


def keep(memory: Memory, heard: Heard) -> tuple[Memory, Filling, tuple[Say, ...]]:
    """What was told, kept while something is asked; another matter that was kept before waits."""
    prompt = heard.context.prompt
    put_off: tuple[Say, ...] = ()
    if memory.kept and prompt is not None and prompt.purpose in (PURPOSE, languages.PURPOSE):
        kept = complaint.add(memory.kept, heard)
    else:
        memory, put_off = matters.put_off(memory, memory.kept) if memory.kept else (memory, ())
        kept = complaint.begin(heard)
    return replace(memory, kept=kept), kept, put_off


def place(memory: Memory, kept: Filling, context: Context, received: tuple[Say, ...] = ()) -> Reply:
    """Where what was kept belongs: a new complaint, or to be asked. `received` is said first."""
    choices = _choices(context)
    if not choices:
        return Reply(memory.adopt(kept), received or matters.welcome(kept))
    question = Say("case_or_new.ask", choices=choices, purpose=PURPOSE)
    return Reply(memory, (*received, question))


def add_to_case(memory: Memory, heard: Heard) -> Reply | None:
    """Add what is kept and these words to the only case; None unless a text asks for that here."""
    cases = [choice.id for choice in _choices(heard.context) if choice.id != NEW]
    asks = was_asked(heard.context) and heard.means("supplement")
    if memory.kept is None or not (asks and cases):
        return None
    kept = complaint.add(memory.kept, heard)
    memory = replace(memory, kept=kept)
    if len(cases) == 1:
        return pick(cases[0], memory)
    return Reply(memory, (_plainer("plainer", kept, heard.context),))


def plainer(memory: Memory, heard: Heard, misses: int) -> Say | None:
    """The question in plainer words, with what is kept: nobody is to think that it is gone.

    None when a text that follows the question tells something, or when there is nothing to ask.
    """
    if memory.kept is None or not _choices(heard.context) or not _is_unclear(heard):
        return None
    return _plainer("warmly" if misses else "plainer", memory.kept, heard.context)


def _plainer(how: str, kept: Filling, context: Context) -> Say:
    named = {"story": matters.in_short(kept, context)["story"]}
    return Say(f"case_or_new.{how}", named, _choices(context), PURPOSE)


def _is_unclear(heard: Heard) -> bool:
    """Whether a text at this question neither answers it nor tells anything: 是的, 不是, 什么意思."""
    if not was_asked(heard.context) or heard.message.kind != "text":
        return False
    words = plain(heard.text).rstrip(vocabulary()["particles"])
    lost = len(words) <= _LONGEST_QUESTION and any(word in words for word in vocabulary()["helpless"])
    agrees = any(heard.means(intent) for intent in ("yes", "no", "satisfied"))
    lost = lost or is_among("any_matter", words)
    return lost or agrees or len(words) < _SHORTEST or not story.is_more_than_words(words)


def said(text: str) -> str:
    """Whether a text says `same` or `new`, a yes or no before it set aside: 不是，是另外一件事."""
    if whole := label_of("same_or_new", text):
        return whole
    words = [phrase.rstrip(vocabulary()["particles"]) for phrase in phrases(text)]
    told = [word for word in words if not (is_among("yes", word) or is_among("no", word))]
    meant = {label_of("same_or_new", word) for word in told}
    return meant.pop() if len(meant) == 1 else ""


def again(prompt: Prompt) -> Say:
    """The question once more, as it was asked."""
    return Say("case_or_new.ask", choices=prompt.choices, purpose=PURPOSE)


def was_asked(context: Context) -> bool:
    """Whether this question is the last one that was sent."""
    return context.prompt is not None and context.prompt.purpose == PURPOSE


def pick(choice: str, memory: Memory) -> Reply:
    """Begin a complaint with what was kept, or hand it to the chosen case."""
    if memory.kept is None:
        return Reply(memory, (Say("form.expired"),))
    if choice == NEW:
        return Reply(memory.adopt(memory.kept), matters.welcome(memory.kept))
    case_id = int(choice.removeprefix("add-"))
    goes_on = memory if memory.form else memory.end()
    return Reply(replace(goes_on, kept=None), effects=(_handed_on(memory.kept, case_id),))


def _handed_on(kept: Filling, case_id: int) -> Supplement:
    position = kept.slots.get("location")
    words = [kept.text("story"), supplement.position(Location(*position)) if position else ""]
    return Supplement(case_id, "\n".join(filter(None, words)), tuple(kept.slots.get("attachments", ())))


def _choices(context: Context) -> tuple[Choice, ...]:
    """Each case under way, and something new; nothing when no case is."""
    cases = [case for case in context.cases if case.status in UNDER_WAY][:MOST_LISTED]
    listed = tuple(Choice(f"add-{case.id}", "choice.supplement_case", _named(case)) for case in cases)
    return (*listed, Choice(NEW, "choice.new_matter")) if listed else ()


def _named(case: CaseBrief) -> dict[str, str]:
    return {"number": case.number, "category": case.category_name}
