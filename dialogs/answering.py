"""What an answer to the active form's question leads to."""

from __future__ import annotations

from dataclasses import replace

from dialogs import complaint, correction, crisis, form, matters, same_or_new
from dialogs.definition import Heard
from dialogs.filling import Filling
from dialogs.form import Step
from dialogs.forms import FORMS
from dialogs.memory import HandedIn, Memory, Reply
from dialogs.messages import Context, OpenCase, Say


def hear(memory: Memory, filling: Filling, heard: Heard) -> Reply:
    """What a message does to the active form, and what that leads to."""
    given: dict[str, str] = {}
    if filling.name == complaint.FORM.name:
        given, heard = correction.contact_beside(filling, heard)
    step = form.hear(FORMS[filling.name], replace(filling, slots={**filling.slots, **given}), heard)
    says = (Say("complaint.phone_received"),) if given else ()
    return stepped(memory, replace(step, says=(*says, *step.says)), heard.context)


def both(memory: Memory, filling: Filling, answer: Heard, matter: Heard) -> Reply | None:
    """The question answered, and then asked where the other matter belongs; None when it is no answer."""
    reply = hear(memory, filling, answer)
    moved = reply.memory.form
    if moved is None or reply.effects or moved.misses or moved.asking == filling.asking:
        return None
    return replace(reply, memory=replace(reply.memory, form=same_or_new.wonder(moved, matter)))


def go_on(memory: Memory, filling: Filling, context: Context) -> Reply:
    """On with a complaint that was in doubt: the one message kept answers, anything else is story."""
    if heard := same_or_new.only_answer(filling, context):
        step = form.hear(FORMS[filling.name], replace(filling, doubt="", said=(), misses=0), heard)
        if not (step.filling and step.filling.misses):
            return stepped(memory, step, context)
    return same_or_new.go_on(memory, filling, context)


def stepped(memory: Memory, step: Step, context: Context) -> Reply:
    """What a step of the active form leads to: what waited takes its turn, a danger comes first."""
    if memory.form and any(isinstance(effect, OpenCase) for effect in step.effects):
        memory = replace(memory, handed_in=HandedIn(memory.form.asked, context.now))
    reply = matters.moved(memory, step, context.now)
    if not step.crises:
        return reply
    alarm = crisis.respond(reply.memory, step.crises, context)
    return replace(alarm, asks=not crisis.is_grave(alarm))
