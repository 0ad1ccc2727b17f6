"""All forms, and how a stored state comes back to life with them."""

from __future__ import annotations

from dataclasses import replace

from dialogs import complaint, form, matters, memory, same_or_new, supplement, survey
from dialogs.definition import Form
from dialogs.filling import Filling
from dialogs.memory import Memory
from dialogs.messages import Context, State

FORMS: dict[str, Form] = {f.name: f for f in (complaint.FORM, supplement.FORM, survey.REASON)}


def restore(state: State, context: Context) -> Memory:
    """The memory in a stored state: forms fitted to this version, lapsed and unknown ones left out.

    A complaint that was left for long is in doubt.
    """
    stored = memory.load(state, context.now)
    filled = (*stored.paused, *((stored.form,) if stored.form else ()))
    alive = [f for f in map(_fitted, filled) if f and not _has_lapsed(f, context)]
    *waiting, active = alive if alive and stored.form else (*alive, None)
    paused = [f if matters.is_waiting(f) else same_or_new.on_return(f, context) for f in waiting if f]
    active = active and same_or_new.on_return(active, context)
    active = active and form.returned(FORMS[active.name], active, context)
    kept = _fitted(stored.kept) if stored.kept else None
    return replace(stored, form=active, paused=tuple(paused), kept=kept)


def _fitted(filling: Filling) -> Filling | None:
    return form.fit(FORMS[filling.name], filling) if filling.name in FORMS else None


def _has_lapsed(filling: Filling, context: Context) -> bool:
    lapses = FORMS[filling.name].lapses
    return lapses is not None and context.now - (context.last_message_at or filling.since) > lapses
