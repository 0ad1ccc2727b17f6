"""How a resident came: the code of a community's poster or link says where they are, while it is fresh."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from dialogs import category, complaint, form
from dialogs.definition import Heard
from dialogs.memory import Arrival, Memory, Reply
from dialogs.messages import Context, Say
from dialogs.story import ANSWER_LIMIT

FRESH = timedelta(days=1)
"""Later nobody remembers which poster it was, and the matter may be anywhere."""


def note(memory: Memory, heard: Heard) -> Memory:
    """The memory with the region that a message names; one without leaves it as it was."""
    region = heard.message.region[:ANSWER_LIMIT]
    return replace(memory, arrived=Arrival(region, heard.context.now)) if region else memory


def fill(reply: Reply, context: Context) -> Reply:
    """The reply with the region as the place where that would be asked; a workplace is asked all the same.

    The resident is told, and corrects it like any other answer.
    """
    memory, filling = reply.memory, reply.memory.form
    if filling is None or memory.arrived is None or context.now - memory.arrived.at >= FRESH:
        return reply
    asked = filling.name == complaint.FORM.name and filling.asking == "place"
    if not asked or filling.before or filling.doubt or category.of(filling) == category.LABOUR:
        return reply
    place = memory.arrived.region
    told = replace(filling, slots={**filling.slots, "place": place, "coarse": place})
    moved = replace(memory, form=form.proceed(complaint.FORM, told, context.now))
    says = (*reply.says, Say("complaint.place_assumed", {"place": place}))
    return replace(reply, memory=moved, says=says)
