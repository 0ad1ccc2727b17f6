"""Speech to text: the port that writes down what a recording says, and its one adapter."""

from __future__ import annotations

import logging
from typing import Protocol

import httpx

TIME_LIMIT = 60.0
"""Seconds for one recording: nobody waits for it, the words come as a message of their own."""
LONGEST = 4000
"""Characters of a transcript that are kept."""
_BUSY = 429

logger = logging.getLogger(__name__)


class SpeechUnavailable(Exception):
    """The recording could not be written down this time."""


class SpeechToText(Protocol):
    """Whoever writes recordings down."""

    async def transcribe(self, content: bytes, mime: str) -> str:
        """The words of a recording, empty when there are none in it; raises SpeechUnavailable."""


class HttpSpeech:
    """A server with the transcription request of OpenAI's API (`/audio/transcriptions`), as local ones are.

    Args:
        url: where its API begins, `http://speech:8000/v1`.
        model: the model's name there.
        key: sent as a bearer token, empty = none.
        transport: the way there; None: the network.

    """

    def __init__(
        self, url: str, model: str, key: str = "", *, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self._url = f"{url.rstrip('/')}/audio/transcriptions"
        self._model = model
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._http = httpx.AsyncClient(timeout=TIME_LIMIT, headers=headers, transport=transport)

    async def transcribe(self, content: bytes, mime: str) -> str:
        """The words of a recording, empty when the server hears none or cannot read it."""
        ending = mime.partition("/")[2].replace("mpeg", "mp3")
        try:
            answer = await self._http.post(
                self._url,
                files={"file": (f"recording.{ending}", content, mime)},
                data={"model": self._model, "response_format": "json"},
            )
            if 400 <= answer.status_code < 500 and answer.status_code != _BUSY:
                logger.warning("recording refused by the speech server", extra={"status": answer.status_code})
                return ""
            answer.raise_for_status()
            words = answer.json()["text"]
        except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
            raise SpeechUnavailable(type(error).__name__) from error
        return words.strip()[:LONGEST] if isinstance(words, str) else ""

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()
