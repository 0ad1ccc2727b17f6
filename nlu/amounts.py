"""Numbers and sums of money in a resident's words."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

import cn2an

NUMERAL = (
    r"(?:\d[\d,，]*(?:\.\d+)?(?:[万千百](?:[\d一二三四五六七八九]千?[\d一二三四五六七八九]?百?)?"
    r"|[wk](?![a-z]))?"
    r"|[零一二两三四五六七八九十百千万]+)"
)
"""The pattern of a number as people type it: 8500, 8,500, 1.2万, 2万3千, 三万五, 3k."""

_UNIT = r"(?:元钱?|块钱|块(?!砖|地|板|玻璃|瓷|石|田|钱)|圆|人民币|rmb)"
_PER = (
    r"(?:每|一|1|/|／)(?:个|平|天|月|年|季|小?时|度|吨|斤|公斤|次|晚|趟|方|户|人|辆|件|立方|分钟|单|工"
    r"|㎡|m)"
    r"|(?:日薪|月薪|时薪|年薪|单价|工价|月租|人均|底薪|月供|月工资|基本工资|合同工资|实际工资|约定工资"
    r"|工资标准|月薪|到手|涨价|涨到|涨了|涨价|涨成|涨|降到|调到|提到|变成)"
)
_PRICE_BEFORE = re.compile(rf"(?:{_PER}).{{0,6}}$")
_PRICE_AFTER = re.compile(
    rf"^(?:多)?(?:钱)?(?:{_PER.split('|(?:日薪', maxsplit=1)[0]}|涨到|的标准|时薪|工价)"
)
_FEE_BEFORE = re.compile(r"(?:费|价|单价|标准|卖|门票|油)[^，。]{0,3}$")
_CUE = (
    r"(?:拖欠|欠薪|欠款|欠|借款|借|赔偿|赔|押金|定金|订金|彩礼|罚款|罚|克扣|扣|骗|损失|医药费|工钱"
    r"|工资|货款|工程款|"
    r"存款|花|一共|总共|合计|共计)"
)
_CUED = re.compile(
    rf"{_CUE}(?:了|着|我|我们|俺|他|她|款|薪|工资|工钱|钱|掉|去|走|是|共|一共|总共|大概|大约|合计|的|有"
    rf"|约|差不多|将近|：|:|，| )"
    r"{0,6}$"
)
_TOTAL = re.compile(r"(?:一共|总共|合计|共计|总计|加起来|全部)[^，。]{0,6}$")
_MONEY_WORD = re.compile(
    r"欠|工资|钱|款|赔|费|彩礼|借|押金|定金|付|交了|骗|元|损失|花了|贷|存|薪|血汗|账|工程|补偿|利息|卖"
    r"|买|投|本金|给|要我"
)
_COUNTER = re.compile(
    r"^[多余来几]?(?:个|人|户|平|亩|字|公里|里|吨|步|次|度|斤|张|件|辆|家|股|名|位|天|年|月|号|栋|楼"
    r"|层|米|方|本|台|棵|头|只|岁|"
    r"小时|分|点|%|％|份|元?券|粉|倍|期|室|单元|瓦|伏|[a-z.\-/:]|一平|％|以上学|条|遍|块砖)"
)
_FOUND = re.compile(
    rf"(?<![\d.第a-z几\-/:])(?P<number>{NUMERAL})(?P<about>多|余|来"
    rf"|几)?(?P<unit>{_UNIT})?(?P<tail>[\d一二三四五六七八九](?![\d个年月天]))?"
)
_SPOKEN_DIGITS = re.compile(r"[零一二两三四五六七八九]+")
_LEAST, _LEAST_FEE, _MOST = Decimal(10), Decimal(50), Decimal(1_000_000_000)
_MOST_SUMS = 2
"""With more sums than these a single word does not tell which one is in dispute."""
_BARE_DIGITS = re.compile(r"\d{3,7}(?:\.\d{1,2})?")


def number(typed: str) -> Decimal | None:
    """The value of a numeral in Arabic or Chinese digits or both; None when it is none or not exact."""
    plain = typed.replace(",", "").replace("，", "").replace("w", "万").replace("k", "千")
    try:
        value = (
            Decimal(plain)
            if plain.replace(".", "", 1).isdecimal()
            else Decimal(str(cn2an.cn2an(plain, "smart")))
        )
    except (ValueError, InvalidOperation, KeyError, IndexError):
        return None
    return value if value.is_finite() else None


def plain_number(value: Decimal) -> str:
    """`value` in plain digits without an exponent or trailing zeros."""
    return f"{value.normalize():f}"


def money(text: str) -> str | None:
    """Yuan in dispute as plain digits (多 and 余 are dropped); None when no sum, or no single one, is named.

    A price per unit, a rise of a price and a small fee are no sum in dispute.
    """
    sums = [found for match in _FOUND.finditer(text) if (found := _sum(text, match))]
    for level in (2, 1, 0):
        values = {value for value, cue in sums if cue >= level}
        if values:
            told_apart = len(values) == 1 and (level == 2 or len({value for value, _ in sums}) <= _MOST_SUMS)
            return plain_number(values.pop()) if told_apart else None
    return None


def _sum(text: str, match: re.Match[str]) -> tuple[Decimal, int] | None:
    """The value of a match and how clearly it is the sum in dispute (0-2); None when it is none."""
    before, after = text[max(0, match.start() - 14) : match.start()], text[match.end() : match.end() + 8]
    value = None if _SPOKEN_DIGITS.fullmatch(match["number"]) else number(match["number"])
    if value is None or match["about"] in ("几",) or not _LEAST <= value <= _MOST:
        return None
    cued = bool(_CUED.search(before))
    if not match["unit"]:
        rest = text[match.end("number") : match.end("number") + 4]
        typed = match["number"]
        in_words = (
            any(unit in typed for unit in "万千wk") and len(typed) > 1 and bool(_MONEY_WORD.search(text))
        )
        if _COUNTER.search(rest) or not (in_words or (cued and _BARE_DIGITS.fullmatch(typed))):
            return None
    elif match["tail"]:
        tail = number(match["tail"])
        value += (tail or Decimal(0)) / 10
    if _PRICE_BEFORE.search(before) or _PRICE_AFTER.search(after):
        return None
    if value < _LEAST_FEE and _FEE_BEFORE.search(before):
        return None
    return value, 2 if _TOTAL.search(before) else int(cued)
