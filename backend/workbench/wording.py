"""The workbench's words for codes: what staff read instead of them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from backend.domain.errors import CaseError
from backend.domain.lifecycle import ACTION_NAMES, STATUS_NAMES, Action, Status

CHANNELS = {"wechat": "微信", "web": "网页", "webchat": "网页", "telegram": "Telegram", "webhook": "对接系统"}
LANGUAGES = {"zh_CN": "中文", "en": "英文", "mn": "蒙古文"}
CRISES = {
    "fire": "着火",
    "gas": "燃气泄漏",
    "medical": "需要急救",
    "missing": "有人走失",
    "violence": "暴力",
    "domestic_violence": "家庭暴力",
    "self_harm": "自伤风险",
    "minors": "未成年人受害",
    "gathering": "聚集",
}
ALERTS = {
    "crisis": "危急",
    "phone": "电话任务",
    "dissatisfied": "不满意",
    "unanswered": "居民久等",
    "urged": "居民催办",
    "stuck": "来信未处理",
    "channel": "渠道故障",
}
HANDOVER_REASONS = {
    "asked": "居民要求人工",
    "crisis": "危急情况",
    "misunderstood": "小助手没听懂",
    "officer_left": "原工作人员已离开",
    "officer_silent": "原工作人员没有回复",
    "taken_over": "由同事接手",
    "stuck": "来信未处理",
}
DETAILS = {
    "amount": "金额（元）",
    "people": "涉及人数",
    "harm": "有人受到伤害",
    "mediated": "以前调解过",
    "other_party": "对方",
}
DETAIL_VALUES = {"yes": "是", "no": "否"}
PARTIES = {"reporter": "反映人", "other": "对方当事人"}
OUTGOING_STATES = {
    "passive": "等待取走",
    "queued": "待发送",
    "held": "暂缓发送",
    "sending": "发送中",
    "sent": "已送达",
    "unknown": "结果不明",
    "dead": "发送失败",
    "dropped": "不再发送",
}
OUTGOING_KINDS = {
    "reply": "小助手回复",
    "notice": "进度通知",
    "survey": "满意度调查",
    "reminder": "未提交提醒",
    "chat": "工作人员消息",
}
CLICKS = {
    "skip": "跳过",
    "back": "上一步",
    "cancel": "取消",
    "continue": "继续",
    "person": "人工",
    "progress": "进度",
    "supplement": "补充",
    "urge": "催办",
    "withdraw": "撤回",
    "report": "反映问题",
    "menu": "菜单",
    "language": "语言",
}
"""What a button or a menu says that stands for a word of the resident's."""
REASONS = {
    "interrupted": "发送时中断",
    "next_contact": "等居民再次联系",
    "busy": "居民正在填写",
    "channel_off": "这个渠道没有启用",
    "resent_by_staff": "已人工重发",
    "listener_died": "回复时程序中断，重新发送",
    "not_following": "居民没有关注公众号",
    "blocked_by_user": "居民屏蔽了我们",
    "refused_by_user": "居民拒收消息",
    "window_closed": "超过可以主动联系的时间",
    "too_many": "主动消息太多",
    "no_service_rights": "公众号没有客服消息权限",
    "too_fast": "发送太快",
    "daily_quota": "今天的发送次数用完了",
    "token": "公众号凭证失效",
    "unreachable": "网络不通",
    "no_app_secret": "公众号没有配置密钥",
    "no_menu_rights": "公众号没有认证，不能发可点选的消息",
    "no_consent": "居民没有授权这类通知",
    "rest_not_sent": "前一部分送到了，后面的没有送到",
    "did_not_arrive": "微信报告没有送到",
    "user_block": "居民拒收公众号的通知",
    "system_failed": "微信系统发送失败",
    "bad_template_id": "模板编号不对，请管理员检查",
    "bad_template_data": "模板内容不符合微信的要求，请管理员检查",
    "bad_openid": "微信不认识这位居民",
    "bad_app_id": "AppID不对，请管理员检查",
    "bad_app_secret": "AppSecret不对，请管理员检查",
    "address_not_allowed": "服务器地址不在公众号的IP白名单里，请管理员检查",
    "app_secret_frozen": "AppSecret被冻结，请管理员检查",
    "too_long": "内容太长",
    "bad_json": "请求格式不对，请管理员检查",
    "bad_media_kind": "文件类型不对",
    "-1_busy": "微信系统忙",
    "not_started": "居民还没有打开过机器人",
    "chat_not_found": "找不到和居民的对话",
    "account_deleted": "居民的账号已注销",
    "token_refused": "凭证不被接受，请检查设置",
    "bad_request": "内容不被接受",
    "too_large": "文件太大",
    "gone": "对方系统联系不到这位居民",
    "not_taken": "对方系统没有收下，请管理员检查",
    "unavailable": "对方系统暂时不可用",
    "timed_out": "对方系统没有及时回应",
    "no_url": "没有配置对方系统的地址",
}
WAYS = {
    "passive": "随回复送达",
    "next_contact": "随居民下一次来信的回复送达",
    "custom": "客服消息",
    "menu": "可点选的客服消息",
    "template": "模板消息",
    "notice": "订阅通知",
}
"""How a message went out; what went straight to a page or a chat needs no word."""
KINDS = {"image": "图片", "voice": "语音", "video": "视频", "file": "文件", "sticker": "表情"}
NOT_KEPT = {
    "too_big": "太大，没有收",
    "unreadable": "打不开，没有收",
    "enough_today": "当天收得太多，没有收",
}
"""Why a file was not kept; what is not here could not be had from its channel."""
GIVEN_FILES = "对话中发来的照片和文件，已归入本事项"
"""What the history says of files that an officer put into a case; the resident's progress page shows it."""
RATINGS = {5: "非常满意", 4: "满意", 3: "基本满意", 2: "不满意", 1: "非常不满意"}
FIELDS = {"reason": "原因", "text": "内容", "unit": "承办单位", "category": "类别", "rating": "评分"}

