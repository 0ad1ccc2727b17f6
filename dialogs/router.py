"""What one message of a resident means and leads to."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from backend.domain.case_number import find_number
from dialogs import (
    afterwards,
    answering,
    arrival,
    case_or_new,
    category,
    chat,
    complaint,
    correction,
    crisis,
    definition,
    edited,
    form,
    handover,
    interrupts,
    languages,
    matters,
    picks,
    progress,
    same_or_new,
    story,
    survey,
    tongue,
    wording,
)
from dialogs import memory as memories
from dialogs.definition import Heard
from dialogs.filling import Filling
from dialogs.forms import FORMS, restore
from dialogs.memory import Memory, Reply
from dialogs.messages import (
    FORM_IDLE,
    CallPerson,
    Choice,
    Context,
    Message,
    Prompt,
    RaiseCrisis,
    Say,
    State,
    Turn,
    Understanding,
)
from dialogs.picks import Pick
from dialogs.readers import letters
from dialogs.story import NOTED

A_MATTER = 6
"""Letters that tell something even when no category is recognised; shorter ones are asked for a sentence."""
_OFFER = (Choice("person", "choice.person"), Choice("never_mind", "choice.never_mind"))
_STANDS = chat.TOPICS | {"menu"}
"""Commands that answer something and bring nobody further: what was not understood before still counts."""
_TELLING = frozenset({"text", "edit", "image", "video", "file", "voice"})
"""Kinds of message whose words, or words beside a file, may tell something."""
_LONG_AGO = datetime.min.replace(tzinfo=UTC)

NUMBER_ALONE = 4
"""Letters beside a case number that still only ask about it: FQ itself, 查, 看看."""


def turn(state: State, message: Message, understanding: Understanding, context: Context) -> Turn:
    """What a message leads to: the new state, what to do, what to say."""
    if context.mode == "person":
        crises = understanding.crises
        # What was half asked when the officer came is not answered later by a word said to the officer.
        if message.kind == "edit":
            state = _edited(state, Heard(message, understanding, context))
        return Turn(_homeward(state, context), effects=(RaiseCrisis(crises),) if crises else ())
    heard = Heard(message, understanding, context, quick=definition.is_quick(message, context))
    heard = story.without_caption(heard)
    memory, heard = tongue.settle(restore(state, context), heard)
    reply = wording.thanked(_reply(memory, heard), heard)
    reply = tongue.told(reply, heard, before=context.language)
    return wording.shown(arrival.fill(reply, context), context)


def tells(message: Message) -> bool:
    """Whether a message has words that may need understanding, wherever the dialogue stands."""
    return message.kind in _TELLING and bool(letters(message.text)) and not interrupts.spoken(message.text)


def needs_model(state: State, message: Message, context: Context) -> bool:
    """Whether what the message leads to can depend on the model's understanding of its text."""
    if context.mode == "person" or not tells(message):
        return False
    return not _pick_of(restore(state, context), message, context)


def resume(state: State, context: Context) -> tuple[Say, ...]:
    """The question that waits, to be asked again when a person hands the chat back; empty when none does."""
    return wording.question(wording.home(restore(state, context)), context)


def is_busy(state: State, last_message_at: datetime | None, now: datetime) -> bool:
    """Whether something is being told and was touched within FORM_IDLE, so that pushed prompts wait."""
    memory = memories.load(state, now)
    active = memory.form or memory.kept
    return active is not None and now - (last_message_at or active.since) < FORM_IDLE


def drop_form(state: State) -> State:
    """The state without the form whose effect failed.

    A complaint has left the state by the time its effect runs: one that is still there has nothing to do with
    the failure, and stays.
    """
    memory = replace(memories.load(state, _LONG_AGO), handed_in=None)
    if memory.form is None or complaint.is_active(memory):
        return {name: value for name, value in state.items() if name != "handed_in"}
    return memory.end().dump()


def _homeward(state: State, context: Context) -> State:
    stored, prompt = restore(state, context), context.prompt
    confirming = prompt is not None and prompt.purpose == progress.CONFIRM
    half_asked = confirming or (stored.form and stored.form.before)
    return replace(wording.home(stored), called=context.now).dump() if half_asked else state


