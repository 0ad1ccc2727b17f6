"""Since when, in a resident's own words: a date, a named time in the past, or how long already."""

from __future__ import annotations

import re

_NUMBER = r"(?:\d{1,3}|[一二两三四五六七八九十]{1,3}|几|好几|大?半)"
_MONTH = r"(?:1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])月(?!工资|租|薪|供)"
_DAY = r"(?:[12]\d|3[01]|0?[1-9])[日号]"
_END = r"(?:初|底|末|份|中旬|上旬|下旬|中)?"
_PART = r"(?:早上|上午|中午|下午|傍晚|晚上|夜里|半夜|凌晨)?"
_YEAR = r"(?:20[0-3]\d年|[01]\d年|大?前年|去年|今年)"
_FEE = r"(?!度|的?(?:物业|暖气|取暖|采暖|停车|水电|供暖|卫生)|工资|内|之前到期|底之前)"
_DATE = (
    rf"{_YEAR}的?{_MONTH}{_END}(?:{_DAY})?{_PART}|20[0-3]\d[-/.](?:1[0-2]|0?[1-9])(?:[-/.](?:[12]\d"
    rf"|3[01]|0?[1-9]))?(?!\d)"
    rf"|{_MONTH}{_DAY}{_PART}|{_MONTH}份|(?:20[0-3]\d年|去年|大?前年)(?:春节|国庆|中秋|年初|年底|夏天"
    rf"|冬天|春天|秋天|下半年|上半年|初|底)?{_FEE}"
    r"|今年(?:春节|国庆|中秋|年初|夏天|冬天|春天|秋天|初|上半年|下半年|开春)"
)
_FEW = r"(?:\d{1,2}|[一二两三四五六七八九十]|几|好几|大?半)"
_NAMED = (
    rf"上上?个?月{_END}(?:{_DAY})?|上上?个?(?:周|星期|礼拜)[一二三四五六日天末]?{_PART}|大?前天{_PART}"
    rf"|昨[天晚]{_PART}|前(?:几|两)(?:天|个月|年)|前阵子|前段时间"
    r"|(?<![一二两三四五六七八九十几\d半多])(?:过?年前|春节前|过完年|年初|年后)(?!了?再|给|结|发|付|还)"
    rf"|(?<![一二两三四五六七八九十百几])(?<!去世)(?<!之){_FEW}(?:多)?(?:年|个多?月|天|周|个?星期"
    rf"|个?礼拜)(?:之|以)?前"
    r"|今[天早](?:早上|上午|中午|下午|晚上|凌晨)"
)
_FROM = re.compile(
    rf"(?:从|自从?|打)(?:{_DATE}|{_NAMED}|今年|今天|这个?月|本月|入冬|开春|搬进来|装修|交房|过年"
    rf"|疫情)(?:就?开始|起|以来|之后|以后|就)?(?:到现在|至今)?"
    rf"|(?:{_DATE}|{_NAMED}|今年|这个?月|入冬|开春|交房)(?:就?开始|以来|起(?!诉|草|码)|到现在|至今)"
)
_DEADLINE = re.compile(r"^(?:之前|以前|前(?!后)|为止|到期|截止|再|给|付清|交房)")
_OTHER_EVENT = re.compile(
    r"^(?:[我他她]?(?:就|才|刚|又|在.{1,2})?)(?:进厂|进的|进公司|入职|结婚|结的|买|出生|毕业|租|认识"
    r"|领证|参加|离婚|搬|我?从部队|复员|退伍|转业|进入|办的?卡|装修|签|去世|过世|病逝|走了|同期)"
)
_COMPARED = ("比", "跟", "和", "除", "过了", "不如")
_OPENING = 40
"""Further into a story a past time tells of one event, no longer of the beginning."""
_POINT = re.compile(rf"(?<![\d.])(?:{_DATE}|{_NAMED})")
_LENGTH = rf"{_NUMBER}(?:年半|年多?|个多?月|天|个?多?(?:星期|礼拜)|周)(?:半|多)?"
_LASTING = re.compile(rf"(?<![第\d.一二两三四五六七八九十]){_LENGTH}了(?!工资)")
_DRAGGED = re.compile(
    rf"(?:拖了|欠了|漏了|等了|吵了|持续了|坏了|停了|闹了|拖欠了|堵了|反映了|投诉了|折腾了|没发)(?:快"
    rf"|将近|大概|差不多|都)?"
    rf"(?P<length>{_LENGTH})(?!的|工资|钱|费|房租|租|薪|水|电|菜|货|社保|房贷|保险|利息)"
)
_OTHER_LENGTH = re.compile(
    r"(?:结婚|婚后|工作|干了?|入职|住了?|怀孕|买了?|认识|孩子|在一起|上班|工龄|交了|租了?|开了|走了"
    r"|去世|离婚|做了|养了|大|活了|满|才|儿子|女儿|娃|当了|年龄|今年|现在是?|今年都|孩子现在|娃现在)"
    r"(?:都|快|已经|了|有|刚)*$"
)


def since(text: str) -> str | None:
    """The words that say since when, as typed; an age, a deadline or the year of a fee is no beginning."""
    if found := _FROM.search(text):
        return found[0]
    for found in _POINT.finditer(text):
        after = text[found.end() : found.end() + 6]
        told = found.start() < _OPENING and not text[: found.start()].endswith(_COMPARED)
        if told and not _DEADLINE.search(after) and not _OTHER_EVENT.search(after):
            return found[0]
    for found in _LASTING.finditer(text):
        if not _OTHER_LENGTH.search(text[max(0, found.start() - 8) : found.start()]):
            return found[0]
    dragged = _DRAGGED.search(text)
    return dragged["length"] if dragged else None
