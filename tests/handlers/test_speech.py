"""What a recording says, written down by a machine: it goes on as if typed, and says who wrote it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from backend.conversations import timeline
from handlers.messages import IncomingAttachment
from handlers.transcribe_attachment import ListenAgain, transcribe_attachment
from nlu.speech import SpeechUnavailable
from tests.fixtures import media
from tests.fixtures.stage import Stage
from tests.handlers.test_copies import newest

LISTENS = "我先听一听"


class Ear:
    """Hears what it was told to hear."""

    def __init__(self, *words: str | None) -> None:
        self.words = list(words)
        self.heard: list[tuple[bytes, str]] = []

    async def transcribe(self, content: bytes, mime: str) -> str:
        self.heard.append((content, mime))
        words = self.words.pop(0)
        if words is None:
            raise SpeechUnavailable
        return words


def listen(stage: Stage, *words: str | None) -> Ear:
    ear = Ear(*words)
    object.__setattr__(stage.parts, "speech", ear)
    return ear


async def speak(stage: Stage) -> str:
    attachment = IncomingAttachment("voice", content=media.voice())
    return await stage.say("", kind="voice", attachments=(attachment,))


async def test_a_story_that_was_spoken(stage: Stage) -> None:
    ear = listen(stage, "楼上漏水漏到我家 天花板都湿了")
    reply = await speak(stage)
    assert LISTENS in reply and "听不了" not in reply
    await stage.jobs()
    assert ear.heard[0][1] == "audio/mpeg"
    assert "邻里" in stage.pushed()[-1]
    async with stage.parts.database.work() as work:
        incoming = (await timeline.read(work, (await newest(stage)).conversation_id)).incoming
    assert [(view.kind, view.payload.get("by_machine")) for view in incoming] == [
        ("voice", None),
        ("voice", True),
    ]
    assert incoming[1].text.startswith("楼上漏水")


async def test_an_answer_that_was_spoken(stage: Stage) -> None:
    listen(stage, "对")
    await stage.say("楼上漏水漏到我家 天花板都湿了")
    asked = await speak(stage)
    assert LISTENS in asked and "对吗" not in asked
    await stage.jobs()
    assert "在哪里" in stage.pushed()[-1] or "小区" in stage.pushed()[-1]


async def test_danger_that_was_spoken_is_heard(stage: Stage) -> None:
    listen(stage, "他拿着刀在我家门口")
    await speak(stage)
    await stage.jobs()
    assert "110" in "\n".join(stage.pushed())


async def test_words_are_heard_once_however_often_the_job_runs(stage: Stage) -> None:
    listen(stage, "楼上漏水漏到我家 天花板都湿了", "楼上漏水漏到我家 天花板都湿了")
    await speak(stage)
    await stage.jobs()
    before = stage.pushed()
    await transcribe_attachment(stage.parts, (await newest(stage)).id)
    await stage.jobs()
    assert stage.pushed() == before


@pytest.mark.parametrize("words", ["", None])
async def test_what_nobody_understood_is_asked_for_in_writing(stage: Stage, words: str | None) -> None:
    listen(stage, *([words] * 3))
    await speak(stage)
    if words is None:
        await stage.jobs()
        assert stage.pushed() == []
        with pytest.raises(ListenAgain):
            await transcribe_attachment(stage.parts, (await newest(stage)).id)
        stage.now += timedelta(minutes=11)
        await transcribe_attachment(stage.parts, (await newest(stage)).id)
    await stage.jobs()
    assert ["没有听清" in words for words in stage.pushed()] == [True]


async def test_an_officer_hears_it_themselves(stage: Stage) -> None:
    await stage.say("人工")
    listen(stage, "")
    await speak(stage)
    await stage.jobs()
    assert not any("没有听清" in words for words in stage.pushed())


async def test_nobody_listens_unless_somebody_was_set_up(stage: Stage) -> None:
    assert "听不了语音" in await speak(stage)
    await stage.jobs()
    await transcribe_attachment(stage.parts, (await newest(stage)).id)
    assert stage.pushed() == []


async def test_words_that_the_channel_heard(stage: Stage) -> None:
    ear = listen(stage)
    attachment = IncomingAttachment("voice", content=media.voice())
    words = "楼上漏水漏到我家 天花板都湿了"
    reply = await stage.say(words, kind="voice", attachments=(attachment,), by_machine=True)
    assert "邻里" in reply
    await stage.jobs()
    assert ear.heard == [], "nobody listens twice"
