"""The jobs by name, each with its handler, and how often a failing one is tried again."""

from __future__ import annotations

from math import ceil

from procrastinate import App, BaseRetryStrategy, JobContext, RetryDecision
from procrastinate.jobs import Job

from backend.attachments.service import COPY, FETCH
from backend.cases.service import CASE_CHANGED
from backend.conversations.outbox import DELIVER
from backend.db.database import DatabaseUnavailable
from backend.db.queue import PUSHES
from backend.follow_ups.service import COME_DUE
from handlers.case_changed import case_changed
from handlers.copy_attachment import TRANSCRIBE, copy_attachment
from handlers.deliver import DeliverAgain, deliver
from handlers.fetch_attachment import FetchAgain, fetch_attachment
from handlers.follow_up import follow_up
from handlers.parts import Parts
from handlers.resume_dialogue import resume_dialogue
from handlers.transcribe_attachment import transcribe_attachment

LONGEST_WAIT = 60
FETCH_LONGEST_WAIT = 1800
"""Seconds; a download holds up nobody and has three days."""
GIVEN_UP_AFTER = 20
"""Tries, some 15 minutes."""


class PatientRetry(BaseRetryStrategy):
    """Try again after 2, 4, 8 … 60 s: a job that is given up is a promise that is broken.

    While the database is away this goes on for ever. A job that fails otherwise would block those behind it:
    after `GIVEN_UP_AFTER` tries it stays in the queue as failed, which `/metrics` shows. A channel that said
    how long it wants to be left alone is left alone for so long.
    """

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        """When to run the job again; it keeps its lock and its place."""
        if isinstance(exception, FetchAgain):
            return RetryDecision(retry_in={"seconds": min(2 ** min(job.attempts, 20), FETCH_LONGEST_WAIT)})
        if isinstance(exception, DeliverAgain) and exception.after is not None:
            return RetryDecision(retry_in={"seconds": ceil(exception.after.total_seconds())})
        if job.attempts >= GIVEN_UP_AFTER and not isinstance(exception, DatabaseUnavailable):
            return None
        return RetryDecision(retry_in={"seconds": min(2 ** min(job.attempts, 20), LONGEST_WAIT)})


def register(app: App, parts: Parts) -> None:
    """Give every job its handler."""
    retry = PatientRetry()

    @app.task(name=CASE_CHANGED, retry=retry)
    async def _case_changed(event_id: int) -> None:
        await case_changed(parts, event_id)

    @app.task(name=COME_DUE, retry=retry)
    async def _follow_up(follow_up_id: int) -> None:
        await follow_up(parts, follow_up_id)

    @app.task(name=DELIVER, retry=retry, pass_context=True)
    async def _deliver(context: JobContext, outgoing_id: int) -> None:
        _, pushes, channel = context.job.queue.rpartition(PUSHES)
        await deliver(parts, outgoing_id, paced_by=channel if pushes else "")

    @app.task(name=FETCH, retry=retry)
    async def _fetch(attachment_id: int) -> None:
        await fetch_attachment(parts, attachment_id)

    @app.task(name=COPY, retry=retry)
    async def _copy(attachment_id: int) -> None:
        await copy_attachment(parts, attachment_id)

    @app.task(name=TRANSCRIBE, retry=retry)
    async def _transcribe(attachment_id: int) -> None:
        await transcribe_attachment(parts, attachment_id)

    @app.task(name="resume_dialogue", retry=retry)
    async def _resume(conversation_id: int) -> None:
        await resume_dialogue(parts, conversation_id)
