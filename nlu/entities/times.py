"""Since when, in a resident's own words: a date, a named time in the past, or how long already."""

from __future__ import annotations

import re

_CN = "一二两三四五六七八九十"
_FEW = rf"(?:\d{{1,2}}|[{_CN}]{{1,3}}|几|好几|大?半|俩|仨)"
_ABOUT = r"(?:快|将近|近)?"

# --- points in time ----------------------------------------------------------------------------------

_PART = r"(?:大?(?:早上|清早|上午|中午|下午|傍晚|晚上|夜里|夜晚|半夜|凌晨|晚))?"
_HOUR = rf"(?:\d{{1,2}}|[{_CN}]{{1,3}})(?:点半?|时)多?(?!了)"
_MONTH = r"(?:1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])月(?!工资|租|薪|供|[卡票饼])"
_DAY = r"(?:(?:[12]\d|3[01]|0?[1-9])|[一二三四五六七八九十]{1,3})[日号](?![楼院线店栋])"
_LUNAR = rf"(?:农历|阴历)?(?:腊月|正月|冬月)(?:初?[{_CN}]{{1,3}}|廿[{_CN}]|初\d|\d{{1,2}})?"
_END = r"(?:初|底|末|份|中旬|上旬|下旬|中)?"
_YEAR = r"(?:20[0-3]\d年|[012]\d年|大?前年|去年|今年)"
_HOLIDAY = (
    r"(?:春节|过年|大年(?:三十|初[一二三四五六七八九十])|元旦|清明|五一|端午|中秋|国庆|十一|元宵|双十一"
    r"|除夕|小年|腊八|冬至|重阳)(?!路|街|村|节目|劳动|节?加班|月)节?(?:前后|期间|过后|后|前|那天|当天)?"
)
_SEASON = r"(?:春天|夏天|秋天|冬天|开春|入冬|入夏|年初|年底|年中|上半年|下半年|初|底|末|暑假|寒假)"
# 2024年的物业费 is the year of a fee, 去年一年 a whole year.
_FEE = (
    r"(?!度|的?(?:物业|暖气|取暖|采暖|停车|水电|供暖|卫生|租金|房租)|工资|一年|全年|一整年|内|之前到期"
    r"|底之前|毕业|考上)"
)
_DATE = (
    rf"{_YEAR}的?{_MONTH}{_END}(?:{_DAY})?{_PART}|{_YEAR}的?(?:{_LUNAR}|{_HOLIDAY}){_PART}"
    rf"|20[0-3]\d[-/.](?:1[0-2]|0?[1-9])(?:[-/.](?:[12]\d|3[01]|0?[1-9]))?(?!\d)月?"
    rf"|{_MONTH}{_DAY}{_PART}|{_MONTH}份(?!的|[^，。\s]{{0,3}}(?:费|工资|工钱|的工|已经))|{_LUNAR}{_PART}"
    rf"|(?:20[0-3]\d年|去年|今年|大?前年){_SEASON}|(?:去年|大?前年){_FEE}"
    rf"|(?:这个月|本月){_DAY}{_PART}"
)
_NAMED = (
    rf"上上?个?月(?:{_DAY}|初[{_CN}]|{_END}){_PART}|上上?个?(?:周|星期|礼拜)[一二三四五六日天末]?{_PART}"
    rf"|(?<![每双])这?周[一二三四五六日]{_PART}"
    rf"|大?前(?:天|日|儿个?(?![媳女子婿童])){_PART}|昨(?:天|日|晚|儿个?|夜){_PART}(?:{_HOUR})?"
    rf"|大年(?:三十|初[一二三四五六七八九十])|前(?:几|两)(?:天|个月|年)|前阵子|前段时间"
    rf"|(?<![{_CN}几\d半多])(?<!大)(?:过?年前|春节前|过完年(?!能|再)|年初|(?<!百)年后|开春)(?!了?再|给|结"
    rf"|发|付|还)"
    rf"|(?<![{_CN}百几])(?<!去世)(?<!之)(?:\d{{1,2}}|[{_CN}]|几|好几|大?半)多?(?:年|个多?月|天|周|个?星期"
    rf"|个?礼拜)(?:之|以)?前"
    rf"|今[天早儿](?:早上|上午|中午|下午|晚上|凌晨|一?早)"
)
_OPENERS = r"今年|今天|这个?月|本月|入冬|入夏|开春|交房|过年|疫情|暑假|寒假"
_FROM = re.compile(
    rf"(?:从|自从?|打)(?:{_DATE}|20[0-3]\d年(?!度)|{_NAMED}|{_HOLIDAY}|{_OPENERS})(?:就?开始|起|以来|之后"
    rf"|以后|后|就)?(?:到现在|至今)?"
    rf"|(?:{_DATE}|20[0-3]\d年|{_NAMED}|{_HOLIDAY}|今年|这个?月|入冬|开春|交房)(?:就?开始|以来|起(?!诉|草"
    rf"|码)|到现在|至今)"
)
_UNTIL = re.compile(r"[^，。\s]{0,3}到(?!现在|今天|目前|如今|至今)")
_POINT = re.compile(rf"(?<![\d.第])(?:{_DATE}|{_NAMED})")
_DEADLINE = re.compile(r"^(?:之前|以前|前(?!后)|为止|到期|截止|再|给|付清|交房|之内)")
_OTHER_EVENT = re.compile(
    r"^(?:的(?!事|时候)|已经交|说的|至|(?:的|那)?(?:工资|工钱|账|收支|物业费|配送费|奖金|提成)|推)"
    r"|^(?:[我他她]?(?:们|就|才|刚|又|在.{1,2})?)(?:进厂|进的|进公司|入职|结婚|结的婚|买|出生|毕业|租"
    r"|认识|领证|参加|离婚|搬|我?从部队|复员|退伍|转业"
    r"|进入|登记|刚|续|交的|能(?:有|不)|写的?|那[件份次]|办的?卡|装修|签|去世|过世|病逝|走了|同期|就?没住"
    r"|没在|[^，。\s]{0,4}(?:购买|购房|起诉|投资|接手|注册|成立|交房|办了|办的|入职|登记|结婚|毕业|退休)"
    r"|入住|交的?房|开的?业|开始上班|来的|退休)"
)
_COMPARED = ("比", "跟", "和", "除", "过了", "不如", "等到", "等", "说", "到", "推到", "拖到")
_STORY = 60
"""Characters from which a text is a story: a past time in it tells of one event, not of the beginning."""

