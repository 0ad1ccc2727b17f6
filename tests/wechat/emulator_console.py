"""What else the emulated account has: its menu, QR codes, lists of templates, the calls of the day."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.wechat.emulator_messages import Messages
from tests.wechat.limits import Error

_TYPES = {"click": "key", "view": "url"}


class Console:
    """The account's own settings."""

    def __init__(self, messages: Messages) -> None:
        self._messages = messages
        self.menu: dict[str, Any] | None = None
        self.codes: dict[str, str] = {}
        """Scene → the address that its picture holds."""
        self.quotas = {"/cgi-bin/message/custom/send": 500_000, "/cgi-bin/message/template/send": 100_000}

        self.reach: dict[str, Any] = {
            "dns": [{"ip": "203.0.113.9", "real_operator": "UNICOM"}],
            "ping": [{"ip": "203.0.113.9", "package_loss": "0%", "time": "11.2ms"}],
        }

    def create_menu(self, menu: Mapping[str, Any]) -> dict[str, Any]:
        buttons = menu.get("button")
        if not isinstance(buttons, list) or not 1 <= len(buttons) <= 3:
            raise Error(40016, "invalid button size")
        for button in buttons:
            _check(button, 16)
            if len(button.get("sub_button", [])) > 5:
                raise Error(40023, "invalid sub button size")
            for entry in button.get("sub_button", []):
                _check(entry, 60)
        self.menu = dict(menu)
        return {"errcode": 0, "errmsg": "ok"}

    def current_menu(self) -> dict[str, Any]:
        if self.menu is None:
            return {"is_menu_open": 0}
        shown = [
            button | {"sub_button": {"list": button["sub_button"]}} if "sub_button" in button else button
            for button in self.menu["button"]
        ]
        return {"is_menu_open": 1, "selfmenu_info": {"button": shown}}

    def create_code(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        scene = asked.get("action_info", {}).get("scene", {}).get("scene_str", "")
        if asked.get("action_name") != "QR_LIMIT_STR_SCENE" or not 1 <= len(scene) <= 64:
            raise Error(40053, "invalid action info")
        address = self.codes.setdefault(scene, f"http://weixin.example/q/{len(self.codes):06}")
        return {"ticket": f"ticket-{scene}", "url": address}

    def quota(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        path = str(asked.get("cgi_path"))
        allowed = {
            "/cgi-bin/message/custom/send": self._messages.service_rights,
            "/cgi-bin/message/template/send": self._messages.verified,
        }
        if path not in self.quotas:
            raise Error(76021, "cgi_path not found, please check")
        if not allowed[path]:
            raise Error(76022, "could not use this cgi_path, no permission")
        limit = self.quotas[path]
        return {"errcode": 0, "errmsg": "ok", "quota": {"daily_limit": limit, "used": 0, "remain": limit}}

    def templates(self) -> dict[str, Any]:
        if not self._messages.verified:
            raise Error(48001, "api unauthorized")
        listed = [
            {
                "template_id": template,
                "title": "进度通知",
                "content": "".join(f"{{{{{f}.DATA}}}}\n" for f in fields),
            }
            for template, fields in self._messages.templates.items()
        ]
        return {"template_list": listed}

    def notices(self) -> dict[str, Any]:
        listed = [
            {
                "priTmplId": template,
                "title": "进度通知",
                "content": "".join(f"{{{{{f}.DATA}}}}\n" for f in fields),
            }
            for template, fields in self._messages.templates.items()
        ]
        return {"errcode": 0, "errmsg": "ok", "data": listed}


def _check(button: Mapping[str, Any], name_bytes: int) -> None:
    if not 1 <= len(button.get("name", "").encode()) <= name_bytes:
        raise Error(40018, "invalid button name size")
    if button.get("sub_button"):
        return
    field = _TYPES.get(button.get("type", ""))
    if field is None:
        raise Error(40017, "invalid button type")
    if not 1 <= len(button.get(field, "").encode()) <= (128 if field == "key" else 1024):
        raise Error(40019 if field == "key" else 40020, f"invalid button {field} size")
