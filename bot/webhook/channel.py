"""An integrator's system as a channel: replies in the response, everything else posted to its address."""

from __future__ import annotations

import asyncio

import httpx

from backend.conversations.views import Sender
from backend.db.database import Clock
from bot.stored_files import OpenFile
from bot.webhook.events import NAME
from bot.webhook.messages import Answer, Push, message_out
from bot.webhook.outcomes import outcome_of
from bot.webhook.signature import Keys
from handlers.messages import Capabilities, Outcome, Rendered, TryLater, Undeliverable

ANSWER_SECONDS = 20.0
"""How long the other side may take (Request timeouts: 15 to 30 s)."""

PUSHES_PER_SECOND = 50
"""No published limit: what a small system takes, with room beside it for what a resident waits for."""

HEADERS = {"Content-Type": "application/json", "User-Agent": "fengqiao"}


class WebhookChannel:
    """Posts messages for residents to one address."""

    name = NAME
    capabilities = Capabilities(
        reply="passive",
        buttons=True,
        max_bytes=None,
        images=True,
        files=True,
        pushes_per_second=PUSHES_PER_SECOND,
    )

    def __init__(
        self, http: httpx.AsyncClient, url: str, keys: Keys, open_file: OpenFile, clock: Clock
    ) -> None:
        """`url`: where messages are posted; empty: nowhere, so that they wait for the next contact."""
        self.keys = keys
        self._http = http
        self._url = url
        self._open_file = open_file
        self._clock = clock

    async def aclose(self) -> None:
        """Give up the connections."""
        await self._http.aclose()

    async def send(self, address: Sender, message: Rendered) -> Outcome:
        """Post one message.

        A message that is posted again has the same id, by which the other side knows it: so an answer that
        never came is no reason to leave it to a person.
        """
        if not self._url:
            return Undeliverable("webhook_no_url", at_next_contact=True)
        now = self._clock()
        try:
            data = await message_out(message, address.user_id, self._open_file, now)
        except LookupError as reason:
            return Undeliverable(f"attachment_{reason.args[0]}")
        body = Push(timestamp=data.created_at, data=data).model_dump_json().encode()
        headers = HEADERS | self.keys.sign(f"message_{message.id}", now, body)
        try:
            async with (
                asyncio.timeout(ANSWER_SECONDS),
                self._http.stream("POST", self._url, content=body, headers=headers) as response,
            ):
                # What it says besides is nobody's business, however long it is.
                return outcome_of(response.status_code, response.headers.get("retry-after", ""), now)
        except (httpx.HTTPError, TimeoutError):
            return TryLater("webhook_unreachable")

    async def answer(self, user: str, replies: tuple[Rendered, ...]) -> bytes:
        """The body of the response that carries these replies."""
        now = self._clock()
        messages = [await message_out(reply, user, self._open_file, now) for reply in replies]
        return Answer(messages=messages).model_dump_json().encode()

    async def fetch(self, remote_id: str) -> tuple[bytes, str]:
        """Raises LookupError: files arrive with their event, nothing is ever left to download."""
        raise LookupError(remote_id)

    async def show_typing(self, address: Sender) -> None:
        """Nothing to do: the protocol has no word for it."""
