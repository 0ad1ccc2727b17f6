"""Something told while a case is under way: more about that case, or a new matter?"""

from __future__ import annotations

from dataclasses import replace

from backend.domain.lifecycle import UNDER_WAY
from dialogs import complaint, languages, matters, story, supplement
from dialogs.definition import Heard
from dialogs.filling import Filling
from dialogs.memory import Memory, Reply
from dialogs.messages import CaseBrief, Choice, Context, Location, Prompt, Say, Supplement

PURPOSE = "case_or_new"
MOST_LISTED = 3


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
    cases = [case for case in context.cases if case.status in UNDER_WAY][:MOST_LISTED]
    if not cases:
        return Reply(memory.adopt(kept), received or matters.welcome(kept))
    choices = (
        *(Choice(f"add-{c.id}", "choice.supplement_case", _named(c)) for c in cases),
        Choice("new", "choice.new_matter"),
    )
    question = Say("case_or_new.ask", choices=choices, purpose=PURPOSE)
    return Reply(memory, (*received, question))


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
    if choice == "new":
        return Reply(memory.adopt(memory.kept), matters.welcome(memory.kept))
    case_id = int(choice.removeprefix("add-"))
    goes_on = memory if memory.form else memory.end()
    return Reply(replace(goes_on, kept=None), effects=(_handed_on(memory.kept, case_id),))


def _handed_on(kept: Filling, case_id: int) -> Supplement:
    position = kept.slots.get("location")
    words = [kept.text("story"), supplement.position(Location(*position)) if position else ""]
    return Supplement(case_id, "\n".join(filter(None, words)), tuple(kept.slots.get("attachments", ())))


def _named(case: CaseBrief) -> dict[str, str]:
    return {"number": case.number, "category": case.category_name}
