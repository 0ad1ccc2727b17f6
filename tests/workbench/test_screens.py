"""Every page in a real browser, on a desk and on a phone: nothing blocked, nothing cut off."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.async_api import Browser as Chromium
from playwright.async_api import expect

from backend.attachments.service import add_stored, give_to_case
from backend.attachments.store import FileStore
from backend.cases import queries
from backend.cases.desk import actor_of
from backend.cases.views import SYSTEM
from backend.conversations import alerts, handover, languages, outbox
from backend.conversations.deliveries import mark
from backend.domain.lifecycle import Action, Role
from backend.organisation.sessions import find_session, sign_of_life
from dialogs import texts
from dialogs.messages import Choice
from handlers.rendering import stored_choice
from tests.browser.window import drawn
from tests.fixtures.browser import window_of
from tests.fixtures.staff import Office, Person

SCREENSHOTS = Path(__file__).parents[2] / "var" / "screenshots" / "workbench"
SIZES = {"desk": (1280, 860), "phone": (390, 844)}

STORIES = [
    (
        "property",
        "物业费从一块八涨到两块八，没有开业主大会，也没有公示，问物业就说是公司规定",
        "恒大名都8号楼",
    ),
    ("labour", "在工地干了四个月，工资一直没发，包工头电话也不接", "城南安置房工地"),
    ("neighbour", "楼上卫生间漏水，把我家天花板泡坏了，说了三次都不修", "阳光花园3栋2单元"),
    ("family", "老人的赡养费谁出，兄弟几个吵了大半年", "柳林村"),
    ("other", "门口的路灯坏了很久，晚上老人走路摔跤", "朝阳路中段"),
]


def picture(path: Path) -> bytes:
    Image.new("RGB", (640, 420), (120, 150, 170)).save(path, "PNG")
    return path.read_bytes()


async def furnish(office: Office, files: FileStore, tmp_path: Path) -> tuple[Person, str, int, int]:
    """A desk as it looks on a busy morning."""
    admin = await office.person(Role.ADMIN, name="林主任")
    colleague = await office.person(Role.OFFICER, name="小周")
    await office.person(Role.UNIT, "zhujian", name="住建张工")
    rounds = []
    for n in range(3):
        for category, summary, place in STORIES:
            case = await office.case(
                summary=summary, place=place, category=category, needs_review=n == 1 and category == "other"
            )
            rounds.append(case)
    resident = await office.resident("wechat")
    for text in ("物业费突然涨到2块8 谁同意的", "对", "恒大名都8号楼", "13812345678", "提交"):
        await office.hears(resident, text)
        async with office.database.work() as work:
            await outbox.post(
                work,
                resident.conversation_id,
                kind="reply",
                literal=None,
                rendered="请核对：\n类别：物业\n电话：13812345678\n1 提交\n2 修改\n3 取消",
            )
            await work.commit()
    content = picture(tmp_path / "p.png")
    sha256 = await files.put(content)
    case = await office.case(
        resident,
        summary="物业费突然涨到2块8，没有人同意。\n楼道灯坏了三个月也不修，打电话就推。",
        crises=("violence",),
        details={"amount": "3600", "people": "40", "mediated": "yes"},
        since="上个月",
        location={"latitude": 30.11234, "longitude": 120.5512, "label": "恒大名都8号楼"},
        reporter_name="王阿姨",
        reporter_phone="13812345678",
        other_party="恒安物业公司",
    )
    async with office.database.work() as work:
        for name in ("缴费单.png", "楼道.png"):
            one = await add_stored(
                work,
                resident.conversation_id,
                kind="image",
                mime="image/png",
                size=len(content),
                sha256=sha256,
                name=name,
            )
            await give_to_case(work, [one], case.id, resident.conversation_id)
        await work.commit()
    await office.hears(resident, "", kind="image", attachments=[one])
    staff = actor_of(admin.member)
    await office.act(case, Action.ACCEPT, staff)
    await office.act(case, Action.ASSIGN, staff, unit="zhujian")
    await office.act(case, Action.START, staff)
    await office.act(case, Action.NOTE, staff, text="住建局明天上午到小区看现场。")
    await office.act(case, Action.COMMENT, staff, text="居民情绪激动，先电话安抚。")
    resolved = await office.act(case, Action.RESOLVE, staff, text="已责令恢复原收费标准，多收的在下月抵扣。")
    await office.rate(resolved, resident, 2)
    await office.act(case, Action.URGE, resident.actor)
    await office.act(rounds[4], Action.RECLASSIFY, staff, category="property")
    doubted = next(one for one in rounds if one.needs_review)
    await office.act(doubted, Action.ACCEPT, staff)
    for index, action in enumerate((Action.REFUSE, Action.WITHDRAW)):
        await office.act(rounds[index], action, staff, reason="不属于受理范围，请到法院。")
    patient, waiting, talking, taken = [
        await office.resident(c) for c in ("web", "wechat", "web", "telegram")
    ]
    for who, text in (
        (patient, "想问问材料交到哪里"),
        (waiting, "我要找人说，机器说不清楚"),
        (talking, "物业又来断电了怎么办"),
        (taken, "好的我等"),
    ):
        await office.hears(who, text)
        async with office.database.work() as work:
            await handover.request(work, who.conversation_id, "asked")
            await work.commit()
    async with office.database.work() as work:
        await handover.take(work, talking.conversation_id, admin.member.id)
        await handover.take(work, taken.conversation_id, colleague.member.id)
        await outbox.post(
            work,
            talking.conversation_id,
            kind="chat",
            literal="您好，我是林主任，请说。",
            staff_id=admin.member.id,
        )
        here = await find_session(work, colleague.session.token)
        assert here is not None and await sign_of_life(work, here.key)
        await alerts.raise_alert(work, "crisis", waiting.conversation_id, codes=["violence", "minors"])
        await alerts.raise_alert(
            work, "dissatisfied", resident.conversation_id, codes=["rating:2"], case_id=case.id
        )
        await alerts.raise_alert(work, "urged", resident.conversation_id, case_id=case.id)
        await alerts.raise_alert(work, "phone", taken.conversation_id, codes=["survey"], case_id=case.id)
        for state, reason in (("dead", "wechat_43004_blocked"), ("unknown", "interrupted")):
            letter = await outbox.post(
                work,
                resident.conversation_id,
                kind="survey",
                case_id=case.id,
                rendered="您的事项已办结，您满意吗？\n5 非常满意\n4 满意",
            )
            assert letter is not None
            await mark(work, letter, state, reason)
        await work.commit()
    await office.hears(talking, "他们说今天不交就停水")
    return admin, case.number, talking.conversation_id, waiting.conversation_id


async def english_chat(office: Office) -> int:
    """A resident who is answered in English."""
    resident = await office.resident("wechat")
    choices = (Choice("yes", "choice.yes"), Choice("no", "choice.no"))
    talk: list[tuple[str, list[tuple[str, dict[str, str]]], bool]] = [
        (
            "The lift in our building has been broken for a month",
            [("complaint.first_reply", {}), ("complaint.confirm_category", {"category": "物业"})],
            True,
        ),
        ("1", [("complaint.ask_place_property", {})], False),
    ]
    for said, parts, asks in talk:
        await office.hears(resident, said)
        offered = choices if asks else ()
        async with office.database.work() as work:
            await languages.choose(work, resident.id, "en")
            reply = await outbox.post(
                work,
                resident.conversation_id,
                kind="reply",
                parts=parts,
                choices=[stored_choice(choice) for choice in offered],
                language="en",
                rendered=texts.render(parts, offered, language="en"),
            )
            assert reply is not None
            await mark(work, reply, "sent", "")
            await work.commit()
    return resident.conversation_id


@pytest.mark.parametrize("size", SIZES)
async def test_every_page(
    office: Office, staff_url: str, staff_app: object, browser: Chromium, tmp_path: Path, size: str
) -> None:
    files: FileStore = staff_app.state.parts.files  # type: ignore[attr-defined]
    admin, number, talking, waiting = await furnish(office, files, tmp_path)
    english = await english_chat(office)
    width, height = SIZES[size]
    window: dict[str, Any] = {"locale": "zh-CN", "viewport": {"width": width, "height": height}}
    async with window_of(browser, **window) as context:
        page = await context.new_page()
        troubles: list[str] = []
        page.on("console", lambda message: troubles.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: troubles.append(str(error)))
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)

        async def shoot(name: str) -> None:
            await drawn(page)
            await page.screenshot(path=SCREENSHOTS / f"{size}-{name}.png", full_page=True)
            wide = await page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, f"{name} is {wide} px wide"

        await page.goto(f"{staff_url}/login")
        await shoot("login")
        await context.add_cookies([{"name": "fengqiao", "value": admin.session.token, "url": staff_url}])
        for name, path in {
            "cases": "/",
            "cases-found": "/?q=漏水",
            "cases-none": "/?q=没有这样的事",
            "case": f"/cases/{number}",
            "chats": "/chats",
            "chat": f"/chats/{talking}",
            "chat-waiting": f"/chats/{waiting}",
            "chat-english": f"/chats/{english}",
            "alerts": "/alerts",
            "dead-letters": "/dead-letters",
            "staff": "/staff",
            "candidates": "/candidates",
            "password": "/password",
            "api-docs": "/api/docs",
        }.items():
            await page.goto(f"{staff_url}{path}")
            if name == "api-docs":
                await expect(page.locator(".swagger-ui .info")).to_be_visible()
            await shoot(name)
            if name == "chat-english":
                await page.locator("details.sent summary").first.click()
                await expect(page.get_by_text("Is this about property management?")).to_be_visible()
                await shoot("chat-english-as-sent")
                async with page.expect_response("**/messages"):
                    await page.evaluate("htmx.trigger(document.body, 'live-conversation')")
                await drawn(page)
                await expect(page.get_by_text("Is this about property management?")).to_be_visible()
        await page.goto(f"{staff_url}/cases/{number}")
        await page.locator("summary", has_text="告知居民").click()
        await page.get_by_label("要告诉居民的话").fill("明天下午两点到小区，请您在家。")
        async with office.database.work() as work:
            found = await queries.find(work, number, SYSTEM)
        await office.act(found, Action.COMMENT, actor_of(admin.member), text="居民已联系上。")
        await page.locator("form[action$=note] button").click()
        await expect(page.locator("#problem")).to_contain_text("居民已联系上")
        await shoot("case-changed")
        troubles = [trouble for trouble in troubles if "409" not in trouble]
        assert troubles == []
        await page.goto(f"{staff_url}/cases/FQ2026-999999")
        await shoot("not-found")