_CHANNEL_CODE = re.compile(r"^[a-z]+_(\d+_)?")
_ERRCODE = re.compile(r"^\d+_")

_ERRORS = {
    "not_found": "没有这件事，或者不归您查看。",
    "not_yours": "您的角色不能做这一步。",
    "bad_value": "“{field}”填的内容不存在，请重新选择。",
    "missing_field": "请填写“{field}”。",
    "stale_version": "您打开之后，这件事有了新的变化。请先看看，再决定是否继续。",
}


def error_words(error: CaseError) -> str:
    """What went wrong, for a person."""
    if error.code == "not_allowed":
        status = STATUS_NAMES[Status(str(error.facts["status"]))]
        return f"现在是“{status}”，不能{ACTION_NAMES[Action(str(error.facts['action']))]}。"
    field = FIELDS.get(str(error.facts.get("field", "")), "")
    return _ERRORS[error.code].format(field=field)


def word(words: Mapping[str, str], code: str) -> str:
    """The word for a code; a code that is new here shows itself."""
    return words.get(code, code)


def detail(value: object) -> str:
    """The value of a case's detail."""
    return DETAIL_VALUES.get(str(value), str(value))


def reason(code: str) -> str:
    """Why a message did not arrive: `wechat_43004_not_following` as 居民没有关注公众号."""
    return REASONS.get(code) or REASONS.get(_CHANNEL_CODE.sub("", code), code)


def passed_over(ways: Sequence[str]) -> str:
    """Why a message did not go another way: `custom:window_closed` as 客服消息：超过可以主动联系的时间."""
    return "；".join(f"{word(WAYS, way)}：{_why(code)}" for way, _, code in (w.partition(":") for w in ways))


def _why(code: str) -> str:
    if code.startswith("field_"):
        return f"内容放不进字段 {code.removeprefix('field_')}"
    return REASONS.get(_ERRCODE.sub("", code), code)


def trouble(state: str, why: str) -> str:
    """What keeps a message from the resident, and what an officer can do about it."""
    if state == "held" and why == "next_contact":
        return "居民下次发消息时才能看到；急事请打电话"
    return OUTGOING_STATES[state]


def alert_code(code: str) -> str:
    """What an alert is about."""
    kind, colon, rating = code.partition(":")
    if colon and kind == "rating" and rating.isdigit():
        return f"评分 {rating} 分"
    return CRISES.get(code) or OUTGOING_KINDS.get(code) or reason(code)
