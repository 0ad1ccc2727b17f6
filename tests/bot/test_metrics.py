"""`/metrics` of the residents' listener: its requests and the channels' counters, for who shows the token."""

from __future__ import annotations

import httpx
import pytest
from fastapi import FastAPI
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr

from backend import metrics
from bot.app import create_app
from bot.wechat.callback import CALLBACKS
from tests.fixtures.settings import MakeSettings


async def ask(app: FastAPI, path: str, **headers: str) -> httpx.Response:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://bot") as http:
        return await http.get(path, headers=headers)


@pytest.mark.parametrize("shown", ["", "Bearer ", "Bearer other", "token", "Basic token", "Bearer 错"])
@pytest.mark.parametrize("token", [None, SecretStr("token")])
async def test_closed_to_everybody_else(token: SecretStr | None, shown: str) -> None:
    app = FastAPI()
    metrics.install_for_residents(app, token)
    headers = {b"authorization": shown.encode()} if shown else {}
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://bot") as http:
        assert (await http.get("/metrics", headers=headers)).status_code == 404


async def test_closed_without_a_token(settings: MakeSettings) -> None:
    assert (await ask(create_app(settings()), "/metrics", Authorization="Bearer ")).status_code == 404


async def test_requests_and_what_channels_count(settings: MakeSettings) -> None:
    app = create_app(settings(metrics_token="token"))
    CALLBACKS.labels("replied").inc()
    assert (await ask(app, "/no/such/page")).status_code == 404
    answer = await ask(app, "/metrics", Authorization="Bearer token")
    assert answer.status_code == 200
    found = {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }
    assert found["fengqiao_residents_requests_total", "404", "GET", "other"] == 1
    assert found["fengqiao_wechat_callbacks_total", "replied"] >= 1
