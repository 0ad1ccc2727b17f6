"""The client against an HTTP server that is well, slow, wrong, gone and back."""

from __future__ import annotations

import asyncio
import logging
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from nlu.client import NluClient
from tests.nlu.fake_rasa import ANSWER, FakeRasa, answer
from tests.nlu.test_breaker import Clock

TEXT = "物业费突然涨了"


@pytest.fixture
async def rasa() -> AsyncIterator[FakeRasa]:
    server = FakeRasa()
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def client(rasa: FakeRasa, clock: Clock) -> AsyncIterator[NluClient]:
    made = NluClient(f"{rasa.url}/", clock=clock, time_limit=0.4, failures=3, pause=5)
    yield made
    await made.aclose()


async def test_reads_the_answer(client: NluClient) -> None:
    assert client.state == "loading"
    meaning = await client.understand("恒大名都8号楼 物业打人了 快来人 打起来了")
    assert (meaning.intent, meaning.confidence, meaning.source) == ("物业", 0.8, "rasa")
    assert [name for name, _ in meaning.ranking] == ["物业", "邻里", "其他", "劳资", "家事"]
    assert sum(share for _, share in meaning.ranking) == pytest.approx(1)
    assert meaning.ranking[0][1] == pytest.approx(0.8 / 0.9)
    assert ("place", "恒大名都8号楼") in meaning.entities
    assert "violence" in meaning.crises
    assert client.state == "ok"


async def test_keeps_its_connection(client: NluClient, rasa: FakeRasa) -> None:
    for number in range(5):
        await client.understand(f"{TEXT}{number}")
    assert len(rasa.asked) == 5
    assert len(rasa.connections) == 1


async def test_a_process_killed_in_mid_answer_costs_nothing(client: NluClient, rasa: FakeRasa) -> None:
    await client.understand("你好")
    rasa.dying = 1
    assert (await client.understand(TEXT)).source == "rasa"
    assert rasa.asked == ["你好", TEXT, TEXT]
    rasa.dying = 2
    assert (await client.understand(f"{TEXT}了")).source == "keywords"


async def test_the_name_of_the_model(client: NluClient, rasa: FakeRasa) -> None:
    assert await client.model() == "0123456789abcdef"
    rasa.model_file = None
    assert await client.model() is None


async def test_asks_once_for_the_same_text(client: NluClient, rasa: FakeRasa) -> None:
    first, second = await client.understand(TEXT), await client.understand(TEXT)
    assert first == second
    assert rasa.asked == [TEXT]


async def test_the_first_resident_waits_for_no_word_list(
    rasa: FakeRasa, monkeypatch: pytest.MonkeyPatch
) -> None:
    lift, knife = "電梯壞了三天没人修 物业不管", "邻居拿着刀在我家门口"
    rasa.answers = {lift: answer("物业"), knife: answer("邻里")}
    for module in [module for name, module in sys.modules.items() if name.startswith("nlu.")]:
        for kept in vars(module).values():
            getattr(kept, "cache_clear", int)()
    client = NluClient(rasa.url)

    def read(path: Path, *_: object) -> None:
        raise AssertionError(f"{path} is read when a resident waits")

    monkeypatch.setattr(Path, "read_text", read)
    meaning = await client.understand(f"{lift} 另外{knife}")
    assert [matter.text for matter in meaning.matters] == [lift, knife]
    assert "violence" in meaning.crises
    await rasa.stop()
    assert (await client.understand("物业费涨了")).source == "keywords"
    await client.aclose()


async def test_without_an_address_keywords_answer() -> None:
    client = NluClient(None)
    meaning = await client.understand(TEXT)
    assert (meaning.intent, meaning.source, client.state) == ("物业", "keywords", "off")
    assert await client.check() == "off"
    assert await client.model() is None
    await client.aclose()


async def test_a_slow_answer_is_not_waited_for(client: NluClient, rasa: FakeRasa) -> None:
    rasa.delay = 5
    started = time.monotonic()
    meaning = await client.understand(TEXT)
    assert time.monotonic() - started < 1
    assert meaning.source == "keywords"


