"""What is asked at the same time is worked out together."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

Question = TypeVar("Question")
Answer = TypeVar("Answer")


class Batches(Generic[Question, Answer]):
    """Hands `work` the questions that came while it was busy with those before, up to `largest` at once."""

    def __init__(self, work: Callable[[Sequence[Question]], Sequence[Answer]], largest: int) -> None:
        """`work` may hold up the event loop: it needs the processor, of which a process has one."""
        self._work = work
        self._largest = largest
        self._asked: list[tuple[Question, asyncio.Future[Answer]]] = []

    async def ask(self, question: Question) -> Answer:
        """Return the answer, or raise what `work` raises for this question alone."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Answer] = loop.create_future()
        self._asked.append((question, answer))
        if len(self._asked) == 1:
            # Soon, not now: other connections have a question ready as well.
            loop.call_soon(self._next)
        return await answer

    def _next(self) -> None:
        batch, self._asked = self._asked[: self._largest], self._asked[self._largest :]
        if self._asked:
            asyncio.get_running_loop().call_soon(self._next)
        # Who hung up meanwhile needs no answer.
        waiting = [asked for asked in batch if not asked[1].done()]
        if waiting:
            self._settle(waiting)

    def _settle(self, batch: Sequence[tuple[Question, asyncio.Future[Answer]]]) -> None:
        try:
            answers = self._work([question for question, _ in batch])
        except Exception as error:
            if len(batch) == 1:
                batch[0][1].set_exception(error)
                return
            # One bad question must not cost the others their answers.
            for asked in batch:
                self._settle([asked])
            return
        for (_, future), answer in zip(batch, answers, strict=True):
            future.set_result(answer)
