"""Numbers that lead to a person: phones, papers, cards, plates, accounts, links, file numbers."""

from __future__ import annotations

import re

_ONE = "0-9零〇一二三四五六七八九幺两壹贰叁肆伍陆柒捌玖"
_BETWEEN = r"[\s\-—–－_.·•,，、/()（）*#]{0,3}"
_LONG_RUN = re.compile(
    rf"(?:\+\s?)?[(（]?[{_ONE}](?:{_BETWEEN}[{_ONE}]){{6,}}(?:{_BETWEEN}[xX](?![a-zA-Z0-9]))?"
)
_NEXT_WORD = re.compile(r"(?<=[0-9])\s*[一二两三四五六七八九]$")
_SUM = re.compile(r"\d{1,9}(?:\.\d+)?")
_SUM_UNIT = re.compile(r"\s?(?:元|块|圆|人民币|rmb)", re.IGNORECASE)
_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_HOST = r"(?:[a-z0-9\-]+\.)+(?:com|cn|net|org|top|xyz|vip|cc|io|info|gov|edu|me|co|app|site|shop|link)"

_RULES: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "某邮箱",
        re.compile(r"[a-z0-9][a-z0-9._%+\-]*\s?@\s?[a-z0-9\-]+(?:\s?\.\s?[a-z0-9\-]+)*", re.IGNORECASE),
    ),
    ("某网址", re.compile(rf"(?:https?://[!-~]+|(?<![a-z0-9])(?:www\.)?{_HOST}(?::\d+)?(?:/[!-~]*)?)", re.I)),
    ("某编号", re.compile(r"FQ\s*\d{4}\s*[-—－]?\s*\d{1,8}", re.IGNORECASE)),
    (
        "某案号",
        re.compile(r"[\u4e00-\u9fff]{0,8}[(（\[〔【]\s?\d{4}\s?[)）\]〕】][^\s，。；,;!?]{0,16}?\d+\s?号"),
    ),
    (
        "某年某月某日",
        re.compile(
            r"(?<!\d)(?:19|20)\d\d\s?(?:年|[-./])\s?\d{1,2}\s?(?:月|[-./])\s?\d{1,2}(?:\s?[日号]|(?!\d))"
            r"|[一二][九零〇][零〇一二三四五六七八九]{2}年[一二三四五六七八九十]{1,2}月[一二三四五六七八九十]{1,3}[日号]"
        ),
    ),
    (
        "某车牌",
        re.compile(rf"[{_PROVINCES}]\s?[a-z]\s?[·•.\-]?\s?[a-z0-9]{{4,6}}(?![a-z0-9])", re.IGNORECASE),
    ),
)
_ACCOUNT = re.compile(
    r"(?P<cue>(?:微信|薇信|威信|v信|wx|vx|weixin|qq|扣扣|抖音|快手|支付宝|陌陌|淘宝|微博|账号|帐号|账户|昵称|id)"
    r"(?:号码?|账号|帐号)?(?:是|为|叫)?)[\s:：]*(?P<account>[a-z0-9][a-z0-9_\-.]{3,})",
    re.IGNORECASE,
)
_TAIL = re.compile(r"(?P<cue>(?:尾号|末四位|后四位|后六位|验证码|取件码|房卡)(?:是|为)?)[\s:：]*\d{3,8}")
_CODE = re.compile(
    r"(?<![a-z0-9_\-])(?=[a-z_\-]*\d)(?=[\d_\-]*[a-z])[a-z0-9](?:[a-z0-9_\-]){5,}", re.IGNORECASE
)


def masked(text: str) -> str:
    """`text` (half-width) with 某号码, 某车牌, 某邮箱 … in place of what leads to a person.

    Every seven digits that follow one another are taken for such a number, whatever they are written in and
    whatever stands between them, unless they are a sum of money.
    """
    for placeholder, pattern in _RULES:
        text = pattern.sub(placeholder, text)
    text = _ACCOUNT.sub(_account, text)
    text = _TAIL.sub(lambda found: f"{found['cue']}某号码", text)
    text = _CODE.sub("某编号", text)
    return _LONG_RUN.sub(_number, text)


def _account(found: re.Match[str]) -> str:
    typed = found["account"]
    # 微信5000 is a payment, 微信zhao66 and QQ 12345 are accounts.
    return found[0] if typed.isdecimal() and len(typed) < 5 else f"{found['cue']}某账号"


def _number(found: re.Match[str]) -> str:
    after = found.string[found.end() : found.end() + 4]
    if _SUM.fullmatch(found[0]) and _SUM_UNIT.match(after):
        return found[0]
    # 4008208820一直: a single numeral in words after Arabic digits begins the next word.
    next_word = _NEXT_WORD.search(found[0]) if after else None
    return "某号码" + (next_word[0] if next_word else "")
