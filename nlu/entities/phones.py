"""The resident's own phone number in their words, and the words without any long number."""

from __future__ import annotations

import re

_GAP = r"[- ]?"
_MOBILE = re.compile(rf"(?<![\d.])(?:\+?86{_GAP})?(1{_GAP}[3-9](?:{_GAP}\d){{9}})(?!{_GAP}\d)")
_LANDLINE = re.compile(r"(?<![\d.\-])(0[1-9]\d{1,2})[- ]?([2-9]\d{6,7})(?!\d)")
_IN_WORDS = re.compile(
    r"(?<![零一二三四五六七八九幺])[一幺]\s?[三四五六七八九](?:\s?[零一二三四五六七八九幺]){9}(?![零一二三四五六七八九幺])"
)
_WORDS = str.maketrans("零一二三四五六七八九幺", "01234567891")
_LONG_DIGITS = re.compile(r"\d{8,}")

_MINE = re.compile(
    r"(?:我(?:的(?:是|为)|的?(?:电话|手机|号码?|联系方式|座机|微信)号?码?(?:是|为)?)|本人(?:电话|手机)?"
    r"|打我|联系我|找我|回我|打给我|call我|联系(?:电话|方式)|留个电话)"
    r"[^，。\d]{0,3}$"
)
_SOMEBODY = (
    r"(?:物业|老板娘?|对方|客服|公司|工头|包工头|邻居|中介|骗子|银行|商家|卖家|店家|热线|房东|司机|队长"
    r"|经理|负责人|学校|医院|前夫|前妻|老公|老婆"
    r"|儿子|女儿|楼上|楼下|隔壁|对门|网格员|村长|书记|[他她]们?)"
)
_OTHERS = re.compile(
    rf"{_SOMEBODY}的?[^，。\d]{{0,6}}$"
    r"|[他她][^，。\d]{0,10}$|(?<![\u4e00-\u9fff])(?!(?:我|俺|本人|联系|家里|留|座机|手机"
    r"|固定))[\u4e00-\u9fff]{2,6}的(?:电话|号码|手机)[^，。\d]{0,3}$|[打拨]了?(?:过?电话)?$"
)
_ONESELF = r"(?:我|俺|咱|本人|自己)(?:的|本人|自己)?(?:电话|手机|微信|联系方式)?号?码?(?=$|[^\u4e00-\u9fff])"
_OTHERS_AFTER = re.compile(
    rf"[\s，,]{{0,2}}(?:[这那]个?|此|该)?(?:电话|手机)?号?码?(?:就?是|为|属于)(?!{_ONESELF})"
    rf"|[\s，,]{{0,2}}[这那]?(?:我的?)?{_SOMEBODY}[^，。\s\d]{{0,3}}(?:电话|号码?|手机|联系方式|微信)(?![^，。]{{0,3}}\d)"
    rf"|\s?\((?:我的?)?{_SOMEBODY}"
    r"|[\s，,]{0,2}(?:这个?人|此人|机主|这家伙|(?:一直|天天|老是?|总是?|每天|不停)?(?:打电话)?(?:骚扰|威胁|恐吓|骗))"
)
_AFTER = 10
"""Characters after a number that may tell whose it is."""


def own_number(text: str) -> tuple[str | None, str]:
    """The resident's own number in digits (a landline as 0571-88776655), and `text` without any long number.

    A number that is said to be the resident's comes before one that is only there; of two that are only there
    none is taken, as is none that stands beside somebody else's name.
    """
    text = _IN_WORDS.sub(lambda found: "".join(found[0].split()).translate(_WORDS), text)
    mine: list[str] = []
    there: list[str] = []
    for pattern, joint in ((_MOBILE, ""), (_LANDLINE, "-")):
        for match in pattern.finditer(text):
            before = text[max(0, match.start() - 12) : match.start()]
            value = joint.join(re.sub(r"\D", "", group) for group in match.groups())
            said = _MINE.search(before)
            if _OTHERS_AFTER.match(text[match.end() : match.end() + _AFTER]) and not (
                said and re.search("我|本人", said[0])
            ):
                continue
            if said:
                mine.append(value)
            elif not _OTHERS.search(before):
                there.append(value)
        text = pattern.sub("，", text)
    found = mine or (there if len(set(there)) == 1 else [])
    return (found[0] if found else None), _LONG_DIGITS.sub("，", text)
