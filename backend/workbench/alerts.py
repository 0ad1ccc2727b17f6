"""Alerts (提醒): crises, residents who wait, urge or are not satisfied, calls that replace a message."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from backend.cases import desk, queries
from backend.conversations import dead_letters as letters
from backend.conversations.alerts import finish_alert, open_alert
from backend.parts import Parts
from backend.workbench import alert_desk
from backend.workbench.doorway import CHECKED, CentreVisitor
from backend.workbench.rendering import page

router = APIRouter(include_in_schema=False)


@router.get("/alerts")
async def alerts(parts: Parts, session: CentreVisitor) -> HTMLResponse:
    """What nobody has seen to: crises first, then the newest."""
    async with parts.database.work() as work:
        found = await alert_desk.raised(work)
        actor = desk.actor_of(session.member)
        ids = {row.alert.case_id for row in found if row.alert.case_id is not None}
        cases = {case_id: await queries.find_by_id(work, case_id, actor) for case_id in ids}
        return await page(parts, work, session, "alerts.html", raised=found, cases=cases)


@router.post("/alerts/{alert_id}/done", dependencies=CHECKED)
async def done(parts: Parts, session: CentreVisitor, alert_id: int) -> Response:
    """Somebody saw to it (a colleague who did so before counts as well); a call replaces its message."""
    async with parts.database.work() as work:
        alert = await open_alert(work, min(alert_id, 2**63 - 1))
        if alert is not None and await finish_alert(work, alert.id, session.member.id):
            if alert.kind == "phone" and alert.outgoing_id is not None:
                await letters.drop(work, alert.outgoing_id, "phone_task")
            await work.commit()
    return RedirectResponse("/alerts", 303)
