"""Names of people: introduced, with a title or a role, as nicknames, and full names anywhere."""

from __future__ import annotations

import re

from backend.domain.masking.words import among, before, characters, listed

SOMEBODY = "某某"

_COMPOUND = among("compound_surnames")
_GIVEN = f"[{characters('given')}]"
_FREE = rf"[^\W\da-zA-Z_{characters('not_given')}]"
"""A character that may belong to a given name."""
_MIDDLE = "一二三四五六七八九十百千万有家开上出来"
"""Characters that end a name mostly, but stand in the middle of one after a role: 赵四喜, 吴有才."""
_END = rf"(?=$|\W|\d|[{characters('not_given')}])"
_BOUND = before("ends_of_words")
_ORDINARY = listed("ordinary_words")


def _surname(list_name: str) -> str:
    """The pattern of one of these surnames, not at the end of another word."""
    found = characters(list_name)
    bound = "|".join(f"(?<![{others}]){name}" for name, others in _BOUND.items() if name in found)
    free = "".join(name for name in found if name not in _BOUND)
    return f"(?:{_COMPOUND}|[{free}]|{bound})"


_ANY, _KNOWN = _surname("surnames"), _surname("common_surnames")
_CALLED = r"\s?(?:名叫|叫|是|为|[:：])?\s?"
_INTRODUCED = rf"(?:{among('introductions')}){_CALLED}"
_MINORITY = (
    "买买提|买合|木提|阿卜杜|艾合|艾力|吐尔|古丽|热合曼|扎西|卓玛|多杰|多吉|次仁|旦增|丹增|央金|巴特尔|其其格"
    "|格日勒|巴雅尔|吉克|阿木|阿呷|沙马|尔古"
)
# 我妈叫我回家, 儿子小学毕业, 婆婆老了: what follows is no name.
_NO_NAME = "[我你他她它谁人来去了做救警停醒]|物业|保安|老师|老板|家里|大家"
_NO_NICKNAME = (
    "小(?:学|时|心|气|区|声|腿|店|两口|三|产|孩|狗|猫|舅|姨|姑|题|团|朋友|吃|卖|偷|摊|伙)"
    "|老(?:了|咳|屋|娘|是|年|家|实|板|师|公|婆|毛|爱|想|觉|催|赖)|大"
)
_CERTAIN = tuple(
    map(
        re.compile,
        (
            rf"[\u4e00-\u9fff]{{2,7}}[·•・]{_FREE}{{2,6}}",
            rf"[\u4e00-\u9fff]{{0,2}}(?:{_MINORITY}){_FREE}{{0,2}}",
            rf"(?P<kept>(?:{among('kin')})(?:的?名字)?(?:就|名)?叫)(?!{_NO_NAME})[\u4e00-\u9fff]{{2}}(?:(?!今年){_FREE}{_END})?",
            rf"(?P<kept>(?:{among('kin')})\s?(?!{_NO_NICKNAME})[老小阿]){_FREE}(?:{_FREE}{_END})?",
            r"(?<![A-Za-z])[A-Z][a-z]+(?:\s+[A-Z][a-z]+){1,2}(?![a-z])",
            rf"(?P<kept>{_INTRODUCED})(?:{_ANY}{_FREE}{{1,2}}|[老小阿大][\u4e00-\u9fff]|{_FREE}{{2,3}})",
            rf"(?P<kept>(?:{among('mentions')}){_CALLED})(?:{_ANY}{_FREE}{_GIVEN}?|[小阿]{_FREE})",
            r"(?P<kept>个(?:名字)?叫)(?![我你他她它])[\u4e00-\u9fff]{1,4}?(?=的)",
            r"(?P<kept>(?:公司|厂|店|小区|物业|村|学校|单位|楼盘)(?:的?名字?)?叫)(?![我你他她它])[\u4e00-\u9fff]{2,6}(?=\W|$)",
            rf"(?P<kept>叫)(?:{_ANY}{_FREE}{{1,2}}|[小阿]{_FREE}{{1,2}})",
            rf"{_ANY}(?:某某?|[xX×*＊]{{1,3}}(?![xX×*]))",
            rf"(?P<kept>姓){_ANY}",
            rf"{_KNOWN}(?:老[大二三四五六七八九幺]|[大小]?[麻胖瘦瞎瘸聋哑]子?)",
            rf"(?<=[跟和与被找给向由]){_ANY}{_GIVEN}{{2}}{_END}",
            rf"(?:张三|李四|王五|赵六){_GIVEN}?|王二麻子|[王刘张李]二(?=\W|$)",
            rf"{_ANY}{_FREE}{{0,2}}(?P<title>先生|女士|小姐)",
            rf"{_ANY}(?P<title>{among('titles')})",
        ),
    )
)
_GUESSES = tuple(
    map(
        re.compile,
        (
            rf"(?P<kept>(?:{among('roles')})\s?)(?P<name>{_KNOWN}(?:{_FREE}{_GIVEN}|{_FREE}{{2}}{_END}|[{_MIDDLE}]{_GIVEN}|{_FREE}))",
            rf"(?P<name>{_KNOWN}{_FREE}{{1,2}})(?=家的|家里|夫妇|父子|母子|等[一二两三四五六七八九十\d])",
            rf"(?P<name>{_ANY}{_GIVEN}{{2}}|(?:{_COMPOUND}){_GIVEN}{{1,2}})",
            rf"(?<![\u4e00-\u9fff])(?P<name>{_KNOWN}{_GIVEN}){_END}",
            rf"(?P<kept>(?<![养敬防古])[老小阿])(?P<name>{_KNOWN})(?![兴度速质量铁门路桥街康])",
        ),
    )
)
"""Patterns of what is a name unless it begins like an ordinary word."""
_NAME = re.compile(
    rf"(?:{_ANY}[\u4e00-\u9fff]{{1,3}}|[小阿老][\u4e00-\u9fff]{{1,2}}|[\u4e00-\u9fff]·[\u4e00-\u9fff]+)"
)
_LEFT = re.compile(
    rf"{_INTRODUCED}(?!某)[\u4e00-\u9fff]|叫(?!某|不|个不|得|天天|什|啥|车|嚷|骂|苦|嚣|唤|{_NO_NAME})[\u4e00-\u9fff]{{2}}"
    r"|姓(?!名|某|氏)[\u4e00-\u9fff](?=的|\W|$)"
)


def masked(text: str) -> str:
    """`text` with 某某, 老某, 某师傅 … in place of names."""
    for pattern in _CERTAIN:
        text = pattern.sub(_hidden, text)
    for pattern in _GUESSES:
        text = pattern.sub(_unless_ordinary, text)
    return text


def introduces_somebody(text: str) -> bool:
    """Whether a masked text still seems to give a name."""
    return bool(_LEFT.search(text))


def _hidden(found: re.Match[str]) -> str:
    parts = found.groupdict()
    if title := parts.get("title"):
        return f"某{title}"
    kept = parts.get("kept") or ""
    return kept + ("某" if kept.endswith(("姓", "老", "小", "阿")) else SOMEBODY)


def _unless_ordinary(found: re.Match[str]) -> str:
    start = found.start("name")
    return found[0] if found.string[start : start + 2] in _ORDINARY else _hidden(found)


def is_name(text: str) -> bool:
    """Whether a whole text can be somebody's name or nickname: 王建国, 小美, and not 物业 or 高空."""
    return bool(_NAME.fullmatch(text)) and text[:2] not in _ORDINARY
