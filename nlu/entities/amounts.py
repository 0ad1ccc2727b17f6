"""Numbers and sums of money in a resident's words."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

import cn2an

# 二十万一直不给, 十五万一分没还: the 一 belongs to the next word.
_ONE = "一(?![直分起样定般家切下点些旦毛])"
_DIGIT = f"(?:[二两三四五六七八九]|{_ONE})"
NUMERAL = (
    rf"(?:\d[\d,，]*(?:\.\d+)?(?:[万千百w](?:(?:\d|{_DIGIT})千?(?:(?:\d|{_DIGIT})百?)?)?(?![a-z])"
    rf"|k(?![a-z]))?"
    rf"|(?:[零二两三四五六七八九十百千万]|{_ONE})+)"
)
"""The pattern of a number as people type it: 8500, 8,500, 1.2万, 2万3千, 1w2, 三万五, 3k."""

_FOUND = re.compile(
    rf"(?<![\d.第a-z几\-/:])(?<![给跟和找养包对]小(?=三))(?P<number>{NUMERAL})(?P<about>多|余|来"
    rf"|大?几)?(?P<scale>[万千百](?!分))?"
    rf"(?P<unit>元钱?|块钱|块(?!砖|地|板|玻璃|瓷|石|田|钱)|圆|人民币|rmb)?(?P<tail>(?<=块)(?:\d"
    rf"|{_DIGIT})(?!\d|个|年|月|天))?"
)
_WORDS = re.compile(r"[零一二两三四五六七八九]+")
_BARE = re.compile(r"(?!(?:19[5-9]\d|20[0-3][1-9])$)\d{3,7}(?:\.\d{1,2})?")
"""Digits without a unit, and no year."""
_BESIDE = re.compile(rf"[、到至~\-—]?(?:\d|{_DIGIT})")
_LEAST, _LEAST_FEE, _MOST = Decimal(10), Decimal(50), Decimal(1_000_000_000)

# --- what a number counts when it is no money --------------------------------------------------------

_COUNTER = re.compile(
    r"[多余来几]?(?:个(?!w)|人|户|平|亩|字|公里|里(?!面)|吨|步|次|度|斤|张|件|辆|家|股|名|位|天|年|月|号"
    r"|栋|楼|层|米|方|本|台|棵|头|只(?!还|给|赔|退|有|肯|拿|剩|要|发|付)"
    r"|岁|小时|分(?!没|没有|钱)|点|%|％|份|元?券|粉|倍|期|室|单元|瓦|伏|[a-z.\-/:]|一平|以上学|条|遍|块砖"
    r"|届|届|类|种|口|趟|级|代|群)"
)
_UNIT_OF_PRICE = (
    r"(?:期|场|趟|批|摊|张|部|套|台|顿|包|箱|瓶|袋|双|个(?:月|人|小时|钟头|平方|季度|学期|星期|工)?"
    r"|平(?:方|米)?|天|月|年|季度?|小?时|钟头|度|吨|斤|公斤|次|晚|趟|方|户|人|辆|件|立方"
    r"|分钟|单|工|亩|棵|斤|桶|节课?|学期|周|层|㎡|m2?)"
)
_PER_BEFORE = re.compile(
    rf"(?:每|/|／){_UNIT_OF_PRICE}[^，。；\d]{{0,5}}$"
    rf"|(?:(?<!第)一|(?<![\d.])1){_UNIT_OF_PRICE}(?:都|也|就|才|只|要|得|收|给|交|是|支付|付|打进去|扣|罚"
    rf"|涨|发|拿|挣|补|掏|摊|租金|工资|收入|钱"
    r"|大概|约|差不多|说好|了|到手| )*$"
    r"|(?<![第统唯千百万])一[^共起直下万千百些定样般切旦\W\d]$"
)
_CHANGE_BEFORE = re.compile(r"(?:变成?|改成|降成|降到|减到|涨到|提到|调到)$")
_CHANGE_AFTER = re.compile(r"\s?(?:多)?(?:块钱?|元)?(?:变(?!成了|没)|涨|降|减到|改成|调到|提到|到\d)")
_PRICE_BEFORE = re.compile(
    r"(?:注册资[本金]|平均工资|日薪|月薪|时薪|年薪|单价|工价|月租|房租|租金|人均|底薪|月供"
    r"|(?<![个俩仨两几\d])月工资|基本工资|合同工资|实际工资|约定工资|工资标准"
    r"|标准|到手|退休金|养老金|低保|收入|涨价|涨到|涨了|涨成|涨|降到|调到|提到|变成)[^，。；]{0,4}$"
)
_PRICE_AFTER = re.compile(
    rf"\s?(?:多)?(?:块钱?|元)?\s?(?:(?:每|一|1|/|／)\s?{_UNIT_OF_PRICE}(?!多?了|没)|涨到|的标准|时薪|工价"
    rf"|起步)"
)
_FEE_BEFORE = re.compile(r"(?:费|价|单价|标准|卖|门票|油)[^，。]{0,3}$")

# --- what makes a number a sum in dispute ------------------------------------------------------------

_TOTAL = re.compile(
    r"(?:一共|总共|合计|共计|总计|加起来|加一起|加一块|全部|总额|总金额|(?<![一总公])共(?:欠|是"
    r"|有)?)[^，。]{0,6}$"
)
_DEMAND = re.compile(
    r"(?:我们?要|要求|[要让][他她它对][^，。]{0,4}赔|索赔|主张)[^，。]{0,5}$|(?:让|要|叫|逼)我们?家?(?:还"
    r"|赔|交|补|付|出)了?$"
)
_OFFER = re.compile(
    r"(?:只|就|才|仅|最多|愿意|同意|答应|开口|张口|[他她]说|说|老板说|对方说|物业说|保险公司)(?:是|先|肯"
    r"|能|愿|想|说)*(?:赔偿?|给|退|补偿?|出|付|还|发)"
    r"(?:我|我们|了|个)*[^，。]{0,3}$"
    r"|(?:老板娘?|工头|公司|单位|对方|物业|保险|法院|[他她])[^，。]{0,4}(?:给|垫|退|赔|补)了(?:我|我们|他"
    r"|她)?$|(?:支|预支|拿|领|补)了$"
)
_TO_BE_RID = re.compile(r"\s?(?:块钱?|元)?(?:吗|打发|了事|私了|封口|说仁至义尽|算)")
_CUE = (
    r"(?:拖欠|欠薪|欠款|欠费|欠条|借条|欠|借款|借|赔偿金?|赔|押金|押|定金|订金|首付|彩礼|三金|嫁妆|罚款"
    r"|罚|克扣|扣|骗|损失|医药费|治疗费"
    r"|手术费|修车费?|维修费|学费|加盟费|服务费|中介费|保证金|违约金|补偿款?|拆迁款|工钱|工资|货款|尾款"
    r"|余款|工程款|存款|转账|转给|转了|转走|转过去|转去|汇"
    r"|花费?|充值?|交|付|输|收|卖|买|办卡|办[了个]?[\u4e00-\u9fff]{0,3}卡|投资?|贷款?|垫付?|差|折合|少给"
    r"|少发|少算|少了|没给|没结|一共|总共|合计|共计"
    r"|差不多|大概|价值|货值|值|修|还剩|还有|剩|课程?|班|卡|套餐|买(?:的|了)?[\u4e00-\u9fff]{1,6})"
)
_BETWEEN = (
    r"(?:了|着|过|我们?|俺们?|咱们?|他们?|她们?|款|薪|工资|工钱|钱|掉|去|走|是|共|一共|总共|大概|大约"
    r"|合计|的|有|约|差不多|将近|给|上|进去"
    r"|来|个|出|下|[\u4e00-\u9fff]{1,3}费|：|:|，| |快|近|整整|足足)"
)
_PAID = re.compile(
    r"(?:预?交(?!通|房|付|警)|付|花了|充|转(?:给|账|了)|汇|垫|被骗)[^，。；\d一二三四五六七八九十]{1,6}$"
)
_CUED = re.compile(rf"{_CUE}{_BETWEEN}{{0,6}}$")
_NOUN_AFTER = re.compile(
    r"\s?(?:多|来)?(?:块钱?|元)?(?:的)?(?:学费|定金|订金|押金|加盟费|服务费|中介费|会费|保证金|彩礼|首付"
    r"|欠款|欠条|借款|工资|工钱|货款|尾款"
    r"|服装费|买的|不退|不还|不给|没还|没给|没退|整(?![个天年月夜]))"
)
_MONEY_WORD = re.compile(
    r"欠|工资|钱|款|赔|费|彩礼|借|押金|定金|付|交了|骗|元|损失|花了|贷|存|薪|血汗|账|工程|补偿|利息|卖|买"
    r"|投|本金|给|要我|充|退|输|收"
)
_OWED = re.compile(
    r"欠[^，。；\d]{0,8}$|(?:欠薪|欠款|欠费|欠条|借条|借给[^，。\d]{0,4}|借了?我|没给|没结|少给|少发"
    r"|(?<!相)差(?:我|了)?|被骗|骗了?我?|骗走|卷走|克扣|扣了?我|押了?我|押金|定金|订金|保证金"
    rf"|尾款|余款|工程款|货款|工钱|血汗钱|损失|补偿款|拆迁款|彩礼|首付){_BETWEEN}{{0,6}}$"
)
_OWED_AFTER = re.compile(
    r"\s?(?:多)?(?:块钱?|元)?(?:的)?(?:押金|定金|订金|欠款|工资|工钱|货款|尾款|不退|不还|不给|没还|没给|没退)"
)
_BOUND_BEFORE = re.compile(
    r"(?:不到|不足|不满|未满|不超过|不低于|不少于|至少|最少|起码|少说也?|最多|顶多|超过|高于|低于)[欠赔给要有了是得]{0,2}$"
)
_BOUND_AFTER = re.compile(r"(?:块钱?|元)?(?:以上|以下|以内|打底|不到(?=$|\W))")
_WAGE = re.compile(rf"(?<!个月)(?<!个月的)(?:工资|薪水|薪资){_BETWEEN}{{0,6}}$")
"""A sum after it is the pay of a month or what is owed: nobody said which."""
_LEAST_OWED_WAGE = Decimal(10_000)
_ITEM = re.compile(
    rf"(?:费用?|房租|租金|押金|定金|订金|工资|工钱|[货尾借欠余]款)(?:是|要|花了?|：)?\s?{NUMERAL}(?!个|天|年|月)"
)
_STORY = 60
"""Characters from which a text is a story: sums in it that nobody is said to owe are its furniture."""
_ANOTHER = re.compile(r"又|另外|另|后来|再(?!也)|加上|以及|和")
"""Between sums: each is a part, and nobody said how much they are together."""
_RATE = re.compile(
    rf"(?:一|每|1)(?:天|日|小时|个?工|个?月|平|斤|吨|方|趟|单)[^，。]{{0,5}}(?:\d|{_DIGIT}|十)|日薪|时薪"
    rf"|月薪|底薪|工价|单价"
)
_LEAST_BESIDE_A_RATE = Decimal(10_000)
_MOST_SUMS = 2
"""With more sums than these a single word does not tell which one is in dispute."""
_TOTALLED, _CLAIMED, _NAMED, _ANY, _BOUND = 3, 2, 1, 0, -1


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

    A price per unit, a rise of a price, a small fee and what the other side offers are no sum in dispute; of
    sums that nobody added up, and of a bound (不到三万), none is.
    """
    sums = [found for match in _FOUND.finditer(text) if (found := _sum(text, match))]
    if any(clear == _BOUND for _, clear in sums):
        return None
    if len({value for value, _ in sums}) > 1 or len(_ITEM.findall(text)) > 1:
        sums = [(value, clear) for value, clear in sums if clear == _TOTALLED]
    if _ANOTHER.search(text) and len({value for value, clear in sums if clear >= _NAMED}) > 1:
        sums = [(value, clear) for value, clear in sums if clear == _TOTALLED]
    if _RATE.search(text):
        # 说好一天二百四 收工算成一百八: beside a price per day an unclaimed sum is another price.
        sums = [(value, clear) for value, clear in sums if clear >= _CLAIMED or value >= _LEAST_BESIDE_A_RATE]
    told = (_TOTALLED, _CLAIMED, _NAMED, _ANY)
    for level in told[:2] if len(text) > _STORY else told:
        values = {value for value, clear in sums if clear >= level}
        if values:
            few = level >= _CLAIMED or len({value for value, _ in sums}) <= _MOST_SUMS
            return plain_number(values.pop()) if len(values) == 1 and few else None
    return None


