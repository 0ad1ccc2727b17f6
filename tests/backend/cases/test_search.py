"""Search by pairs of characters."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from backend.cases.search import document, query, terms


def test_chinese_in_pairs_the_rest_whole() -> None:
    assert terms("物业费ABC 12栋") == ["物业", "业费", "abc", "12", "栋"]
    assert terms("ＦＱ２０２６－０００１２３") == ["fq2026", "000123"]
    assert terms("，。！") == []


def test_a_query_asks_for_all() -> None:
    assert query("漏水") == "漏水:*"
    assert query("漏水 3栋") == "漏水:* & 3:* & 栋:*"
    assert query("  ??") is None


def test_a_number_is_asked_for_however_it_is_written() -> None:
    assert query("138-1234 5678") == query("+86 13812345678") == query("１３８１２３４５６７８")
    words = document("楼道灯", phones=("138 1234 5678",)).split()
    asked = query("13812345678")
    assert asked is not None and asked.removesuffix(")").split(" | ")[1] in words
    assert not any("1381234" in word for word in words)
    assert document("", phones=("",)) == ""


def test_a_number_in_a_story_is_found_as_a_contact_is() -> None:
    words = document("我电话+86 138-1234 5678，楼道灯坏了", "0571-87654321").split()
    assert set(document("", phones=("13812345678", "057187654321")).split()) < set(words)
    assert not any("1381234" in word or "8765" in word for word in words)
    assert {"电话", "楼道"} < set(words)


@given(st.text(max_size=60))
def test_whatever_is_typed_is_harmless(words: str) -> None:
    for term in terms(words):
        assert not set(term) & set(" &|!():*'\\<>\0")


@given(st.text(alphabet="物业漏水楼上工资ab12", min_size=1, max_size=12))
def test_a_text_finds_itself(words: str) -> None:
    assert set(terms(words)) <= set(document("前面", words, "后面").split())
    assert set(words) - set("ab12") <= set(document(words).split())