@pytest.mark.parametrize(
    "answer",
    [
        {},
        [],
        "text",
        None,
        {"intent": None, "intent_ranking": []},
        {"intent": {"name": None, "confidence": 0.0}, "intent_ranking": []},
        {**ANSWER, "intent": {"name": "物业"}},
        {**ANSWER, "intent": {"name": 5, "confidence": 1}},
        {**ANSWER, "intent_ranking": [{"name": "greeting", "confidence": 1.0}]},
        {**ANSWER, "intent_ranking": [{"name": "物业", "confidence": "high"}]},
    ],
)
async def test_a_malformed_answer_is_a_failure(client: NluClient, rasa: FakeRasa, answer: object) -> None:
    rasa.answer = answer
    assert (await client.understand(TEXT)).source == "keywords"


async def test_an_error_or_no_json_is_a_failure(client: NluClient, rasa: FakeRasa) -> None:
    rasa.status = 500
    assert (await client.understand(TEXT)).source == "keywords"
    rasa.status, rasa.body = 200, b"<html>"
    assert (await client.understand(TEXT)).source == "keywords"
    rasa.body = b"\xff\xfe"
    assert (await client.understand(TEXT)).source == "keywords"


async def test_the_breaker_opens_tries_once_and_closes(
    client: NluClient, rasa: FakeRasa, clock: Clock
) -> None:
    await client.understand(TEXT)
    rasa.status = 503
    for number in range(6):
        assert (await client.understand(f"停水{number}")).source == "keywords"
    assert len(rasa.asked) == 4
    assert client.state == "down"
    rasa.status = 200
    assert (await client.understand("还停着")).source == "keywords"
    clock.now += 6
    assert (await client.understand("来水了没有")).source == "rasa"
    assert client.state == "ok"


async def test_only_one_request_tries_a_broken_service(
    client: NluClient, rasa: FakeRasa, clock: Clock
) -> None:
    rasa.status = 503
    for number in range(3):
        await client.understand(f"停水{number}")
    clock.now += 6
    rasa.delay, rasa.status = 0.1, 200
    meanings = await asyncio.gather(*(client.understand(f"停电{number}") for number in range(8)))
    assert sorted(meaning.source for meaning in meanings) == ["keywords"] * 7 + ["rasa"]
    assert len(rasa.asked) == 4


async def test_a_cancelled_try_does_not_block_the_next(
    client: NluClient, rasa: FakeRasa, clock: Clock
) -> None:
    rasa.status = 503
    for number in range(3):
        await client.understand(f"停水{number}")
    clock.now += 6
    rasa.delay, rasa.status = 0.2, 200
    attempt = asyncio.create_task(client.understand("停气"))
    await asyncio.sleep(0.05)
    attempt.cancel()
    with pytest.raises(asyncio.CancelledError):
        await attempt
    rasa.delay = 0
    assert (await client.understand("停暖")).source == "rasa"


async def test_answers_are_forgotten_when_the_service_comes_back(
    client: NluClient, rasa: FakeRasa, clock: Clock
) -> None:
    await client.understand(TEXT)
    rasa.status = 503
    for number in range(3):
        await client.understand(f"停水{number}")
    rasa.status = 200
    clock.now += 6
    await client.check()
    await client.understand(TEXT)
    assert rasa.asked.count(TEXT) == 2


async def test_survives_a_restart_of_the_service(client: NluClient, rasa: FakeRasa, clock: Clock) -> None:
    await client.understand(TEXT)
    port = rasa.port
    await rasa.stop()
    for number in range(3):
        assert (await client.understand(f"停水{number}")).source == "keywords"
    assert await client.check() == "down"
    await rasa.start(port)
    clock.now += 6
    assert await client.check() == "ok"


async def test_loading_becomes_ok_by_asking(rasa: FakeRasa, clock: Clock) -> None:
    client = NluClient(rasa.url, clock=clock)
    assert client.state == "loading"
    assert await client.check() == "ok"
    assert await client.model() == "0123456789abcdef"
    await rasa.stop()
    assert await client.model() is None
    await client.aclose()


