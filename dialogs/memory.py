"""What a dialogue remembers between two messages, and what one message makes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from dialogs import filling
from dialogs.filling import Filling
from dialogs.messages import Effect, Say, State


@dataclass(frozen=True, slots=True)
class Arrival:
    """The region whose code brought the resident here, and when."""

    region: str
    at: datetime


@dataclass(frozen=True, slots=True)
class HandedIn:
    """When the last complaint's summary was asked for the first time, and when it was submitted."""

    asked: datetime
    at: datetime


@dataclass(frozen=True, slots=True)
class Memory:
    """The state of one conversation, typed."""

    form: Filling | None = None
    """The form being filled in."""
    paused: tuple[Filling, ...] = ()
    """Forms that wait until `form` is done, the next one last."""
    kept: Filling | None = None
    """A complaint already told while it is open whether it becomes one: nobody types it twice."""
    crises: Mapping[str, datetime] = field(default_factory=dict)
    """When each kind's crisis card was last shown."""
    called: datetime | None = None
    """When a person was last called for, or the resident chose to go on waiting."""
    acknowledged: datetime | None = None
    """When a waiting resident was last told that their messages are kept for the officer."""
    lines: int = 0
    """How many such lines they have heard in this wait."""
    misses: int = 0
    """How often in a row no question outside a form could be answered."""
    arrived: Arrival | None = None
    """Where the resident came from, as far as a code said so."""
    handed_in: HandedIn | None = None
    """The last complaint that was submitted: a second tap on 提交 is told so."""
    tongue: str = ""
    """How their language came about: `guessed`, `asked`, `chosen`; empty: by default."""

    def begin(self, form: Filling) -> Memory:
        """With `form` active; one that was active waits."""
        paused = (*self.paused, self.form) if self.form else self.paused
        return replace(self, form=form, paused=paused)

    def adopt(self, kept: Filling) -> Memory:
        """With what was kept active: it has found its place."""
        return replace(self.begin(kept), kept=None)

    def end(self) -> Memory:
        """Without the active form, if there is one; what waited goes on."""
        *paused, form = self.paused or (None,)
        return replace(self, form=form, paused=tuple(p for p in paused if p))

    def dump(self) -> State:
        """The memory as JSON, empty parts left out."""
        parts: dict[str, Any] = {
            "form": self.form and self.form.dump(),
            "paused": [form.dump() for form in self.paused],
            "kept": self.kept and self.kept.dump(),
            "crises": {kind: shown.isoformat() for kind, shown in self.crises.items()},
            "called": self.called and self.called.isoformat(),
            "acknowledged": self.acknowledged and self.acknowledged.isoformat(),
            "lines": self.lines,
            "misses": self.misses,
            "arrived": self.arrived and [self.arrived.region, self.arrived.at.isoformat()],
            "handed_in": self.handed_in and [self.handed_in.asked.isoformat(), self.handed_in.at.isoformat()],
            "tongue": self.tongue,
        }
        return {name: value for name, value in parts.items() if value}


@dataclass(frozen=True, slots=True)
class Reply:
    """What a message leads to before it is put into words: the router adds the form's question."""

    memory: Memory
    says: tuple[Say, ...] = ()
    effects: tuple[Effect, ...] = ()
    asks: bool = True
    """Whether the active form's question follows."""
    aside: bool = False
    """Whether it was about something else: the question is then marked as the way back to the form."""


def load(state: State, now: datetime) -> Memory:
    """The memory in a stored state; what is malformed in it is left out."""
    paused, crises = state.get("paused"), state.get("crises")
    stored = [filling.load(form, now) for form in paused] if isinstance(paused, list) else []
    shown = {k: filling.moment(v) for k, v in crises.items()} if isinstance(crises, Mapping) else {}
    return Memory(
        form=filling.load(state.get("form"), now),
        paused=tuple(form for form in stored if form),
        kept=filling.load(state.get("kept"), now),
        crises={str(kind): at for kind, at in shown.items() if at},
        called=filling.moment(state.get("called")),
        acknowledged=filling.moment(state.get("acknowledged")),
        lines=max(0, filling.number(state.get("lines"))),
        misses=filling.number(state.get("misses")),
        arrived=_arrival(state.get("arrived")),
        handed_in=_handed_in(state.get("handed_in")),
        tongue=filling.word(state.get("tongue")),
    )


def _arrival(stored: object) -> Arrival | None:
    region, at = stored if isinstance(stored, list) and len(stored) == 2 else ("", "")
    moment = filling.moment(at)
    return Arrival(filling.word(region), moment) if filling.word(region) and moment else None


def _handed_in(stored: object) -> HandedIn | None:
    asked, at = map(filling.moment, stored) if isinstance(stored, list) and len(stored) == 2 else (None, None)
    return HandedIn(asked, at) if asked and at else None
