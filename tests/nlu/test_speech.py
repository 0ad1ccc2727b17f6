"""The request of OpenAI's API for transcriptions, as local servers take it."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from nlu import speech
from nlu.speech import HttpSpeech, SpeechUnavailable

Answer = Callable[[httpx.Request], httpx.Response]


def server(answer: Answer, key: str = "") -> HttpSpeech:
    return HttpSpeech("http://speech:8000/v1/", "small", key, transport=httpx.MockTransport(answer))


async def test_what_is_asked_and_what_is_heard() -> None:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, json={"text": "  楼上漏水 "})

    ear = server(answer, "secret")
    assert await ear.transcribe(b"sound", "audio/mpeg") == "楼上漏水"
    await ear.aclose()
    (request,) = asked
    assert str(request.url) == "http://speech:8000/v1/audio/transcriptions"
    assert request.headers["authorization"] == "Bearer secret"
    assert b'filename="recording.mp3"' in request.content and b"small" in request.content


async def test_no_key_is_sent_when_there_is_none() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        assert "authorization" not in request.headers
        return httpx.Response(200, json={"text": "字" * 9999})

    assert len(await server(answer).transcribe(b"sound", "audio/mpeg")) == speech.LONGEST


@pytest.mark.parametrize("status", [500, 503, 429])
async def test_a_server_in_trouble_is_asked_again(status: int) -> None:
    with pytest.raises(SpeechUnavailable):
        await server(lambda _: httpx.Response(status)).transcribe(b"sound", "audio/mpeg")


@pytest.mark.parametrize("body", [b"<html>", b"[]", b"{}", b"null"])
async def test_a_server_that_talks_nonsense_is_asked_again(body: bytes) -> None:
    with pytest.raises(SpeechUnavailable):
        await server(lambda _: httpx.Response(200, content=body)).transcribe(b"sound", "audio/mpeg")


async def test_a_server_that_is_not_there_is_asked_again() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    with pytest.raises(SpeechUnavailable):
        await server(answer).transcribe(b"sound", "audio/mpeg")


@pytest.mark.parametrize("status", [400, 401, 415])
async def test_a_recording_that_it_refuses_has_no_words(status: int) -> None:
    assert await server(lambda _: httpx.Response(status)).transcribe(b"sound", "audio/mpeg") == ""


async def test_words_that_are_none() -> None:
    assert await server(lambda _: httpx.Response(200, json={"text": 7})).transcribe(b"s", "audio/mpeg") == ""
