"""What is personal does not survive the mask, and what a model learns from does."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.masking.mask import mask

SENTENCES: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("sentences.yml").read_text("utf-8"))
ORDINARY = [sentence["text"] for sentence in SENTENCES if sentence.get("same")]


@pytest.mark.parametrize("sentence", SENTENCES, ids=lambda sentence: sentence["text"])
def test_what_is_personal_is_gone_and_the_rest_stays(sentence: dict[str, Any]) -> None:
    found = mask(sentence["text"]).text
    assert [word for word in sentence.get("gone", ()) if word in found] == []
    assert [word for word in sentence.get("kept", ()) if word not in found] == []
    if sentence.get("same"):
        assert found == sentence["text"]


@pytest.mark.parametrize("text", ORDINARY)
def test_an_ordinary_sentence_is_not_doubtful(text: str) -> None:
    assert not mask(text).doubtful


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        (
            "我叫王建国 电话13812345678 住恒大名都8号楼2单元301 楼上漏水",
            "我叫某某 电话某号码 住某小区某号楼某单元某室 楼上漏水",
        ),
        ("包工头老李在鼎盛劳务公司干活时欠我钱", "包工头老某在某劳务公司干活时欠我钱"),
        ("城关镇张家村三组王婶占我家地 浙A12345堵路", "某镇某村某组某婶占我家地 某车牌堵路"),
        ("滨河路12号的刘老师", "某路某号的某老师"),
        ("拆迁款1200000元被大哥拿走", "拆迁款1200000元被大哥拿走"),
    ],
)
def test_a_masked_sentence_reads_naturally(text: str, masked: str) -> None:
    assert mask(text).text == masked


# --- digits, however they are typed ------------------------------------------------------------------

WRITTEN = ("0123456789", "０１２３４５６７８９", "零一二三四五六七八九", "〇壹贰叁肆伍陆柒捌玖", "①②③④⑤⑥⑦⑧⑨")
VALUE = {c: str(i) for digits in WRITTEN[:4] for i, c in enumerate(digits)} | {"幺": "1"}
BETWEEN = st.sampled_from(["", "", "", " ", "-", ".", "　", "—", "\u200b", " - ", "·", "、"])
BEFORE = st.sampled_from(
    ["", "我电话", "打", "手机：", "身份证", "卡号 ", "联系人某某", "欠我钱的人", "楼上漏水 "]
)
AFTER = st.sampled_from(["", "物业不管", " 晚上打", "，谢谢", "是我的", "。", "这个人不发工资"])


@st.composite
def typed_number(draw: st.DrawFn, lengths: tuple[int, ...] = (11, 15, 16, 18, 19)) -> tuple[str, str]:
    """The digits of a number, and how somebody typed them."""
    length = draw(st.sampled_from(lengths))
    digits = "1" + "".join(
        draw(st.lists(st.sampled_from("0123456789"), min_size=length - 1, max_size=length - 1))
    )
    kinds = draw(st.lists(st.sampled_from([0, 0, 0, 1, 2, 3]), min_size=length, max_size=length))
    same = draw(st.booleans())
    written = [WRITTEN[kinds[0] if same else kind][int(d)] for kind, d in zip(kinds, digits, strict=True)]
    joints = [draw(BETWEEN) for _ in digits[1:]]
    return digits, written[0] + "".join(joint + c for joint, c in zip(joints, written[1:], strict=True))


def plain_digits(text: str) -> str:
    return "".join(VALUE.get(c, c if c.isascii() and c.isdecimal() else "") for c in text)


@given(typed_number(), BEFORE, AFTER)
def test_no_long_number_survives(number: tuple[str, str], before: str, after: str) -> None:
    digits, typed = number
    found = plain_digits(mask(before + typed + after).text)
    assert len(found) <= 1
    assert digits[:4] not in found


@given(
    st.text(alphabet="ABCDEFGHJKLMNPQRSTUVWXYZ", min_size=1, max_size=1),
    st.text("ABCDE0123456789", min_size=5, max_size=6),
)
def test_no_plate_survives(letter: str, rest: str) -> None:
    assert rest not in mask(f"车牌浙{letter}{rest}堵在我家门口").text
    assert rest.lower() not in mask(f"一辆苏{letter.lower()}·{rest.lower()}的车").text


@given(st.text(max_size=80))
def test_any_text_is_answered(text: str) -> None:
    found = mask(text)
    assert "\n" not in found.text
    assert found.text == found.text.strip()


@given(st.lists(st.sampled_from([s["text"] for s in SENTENCES]), min_size=1, max_size=5))
def test_masked_twice_keeps_no_long_number_either(texts: list[str]) -> None:
    once = mask("，".join(texts)).text
    assert not re.search(r"\d{7}", mask(once).text)


# --- what the case itself knows ----------------------------------------------------------------------


def test_names_that_the_case_holds_never_survive() -> None:
    text = "翠微大舞台那边 晓月她们家和我家吵架 晓月骂人 分机8021"
    found = mask(text, known=["晓月", "翠微大舞台", "8021", "", "我"])
    assert [word for word in ("晓月", "翠微大舞台", "8021") if word in found.text] == []
    assert "和我家吵架" in found.text
    assert not found.doubtful


# --- what a person had better not even see -----------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "我叫他们别吵",
        "那个人叫豆豆 天天来闹",
        "姓名填了没人理 姓名是不是要改",
        "老板姓麴的不发工资",
        "电话12345一直占线 电话6位 123456打不通",
        "某某 某某",
        "13812345678",
        "差评",
        "",
    ],
)
def test_what_still_looks_personal_or_says_nothing_is_doubtful(text: str) -> None:
    assert mask(text).doubtful