# --- how long already --------------------------------------------------------------------------------

_UNITS = r"(?:年半|年(?!代)多?|个半月|个多?月|(?<=[俩仨])月|天|个?多?(?:星期|礼拜)|周)"
_LENGTH = (
    rf"{_ABOUT}(?:{_FEW}|\d{{1,3}})(?:年零?{_FEW}个?月|{_UNITS}(?:半|多)?|来(?:年|天)|个来月|多(?:年|天))"
)
_LASTING = re.compile(rf"(?<![第\d.{_CN}零])(?P<length>{_LENGTH}了)(?!工资|的)")
_TROUBLE = (
    r"(?:拖了|欠了|漏了|等了|吵了|持续了|坏了|停了|闹了|拖欠了|堵了|反映了|投诉了|折腾了|断了|塌了|没发"
    r"|没水|没电|(?<!还)(?<!只)有)"
)
_DRAGGED = re.compile(
    rf"{_TROUBLE}(?:大概|差不多|都|已经|整整)?(?P<length>(?!\S{{0,3}}天){_LENGTH})(?!的|工资|钱|费|房租"
    rf"|租|薪|水|电|菜|货|社保|房贷|保险|利息|前|后|内|共|一共|总共)"
)
_WENT_ON = re.compile(
    rf"(?<![干过住买租开做养学用上签存判种当吃谈等活交婚认入班工处养守跑走刑写])了(?P<length>(?!\S{{0,3}}天){_LENGTH})(?=[，。\s]"
    rf"|$|还没|都没|没人)"
)
_NOTHING_DONE = re.compile(
    rf"(?<![第\d.{_CN}零])(?<!没有)(?P<length>(?!\S{{0,3}}天){_LENGTH})(?:都|也|还|了|过|一直|了都"
    rf"|了还){{0,2}}"
    r"(?:没(?:有)?(?:人管|人来|人修|修|给|发|结|解决|处理|结果|动静|回复|回音|答复|还|退|见到|供|来|停过"
    r"|消停|[\u4e00-\u9fff]{1,2}过)|不(?:给|还|退|管|修|发|结|回|回来|接|理)(?!孩子|老))"
)
_OTHER_LENGTH = re.compile(
    r"(?:(?:^|[，。 我家他她])(?:孩子|儿子|女儿|娃|闺女)(?:现在)?|结婚|婚后|工作|干了?|入职"
    r"|住(?:在)?[^，。]{0,3}|怀孕|买了?|认识|在一起|上班|工龄|交了|租了?|开了|走了|去世|离婚|做了|养了|大"
    r"|活了|满|才|当了|年龄|今年|(?<!到)现在是?|今年都|孩子现在|娃现在|试用期|合同|够|年年|还有|岗位?"
    r"|辞职|离职|退休|守了|跑了|登记|签了|学了|用了|种了|每|停了?工|存了|刑|判了|交房|失踪|服刑"
    r"|判刑)(?:都|快|已经|了|有|刚)*$"
)


def since(text: str) -> str | None:
    """The words that say since when, as typed; an age, a deadline or the year of a fee is no beginning."""
    for found in _FROM.finditer(text):
        # 从国庆等到过年 is how long something lasted, and is over.
        if not _UNTIL.match(text, found.end()):
            return found[0]
    for found in _POINT.finditer(text) if len(text) <= _STORY else ():
        after = text[found.end() : found.end() + 8]
        told = not text[: found.start()].endswith(_COMPARED)
        if told and not _DEADLINE.search(after) and not _OTHER_EVENT.search(after):
            return found[0]
    for pattern in (_LASTING, _NOTHING_DONE):
        for found in pattern.finditer(text):
            if not _OTHER_LENGTH.search(text[max(0, found.start() - 8) : found.start()]):
                return found["length"]
    for pattern in (_DRAGGED, _WENT_ON):
        for found in pattern.finditer(text):
            if not _OTHER_LENGTH.search(text[max(0, found.start() - 4) : found.start()]):
                return found["length"]
    return None
