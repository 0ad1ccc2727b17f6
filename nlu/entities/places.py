"""Names of places in a resident's words: estate and building, village, street with number, building site."""

from __future__ import annotations

import re

_CJK = r"[\u4e00-\u9fff]"
_COUNT = r"(?:\d{1,4}|[一二两三四五六七八九十]{1,3}|[a-z]\d{0,2})"
# 十四栋 is how many, 14栋 is which one.
_BUILDING = rf"(?:{_COUNT}\s?(?:号楼|号院|#楼|#)|(?:\d{{1,3}}|[a-z]\d{{0,2}})\s?(?:栋|幢|座))"
_PART = (
    rf"(?:\d{{1,3}}\s?-\s?\d{{1,3}}(?:\s?-\s?\d{{1,4}})?(?!\d)|{_COUNT}\s?(?:期|号楼|号院|栋|幢|座|单元"
    rf"|层|楼(?!上|下|道|顶)|室|号(?!人|线|晚|早|下|上|那"
    rf"|的)|组|弄|排|队|社(?!区)|户型|区(?!别))|[东西南北中][区门苑院])"
)
_TAIL = (
    rf"(?:小区)?(?:\s?{_PART})*(?:(?<=元)\s?\d{{3,4}}(?!\d|元|块|年|人)|(?<=楼|栋|幢"
    rf"|座)\s?\d{{3,4}}(?!\d|元|块|年|人))?(?:\s?-\s?\d{{1,4}}(?!\d)){{0,2}}"
)
# A name that ends so is a place wherever it begins clearly.
_ESTATE = (
    r"小区|花园|花苑|家园|嘉园|佳园|苑|名都|丽都|名城|锦城|花城|名邸|公寓|新村|新城|公馆|山庄|雅居|华府"
    r"|首府|豪庭|华庭|雅庭|天骄"
    r"|国际(?!化|上|贸|航|旅|学校|快递|影城|酒店|大酒店|商|幼儿园|健身|教育|美容|会展|机场|足球|实验|小学"
    r"|中学)|家属院|大院|大厦"
)
# These end ordinary words too: only before what an estate has.
_ESTATE_OF = (
    r"(?:[园城府湾郡庭轩居里墅]|半岛|水岸|时代|一品|印象)(?=小区|的?业主|的?物业|公共收益|地下车库"
    r"|的?电梯|的?门禁|的?停车"
    r"|(?:[a-z]|\d{1,3}|[一二三四五六七八九十]{1,3})(?:期|区|号楼|栋|幢|座|#))"
)
_STRONG = (
    rf"(?:{_ESTATE}|{_ESTATE_OF}|村(?!道|民|长|支|委|干|书|子|里|上|口|头|规|镇|庄|部|级|集体|小组)"
    rf"|屯(?!了|着))"
)
# These end many other words too: only after "in" or "at", or before a number.
_WEAK = (
    r"(?:大道|大街|路(?!灯|口|边|面|由|上|过|人|费|政|段|子|况)|街(?!道|坊|上|边|头|面)|巷(?!子|口)|胡同"
    r"|社区(?!的?人|说|干部|书记|主任|调解|工作|医院|卫生|居委|网格|门口|不)|工地(?!上的?人|方|老板)"
    r"|广场(?!舞)|市场|产业园|工业园|项目部)"
)
_ON = rf"(?:[^\W\da-z的到和与在去从修堵占挡断挖铺绕走逛上坏没不把被有是公马村]{{1,4}}?(?:{_STRONG}|{_WEAK}))*"
"""What may follow a name that begins clearly: 东关街槐花胡同, 石桥镇卫家坝村."""
_STRONG_NAME = re.compile(
    rf"(?P<name>{_CJK}{{2,14}}?)(?P<kind>(?:{_STRONG})+(?:{_WEAK})?)(?P<tail>{_ON}{_TAIL})"
)
_WEAK_NAME = re.compile(rf"(?P<name>{_CJK}{{2,14}}?)(?P<kind>(?:{_WEAK})+{_ON})(?P<tail>{_TAIL})")
_BUILT_NAME = re.compile(rf"(?P<name>{_CJK}{{2,14}})(?P<kind>\s?(?:[a-z]区)?{_BUILDING})(?P<tail>{_TAIL})")
_AT = ("住在", "家在", "位于", "地址是", "地址", "家住", "我住", "在", "地点是", "地点", "住")
_BEFORE = (
    "我们是|我是|这里是|这是|我们|我家|是|的|到|从|去|反映|投诉|举报|关于|说|了|就|你好|您好"
    "|请问|咨询|领导|现在|昨天|今天|求助|本人|俺们|俺|咱们|咱|本人是|代表|作为|发生在|来自|买"
    "|租|叫|我|个|对|于|给|找|跟|系|进|发现|随着|关注|请求|要求|建议|希望|解决|位于"
)
_CUT = re.compile("|".join(sorted((*_AT, *_BEFORE.split("|")), key=len, reverse=True)))
_NO_NAME = re.compile(
    r"^(?:自家|经济适用|阿拉|结果|入户|厂子|一家|小区|某|号|花木|老)"
    r"|[不没吗呢吧啊我你他她它们了的把被让要想说看很太都也就还又这那哪谁每该坏漏吵修停欠扣骂打占放]|"
    r"进|归|昨|今早|今晚|早上|晚上|中午|下午|点多|点半|刚刚|突然|改造|弃管|三无|经适|精装|一套|一共|原来"
    r"|星期|合同|年|月|写|建好|交付|赠|第|期间|整栋|物业"
    r"|业主|电梯|楼上|楼下|隔壁|邻居|对门|老板|保安|车位|停车|收费|什么|多少|怎么|为何|整个|同一|很多"
    r"|许多|各个|几个|一个|有人|家里"
)
_GENERIC = re.compile(
    "老旧|老式|住宅|农村|附近|旁边|门口|周边|周围|全部|整个|高档|封闭|开放|安置|回迁|拆迁"
    "|商住|公租房|廉租房|经济适用|居民|居住|城市|乡镇|自己|本地|当地|建筑|施工|装修|在建"
    "|某某|别人|其他|其它|多个|所有|各个|新建|同城|单身|青年|人才|职工|员工|学生|老年"
    "|商业|商务|空中|屋顶|私家|楼顶|后面|前面|对面|里面|外面|中心|城中|文明|智慧|示范"
    "|美丽|乡|镇|普通|小|大|老|新|出租|单位|政府|公园|前后|两个|三个|马|公|铁|道|修|走|半"
    "|跑|出|一|高速公|水泥|乡间|门前|屋后|菜|批发|农贸|劳务|二手|证券|楼|高层|多层|步行"
    "|村里|公共|消防|必经|城乡|主干|生活|电子|儿童|绿化|休闲|文化|健身|楼间|封闭式|高端"
    "|花园|家属|机关|教师|别墅|隔壁|邻近|同个|如今|每个|有的|这种|那种"
)
_NO_VILLAGE = re.compile(
    r"(?:同|邻|乡|农|度假|城中|外|别|本|全|山|小山|旁|自然|行政|一|几|各|整|隔壁|出|进|回|离|老|渔|空心"
    r"|贫困|我)$"
)
_STREET_LIKE = re.compile(
    r"(?:马|公|铁|道|修|走|半|跑|出|一|网|线|电|思|迷|套|堵|封|拦|水|小|土|泥|速|门前|让|带|问|赶|过"
    r"|岔|条|占|挡|断|挖|铺|绕|逛|上|大|老|条)$"
)