async def test_no_text_reaches_rasa_as_a_command_or_without_end(client: NluClient, rasa: FakeRasa) -> None:
    await client.understand("/重新开始")
    await client.understand("长" * 5000)
    assert rasa.asked[0] == "重新开始"
    assert len(rasa.asked[1]) == 2000


@pytest.mark.parametrize("text", ["", "  ", "/", "//", "？？？", "😡😡"])
async def test_nothing_to_say_is_not_asked(client: NluClient, rasa: FakeRasa, text: str) -> None:
    assert (await client.understand(text)).source == "keywords"
    assert rasa.asked == []


async def test_the_cache_has_an_end(
    client: NluClient, rasa: FakeRasa, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nlu.client.CACHED_TEXTS", 2)
    for text in ("甲", "乙", "甲", "丙", "甲", "乙"):
        await client.understand(text)
    assert rasa.asked == ["甲", "乙", "丙", "乙"]


async def test_the_log_holds_no_text(
    client: NluClient, rasa: FakeRasa, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    rasa.status = 500
    for number in range(4):
        await client.understand(f"张三丰欠钱{number}")
    assert "circuit breaker" in caplog.text
    assert "张三丰" not in caplog.text


TWO = "物业电梯三天没修了 还有我老公工地欠他四万块"
LIFT, WAGES = "物业电梯三天没修了", "我老公工地欠他四万块"


async def test_two_matters_are_asked_about_in_parts(client: NluClient, rasa: FakeRasa) -> None:
    rasa.answers = {LIFT: answer("物业"), WAGES: answer("劳资")}
    meaning = await client.understand(TWO)
    assert [(matter.text, matter.meaning.intent) for matter in meaning.matters] == [
        (LIFT, "物业"),
        (WAGES, "劳资"),
    ]
    assert ("amount", "40000") in meaning.matters[1].meaning.entities
    assert meaning.matters[0].meaning.entities == ()
    assert rasa.asked == [TWO, LIFT, WAGES]
    assert (await client.understand(TWO)).matters == meaning.matters
    assert len(rasa.asked) == 3, "the parts are remembered too"


async def test_at_most_three_parts_are_asked_about(client: NluClient, rasa: FakeRasa) -> None:
    await client.understand("楼上漏水 还有狗叫个不停 另外老板欠薪 对了物业乱收费 再一个我想离婚")
    assert len(rasa.asked) == 4


async def test_a_danger_across_the_cut_keeps_a_text_whole(client: NluClient, rasa: FakeRasa) -> None:
    holding, owed = "物业经理手里拿着", "刀我不怕 工地欠薪"
    rasa.answers = {holding: answer("物业"), owed: answer("劳资")}
    meaning = await client.understand(f"{holding} 另外{owed}")
    assert (meaning.crises, meaning.matters) == (("violence",), ())
    assert rasa.asked[1:] == [holding, owed]


async def test_a_danger_in_one_part_belongs_to_it(client: NluClient, rasa: FakeRasa) -> None:
    lift, knife = "物业电梯三天没修了", "邻居拿着刀在我家门口"
    rasa.answers = {lift: answer("物业"), knife: answer("邻里")}
    meaning = await client.understand(f"{lift} 另外{knife}")
    assert [matter.meaning.crises for matter in meaning.matters] == [(), ("violence",)]


async def test_late_parts_leave_one_matter_and_a_closed_breaker(client: NluClient, rasa: FakeRasa) -> None:
    rasa.answers = {LIFT: answer("物业"), WAGES: answer("劳资")}
    rasa.delays = {WAGES: 5}
    for _ in range(4):
        meaning = await client.understand(TWO)
        assert (meaning.source, meaning.matters) == ("rasa", ())
    assert client.state == "ok"


async def test_a_part_that_fails_leaves_one_matter(client: NluClient, rasa: FakeRasa) -> None:
    rasa.answers = {LIFT: answer("物业"), WAGES: {}}
    meaning = await client.understand(TWO)
    assert (meaning.source, meaning.matters) == ("rasa", ())


async def test_keywords_tell_of_one_matter(client: NluClient, rasa: FakeRasa) -> None:
    rasa.status = 503
    meaning = await client.understand(TWO)
    assert (meaning.source, meaning.matters) == ("keywords", ())
    assert rasa.asked == [TWO]
