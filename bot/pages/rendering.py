"""The signed links' pages as HTML, from templates that escape everything."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from backend.domain.deadlines import SHANGHAI
from backend.domain.lifecycle import Status
from bot.pages.survey import Survey
from dialogs.languages import DEFAULT_LANGUAGE, is_chinese
from dialogs.survey import RATINGS
from dialogs.texts import date_text, in_language, label, text
from handlers.links import CaseProgress
from handlers.upload import Uploadable

TEMPLATES = Path(__file__).parent / "templates"

STEP_TEXTS = {
    "register": "page.step.register",
    "accept": "page.step.accept",
    "refuse": "page.step.refuse",
    "assign": "page.step.assign",
    "start": "page.step.start",
    "return": "page.step.return",
    "reclassify": "page.step.reclassify",
    "note": "page.step.note",
    "resolve": "page.step.resolve",
    "rate": "page.step.rate",
    "close": "page.step.close",
    "reopen": "page.step.reopen",
    "withdraw": "page.step.withdraw",
    "urge": "page.step.urge",
    "supplement": "page.step.supplement",
}
"""What a resident calls each step; a step that is missing here is staff's own business."""

STAFFS_WORDS = frozenset({"note", "resolve", "refuse", "return", "close", "assign"})
"""Steps whose words are the staff's; elsewhere they may be the resident's own."""

STATUS_TEXTS = {
    Status.RECEIVED: "page.status.received",
    Status.ACCEPTED: "page.status.accepted",
    Status.REFUSED: "page.status.refused",
    Status.ASSIGNED: "page.status.assigned",
    Status.IN_PROGRESS: "page.status.in_progress",
    Status.RESOLVED: "page.status.resolved",
    Status.CLOSED: "page.status.closed",
    Status.WITHDRAWN: "page.status.withdrawn",
}
"""Where a case stands, without the trade's own words."""

DUE_TEXTS = {
    Status.RECEIVED: "page.progress.due_accept",
    Status.ACCEPTED: "page.progress.due_assign",
}
"""What the deadline is for, until a unit has the case; from then on it is the answer itself."""


class Pages:
    """Renders each page; `centre` stands at the top of all of them."""

    def __init__(self, centre: str, reason_limit: int) -> None:
        """`reason_limit` is in characters."""
        self._environment = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals |= {"centre": centre, "reason_limit": reason_limit}

    def progress(self, progress: CaseProgress, *, upload: str) -> str:
        """Where a case stands and how it came there, the newest step first; `upload` takes files for it."""
        steps = [step for step in progress.steps if step.action in STEP_TEXTS]
        status = STATUS_TEXTS[progress.status]
        return self._render(
            "progress.html",
            progress.language,
            progress=progress,
            category=in_language("category", progress.category_name, progress.language),
            status=status,
            due=DUE_TEXTS.get(progress.status, "page.progress.due"),
            steps=steps[::-1],
            names=STEP_TEXTS,
            staffs=STAFFS_WORDS,
            upload=upload,
        )

    def survey(self, survey: Survey, *, said: str, progress: str) -> str:
        """The question, or what became of the answer; `said` is what the resident has just done."""
        ratings = [(rating.id, label(rating, survey.language)) for rating in RATINGS]
        return self._render(
            "survey.html", survey.language, survey=survey, said=said, progress=progress, ratings=ratings
        )

    def upload(
        self, case: Uploadable, *, kept: int, refused: Sequence[str], progress: str, limit: str
    ) -> str:
        """The form for files; `kept` of them were just taken in, `refused`: keys of why others were not."""
        return self._render(
            "upload.html",
            case.language,
            case=case,
            kept=kept,
            refused=refused,
            progress=progress,
            limit=limit,
        )

    def picture(self, language: str, address: str) -> str:
        """One picture that staff sent; `address` is its own."""
        return self._render("picture.html", language, address=address)

    def picture_gone(self, language: str) -> str:
        """For a link that was ours, to a picture that it does not open any more."""
        return self._render(
            "message.html", language, title="page.gone.expired_title", words="page.picture.gone"
        )

    def gone(self, language: str, *, expired: bool) -> str:
        """For a link that opens nothing (any more)."""
        which = "expired" if expired else "wrong"
        return self._render(
            "message.html", language, title=f"page.gone.{which}_title", words=f"page.gone.{which}"
        )

    def unavailable(self, language: str) -> str:
        """While the database is away."""
        return self._render(
            "message.html", language, title="page.progress.title", words="page.error.try_later"
        )

    def trouble(self, language: str, which: str) -> str:
        """For an address that is none, or a request that came to nothing; `which` names its words."""
        return self._render(
            "trouble.html", language, title=f"page.trouble.{which}_title", words=f"page.trouble.{which}"
        )

    def _render(self, template: str, language: str, **values: object) -> str:
        return self._environment.get_template(template).render(
            t=partial(text, language=language),
            date=partial(date_text, language=language),
            moment=partial(_moment, language=language),
            spoken=partial(_spoken, language=language),
            **values,
        )


def _spoken(words: str, language: str) -> Markup:
    """The attribute that says that words are Chinese where the page is not, for a screen reader's voice."""
    if language == DEFAULT_LANGUAGE or not is_chinese(words):
        return Markup()
    return Markup(' lang="{}"').format(text("language.tag"))


def _moment(moment: datetime, language: str) -> str:
    return f"{date_text(moment, language)} {moment.astimezone(SHANGHAI):%H:%M}"
