"""What went wrong with a case, as HTTP: the one table, for the JSON API and for the pages."""

from __future__ import annotations

from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse

from backend.db.database import DatabaseUnavailable
from backend.domain.errors import (
    BadValue,
    CaseError,
    MissingField,
    NotAllowed,
    NotFound,
    NotYours,
    StaleVersion,
)

STATUS: dict[type[CaseError], int] = {
    NotFound: 404,
    NotYours: 403,
    NotAllowed: 422,
    MissingField: 422,
    BadValue: 422,
    StaleVersion: 409,
}


def status_of(error: CaseError) -> int:
    """The HTTP status of an error; raises KeyError for a kind that the table lacks."""
    return STATUS[type(error)]


def body_of(error: CaseError) -> dict[str, Any]:
    """The JSON that tells it."""
    return {"error": error.code, "message": type(error).__doc__, "facts": error.facts}


def case_error(error: CaseError) -> JSONResponse:
    """The answer of the API."""
    return JSONResponse(body_of(error), status_of(error))


def unavailable() -> JSONResponse:
    """The answer of the API while the database cannot be reached."""
    body = {"error": "database_unavailable", "message": DatabaseUnavailable.__doc__}
    return JSONResponse(body, 503, headers={"Retry-After": "5"})


def invalid(error: RequestValidationError) -> JSONResponse:
    """The answer to a request that is malformed, without repeating what it held."""
    found = [{"where": [str(part) for part in e["loc"]], "what": e["msg"]} for e in error.errors()]
    return JSONResponse({"error": "malformed", "message": "The request is malformed.", "details": found}, 422)


def failed() -> JSONResponse:
    """The answer of the API to a mistake of ours."""
    return JSONResponse({"error": "internal", "message": "The server made a mistake; it is logged."}, 500)


def is_api(request: Request) -> bool:
    """Whether a program asks, not a browser's page."""
    return request.url.path.startswith("/api/")
