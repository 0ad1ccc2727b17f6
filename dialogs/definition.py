"""A form as data: its questions, how each is asked and read, and what ends it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from dialogs.filling import Filling, Slots
from dialogs.messages import Contact, Context, Effect, Message, Say, Understanding

PURPOSE = "form"
GO_ON, LEAVE = "go_on", "leave"
"""The choices of a question that offers to go on with its form."""
SURE = 0.7
"""From here an intent is believed: places, dates, sums and names stay below 0.6 as a command, commands in
free words mostly lie above 0.75. An answer taken for a command has to be typed again; a command taken for an
answer can still be corrected from the summary."""
QUICK = timedelta(seconds=2)
"""Sooner than this after a question nobody has read it: the text was on its way already."""


@dataclass(frozen=True, slots=True)
class Heard:
    """One message as a form hears it."""

    message: Message
    understanding: Understanding
    context: Context
    picked: str = ""
    """The choice that was clicked, or named by number or words."""
    quick: bool = False
    """Whether it came too soon after the question or the message before to be an answer."""

    @property
    def text(self) -> str:
        return self.message.text.strip()

    def means(self, intent: str) -> bool:
        """Whether the text surely has this intent."""
        return self.understanding.intent == intent and self.understanding.confidence >= SURE


def is_quick(message: Message, context: Context) -> bool:
    """Whether a message came too soon after the last question, or the message before it, to be an answer."""
    sent_at = context.prompt.sent_at if context.prompt else None
    return any(message.at - at < QUICK for at in (sent_at, context.last_message_at) if at)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a question makes of a message that it understood."""

    slots: Slots = field(default_factory=dict)
    says: tuple[Say, ...] = ()
    effects: tuple[Effect, ...] = ()
    crises: tuple[str, ...] = ()
    next: str = ""
    """A question to go to instead of the next open one."""
    answers: bool = True
    """False: something was told, but the question stays open."""
    ends: bool = False
    """Whether the form is done."""
    instead: tuple[Filling, ...] = ()
    """What goes on in the place of this filling: the first one now, the others when it is done."""


Ask = Callable[[Filling, Context], tuple[Say, ...]]
Read = Callable[[Filling, Heard], Reading | None]


def never(_: Filling) -> bool:
    """For questions that are only asked when something leads to them."""
    return False


def _always(_: Filling) -> bool:
    return True


def _same(filling: Filling, _: Heard) -> Slots:
    return filling.slots


@dataclass(frozen=True, slots=True)
class Question:
    """One question of a form, open until its slot is filled."""

    slot: str
    ask: Ask
    read: Read
    when: Callable[[Filling], bool] = _always
    optional: bool = False
    skipped: Callable[[Filling], Slots] | None = None
    """What a skipped question leaves in the slots; its own slot empty unless it says otherwise."""
    typed: bool = True
    """Whether the answer is typed freely: then a number is an answer, and “none” skips the question."""
    verbatim: bool = False
    """Whether whatever is typed is meant for this question, save for the exact words of a command."""
    knows: Callable[[str], bool] = lambda _: False
    """Texts that are certainly an answer, whatever a model makes of them."""
    intents: frozenset[str] = frozenset()
    """Intents that this question reads itself, though they are commands elsewhere."""
    required: str = "form.required"
    """What is said to somebody who wants to skip it, and cannot."""
    offers: bool = False
    """Whether it only asks if the form is wanted: by the choices `go_on` and `leave`, also in other words."""
    hint: Callable[[str], str] = lambda _: ""
    """What is said to such words before the question is asked again; empty: that it was not understood."""


@dataclass(frozen=True, slots=True)
class Form:
    """A form as data."""

    name: str
    version: int
    slots: Mapping[str, Callable[[object], bool]]
    """Every slot, with what a stored value must be."""
    questions: tuple[Question, ...]
    """In the order in which they are asked."""
    wordless: Read
    """What a message without words means to this form."""
    cancelled: str
    """The sentence that ends it."""
    contact: Callable[[Filling, Contact], Reading] | None = None
    """What a shared contact means to this form; None: what it says as words."""
    gather: Callable[[Filling, Heard], Slots] = _same
    """The slots with what comes beside the words: pictures, a position."""
    told: Callable[[Filling], bool] = never
    """Whether something would be lost by cancelling."""
    telling: Callable[[Filling], bool] = never
    """Whether quick messages belong to a story that is still being told."""
    needs: str = ""
    """A slot without which a stored filling is of no use."""
    lapses: timedelta | None = None
    """After so long a silence the form is over."""

    def question(self, slot: str) -> Question | None:
        """The question with this slot."""
        return next((q for q in self.questions if q.slot == slot), None)

    def open_question(self, filling: Filling) -> str:
        """The slot of the first question that is still open, empty when none is."""
        return next((q.slot for q in self.questions if q.when(filling) and q.slot not in filling.slots), "")
