"""The JSON API of the staff side: the same rules as the workbench, for programs."""

from __future__ import annotations

from fastapi import APIRouter

from backend.api import cases, docs, overview, security

router = APIRouter(prefix="/api")
router.include_router(security.router)
router.include_router(cases.router)
router.include_router(overview.router)
router.include_router(docs.router)