_NAMED = re.compile(
    rf"(?:楼盘|小区|村子?|工地|项目)(?:的?名字?)?(?:叫|名叫|是)\s?(?P<name>{_CJK}{{2,6}}?)(?=[，。\s]|$)"
)


def place(text: str) -> str | None:
    """The first clearly named place of `text` as typed; None for a bare 小区 or 楼上 and for numbers alone.

    3号楼2单元 is no place that an officer could go to: which estate it is must be asked.
    """
    for pattern, weak in ((_BUILT_NAME, False), (_STRONG_NAME, False), (_WEAK_NAME, True)):
        for match in pattern.finditer(text):
            if found := _named(text, match, weak=weak):
                return found
    named = _NAMED.search(text)
    return named["name"] if named and not _NO_NAME.search(named["name"]) else None


def _named(text: str, match: re.Match[str], *, weak: bool) -> str | None:
    name, cut = match["name"], ""
    for found in _CUT.finditer(name):
        cut, name = found[0], match["name"][found.end() :]
    if not cut:
        before = text[max(0, match.start() - 2) : match.start()]
        if before and "\u4e00" <= before[-1] <= "\u9fff":
            return None
    # A3区星城小区: what stands before the name is no word of it.
    name = name.lstrip("区市县镇省")
    if not 2 <= len(name) <= 9 or _GENERIC.fullmatch(name) or _NO_NAME.search(name):
        return None
    if match["kind"] == "村" and _NO_VILLAGE.search(name):
        return None
    if weak:
        numbered = bool(match["tail"]) and match["tail"].strip()[:1].isdigit()
        chained = re.search(r"街道|[镇乡]|市.{1,4}区", name) and "社区" in match["kind"]
        if not (cut in _AT or numbered or chained) or _STREET_LIKE.search(name):
            return None
    return (name + match["kind"] + match["tail"]).strip()
