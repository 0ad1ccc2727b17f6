"""What residents type, and what is read from it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogs import readers, yes_no
from dialogs.messages import Choice

CHOICES = (Choice("yes", "choice.yes"), Choice("no", "choice.no"))


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1", 1),
        ("１", 1),
        ("1.", 1),
        ("①", 1),
        ("1️⃣", 1),
        ("一", 1),
        ("十", 10),
        ("选1", 1),
        ("我选第二个", 2),
        ("第三个", 3),
        ("回复2", 2),
        ("5分", 5),
        ("20", 20),
        ("21", None),
        ("88", None),
        ("110", None),
        ("", None),
        ("好", None),
        ("1栋", None),
        ("1对", None),
    ],
)
def test_bare_number(text: str, number: int | None) -> None:
    assert readers.bare_number(text) == number


@pytest.mark.parametrize(
    ("text", "choice"),
    [("1", "yes"), ("不对", "no"), ("2 不对", "no"), ("对！", "yes"), ("3", ""), ("不对吧", ""), ("", "")],
)
def test_choice_in(text: str, choice: str) -> None:
    assert readers.choice_in(text, CHOICES) == choice


def test_a_choice_whose_id_is_a_digit_is_typed_by_its_id() -> None:
    ratings = (Choice("5", "choice.rating_5"), Choice("4", "choice.rating_4"))
    assert readers.choice_in("5", ratings) == "5"
    assert readers.choice_in("1", ratings) == ""


@pytest.mark.parametrize(
    ("text", "yuan"),
    [
        ("8000", "8000"),
        ("8000元", "8000"),
        ("三万二", "32000"),
        ("3.5万", "35000"),
        ("3w", "30000"),
        ("2万8", "28000"),
        ("欠了他们两千八百块钱", "2800"),
        ("大概8000块左右", "8000"),
        ("1,200.50元", "1200.5"),
        ("￥500", "500"),
        ("两万多", None),
        ("十几万", None),
        ("半年工资", None),
        ("万", None),
        ("", None),
        ("9" * 17, None),
    ],
)
def test_amount(text: str, yuan: str | None) -> None:
    assert readers.amount(text) == yuan


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("3", "3"),
        ("三个人", "3"),
        ("我们一共5个人", "5"),
        ("就我一个", "1"),
        ("十几个", None),
        ("1.5", "15"),
        ("三", "3"),
        ("很多", None),
    ],
)
def test_people(text: str, count: str | None) -> None:
    assert readers.people(text) == count


@pytest.mark.parametrize(
    ("text", "phone"),
    [
        ("13812345678", "13812345678"),
        ("138 1234 5678", "13812345678"),
        ("+8613812345678", "13812345678"),
        ("１３８１２３４５６７８", "13812345678"),
        ("我的电话是138-1234-5678 王", "13812345678"),
        ("0571-87654321", "0571-87654321"),
        ("87654321", "87654321"),
        ("1381234567", None),
        ("138123456789", None),
        ("没有", None),
    ],
)
def test_phone(text: str, phone: str | None) -> None:
    assert readers.phone(text) == phone


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("3号楼", "3号楼"),
        ("在３号楼 2单元那边吧", "3号楼2单元"),
        ("我家是八幢。", "八幢"),
        ("1单元302", "1单元302室"),
        ("3号", ""),
        ("3号楼的张三", ""),
        ("去年", ""),
        ("", ""),
    ],
)
def test_the_parts_of_an_address_and_nothing_else(text: str, parts: str) -> None:
    assert readers.address(text) == parts


@pytest.mark.parametrize(
    ("text", "given"),
    [
        ("13812345678", {"phone": "13812345678"}),
        ("电话１３８１２３４５６７８", {"phone": "13812345678"}),
        ("等下，电话我还是留一个 13812345678 张建国", {"phone": "13812345678", "name": "张建国"}),
        ("我叫王芳，可以打13812345678", {"phone": "13812345678", "name": "王芳"}),
        ("my phone is 13812345678, John Smith", {"phone": "13812345678", "name": "John Smith"}),
        ("0571-87654321", {"phone": "0571-87654321"}),
        ("电话87654321", {"phone": "87654321"}),
        ("20230501", {}),
        ("我还是留个电话吧", {}),
        ("老板电话13812345678", {}),
        ("13812345678这个号码老骚扰我", {}),
        ("my boss 13812345678", {}),
    ],
)
def test_a_phone_and_nothing_else(text: str, given: dict[str, str]) -> None:
    assert readers.contact(text) == given


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("13812345678 王建国", "王建国"),
        ("王芳", "王芳"),
        ("我叫李四", "李四"),
        ("13912345678 我姓王", "王"),
        ("电话是13912345678", ""),
        ("不方便", ""),
        ("王", ""),
        ("你们要电话干什么", ""),
        ("我是楼下开小卖部的", ""),
    ],
)
def test_name(text: str, name: str) -> None:
    assert readers.name(text) == name


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("我跟我老公两个", "2"),
        ("三个都是一个村的", "3"),
        ("连上我弟弟四个人", "4"),
        ("十二个人都没拿到", "12"),
        ("七八个吧", None),
        ("二十多个农民工", None),
        ("还有两个工友", None),
        ("还有我小舅子 一共三个", "3"),
        ("三个月没发", None),
    ],
)
def test_people_in_a_sentence(text: str, count: str | None) -> None:
    assert readers.people(text) == count


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("有", "yes"),
        ("有的 喝了酒就动手", "yes"),
        ("以前有 现在没有", "no"),
        ("那倒没有呢", "no"),
        ("没少打我", ""),
        ("没有一天不骂的", ""),
        ("就是吵架", ""),
        ("", ""),
    ],
)
def test_there_is(text: str, said: str) -> None:
    assert yes_no.there_is(text) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [("找过居委会 没用", "yes"), ("没找过物业", "no"), ("有过一回", "yes"), ("他不讲理", ""), ("", "")],
)
def test_was_tried(text: str, said: str) -> None:
    assert yes_no.was_tried(text) == said


@pytest.mark.parametrize(
    ("text", "agrees", "hands_in"),
    [
        ("对的 他们就是乱收费", True, True),
        ("好", True, True),
        ("好的 我再想想", False, False),
        ("行 帮我转人工", False, False),
        ("对面那家", False, False),
        ("是他先动手的", False, False),
        ("提交 别让老板知道", True, True),
        ("提交之前改一下", False, False),
        ("不对", False, False),
        ("", False, False),
    ],
)
def test_a_yes_that_goes_on(text: str, agrees: bool, hands_in: bool) -> None:
    assert (yes_no.agrees(text), yes_no.hands_in(text)) == (agrees, hands_in)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("恒大名都8号楼 另外，老板 欠薪", ("恒大名都8号楼", "老板 欠薪")),
        ("跳过。对了楼上漏水", ("跳过", "楼上漏水")),
        ("另外老板欠薪", None),
        ("恒大名都8号楼", None),
    ],
)
def test_passed_on(text: str, parts: tuple[str, str] | None) -> None:
    assert readers.passed_on(text) == parts


@pytest.mark.parametrize(
    ("text", "keeps"),
    [("不留 怕老板报复", True), ("没有手机 打我儿子的13812345678", False), ("打我家座机", False)],
)
def test_keeps_phone(text: str, keeps: bool) -> None:
    assert yes_no.keeps_phone(text) is keeps


@given(st.text(max_size=40))
def test_nothing_that_can_be_typed_breaks_a_reader(text: str) -> None:
    readers.bare_number(text)
    readers.choice_in(text, CHOICES)
    readers.phone(text)
    readers.name(text)
    readers.mentions_a_sum(text)
    readers.mentions_heads(text)
    yes_no.there_is(text)
    yes_no.was_tried(text)
    yes_no.hands_in(text)
    for value in (readers.amount(text), readers.people(text)):
        assert value is None or value.replace(".", "").replace("-", "").isdecimal()


@pytest.mark.parametrize(
    ("text", "divided"),
    [
        ("去年，我电话13812345678", ("去年", "我电话13812345678")),
        ("阳光小区3号楼 138 1234 5678 张建国", ("阳光小区3号楼", "138 1234 5678 张建国")),
        ("老板的电话，13812345678", None),
        ("13812345678，老板的", None),
        ("阳光小区 3号楼", None),
        ("", None),
    ],
)
def test_a_phone_after_an_answer(text: str, divided: tuple[str, str] | None) -> None:
    assert readers.contact_after(text) == divided


@pytest.mark.parametrize(
    ("text", "wants"),
    [
        ("我没留电话", True),
        ("加个电话", True),
        ("电话呢？", True),
        ("不留电话", False),
        ("电话13812345678", False),
        ("他不接电话", False),
        ("我没留", False),
    ],
)
def test_that_a_phone_is_still_to_be_given(text: str, wants: bool) -> None:
    assert readers.wants_phone(text) is wants


@pytest.mark.parametrize(
    ("text", "name"),
    [("我叫张建国", "张建国"), ("我姓王", "王"), ("我叫他赔钱", ""), ("我叫王师傅来修", ""), ("张建国", "")],
)
def test_a_name_by_itself(text: str, name: str) -> None:
    assert readers.own_name(text) == name


@pytest.mark.parametrize(
    ("text", "charged"),
    [
        ("乱收费", True),
        ("收费太高", True),
        ("收了我好多钱", True),
        ("物业费涨了", True),
        ("你们收费吗", False),
        ("好多钱", False),
        ("要交多少钱", False),
    ],
)
def test_charges_that_are_complained_of(text: str, charged: bool) -> None:
    assert readers.holds("overcharged", text) is charged


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("我不知道具体几号楼", True),
        ("记不清哪天了", True),
        ("忘了是什么时候", True),
        ("具体几号楼我不清楚", True),
        ("时间忘了", True),
        ("时间我忘了，大概春节后", False),
        ("不知道", False),
        ("我不知道他们为什么不给钱还打人", False),
        ("阳光小区，不知道几号楼", False),
        ("不知道哪个小区，就在大润发后面", False),
    ],
)
def test_that_what_is_asked_is_not_known(text: str, unknown: bool) -> None:
    assert readers.holds("unknown", text) is unknown


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("是十一月", True),
        ("去年三月份开始的", True),
        ("2023年", True),
        ("三个月", False),
        ("三万", False),
        ("", False),
    ],
)
def test_a_date_and_nothing_else(text: str, date: bool) -> None:
    assert readers.holds("date_alone", text) is date
