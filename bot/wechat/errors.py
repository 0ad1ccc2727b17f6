"""What WeChat's error codes mean for a message that was to be sent."""

from __future__ import annotations

from handlers.messages import Outcome, TryLater, Undeliverable


class WeChatError(Exception):
    """WeChat refused a call; nothing of it happened."""

    def __init__(self, code: int) -> None:
        """`code` is the errcode of the answer."""
        super().__init__(f"WeChat answered errcode {code}")
        self.code = code


class NotReached(Exception):
    """The call did not get to WeChat; its text is a code."""


class OutcomeUnknown(Exception):
    """The call may have got to WeChat, but no answer came back that says so."""


TOKEN_REFUSED = frozenset({40001, 40014, 42001})
"""The access token is wrong or too old: renew it once, try once more."""

DAILY_QUOTA = 45009
_BUSY = {-1: "busy", 45011: "too_fast", DAILY_QUOTA: "daily_quota"}

_AT_NEXT_CONTACT = {45015: "window_closed", 45047: "too_many", 48001: "no_service_rights"}

_UNREACHABLE = {
    43004: "not_following",
    43019: "blocked_by_user",
    43101: "refused_by_user",
    48002: "refused_by_user",
    50005: "not_following",
}

OUR_MISTAKE = {
    40003: "bad_openid",
    40004: "bad_media_kind",
    40013: "bad_app_id",
    40037: "bad_template_id",
    40125: "bad_app_secret",
    40164: "address_not_allowed",
    40243: "app_secret_frozen",
    45002: "too_long",
    47001: "bad_json",
    47003: "bad_template_data",
}
"""What repeating cannot mend."""

ALERTING = frozenset(OUR_MISTAKE) | {DAILY_QUOTA}
"""A person has to look: at the configuration, the software, or the quota that is used up until midnight."""


def outcome_of(code: int) -> Outcome:
    """What becomes of a message whose sending ended with this errcode."""
    if code in TOKEN_REFUSED:
        return TryLater(f"wechat_{code}_token")
    if code in _BUSY:
        return TryLater(f"wechat_{code}_{_BUSY[code]}", tomorrow=code == DAILY_QUOTA)
    if code in _AT_NEXT_CONTACT:
        return Undeliverable(f"wechat_{code}_{_AT_NEXT_CONTACT[code]}", at_next_contact=True)
    if code in _UNREACHABLE:
        return Undeliverable(f"wechat_{code}_{_UNREACHABLE[code]}")
    if code in OUR_MISTAKE:
        return Undeliverable(f"wechat_{code}_{OUR_MISTAKE[code]}")
    return TryLater(f"wechat_{code}")