def _edited(state: State, heard: Heard) -> State:
    changed = edited.in_forms(restore(state, heard.context), heard)
    return state if changed is None else changed.dump()


# --- the order of meanings ---------------------------------------------------------------------------


def _reply(memory: Memory, heard: Heard) -> Reply:
    kinds = heard.understanding.crises
    if not kinds:
        return _meaning(memory, heard)
    alarm = crisis.respond(memory, kinds, heard.context)
    if crisis.is_grave(alarm):
        changed = edited.in_forms(alarm.memory, heard) if heard.message.kind == "edit" else None
        return replace(alarm, memory=changed or crisis.keep_words(alarm.memory, heard))
    reply = _meaning(alarm.memory, heard)
    return replace(reply, says=alarm.says + reply.says, effects=alarm.effects + reply.effects)


def _meaning(memory: Memory, heard: Heard) -> Reply:
    text, waiting = heard.text, heard.context.mode == "waiting"
    misses, memory = memory.misses, replace(memory, misses=0)
    if not waiting:
        memory = replace(memory, acknowledged=None, lines=0)
    if heard.message.kind == "edit":
        # Who waits for an officer hears nothing of it: the officer sees what changed.
        reply = edited.take(memory, heard)
        return replace(reply, says=(), asks=False) if waiting else reply
    if pick := _pick_of(memory, heard.message, heard.context):
        return _picked(memory, heard, pick, misses)
    if waiting and handover.leaves(heard):
        return handover.leave(memory, heard)
    if heard.message.kind in ("subscribe", "open"):
        return _welcome(arrival.note(memory, heard), waiting)
    command = interrupts.spoken(text)
    answered = command.startswith(languages.PURPOSE) or handover.answers(memory, heard, command)
    if waiting and not answered:
        return handover.keep_for_officer(memory, heard)
    if command:
        return _command(replace(memory, misses=misses) if command in _STANDS else memory, heard, command)
    if find_number(text) and letters(text) <= NUMBER_ALONE:
        return _command(memory, heard, "progress")
    if interrupts.waits(heard) or _puts_off(memory, heard):
        return Reply(memory, (Say("form.no_hurry"),), asks=False)
    if memory.form:
        return _in_form(memory, memory.form, heard)
    return _outside(memory, heard, misses)


def _puts_off(memory: Memory, heard: Heard) -> bool:
    if memory.form is None or not interrupts.puts_off(heard):
        return False
    question = form.question_of(FORMS[memory.form.name], memory.form)
    return not (question.verbatim or question.knows(heard.text))


def _pick_of(memory: Memory, message: Message, context: Context) -> Pick | None:
    if context.mode == "waiting" and message.kind == "text":
        return handover.pick_of(memory, message, context)
    return picks.pick_of(memory, message, context)


def _welcome(memory: Memory, waiting: bool) -> Reply:
    if waiting:
        return Reply(memory, asks=False)
    return Reply(memory, (Say("welcome"), *(() if memory.form else (Say("complaint.ask_story"),))))


def _in_form(memory: Memory, filling: Filling, heard: Heard) -> Reply:
    question, context = form.question_of(FORMS[filling.name], filling), heard.context
    corrects = complaint.is_active(memory) and not filling.doubt
    if corrects and (reading := correction.read(filling, heard)):
        return answering.stepped(memory, form.take(complaint.FORM, filling, reading, heard), context)
    if filling.doubt and not same_or_new.was_asked(context) and same_or_new.is_answer(question, heard):
        return answering.hear(memory, same_or_new.settle(filling, context), heard)
    if same_or_new.is_beside(filling, heard) and not memory.paused:
        return case_or_new.tell(memory.end(), heard)
    still_telling = heard.quick and FORMS[filling.name].telling(filling)
    command, found = interrupts.meant(heard), heard.understanding.entities
    answers = question.knows(heard.text) or any(name == question.slot for name, _ in found)
    if still_telling or question.verbatim or answers or command in question.intents:
        command = ""
    tells_more = complaint.is_active(memory) and (command == "supplement" or heard.understanding.crises)
    if command and not tells_more:
        return _command(memory, heard, command)
    if filling.doubt:
        says = () if heard.text else story.received(heard.message)
        return Reply(replace(memory, form=same_or_new.keep(filling, heard)), says)
    if tells_more:
        return Reply(replace(memory, form=complaint.add(filling, heard)), NOTED)
    if corrected := complaint.recategorised(filling, heard):
        return Reply(replace(memory, form=corrected), NOTED)
    if (apart := same_or_new.apart(filling, heard)) and (reply := answering.both(memory, filling, *apart)):
        return reply
    if same_or_new.is_other_matter(filling, heard):
        return Reply(replace(memory, form=same_or_new.wonder(filling, heard)))
    return answering.hear(memory, filling, heard)


