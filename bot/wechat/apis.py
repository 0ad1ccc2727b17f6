"""The calls of WeChat's server API that residents' messages need, by their paths."""

from __future__ import annotations

STABLE_TOKEN = "cgi-bin/stable_token"  # noqa: S105  (a path)
FORCED_TOKEN = f"{STABLE_TOKEN}#forced"
"""20 forced renewals a day are granted, and do not stand for the ordinary ones."""
SERVICE = "cgi-bin/message/custom/send"
MENUS = f"{SERVICE}#msgmenu"
"""Not an API of its own, but a right of its own."""
TYPING = "cgi-bin/message/custom/typing"
TEMPLATE = "cgi-bin/message/template/send"
NOTICE = "cgi-bin/message/subscribe/bizsend"
UPLOAD = "cgi-bin/media/upload"
DOWNLOAD = "cgi-bin/media/get"

EVERY_CALL = "any"
"""What rests when WeChat takes no token, not even a new one."""
