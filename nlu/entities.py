"""What a first sentence already says, so that it is not asked again; nothing when in doubt."""

from __future__ import annotations

import re
import unicodedata

from nlu.amounts import money, number, plain_number
from nlu.normalisation import normalise
from nlu.places import place
from nlu.times import since

LONGEST_TEXT = 2000
"""Characters that are searched: the first ones, as everything that spares a question is short."""

_MOBILE = re.compile(r"(?<![\d.])(?:\+?86[- ]?)?(1[3-9]\d[- ]?\d{4}[- ]?\d{4})(?!\d)")
_LANDLINE = re.compile(r"(?<![\d.\-])(0[1-9]\d{1,2})[- ]?([2-9]\d{6,7})(?!\d)")
_OTHERS_PHONE = re.compile(
    r"(?:(?:物业|老板|[他她]们?|对方|客服|公司|工头|邻居|中介|骗子|银行|商家|卖家|热线)的?[^，。 ]{0,6}"
    r"|[打拨]了?(?:电话)?)$"
)
_LONG_DIGITS = re.compile(r"\d{8,}")

_VAGUE = (
    r"(?:十|[二三四五六七八九]十|一?百|[二两三四五六七八九]百|\d{2,4})[多几来余]|几十|好几十|上百|几百"
    r"|好几百|成百上千|好几"
)
_HEADS = rf"(?P<heads>{_VAGUE}|\d{{1,4}}|[一二两三四五六七八九十百]{{1,5}})"
_WORKMEN = r"(?:工人|工友|农民工|民工|业主|村民|老乡)"
_WORKERS = (
    r"(?:工人|工友|农民工|民工|业主|村民|老乡|同事|员工|职工|住户|家长|骑手|司机|商户|受害者|受害人"
    r"|居民|乡亲|兄弟(?!姐|俩))"
)
_OURS = (
    r"(?:我们|咱们|俺们|咱|俺|一共|总共|共|涉及|连我|加上我|加我|拖欠|欠)(?:村|厂|班组|班|组|工地|小区"
    r"|这边|这里|这|一共|总共|共有|共|有|了|大概|大约|差不多|这些|还有|上){0,3}"
)
_PEOPLE = re.compile(
    rf"(?<![\d.第]){_OURS}{_HEADS}(?:个|名|位|口|号(?=人|工|兄))?(?:{_WORKERS}|人(?!民|家))"
    rf"|(?<![\d.第]){_HEADS.replace('heads', 'workers')}(?:个|名|位|户|多?号(?=工)){_WORKMEN}"
    rf"|{_OURS}{_HEADS.replace('heads', 'few')}个(?=都|没|一起|到现在|，|。|$)"
)
_FEWEST = 3
"""Two are most often the two sides or a couple."""
_OTHER_SIDE = re.compile(
    r"(?:来了|叫了|带了|叫来|找来|带来|派了|派来|[他她对]们?|对方|物业|老板|雇了|请了|招了|招|跟|和|与"
    r"|每|哪|某|被)[^，。]{0,3}$"
)