def _sum(text: str, match: re.Match[str]) -> tuple[Decimal, int] | None:
    """The value of a match and how clearly it is the sum in dispute; None when it is none."""
    before, after = text[max(0, match.start() - 14) : match.start()], text[match.end() : match.end() + 8]
    value = _value(match)
    if value is None or _OFFER.search(before) or _TO_BE_RID.match(after):
        return None
    named = any(sign.search(before) for sign in (_CUED, _PAID, _DEMAND, _TOTAL, _OWED)) or bool(
        _NOUN_AFTER.match(after)
    )
    if not match["unit"] and not _is_money_without_unit(text, match, named=named):
        return None
    owed = any(sign.search(before) for sign in (_DEMAND, _OWED)) or bool(_OWED_AFTER.match(after))
    if any(sign.search(before) for sign in (_PER_BEFORE, _CHANGE_BEFORE)):
        return None
    if _PRICE_AFTER.match(after) or _CHANGE_AFTER.match(after) or (_PRICE_BEFORE.search(before) and not owed):
        return None
    if _BOUND_BEFORE.search(before) or _BOUND_AFTER.match(after):
        return value, _BOUND
    claimed = any(sign.search(before) for sign in (_DEMAND, _OWED, _TOTAL))
    if value < _LEAST_OWED_WAGE and _WAGE.search(before) and not claimed:
        return None
    if value < _LEAST_FEE and _FEE_BEFORE.search(before):
        return None
    if _TOTAL.search(before):
        return value, _TOTALLED
    return value, _CLAIMED if owed else int(named)


