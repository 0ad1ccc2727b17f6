"""The account's own settings over its API: menu, QR codes, templates, how many calls a day it has."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from bot.wechat.client import WeChatClient

MENU = "cgi-bin/menu/create"
CURRENT_MENU = "cgi-bin/get_current_selfmenu_info"
CODE = "cgi-bin/qrcode/create"
QUOTA = "cgi-bin/openapi/quota/get"
TEMPLATES = "cgi-bin/template/get_all_private_template"
NOTICES = "wxaapi/newtmpl/gettemplate"

REACH = "cgi-bin/callback/check"

NO_QUOTA = frozenset({76021, 76022, 48001})
"""The account has no such API."""

_FIELD = re.compile(r"\{\{\s*([A-Za-z_0-9]+)\.DATA\s*\}\}")


class Console:
    """Calls that an operator's command makes; each may raise WeChatError, NotReached or OutcomeUnknown."""

    def __init__(self, client: WeChatClient) -> None:
        """Through the same client, so with the same token and the same care."""
        self._client = client

    async def put_menu(self, menu: Mapping[str, Any]) -> None:
        """Replace the account's menu; phones show it within five minutes."""
        await self._client.post(MENU, menu)

    async def menu(self) -> list[Mapping[str, Any]] | None:
        """The menu's buttons as they are, `sub_button` flattened; None when there is no menu."""
        answer = await self._client.get(CURRENT_MENU)
        if not answer.get("is_menu_open"):
            return None
        return list(_flat(answer.get("selfmenu_info", {}).get("button", [])))

    async def code(self, scene: str) -> str:
        """The address that a permanent QR code (QR_LIMIT_STR_SCENE, 100,000 an account) holds."""
        asked = {"action_name": "QR_LIMIT_STR_SCENE", "action_info": {"scene": {"scene_str": scene}}}
        return str((await self._client.post(CODE, asked))["url"])

    async def calls_a_day(self, path: str) -> int:
        """How many calls of an API the account has each day."""
        answer = await self._client.post(QUOTA, {"cgi_path": f"/{path}"})
        return int(answer["quota"]["daily_limit"])

    async def reach(self) -> tuple[list[str], str]:
        """Where WeChat's own servers find ours, and the worst loss of packets (`25%`)."""
        answer = await self._client.post(REACH, {"action": "all", "check_operator": "DEFAULT"})
        addresses = [str(found.get("ip", "")) for found in answer.get("dns", [])]
        losses = [str(ping.get("package_loss", "")) for ping in answer.get("ping", [])]
        return addresses, max(losses, key=lambda loss: (len(loss), loss), default="")

    async def templates(self) -> Mapping[str, frozenset[str]]:
        """The account's templates (模板消息): id → fields."""
        listed = (await self._client.get(TEMPLATES)).get("template_list", [])
        return {str(entry["template_id"]): _fields(entry) for entry in listed}

    async def notices(self) -> Mapping[str, frozenset[str]]:
        """The account's subscription notices (订阅通知): id → fields."""
        listed = (await self._client.get(NOTICES)).get("data", [])
        return {str(entry["priTmplId"]): _fields(entry) for entry in listed}


def _fields(entry: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(_FIELD.findall(str(entry.get("content", ""))))


def _flat(buttons: Iterable[Mapping[str, Any]]) -> Iterable[Mapping[str, Any]]:
    for button in buttons:
        below = button.get("sub_button")
        if below:
            yield from _flat(below["list"] if isinstance(below, Mapping) else below)
        else:
            yield button