_SURNAME = (
    "李王张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁"
    "魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎"
    "易常武乔贺赖龚文"
)
_CALLED = (
    rf"(?:[老小][{_SURNAME}](?![\u4e00-\u9fff]?[兴度])|姓[{_SURNAME}](?:的)?|[{_SURNAME}](?:某某?"
    rf"|总(?!是|共|说)|老板|经理|师傅|主任))"
)
_ROLE = r"(?:包工头|工头|老板|房东|邻居|班组长|项目经理|带班的?|老板娘|队长|承包商|楼上|楼下|对门|隔壁)"
_PERSON = re.compile(
    rf"{_ROLE}{_CALLED}|(?:楼上|楼下|对门|隔壁)(?:的)?\d{{3,4}}(?!\d|元|块|年|人|天|平|米)(?:室)?"
)
_JOKE = "隔壁老王"
_COMPANY = re.compile(
    r"(?P<name>[\u4e00-\u9fffa-z]{2,16}?)(?P<kind>(?:股份)?有限(?:责任)?公司|集团(?:公司)?(?!里|的|让"
    r"|要|说)|公司)"
)
_COMPANY_CUT = re.compile(
    r"我们|我是|我在|在|是|的|被|把|给|跟|和|与|去|到|于|叫|投诉|反映|举报|关于|了|欠|找|进|由|请|向"
    r"|告|让|做|说|这家|那家|一家|为|承包给|买"
)
_TRADE = re.compile(
    r"(?:物业|劳务|建筑|装修|装饰|建设|建工|工程|客运|运输|物流|快递|环卫|保洁|保安|家政|地产|置业"
    r"|房地产|商贸|贸易|科技|网络|电子|电气|"
    r"机械|服装|食品|餐饮|教育|培训|传媒|文化|旅游|供热|热力|供水|电力|化工|制药|医药|医疗|器械|纺织"
    r"|家具|汽车|出租车?|租赁|中介|房产|"
    r"人力资源|派遣|服务|管理|安装|园林|绿化|农业|养殖|种植|投资|理财|担保|保险|证券|速运|电商|直播"
    r"|信息|技术|实业|开发|集团|市政|路桥|小区|维保|电梯|公交)+$"
)
_NO_COMPANY = re.compile(
    r"[我你他她它们这那哪某该本总各每不没的个退问换先后]|[里天次年底]$|第|什么|对方|原来|现在|之前"
    r"|以前|一起|开发商|老板|第三方|正规|国有|私人|大型|外地|本地|当地|"
    r"附近|新来|专业|有天|上市|皮包|关联|委托"
)


def entities(text: str) -> tuple[tuple[str, str], ...]:
    """(name, value) pairs of a text, each name at most once.

    place, since and other_party as typed; amount in 元 and phone in plain digits; people in digits, or as
    typed when it is vague (十几).
    """
    text = text[:LONGEST_TEXT]
    plain = " ".join(normalise(piece) for piece in text.split())
    phone, rest = _phone(plain)
    found = {
        "place": _as_typed(text, place(rest)),
        "amount": money(rest),
        "people": _people(rest),
        "since": _as_typed(text, since(rest)),
        "phone": phone,
        "other_party": _as_typed(text, _other_party(rest)),
    }
    return tuple((name, value) for name, value in found.items() if value)


def _as_typed(text: str, value: str | None) -> str | None:
    """`value`, found in normalised text, in the letters in which it was typed."""
    if not value:
        return None
    typed = unicodedata.normalize("NFKC", text)
    at = typed.lower().find(value)
    return typed[at : at + len(value)] if at >= 0 and len(typed.lower()) == len(typed) else value


def _phone(text: str) -> tuple[str | None, str]:
    """The resident's own number, and the text without any long number."""
    value = None
    for pattern, joint in ((_MOBILE, ""), (_LANDLINE, "-")):
        for match in pattern.finditer(text):
            if not _OTHERS_PHONE.search(text[max(0, match.start() - 10) : match.start()]):
                value = value or joint.join(re.sub(r"\D", "", group) for group in match.groups())
        text = pattern.sub("，", text)
    return value, _LONG_DIGITS.sub("，", text)


def _people(text: str) -> str | None:
    for match in _PEOPLE.finditer(text):
        before = text[max(0, match.start() - 5) : match.start()]
        heads = match["heads"] or match["workers"] or match["few"]
        if _OTHER_SIDE.search(before):
            continue
        value = number(heads)
        if value is None:
            return heads
        if value >= _FEWEST:
            return plain_number(value)
    return None


def _other_party(text: str) -> str | None:
    for match in _PERSON.finditer(text):
        if match[0] != _JOKE:
            return match[0]
    for match in _COMPANY.finditer(text):
        name, cut = match["name"], False
        for found in _COMPANY_CUT.finditer(name):
            name, cut = match["name"][found.end() :], True
        before = text[match.start() - 1 : match.start()]
        if not cut and before and "\u4e00" <= before <= "\u9fff":
            continue
        proper = _TRADE.sub("", name)
        if _NO_COMPANY.search(name) or not 2 <= len(proper) <= 8:
            continue
        if proper.isascii() or proper != name or "有限" in match["kind"]:
            return name + match["kind"]
    return None
