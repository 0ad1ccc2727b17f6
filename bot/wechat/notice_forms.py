"""Notices as data: which message may go as which template, and which of its fields gets what.

The document is edited by the centre (see docs/operations.md); a centre without templates has none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from string import Formatter
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from backend.domain.deadlines import SHANGHAI
from bot.wechat.fields import Unfit, fit, kind
from dialogs import texts
from handlers.messages import Rendered

DOCUMENT = "wechat.notices"

_ALWAYS = frozenset({"at", "today", "centre"})
"""What every notice knows besides the words' own parameters: minute, day, the centre's name."""

By = Literal["template", "notice"]


class NoticeError(ValueError):
    """The document cannot be used; each line of the text names one place and what is wrong there."""


class NoticeForm(BaseModel):
    """One template of the account: 模板消息 (`template`) or 订阅通知 (`notice`)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    says: tuple[str, ...] = Field(min_length=1)
    """The keys of the messages that may go this way: notice.assign, survey.ask …"""
    by: By
    template_id: str = Field(pattern=r"^[A-Za-z0-9_-]{10,64}$")
    opens: Literal["progress", "survey", "nothing"] = "nothing"
    """What a tap on the notice opens."""
    lasting: bool = False
    """A long-term consent (长期订阅) is not used up by a notice."""
    fields: dict[str, str] = Field(min_length=1)
    """Field → words with {placeholders}."""


class _Document(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    notices: tuple[NoticeForm, ...] = ()


@dataclass(frozen=True, slots=True)
class Filled:
    """A notice with its words."""

    form: NoticeForm
    data: Mapping[str, str]


def read(document: Mapping[str, Any]) -> tuple[NoticeForm, ...]:
    """The forms of a document in their order, which is that of preference; raises NoticeError."""
    try:
        forms = _Document.model_validate(document).notices
    except ValidationError as error:
        places = (
            f"{'.'.join(map(str, found['loc'])) or 'document'}: {found['msg']}" for found in error.errors()
        )
        raise NoticeError("\n".join(places)) from None
    troubles = [trouble for place, form in enumerate(forms) for trouble in _troubles(place, form)]
    if troubles:
        raise NoticeError("\n".join(troubles))
    return forms


def forms_for(forms: Sequence[NoticeForm], message: Rendered) -> list[NoticeForm]:
    """The forms that can say this message; a picture or a person's own words fit none."""
    keys = {key for key, _ in message.parts}
    return [] if message.attachment_id is not None else [form for form in forms if keys & set(form.says)]


def fill(form: NoticeForm, message: Rendered, centre: str, now: datetime) -> Filled:
    """The notice in words, each within its field's limit; raises Unfit."""
    local = now.astimezone(SHANGHAI)
    known = {"at": f"{local:%Y-%m-%d %H:%M}", "today": f"{local:%Y-%m-%d}", "centre": centre}
    for key, params in message.parts:
        if key in form.says:
            known |= params
    data = {}
    for field, pattern in form.fields.items():
        try:
            data[field] = fit(field, pattern.format_map(known))
        except KeyError:
            raise Unfit(field) from None
    return Filled(form, data)


def _troubles(place: int, form: NoticeForm) -> list[str]:
    found = []
    sentences = texts.sentences(texts.DEFAULT_LANGUAGE)
    unknown = [key for key in form.says if key not in sentences]
    found += [f"notices.{place}.says: there is no message {key}" for key in unknown]
    known = [texts.placeholders(sentences[key]) | _ALWAYS for key in form.says if key in sentences]
    for field, pattern in form.fields.items():
        where = f"notices.{place}.fields.{field}"
        try:
            kind(field)
            names = {name for _, name, _, _ in Formatter().parse(pattern) if name is not None}
        except Unfit:
            found.append(f"{where}: WeChat has no such kind of field")
            continue
        except ValueError:
            found.append(f"{where}: a brace is not closed")
            continue
        missing = sorted(name for name in names if any(name not in params for params in known))
        found += [f"{where}: not every message of these has {{{name}}}" for name in missing]
        if not names and not _fits(field, pattern):
            found.append(f"{where}: these words do not fit into such a field")
    return found


def _fits(field: str, words: str) -> bool:
    try:
        return fit(field, words) == words
    except Unfit:
        return False
