"""In which language a resident is spoken to: as they, their device or their letters say, or asked once."""

from __future__ import annotations

from dataclasses import replace

from dialogs import case_or_new, crisis, interrupts, story
from dialogs.definition import Heard
from dialogs.languages import DEFAULT_LANGUAGE, LANGUAGES, PURPOSE, has_foreign_words, of_text
from dialogs.memory import Memory, Reply
from dialogs.messages import Choice, Say, UseLanguage
from dialogs.texts import text

GUESSED, ASKED, CHOSEN = "guessed", "asked", "chosen"
"""How the language of a conversation came about (`Memory.tongue`)."""


def settle(memory: Memory, heard: Heard) -> tuple[Memory, Heard]:
    """The message heard in the language that it calls for, where nobody has to be asked about that."""
    language = _plain_language(memory, heard)
    if language in ("", heard.context.language):
        return memory, heard
    context = replace(heard.context, language=language)
    return replace(memory, tongue=GUESSED), replace(heard, context=context)


def told(reply: Reply, heard: Heard, before: str) -> Reply:
    """The reply in the language that was settled (it was `before`), with the way back or to English."""
    language, first = heard.context.language, heard.context.last_message_at is None
    if language != before:
        way_back = () if crisis.is_grave(reply) else (Say("language.guessed", {"name": _name(before)}),)
        effects = (UseLanguage(language), *reply.effects)
        return replace(reply, says=(*reply.says, *way_back), effects=effects)
    open_ = language == DEFAULT_LANGUAGE and not reply.memory.tongue
    if first and open_ and has_foreign_words(heard.text):
        return replace(reply, says=(*reply.says, Say("language.hint")))
    return reply


def ask() -> Say:
    """Which language it shall be."""
    return Say("language.ask", choices=tuple(map(_choice, LANGUAGES)), purpose=PURPOSE)


def offer(memory: Memory, heard: Heard) -> Reply | None:
    """Ask once, in both, whether to go on in the language of the letters; what was told is kept meanwhile."""
    now, theirs = heard.context.language, of_text(heard.text)
    if memory.tongue or theirs in ("", now):
        return None
    asked, other = (text("language.question", language=language) for language in (theirs, now))
    both = {"question": asked, "other": other}
    question = Say("language.offer", both, (_choice(theirs), _choice(now)), PURPOSE)
    memory = replace(memory, tongue=ASKED)
    if not story.tells(heard):
        return Reply(memory, (question,))
    memory, _, put_off = case_or_new.keep(memory, heard)
    return Reply(memory, (*put_off, question))


def choose(language: str, memory: Memory, heard: Heard) -> Reply:
    """Speak this language from now on, and go on where the conversation was."""
    memory = replace(memory, tongue=CHOSEN)
    says, effects = (Say("language.chosen"),), (UseLanguage(language),)
    waiting = heard.context.mode == "waiting"
    if memory.kept and not memory.form and not waiting:
        placed = case_or_new.place(memory, memory.kept, heard.context)
        return replace(placed, says=(*says, *placed.says), effects=effects)
    return Reply(memory, says, effects, asks=not waiting, aside=True)


def _plain_language(memory: Memory, heard: Heard) -> str:
    context, device = heard.context, heard.message.language
    theirs = "" if interrupts.spoken(heard.text) else of_text(heard.text)
    if memory.tongue == CHOSEN:
        return ""
    if heard.understanding.crises:
        # Whoever is in danger is not asked first.
        return theirs
    if memory.tongue == GUESSED:
        return theirs if theirs == DEFAULT_LANGUAGE else ""
    if memory.tongue == ASKED and context.prompt is not None and context.prompt.purpose == PURPOSE:
        # They write on: that answers the question.
        return theirs if theirs in {choice.id for choice in context.prompt.choices} else ""
    return device if context.last_message_at is None and theirs in ("", device) else ""


def _choice(language: str) -> Choice:
    return Choice(language, literal=_name(language))


def _name(language: str) -> str:
    return text("language.name", language=language)
