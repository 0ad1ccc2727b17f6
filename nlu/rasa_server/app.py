"""The two routes of Rasa's HTTP API that the application uses."""

from __future__ import annotations

import logging

from sanic import HTTPResponse, Request, Sanic
from sanic.exceptions import InvalidUsage
from sanic.response import json

from nlu.rasa_server.batches import Batches
from nlu.rasa_server.parser import Parser

LARGEST_BATCH = 16
"""Texts that are parsed at once: the longest letters take a quarter of a second."""
KEEP_ALIVE = 120
"""Seconds; longer than a client keeps an idle connection, so that none is closed under its next question."""
GRACE = 3.0
"""Seconds that open questions have at the end."""

logger = logging.getLogger(__name__)


def make_app(parser: Parser) -> Sanic:
    """Return the application; each process makes its own."""
    app = Sanic("nlu", configure_logging=False)
    app.config.update(
        ACCESS_LOG=False,
        FALLBACK_ERROR_FORMAT="json",
        GRACEFUL_SHUTDOWN_TIMEOUT=GRACE,
        KEEP_ALIVE_TIMEOUT=KEEP_ALIVE,
        MOTD=False,
    )
    batches = Batches(parser.parse, LARGEST_BATCH)

    async def status(_: Request) -> HTTPResponse:
        return json({"model_file": parser.model_file, "model_id": parser.model_id})

    async def parse(request: Request) -> HTTPResponse:
        body = request.json
        if not isinstance(body, dict) or not isinstance(body.get("text"), str):
            raise InvalidUsage('The body is not like {"text": "..."}.')
        try:
            return json(await batches.ask(body["text"]))
        except Exception as error:
            # Its words could be the resident's.
            logger.warning("A text could not be parsed: %s", type(error).__name__)
            return json({"status": "failure", "reason": "ParsingError"}, 500)

    app.add_route(status, "/status")
    app.add_route(parse, "/model/parse", methods=["POST"])
    return app
