"""Where people live and whom they work for: addresses, estates, villages, roads, companies, schools."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial

from backend.domain.masking.words import among

_NUMBER = r"(?:\d{1,4}|[零一二三四五六七八九十百]{1,4}|[A-Za-z]\d{0,2})"
_PAUSE = re.compile(among("pauses"))
_GENERIC = re.compile(f"(?:{among('generic')})+")
_GENERIC_ROADS = re.compile(f"(?:{among('generic_roads')})+")
_NOT_IN_NAMES = re.compile(among("not_in_names"))
_BUILDING = "某号楼|某号院|某栋|某幢|某座"

_DASHED = re.compile(r"(?<![\d.])\d{1,3}\s?[-—–/]\s?\d{1,3}(?:\s?[-—–/]\s?\d{1,4})+(?![\d.])")
_HOUSES = (
    (
        re.compile(
            rf"{_NUMBER}\s?(?P<unit>号楼|号院|#楼|#|栋(?!楼)|幢|座(?!椅|位|谈|机|桥|山)|单元|排)"
            r"|(?<![多几十百\d])\d{1,3}(?P<building>栋)(?=楼)"
        ),
        "某{unit}{building}",
    ),
    (re.compile(r"(?:\d{2,4}|[零〇一二三四五六七八九]{3,4})\s?室|\d{1,4}\s?弄"), "某室"),
    (
        re.compile(
            r"(?P<before>号楼|栋|幢|座|单元|门|楼上|楼下|对门|隔壁|邻居|住|我家|户主|期|苑|园|区|小区|房)(?P<of>的|是|在)?"
            r"\s?(?:\d{3,4}(?![\d元块年人天平米]|多|万)|[零〇一二三四五六七八九]{3,4}(?!年))"
        ),
        "{before}{of}某室",
    ),
    (
        re.compile(r"(?<![\d.年月第])(?!20[0-3]\d)\d{3,4}(?=的|住户|业主|租户|那家|家(?!里)|户(?!人))"),
        "某室",
    ),
    (re.compile(r"(?<=[路街巷道弄村])\s?\d{1,4}(?:[-—]\d{1,3})?\s?号?"), "某号"),
    (re.compile(rf"(?<=[村庄屯])\s?第?{_NUMBER}\s?(?P<unit>组|队|社)"), "某{unit}"),
)


@dataclass(frozen=True, slots=True)
class _Kind:
    """Things whose names end alike."""

    pattern: re.Pattern[str]
    put: str
    """What stands for the name; {kind} and {trade} are words of it that stay."""
    least: int
    """Characters that are the least for a name."""
    generic: re.Pattern[str]
    """What stands before the kind without being a name."""
    clear: bool
    """Whether a name must begin clearly: at a pause, or after a word that ends before a name."""

    def hidden(self, text: str) -> str:
        """`text` without the names of this kind."""
        return self.pattern.sub(self._hide, text)

    def _hide(self, found: re.Match[str]) -> str:
        whole = found["name"]
        name, paused = whole, False
        for pause in _PAUSE.finditer(whole):
            # 开心物业: a name may begin with such a word, but is not its last character alone.
            if self.least == 1 or len(whole) - pause.end() != 1:
                name, paused = whole[pause.end() :], True
        before = found.string[found.start() - 1 : found.start()]
        begins = paused or not "\u4e00" <= before <= "\u9fff"
        if len(name) < self.least or self.generic.fullmatch(name) or (self.clear and not begins):
            return found[0]
        words = found.groupdict(default="")
        if "trade" in words and _NOT_IN_NAMES.search(name):
            return found[0]
        return whole.removesuffix(name) + self.put.format(**words)


def _kind(
    kind: str,
    put: str = "某{kind}",
    *,
    least: int = 2,
    generic: re.Pattern[str] = _GENERIC,
    clear: bool = False,
) -> _Kind:
    trade = f"(?P<trade>(?:{among('trades')})*)" if "{trade}" in put else ""
    name = r"(?P<name>[\u4e00-\u9fffA-Za-z]{1,8}?)"
    return _Kind(re.compile(f"{name}{trade}(?P<kind>{kind})"), put, least, generic, clear)


_AREAS = (
    _kind(r"省(?![钱事电内道级的得下略])|自治区|自治州", clear=True),
    _kind(r"(?<![超城菜门夜股都上花黑楼集开])市(?![场民政里区面容价])|县(?![里城级上])", clear=True),
    _kind(
        r"区(?=[\u4e00-\u9fff]{2,5}(?:街道|路|街|镇|乡|社区|小区|村|法院|政府|局))|区(?=[\s，。来]|$)",
        clear=True,
    ),
    _kind(r"街道(?!上|边|旁)|社区|居委会"),
    _kind(r"[镇乡](?![下亲间里])"),
    _kind(r"村(?![口里头上])", least=1),
    _kind(r"家[湾沟坪坳垸冲岭坝洼营窑桥集岗塘墩圩埠河山](?!里面)", "某村", least=1),
    _kind(r"[屯庄寨堡](?=[\s，。一二三四五六七八九\d]|$|的)", "某村", clear=True),
    _kind(
        r"小区|花园|花苑|家园|嘉园|佳园|[佳雅]?苑|名都|名城|名邸|公寓|新村|新城|公馆|山庄|雅居|华府|豪庭|[华雅]庭"
        r"|家属院|大院|天街|首府|壹号院?|花城|锦城|天骄",
        "某小区",
    ),
    _kind(
        r"(?:[湾城府庭园里轩居台阁湖岸都郡墅]|国际|一品|印象|时代|阳光)"
        r"(?=小区|(?:[A-Za-z]|\d{1,3}|[一二三四五六七八九十]{1,3})(?:期|号楼|号院|栋|幢|座|区|单元|#)|物业"
        rf"|{_BUILDING})",
        "某小区",
    ),
)
"""What house numbers follow."""
_NAMED = (
    _kind(rf"(?={_BUILDING}|某单元|[一二三四五六\d]期的?(?:业主|住户|物业|某))", "某小区", clear=True),
    _kind(r"广场(?!舞)|大厦|商场|商城|市场|[产工]业园区?|软件园|科技园|开发区|工业区"),
    _kind(
        r"大道|大街|(?<![马公铁道修走半跑出一网线电思迷套堵封拦水小土泥速让带问赶过岔条占挡断挖铺绕逛上大老销耕头活])"
        r"路(?![车灯口边面由上过人费政段子况])|(?<![逛上沿临当老小行业食条])街(?![道坊上边头面])|巷(?![子口])|胡同",
        generic=_GENERIC_ROADS,
    ),
    _kind(r"(?<=中[铁建交水冶核])[一二三四五六七八九十]{1,3}局", "某公司", least=1),
    _kind(r"(?:股份)?有限(?:责任)?公司|集团公司|公司|集团", "某{trade}公司"),
    _kind(
        r"小学|初中|中学|高中|大学|学院|学校|幼儿园|医院|诊所|卫生院|银行|支行|美容院|健身房|驾校|影楼|养老院|敬老院"
        r"|事务所|合作社|工程队|项目部|酒店|饭店|宾馆|超市|会所|俱乐部|工作室|KTV|ktv|酒吧|网吧",
        "某{trade}{kind}",
    ),
    _kind(
        r"厂(?![家房长里方区])|店(?![里家主长员铺])|工地(?!上)|站(?![在着住起点出])|中介|物业|机构|酒楼|餐厅|分局"
        r"|直播间",
        "某{trade}{kind}",
        clear=True,
    ),
)
_HOME = re.compile(r"(?P<before>老家(?:在|是)|祖籍|籍贯)(?!某)[\u4e00-\u9fff]{2,4}")
_IN_PROVINCE = re.compile(
    rf"(?:{among('provinces')})省?(?!打工|上班|干活|工作|老家|那边|这边|人)[\u4e00-\u9fff]{{2,3}}(?=[\s，。市县]|$)"
)
_SCHOOL_BY_NUMBER = re.compile(
    r"(?:实验|附属|附中|外国语|师范|育[才英红]|城[关东西南北中]|[县市区镇])第?[一二三四五六七八九十]{1,2}(?:小(?!时|区|孩)|中(?!间|午|心)|幼)"
    r"|(?<![\u4e00-\u9fff])第?[一二三四五六七八九十]{1,2}[小中幼](?=的|上学|读书|念书|门口|老师|校门|附近|\W|$)"
)
_REGION = re.compile(
    rf"(?:{among('provinces')})(?:省|市|人(?!民))?(?:{among('cities')})?市?|(?:{among('cities')})市?"
)


def masked(text: str) -> str:
    """`text` with 某小区某号楼, 某村, 某路某号, 某公司 … in place of names of places and organisations."""
    text = _DASHED.sub("某号楼某单元某室", text)
    for kind in _AREAS:
        text = kind.hidden(text)
    for pattern, put in _HOUSES:
        text = pattern.sub(partial(_filled, put), text)
    for kind in _NAMED:
        text = kind.hidden(text)
    text = _SCHOOL_BY_NUMBER.sub("某学校", text)
    text = _IN_PROVINCE.sub("某地", text)
    text = _HOME.sub(r"\g<before>某地", text)
    return _REGION.sub("某地", text)


def estates(address: str) -> list[str]:
    """The names in an address that only a building's number tells to be names: 翡翠澜山8栋."""
    numbered = address
    for pattern, put in _HOUSES:
        numbered = pattern.sub(partial(_filled, put), numbered)
    before = re.split(f"{_BUILDING}|某单元|某室", numbered)[0].strip()
    is_one = re.fullmatch(r"[\u4e00-\u9fff]{3,8}", before) and before != address
    return [before] if is_one and not _PAUSE.search(before) and not _GENERIC.fullmatch(before) else []


def _filled(put: str, found: re.Match[str]) -> str:
    return put.format(**found.groupdict(default=""))
