"""What a running model says to labelled texts, through the client that residents' messages take."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from nlu.client import NluClient
from nlu.evaluation.examples import Example
from nlu.train import TrainError
from nlu.understanding import Understanding

AT_ONCE = 4
# A measurement waits rather than falling back to keywords.
PATIENCE = 30.0


@dataclass(frozen=True, slots=True)
class Answer:
    """A labelled text and what it was taken for; dialogue intents do not compete for its category."""

    example: Example
    meaning: Understanding

    @property
    def truth(self) -> str:
        """The label."""
        return self.example.label

    @property
    def category(self) -> str:
        """The likeliest category."""
        return self.meaning.ranking[0][0]

    @property
    def share(self) -> float:
        """The probability of that category among the five."""
        return self.meaning.ranking[0][1]

    @property
    def is_right(self) -> bool:
        """Whether the likeliest category is the label."""
        return self.category == self.truth

    def share_of(self, category: str) -> float:
        """The probability of a category among the five."""
        return dict(self.meaning.ranking)[category]


async def understand(url: str, texts: Sequence[str]) -> list[Understanding]:
    """Return what the server at `url` makes of each text.

    Raises:
        TrainError: the server did not answer.

    """
    client = NluClient(url, time_limit=PATIENCE)
    places = asyncio.Semaphore(AT_ONCE)

    async def one(text: str) -> Understanding:
        async with places:
            meaning = await client.understand(text)
        # A text without a letter is never sent.
        if meaning.source != "rasa" and any(map(str.isalnum, text)):
            raise TrainError(f"Rasa at {url} did not answer.")
        return meaning

    try:
        return await asyncio.gather(*map(one, texts))
    finally:
        await client.aclose()


async def ask(url: str, examples: Sequence[Example]) -> list[Answer]:
    """Return the answer to each example.

    Raises:
        TrainError: the server did not answer.

    """
    meanings = await understand(url, [example.text for example in examples])
    return [Answer(example, meaning) for example, meaning in zip(examples, meanings, strict=True)]
