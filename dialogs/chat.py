"""Small talk and common questions: short answers."""

from __future__ import annotations

from dialogs import category
from dialogs.filling import Filling
from dialogs.forms import FORMS
from dialogs.messages import Choice, Say
from dialogs.picks import MENU

_MATERIALS = {
    category.PROPERTY: "faq.materials_property",
    category.LABOUR: "faq.materials_labour",
}
_QUESTIONS = ("materials", "time", "cost", "privacy", "delete", "bot", "hours", "address", "legal")
TOPICS = frozenset({"greeting", "thanks", "goodbye", "help", *(f"faq_{name}" for name in _QUESTIONS)})
_MENU = ("report", "progress", "supplement", "urge", "person", "withdraw", "language")


def answer(topic: str, form: Filling | None) -> tuple[Say, ...]:
    """The answer to a greeting or a common question, to the point of the form where there is one."""
    if topic == "faq_materials" and form:
        return (Say(_MATERIALS.get(category.of(form), "faq.materials")),)
    if topic.startswith("faq_"):
        return (Say(f"faq.{topic.removeprefix('faq_')}"),)
    if topic == "greeting" and not form:
        return (Say("chat.greeting"), Say("chat.what_i_can_do"))
    if topic == "goodbye" and form and FORMS[form.name].told(form):
        return (Say("chat.goodbye_kept"),)
    return (Say("help") if topic == "help" else Say(f"chat.{topic}"),)


def menu() -> Say:
    """Everything that can be done here."""
    return Say("menu.ask", choices=tuple(Choice(n, f"choice.{n}") for n in _MENU), purpose=MENU)