def _outside(memory: Memory, heard: Heard, misses: int) -> Reply:
    prompt, context = heard.context.prompt, heard.context
    if known := _asked_again(memory, heard, misses) or afterwards.hear(memory, heard):
        return known
    if prompt and prompt.purpose == survey.PURPOSE and (rating := survey.rating_in(heard)):
        return survey.answer(memory, prompt, rating, context, survey.reason_in(heard))
    if heard.understanding.crises or heard.understanding.matters:
        return case_or_new.tell(memory, heard)
    if offered := tongue.offer(memory, heard):
        return offered
    if interrupts.asks_when(heard):
        return _command(memory, heard, "progress")
    if interrupts.only_vents(heard):
        return Reply(memory, (Say("chat.sympathy", choices=_OFFER, purpose=picks.OFFER),))
    if command := interrupts.meant(heard):
        return _command(replace(memory, misses=misses) if command in _STANDS else memory, heard, command)
    if find_number(heard.text):
        return progress.find("progress", heard.text, memory, context)
    if any(heard.means(intent) for intent in ("yes", "no", "satisfied")):
        return Reply(memory, (Say("chat.what_i_can_do"),))
    if interrupts.only_chats(heard):
        return Reply(memory, (Say("chat.not_here"),))
    message = heard.message
    tells = category.is_told(heard.understanding, context) or letters(heard.text) >= A_MATTER or memory.kept
    if message.attachments or message.location or (tells and letters(heard.text) > 1):
        return case_or_new.tell(memory, heard)
    if message.kind == "voice":
        return Reply(memory, (Say("form.voice"), Say("complaint.ask_story")))
    again = "chat.say_in_a_sentence" if letters(heard.text) else "chat.take_your_time"
    return _missed(memory, Say(again if misses else "chat.listening"), misses)


def _asked_again(memory: Memory, heard: Heard, misses: int) -> Reply | None:
    """The last question once more, when a text was meant for it and answers it not; None when it was not."""
    question = case_or_new.plainer(memory, heard, misses) or progress.confirm_again(memory, heard)
    return _missed(memory, question, misses) if question else case_or_new.add_to_case(memory, heard)


# --- what is picked, and what is commanded -----------------------------------------------------------


def _picked(memory: Memory, heard: Heard, pick: Pick, misses: int) -> Reply:
    prompt, choice, context = pick.prompt, pick.choice, heard.context
    if prompt and not choice:
        return _missed(memory, _again(prompt), misses)
    match pick.purpose:
        case definition.PURPOSE if memory.form:
            return answering.hear(
                memory, same_or_new.settle(memory.form, context), replace(heard, picked=choice)
            )
        case survey.PURPOSE if prompt and choice.isdecimal():
            return survey.answer(memory, prompt, int(choice), context)
        case case_or_new.PURPOSE:
            return case_or_new.pick(choice, memory)
        case same_or_new.PURPOSE if memory.form and memory.form.doubt:
            acts = {same_or_new.SAME: answering.go_on, same_or_new.NEW: same_or_new.new_matter}
            return acts.get(choice, same_or_new.neither)(memory, memory.form, context)
        case progress.WHICH | progress.CONFIRM:
            return _beside(memory, progress.pick(choice, memory, context), context)
        case handover.PURPOSE:
            return (handover.register if choice == handover.LEAVE else handover.wait)(memory, heard)
        case picks.MENU if choice in interrupts.COMMANDS:
            return (_from_the_queue if context.mode == "waiting" else _command)(memory, heard, choice)
        case picks.OFFER:
            return _offered(memory, choice, context)
        case languages.PURPOSE if choice in languages.LANGUAGES:
            return tongue.choose(choice, memory, heard)
        case picks.EXPIRED if choice == picks.SUBMIT and (told := afterwards.twice(memory, prompt, context)):
            return Reply(memory, told)
        case picks.NOTHING:
            return _lost(memory, Say("form.nothing_pending"))
    return _lost(memory, Say("form.expired"))