def _value(match: re.Match[str]) -> Decimal | None:
    """Yuan of a match; None for digits counted off, a guess (三四千, 几万), too little or too much."""
    typed = match["number"]
    if _WORDS.fullmatch(typed) and not match["scale"]:
        return None
    value = number(typed)
    if value is None or "几" in (match["about"] or ""):
        return None
    if match["scale"]:
        # 三四万 is read as digits counted off: nobody said which.
        if _WORDS.fullmatch(typed) and len(typed) > 1:
            return None
        value *= {"百": 100, "千": 1000, "万": 10_000}[match["scale"]]
    if match["tail"] and (tail := number(match["tail"])) is not None:
        value += tail / 10
    return value if _LEAST <= value <= _MOST else None


def _is_money_without_unit(text: str, match: re.Match[str], *, named: bool) -> bool:
    """Whether a number without 元 is a sum: it has 万 or 千 and counts nothing else, or a word says so."""
    typed, after = match["number"], text[match.end("number") : match.end("number") + 5]
    if match["scale"]:
        after = text[match.end("scale") : match.end("scale") + 5]
    if _COUNTER.match(after):
        return False
    large = any(unit in typed for unit in "万w") or match["scale"] == "万"
    medium = (any(unit in typed for unit in "千百k") and len(typed) > 1) or bool(match["scale"])
    if large and len(typed) + bool(match["scale"]) > 1:
        return True
    if medium:
        return bool(_MONEY_WORD.search(text))
    return named and bool(_BARE.fullmatch(typed))
