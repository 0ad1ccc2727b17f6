"""Fields of templates: what is put into them WeChat takes, or nothing is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.wechat.fields import Unfit, fit, kind
from tests.wechat.limits import FIELDS


@pytest.mark.parametrize(
    ("field", "value", "fitted"),
    [
        ("thing1", "您反映的物业问题", "您反映的物业问题"),
        (
            "thing12",
            "关于楼上漏水三个月了找物业没人管怎么办才好呢",
            "关于楼上漏水三个月了找物业没人管怎么办…",
        ),
        ("thing1", "第一行\n第二行\t完", "第一行 第二行 完"),
        ("character_string2", "FQ2026-000123", "FQ2026-000123"),
        ("phrase3", "已受理", "已受理"),
        ("phrase3", "住房和城乡建设局", "住房和城乡"),
        ("time4", "2026-03-04 18:00", "2026-03-04 18:00"),
        ("time4", "2026年3月4日 18:00", "2026年3月4日 18:00"),
        ("date5", "2026-03-04", "2026-03-04"),
        ("name6", "王小明", "王小明"),
        ("name6", "Wang Xiaoming", "Wang Xiaoming"),
        ("number7", "28.5", "28.5"),
        ("amount8", "¥2800.50", "¥2800.50"),
        ("phone_number9", "0471-1234567", "0471-1234567"),
    ],
)
def test_what_fits(field: str, value: str, fitted: str) -> None:
    assert fit(field, value) == fitted


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("thing1", "  \n "),
        ("character_string2", "编号一"),
        ("character_string2", "x" * 33),
        ("phrase3", "A1"),
        ("time4", "12月1日"),
        ("date5", "明天"),
        ("number7", "一百"),
        ("name6", "123"),
        ("colour1", "红"),
        ("thing123", "红"),
        ("Thing1", "红"),
    ],
)
def test_what_does_not_fit(field: str, value: str) -> None:
    with pytest.raises(Unfit, match=field):
        fit(field, value)


@given(st.sampled_from(sorted(FIELDS)), st.text(max_size=60))
def test_whatever_is_said_wechat_takes_it(name: str, value: str) -> None:
    try:
        fitted = fit(f"{name}1", value)
    except Unfit:
        return
    assert FIELDS[name](fitted), fitted


def test_kinds() -> None:
    assert kind("character_string12") == "character_string"
