"""A reply put into words: where the question that waits belongs, and the privacy notice once per language."""

from __future__ import annotations

from dataclasses import replace

from dialogs import complaint, form, same_or_new, story
from dialogs.definition import Heard
from dialogs.forms import FORMS
from dialogs.languages import DEFAULT_LANGUAGE
from dialogs.memory import Memory, Reply
from dialogs.messages import CallPerson, Context, PrivacyShown, Say, Turn, UseLanguage
from dialogs.texts import PRIVACY_VERSION

_GREETINGS = ("welcome", "chat.greeting", "language.chosen")
_DEAF = "form.voice"


def shown(reply: Reply, context: Context) -> Turn:
    """The turn with the form's question where it belongs, and the privacy notice once in each language."""
    busy = any(say.purpose for say in reply.says) or any(isinstance(e, CallPerson) for e in reply.effects)
    asked = question(reply.memory, context) if reply.asks and not busy else ()
    if asked and reply.aside:
        asked = (Say("form.again"), *asked)
    memory = reply.memory
    if context.listens and any(say.key == _DEAF for say in reply.says):
        reply, asked = replace(reply, says=_listening(reply.says)), ()
    if any(isinstance(effect, CallPerson) for effect in reply.effects):
        memory = replace(home(memory), called=context.now)
    says, after = (reply.says, asked) if reply.effects else (reply.says + asked, ())
    effects = reply.effects
    if version := _unseen(reply, context):
        first = tuple(say for say in says if say.key.startswith("crisis.") or say.key in _GREETINGS)
        says = (*first, Say("privacy.notice"), *(say for say in says if say not in first))
        effects = (*effects, PrivacyShown(version))
    return Turn(memory.dump(), says, effects, after)


def thanked(reply: Reply, heard: Heard) -> Reply:
    """The reply with a word for the files that came beside words and are registered with them."""
    filling, message = reply.memory.form, heard.message
    if filling is None or filling.name != complaint.FORM.name or heard.understanding.crises:
        return reply
    shows = heard.text and message.kind in story.SHOWN and heard.context.mode == "bot"
    kept = set(message.attachments) <= set(filling.slots.get("attachments", ()))
    received = story.received(message) if shows and kept else ()
    return replace(reply, says=(*received, *(say for say in reply.says if say not in received)))


def _unseen(reply: Reply, context: Context) -> str:
    """What to remember of the privacy notice, said now; empty when they were told in their language."""
    chosen = (effect.language for effect in reply.effects if isinstance(effect, UseLanguage))
    language = next(chosen, context.language)
    version, _, languages = context.privacy_version.partition(" ")
    # A version alone is from before there were languages beside it.
    told = languages.split() or [DEFAULT_LANGUAGE]
    if version != PRIVACY_VERSION:
        return f"{PRIVACY_VERSION} {language}"
    return "" if language in told else " ".join((version, *told, language))


def _listening(says: tuple[Say, ...]) -> tuple[Say, ...]:
    """What is said when somebody will write a recording down: its words answer what would be asked now."""
    others = tuple(say for say in says if say.key not in (_DEAF, "complaint.ask_story"))
    return (Say("form.voice_listened"), *others)


def home(memory: Memory) -> Memory:
    """Out of every side question: what a person interrupts is asked again from the form's own question."""
    return replace(memory, form=memory.form and form.home(FORMS[memory.form.name], memory.form))


def question(memory: Memory, context: Context) -> tuple[Say, ...]:
    """The question that waits, nothing when none does."""
    if memory.form and memory.form.doubt:
        return same_or_new.ask(memory.form, context)
    return form.ask(FORMS[memory.form.name], memory.form, context) if memory.form else ()
