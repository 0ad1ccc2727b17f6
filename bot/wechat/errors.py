"""What WeChat's error codes mean for a message that was to be sent."""

from __future__ import annotations

from handlers.messages import TryLater, Undeliverable


class WeChatError(Exception):
    """WeChat refused a call; nothing of it happened."""

    def __init__(self, code: int, address: str = "") -> None:
        """`code`: the errcode; `address`: ours as WeChat saw it, where that is what is wrong."""
        super().__init__(f"WeChat answered errcode {code}")
        self.code = code
        self.address = address


class TokenError(WeChatError):
    """WeChat gives no access token; that says nothing about the call which needed one."""


class NotReached(Exception):
    """The call did not get to WeChat; its text is a code."""


class OutcomeUnknown(Exception):
    """The call may have got to WeChat, but no answer came back that says so."""


TOKEN_REFUSED = frozenset({40001, 40014, 42001})
"""The access token is wrong or too old: renew it once, try once more."""

DAILY_QUOTA = 45009
"""This API's calls of the day are used up: none more before midnight."""
NO_RIGHTS = 48001
"""The account has no right to this API (it is not verified, say)."""
NOT_WHITELISTED = 40164
"""The address that we come from is not on the account's list (IP白名单)."""
NO_MENU = 40200
"""Menus in a message are for verified accounts (a report of other developers, undocumented)."""

TOO_FAST = 45011
"""Too many calls of this API in a minute, whomever they are about."""

_BUSY = {-1: "busy", TOO_FAST: "too_fast", DAILY_QUOTA: "daily_quota"}

_AT_NEXT_CONTACT = {45015: "window_closed", 45047: "too_many", NO_RIGHTS: "no_service_rights"}

NOT_FOLLOWING = frozenset({43004, 50005})
"""The resident does not follow the account, so that no way but a consent of theirs is left."""

_UNREACHABLE = {
    43004: "not_following",
    43019: "blocked_by_user",
    43101: "refused_by_user",
    48002: "refused_by_user",
    50005: "not_following",
}

CLOSING = frozenset({45015, 45047}) | frozenset(_UNREACHABLE)
"""The way is of no use to this resident before their next contact."""

NEXT_WAY = CLOSING | {DAILY_QUOTA, NO_RIGHTS}
"""Another way may do where this one refuses."""

OUR_MISTAKE = {
    40003: "bad_openid",
    40004: "bad_media_kind",
    40013: "bad_app_id",
    40037: "bad_template_id",
    40125: "bad_app_secret",
    NOT_WHITELISTED: "address_not_allowed",
    40243: "app_secret_frozen",
    45002: "too_long",
    47001: "bad_json",
    47003: "bad_template_data",
}
"""What repeating cannot mend."""

ALERTING = frozenset(OUR_MISTAKE) | {DAILY_QUOTA, NO_RIGHTS}
"""A person has to look: at the configuration, the software, or the quota that is used up until midnight."""

_NAMES = {NO_MENU: "no_menu_rights"} | _BUSY | _AT_NEXT_CONTACT | _UNREACHABLE | OUR_MISTAKE


def reason(code: int) -> str:
    """An errcode as staff's page looks it up: `45015_window_closed`; one that is new here stands alone."""
    name = "token" if code in TOKEN_REFUSED else _NAMES.get(code)
    return f"{code}_{name}" if name else str(code)


def outcome_of(code: int) -> TryLater | Undeliverable:
    """What becomes of a message whose sending ended with this errcode."""
    why = f"wechat_{reason(code)}"
    if code in _AT_NEXT_CONTACT:
        return Undeliverable(why, at_next_contact=True)
    if code in _UNREACHABLE or code in OUR_MISTAKE:
        return Undeliverable(why)
    return TryLater(why, tomorrow=code == DAILY_QUOTA, fewer=code == TOO_FAST)
