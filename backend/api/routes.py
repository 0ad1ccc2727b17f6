"""The JSON API of the staff side: the same rules as the workbench, for programs."""

from __future__ import annotations

from fastapi import FastAPI

from backend.api import cases, docs, overview, security

DESCRIPTION = """
Cases (事项) of a district's mediation and governance centre (综治中心), for the programs of the centre and of
its units.

1. `POST /api/token` with a staff user name and password gives a bearer token for twelve hours.
2. Every request carries `Authorization: Bearer <token>` and sees what that person sees: the centre's people
   all cases, a unit's people those assigned to their unit.
3. A step with a case goes through `POST /api/cases/{number}/actions/{action}` with the `version` that was
   read; 409 tells what changed since.

Times are UTC (ISO 8601). Phone numbers of parties are masked. An error is
`{"error": code, "message": …, "facts": …}`.
"""
TAGS = [
    {"name": "token", "description": "Logging in."},
    {"name": "cases", "description": "Cases: find them, read them, act on them."},
    {"name": "overview", "description": "Units, and figures over all cases."},
]


def install(app: FastAPI) -> None:
    """Add the API's routes, and what its description says about them."""
    app.summary = "Cases of a mediation and governance centre, for its own programs"
    app.description = DESCRIPTION
    app.openapi_tags = TAGS
    for part in (security, cases, overview, docs):
        app.include_router(part.router)
