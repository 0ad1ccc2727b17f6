"""How many people a matter touches, the resident's own side only."""

from __future__ import annotations

import re

from nlu.entities.amounts import number, plain_number

_DIGITS = "零一二三四五六七八九十百千万"
_TENS = "[二三四五六七八九]"
_VAGUE = (
    rf"(?:十|{_TENS}十|一?百|[二两三四五六七八九]百|[一二两三四五六七八九]千|\d{{2,4}})[多几来余]|几十"
    rf"|好几十|上百|几百|好几百|成百上千|好几"
)
_HEADS = rf"(?P<heads>{_VAGUE}|\d{{1,4}}|[一二两三四五六七八九十百]{{1,5}})"
_WORKERS = (
    r"(?:工人|工友|农民工|民工|业主|村民|老乡|同事|员工|职工|住户|农户|商户|家长|学员|骑手|司机|受害者"
    r"|受害人|居民|乡亲|租户|社员|储户"
    r"|学生|学徒|实习生|技工|护工|教师|护士|环卫工|保洁员|兄弟(?!姐|俩))"
)
_GROUPS = r"(?:工人|工友|农民工|民工|业主|村民|老乡|学员|学徒|学生|农户|储户|商户|住户)"
_WE = (
    r"(?:我们|咱们|俺们|咱|俺)(?:村|厂|班组|班|组|工地|小区|这边|这里|这|单元|楼|栋|车间"
    r"|[\u4e00-\u9fff]{0,3}(?:队|组|班|部|店|车间))?"
)
_ALL = (
    r"(?:一共|总共|一起|一块|一同|共有|共|涉及|连我|加上我|加我|拖欠|欠了?|全村|全体(?:业主)?|全楼|全小区"
    r"|全单元|整栋楼|整个单元|全组|全厂|全乡|全镇|车间|班组)"
)
_OURS = rf"(?:{_WE}|{_ALL})(?:{_ALL}|有|了|上|大概|大约|差不多|这些|还有|的){{0,3}}"
_TEAM = r"(?:木工|瓦工|钢筋|抹灰|泥工|水电|油漆|架子|塔吊|保洁|保安|电工|焊工)?(?:班组?|队|车间)"
_COUNTED = r"(?:个|名|位|口|多?号(?=人|工|兄))?"
_PATTERNS = (
    rf"(?<![\d.第]){_OURS}{_HEADS}{_COUNTED}(?:{_WORKERS}|人(?!民|家|次|均)|户(?!型|口|外|主|头|籍))",
    rf"(?<![\d.第多几]){_HEADS}(?:个|名|位|户|多?号(?=工)){_GROUPS}",
    (
        rf"{_GROUPS}(?:们)?(?:一共|总共|共|有|大概|大约|差不多){{0,2}}{_HEADS}(?:个|名|位|家|户)(?:人|(?=都"
        rf"|没|一起|，|。| |$))"
    ),
    rf"{_GROUPS}(?:一共|总共|共|有)?{_HEADS}(?:人|户)",
    rf"(?:{_WORKERS}|一行|连我){_HEADS}个?人(?!民|家|次|均)",
    rf"{_TEAM}(?:里|上)?(?:一共|总共|共|有)?{_HEADS}个?人(?!民|家|次|均)",
    rf"{_WE}(?:一共|总共|共|有)?{_HEADS}个(?=都|没|一起|到现在|，|。|$)",
)
_HOUSEHOLDS = rf"(?<![\d.第每梯多几{_DIGITS}]){_HEADS}户(?!型|口|外|主|头|籍|室|数|人家)"
# Two are most often the two sides or a couple; 一梯四户 is how a house is built.
_LEAST = (*((re.compile(pattern), 3) for pattern in _PATTERNS), (re.compile(_HOUSEHOLDS), 5))
"""Patterns, and the fewest whom each may tell of."""
_HOUSEHOLD = "户"
_TOGETHER_BEFORE = re.compile(r"(?:全体|全部|所有|联名|涉及|受害|欠了?)[^，。\s]{0,6}$")
_TOGETHER_AFTER = re.compile(
    rf"(?:{_WORKERS})?(?:人家)?[^，。\s]{{0,6}}(?:都|联名|一起|全部|签字|不同意|反对|停[水电]|被|没)|{_GROUPS}(?=[^，。\s的])"
)
"""How big an estate is says nothing; households count that suffer or act together."""
_COUNTED_OFF = re.compile(r"[一二两三四五六七八九]{2,}")
_OTHER_SIDE = re.compile(
    r"(?:来了|叫了|带了|叫来|找来|带来|派了|派来|[他她对]们?|对方|物业|老板|雇了|请了|招了|招|跟|和|与|每"
    r"|哪|某|被)"
    r"[^，。]{0,3}$"
)


def head_count(text: str) -> str | None:
    """How many people on the resident's side: in digits, or as typed when it is vague (十几, 六七)."""
    for pattern, least in _LEAST:
        for match in pattern.finditer(text):
            if _OTHER_SIDE.search(text[max(0, match.start() - 5) : match.start()]):
                continue
            if text.startswith(_HOUSEHOLD, match.end("heads")) and not _together(text, match):
                continue
            value = None if _COUNTED_OFF.fullmatch(match["heads"]) else number(match["heads"])
            if value is None:
                return match["heads"]
            if value >= least:
                return plain_number(value)
    return None


def _together(text: str, match: re.Match[str]) -> bool:
    """Whether the households of a match are on one side: 我们14户都停水, 38户联名."""
    after = text[match.end("heads") + len(_HOUSEHOLD) :]
    before = text[max(0, match.start("heads") - 10) : match.start("heads")]
    return bool(_TOGETHER_BEFORE.search(before) or _TOGETHER_AFTER.match(after))