def _offered(memory: Memory, choice: str, context: Context) -> Reply:
    """A person was offered; without one it goes on where it was."""
    if choice == "person":
        return Reply(memory, effects=(CallPerson("misunderstood"),))
    if memory.kept and not memory.form:
        return case_or_new.place(memory, memory.kept, context)
    return Reply(memory) if memory.form else _lost(memory)


def _command(memory: Memory, heard: Heard, command: str) -> Reply:
    filling, context = memory.form, heard.context
    if command == "person":
        return Reply(memory, effects=(CallPerson("asked"),))
    if command in progress.ACTIONS:
        return _beside(memory, progress.find(command, heard.text, memory, context), context)
    if command.startswith(languages.PURPOSE):
        _, _, language = command.partition("-")
        return tongue.choose(language, memory, heard) if language else Reply(memory, (tongue.ask(),))
    if command == "menu":
        return Reply(memory, (chat.menu(),))
    if command == "report" and not complaint.is_active(memory):
        if memory.kept:
            return Reply(memory.adopt(memory.kept), matters.welcome(memory.kept))
        return Reply(memory.begin(form.begin(complaint.FORM, context.now)))
    if command in chat.TOPICS:
        # Whoever takes leave is asked nothing more: the way on is in the sentence.
        answer = Reply(memory, chat.answer(command, filling), asks=command != "goodbye")
        return _beside(memory, answer, context)
    if filling is None:
        return _without_form(memory, command, context)
    if filling.doubt:
        if filling.said and command in ("skip", "back"):
            return Reply(memory, (Say("form.not_a_choice"),))
        if command in ("report", "continue"):
            return Reply(memory) if command == "report" else answering.go_on(memory, filling, context)
        filling = same_or_new.settle(filling, context)
    steer = {"cancel": form.cancel, "back": form.back, "skip": form.skip}.get(command, form.go_on)
    return answering.stepped(memory, steer(FORMS[filling.name], filling, heard), context)


def _from_the_queue(memory: Memory, heard: Heard, picked: str) -> Reply:
    """What somebody who waits picks from a menu: a complaint ends the wait, what to add the officer reads."""
    if picked == "supplement":
        return handover.wait(memory, heard)
    return handover.register(memory, heard) if picked == "report" else _command(memory, heard, picked)


def _without_form(memory: Memory, command: str, context: Context) -> Reply:
    """What steers a form, and there is none: it may have been meant for what is kept."""
    if memory.kept and command == "cancel":
        return Reply(replace(memory, kept=None), (Say(complaint.FORM.cancelled),))
    if memory.kept and case_or_new.was_asked(context):
        return case_or_new.place(memory, memory.kept, context, (Say("form.not_a_choice"),))
    return _lost(memory)


def _beside(memory: Memory, reply: Reply, context: Context) -> Reply:
    """The reply as an aside, unless it changed what is being asked; who waits for a person is not asked."""
    aside = reply.memory.form is memory.form
    return replace(reply, aside=aside, asks=reply.asks and not (aside and context.mode == "waiting"))


def _lost(memory: Memory, *says: Say) -> Reply:
    """Nothing to be done: say so, and where the way goes on."""
    return Reply(memory, (*says, *(() if memory.form else (Say("chat.what_i_can_do"),))))


def _missed(memory: Memory, say: Say, misses: int) -> Reply:
    if misses + 1 < form.PATIENCE:
        return Reply(replace(memory, misses=misses + 1), (say,), asks=False)
    return Reply(memory, (Say("form.offer_person_outside", choices=_OFFER, purpose=picks.OFFER),))


def _again(prompt: Prompt) -> Say:
    return Say("form.choose_number", {}, prompt.choices, prompt.purpose, prompt.case_id, prompt.round)
