"""The model's real server: Rasa's two routes, the same answer alone and in a crowd, several processes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import psutil
import pytest

from nlu.train import ROOT, current_hash

HOLDOUT = ROOT / "training_data" / "holdout" / "categories.jsonl"
TEXTS = [json.loads(line)["text"] for line in HOLDOUT.read_text("utf-8").splitlines()[:24]]


@pytest.fixture
async def rasa(rasa_url: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=rasa_url, timeout=30, trust_env=False) as client:
        yield client


async def parse(rasa: httpx.AsyncClient, text: str) -> dict[str, Any]:
    answer = await rasa.post("/model/parse", json={"text": text})
    assert answer.status_code == 200
    return dict(answer.json())


def listening(url: str) -> list[psutil.Process]:
    """The processes that listen on the server's port, all on 127.0.0.1 alone."""
    found = []
    for process in psutil.Process().children(recursive=True):
        for connection in process.net_connections("inet"):
            if connection.status == psutil.CONN_LISTEN and connection.laddr.port == httpx.URL(url).port:
                assert connection.laddr.ip == "127.0.0.1"
                found.append(process)
    return sorted(set(found), key=lambda process: process.pid)


async def test_it_says_which_model_it_runs(rasa: httpx.AsyncClient) -> None:
    assert (await rasa.get("/status")).json()["model_file"] == f"{current_hash()}.tar.gz"


async def test_an_answer_has_the_shape_of_rasas(rasa: httpx.AsyncClient) -> None:
    answer = await parse(rasa, "老板欠我三个月工资")
    assert answer["text"] == "老板欠我三个月工资"
    assert answer["intent"] == answer["intent_ranking"][0]
    assert answer["intent"]["name"] == "劳资"
    assert sum(each["confidence"] for each in answer["intent_ranking"]) == pytest.approx(1)
    assert answer["entities"] == []


async def test_a_text_without_a_word_has_no_intent(rasa: httpx.AsyncClient) -> None:
    assert (await parse(rasa, "😀"))["intent"] == {"name": None, "confidence": 0.0}


async def test_alone_or_in_a_crowd_the_answer_is_the_same(rasa: httpx.AsyncClient) -> None:
    alone = [await parse(rasa, text) for text in TEXTS]
    together = await asyncio.gather(*(parse(rasa, text) for text in TEXTS))
    for one, other in zip(alone, together, strict=True):
        assert one["text"] == other["text"]
        scores = {each["name"]: each["confidence"] for each in other["intent_ranking"]}
        assert scores == pytest.approx({e["name"]: e["confidence"] for e in one["intent_ranking"]}, abs=1e-6)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"{}", b'{"text": 5}', b'{"text": null}', b"\xff"])
async def test_what_is_no_question_is_refused(rasa: httpx.AsyncClient, body: bytes) -> None:
    assert (await rasa.post("/model/parse", content=body)).status_code == 400
    assert (await parse(rasa, "你好"))["intent"]["name"] == "greeting"


@pytest.mark.parametrize("path", ["/", "/model", "/model/train", "/conversations/x/messages"])
async def test_what_the_application_does_not_use_is_not_there(rasa: httpx.AsyncClient, path: str) -> None:
    for method in ("GET", "PUT", "POST"):
        assert (await rasa.request(method, path, json={})).status_code == 404


async def test_a_killed_worker_is_replaced_at_once(rasa: httpx.AsyncClient, rasa_url: str) -> None:
    parent, *workers = listening(rasa_url)
    assert workers and all(worker.ppid() == parent.pid for worker in workers)
    workers[0].kill()
    # New connections: those of the dead one are lost, and nobody else is refused.
    async with httpx.AsyncClient(base_url=rasa_url, timeout=30, trust_env=False) as client:
        for text in TEXTS:
            assert (await parse(client, text))["intent"]["name"]
    async with asyncio.timeout(20):
        while len(now := listening(rasa_url)) != len(workers) + 1 or workers[0] in now:
            await asyncio.sleep(0.1)
