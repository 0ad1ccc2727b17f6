"""The supplement form (补充): words and pictures for a case under way, each handed on at once."""

from __future__ import annotations

from dialogs import form, slots
from dialogs.definition import PURPOSE, Form, Heard, Question, Reading
from dialogs.filling import Filling
from dialogs.messages import FORM_IDLE, CaseBrief, Choice, Context, Location, Say, Supplement
from dialogs.readers import letters, phone
from dialogs.texts import text
from dialogs.words import is_among

_DONE = (Choice("done", "choice.done"),)


def begin(case: CaseBrief, context: Context) -> Filling:
    """A form that collects for this case until the resident is done."""
    return form.begin(FORM, context.now, {"case_id": case.id, "number": case.number})


def _ask(filling: Filling, _: Context) -> tuple[Say, ...]:
    if filling.slots.get("given"):
        return (Say("case.more_supplement", choices=_DONE, purpose=PURPOSE),)
    return (Say("case.ask_supplement", {"number": filling.text("number")}, _DONE, PURPOSE),)


def _read(filling: Filling, heard: Heard) -> Reading | None:
    given = filling.slots.get("given")
    if heard.picked == "done" or is_among("done", heard.text):
        return Reading(says=(Say("case.supplement_done" if given else FORM.cancelled),), ends=True)
    message = heard.message
    says = (Say("form.voice"),) if message.kind == "voice" else ()
    words = heard.text or (position(message.location) if message.location else "")
    if message.attachments or letters(words) or phone(words):
        case_id = filling.slots["case_id"]
        effect = Supplement(case_id, words, message.attachments)
        return Reading({"given": True}, says, (effect,), answers=False)
    return Reading(says=says, answers=False) if says else None


def position(location: Location) -> str:
    """A position in words, for the officer who reads the case."""
    degrees = {"latitude": f"{location.latitude:.6f}", "longitude": f"{location.longitude:.6f}"}
    return text("case.position", {"label": location.label, **degrees})


FORM = Form(
    name="supplement",
    version=1,
    slots={"case_id": slots.is_id, "number": slots.is_text, "given": slots.is_flag},
    questions=(Question("more", _ask, _read, optional=True, verbatim=True),),
    wordless=_read,
    needs="case_id",
    cancelled="case.supplement_ended",
    lapses=FORM_IDLE,
)
