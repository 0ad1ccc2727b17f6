"""Names of places in a resident's words: estate and building, village, street with number, building site."""

from __future__ import annotations

import re

_CJK = r"[\u4e00-\u9fff]"
_COUNT = r"(?:\d{1,4}|[一二两三四五六七八九十]{1,3}|[a-z]\d{0,2})"
_BUILDING = rf"{_COUNT}\s?(?:号楼|号院|栋|幢|座|#楼|#)"
_PART = rf"(?:{_COUNT}\s?(?:期|号楼|号院|栋|幢|座|单元|层|楼(?!上|下|道|顶)|室|号(?!人|线|晚|早|下|上|那|的)|组|弄|排|户型|区(?!别))|[东西南北中][区门苑院])"
_TAIL = rf"(?:\s?{_PART})*(?:(?<=元)\s?\d{{3,4}}(?!\d|元|块|年|人)|(?<=楼|栋|幢|座)\s?\d{{3,4}}(?!\d|元|块|年|人))?(?:\s?-\s?\d{{1,4}}(?!\d)){{0,2}}"
# A name that ends so is a place wherever it begins clearly.
_ESTATE = r"小区|花园|花苑|家园|嘉园|佳园|苑|名都|名城|名邸|公寓|新村|新城|公馆|山庄|雅居|华府|豪庭|家属院|大院|大厦"
_STRONG = rf"(?:{_ESTATE}|村(?!民|长|支|委|干|书|子|里|上|口|头|规|镇|庄|部|级|集体|小组)|屯(?!了|着))"
# These end many other words too: only after "in" or "at", or before a number.
_WEAK = r"(?:大道|路(?!灯|口|边|面|由|上|过|人|费|政|段|子|况)|街(?!道|坊|上|边|头|面)|巷(?!子|口)|胡同|社区(?!的?人|说|干部|书记|主任|调解|工作|医院|卫生|居委|网格|门口|不)|工地(?!上的?人|方|老板)|广场(?!舞)|市场|产业园|工业园|项目部)"
_STRONG_NAME = re.compile(rf"(?P<name>{_CJK}{{2,14}}?)(?P<kind>{_STRONG})(?P<tail>{_TAIL})")
_WEAK_NAME = re.compile(rf"(?P<name>{_CJK}{{2,14}}?)(?P<kind>{_WEAK})(?P<tail>{_TAIL})")
_BUILT_NAME = re.compile(rf"(?P<name>{_CJK}{{2,14}})(?P<kind>\s?{_BUILDING})(?P<tail>{_TAIL})")
_ADDRESS_ALONE = re.compile(rf"{_BUILDING}\s?(?:{_COUNT}\s?单元\s?(?:\d{{3,4}}(?!\d|元|块)室?)?|\d{{3,4}}室?(?!\d|元|块))")
_AT = ("住在", "家在", "位于", "地址是", "地址", "家住", "我住", "在", "地点是", "地点", "住")
_BEFORE = (
    *_AT,
    *("我们是", "我是", "这里是", "这是", "我们", "我家", "是", "的", "到", "从", "去", "反映", "投诉", "举报", "关于", "说"),
    *("了", "就", "你好", "您好", "请问", "咨询", "领导", "现在", "昨天", "今天", "求助", "本人", "俺们", "俺", "咱们", "咱"),
    *("来自", "买", "租", "叫", "我", "个", "对", "于", "给", "找", "跟"),
)
_CUT = re.compile("|".join(sorted(map(re.escape, _BEFORE), key=len, reverse=True)))
_NO_NAME = re.compile(
    r"[不没吗呢吧啊我你他她它们了的把被让要想说看很太都也就还又这那哪谁每该坏漏吵修停欠扣骂打]|"
    r"物业|业主|电梯|楼上|楼下|隔壁|邻居|对门|老板|保安|车位|停车|收费|什么|多少|怎么|为何|整个|同一|很多|许多|各个|几个|一个|有人|家里"
)
_GENERIC = frozenset(
    "老旧 老式 住宅 农村 附近 旁边 门口 周边 周围 全部 整个 高档 封闭 开放 安置 回迁 拆迁 商住 公租房 廉租房 经济适用 居民 居住 城市 乡镇 "
    "自己 本地 当地 建筑 施工 装修 在建 某某 别人 其他 其它 多个 所有 各个 新建 同城 单身 青年 人才 职工 员工 学生 老年 商业 商务 空中 "
    "屋顶 私家 楼顶 后面 前面 对面 里面 外面 中心 城中 文明 智慧 示范 美丽 乡 镇 普通 小 大 老 新 出租 单位 政府 公园 人民 前后 两个 三个 "
    "马 公 铁 道 修 走 半 跑 出 一 高速公 水泥 乡间 门前 屋后 菜 批发 农贸 劳务 人才 二手 证券 楼 高层 多层 步行 村里 公共 消防 必经 "
    "城乡 主干 生活 电子 儿童 绿化 休闲 文化 健身 楼间 封闭式 高端 花园 家属 机关 教师 别墅 隔壁 邻近 同个 如今 每个 有的 这种 那种".split()
)
_STREET_LIKE = re.compile(r"(?:马|公|铁|道|修|走|半|跑|出|一|网|线|电|思|迷|套|堵|封|拦|水|小|土|泥|速|门前|让|带|问|赶|过|岔|条|占|挡|断|挖|铺|绕|逛|上|大|老|条)$")


def place(text: str) -> str | None:
    """The first clearly named place of `text` as typed; None for a bare 小区, 村 or 楼上."""
    for pattern, weak in ((_BUILT_NAME, False), (_STRONG_NAME, False), (_WEAK_NAME, True)):
        for match in pattern.finditer(text):
            if found := _named(text, match, weak=weak):
                return found
    alone = _ADDRESS_ALONE.search(text)
    return alone[0].strip() if alone else None


def _named(text: str, match: re.Match[str], *, weak: bool) -> str | None:
    name, cut = match["name"], ""
    for found in _CUT.finditer(name):
        cut, name = found[0], match["name"][found.end() :]
    if not cut:
        before = text[max(0, match.start() - 2) : match.start()]
        if before and "\u4e00" <= before[-1] <= "\u9fff":
            return None
    if not 2 <= len(name) <= 9 or name in _GENERIC or _NO_NAME.search(name):
        return None
    if weak:
        numbered = bool(match["tail"]) and match["tail"].strip()[:1].isdigit()
        if not (cut in _AT or numbered) or _STREET_LIKE.search(name):
            return None
    return (name + match["kind"] + match["tail"]).strip()
