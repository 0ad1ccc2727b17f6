"""A picture that breaks its decoder breaks nothing else: a child dies, the message is kept and answered."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from backend.attachments import heic
from backend.attachments.cleaning import clean
from backend.attachments.heic import Crashed, convert, converted
from backend.attachments.pictures import Broken
from tests.fixtures.stage import Stage

HEIC = (Path(__file__).parents[2] / "payloads" / "files" / "photo.heic").read_bytes()
SEGFAULT = "import ctypes; ctypes.string_at(0)"


class Decoder:
    """Stands in for the child: notes each start."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, log: Path) -> None:
        self._patch, self._log = monkeypatch, log

    def does(self, code: str) -> None:
        begin = f"open({str(self._log)!r}, 'a').write('x')"
        self._patch.setattr(heic, "_COMMAND", (sys.executable, "-c", f"{begin}; {code}"))

    @property
    def starts(self) -> int:
        return len(self._log.read_text()) if self._log.exists() else 0


@pytest.fixture
def decoder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Decoder:
    return Decoder(monkeypatch, tmp_path / "starts")


def crashes() -> float:
    return float(heic.CRASHES._value.get())


def test_a_child_makes_what_this_process_would() -> None:
    assert converted(HEIC) == convert(HEIC)


def test_it_knows_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WECHAT_APP_SECRET", "secret")
    find = "os.environ.get('WECHAT_APP_SECRET', '-')"
    told = f"import os, sys; sys.stdout.buffer.write(bytes(4) + {find}.encode())"
    monkeypatch.setattr(heic, "_COMMAND", (sys.executable, "-c", told))
    assert converted(b"") == (b"-", b"")


def test_what_is_broken_is_tried_once(decoder: Decoder) -> None:
    before = crashes()
    with pytest.raises(Broken):
        converted(HEIC[:200])
    decoder.does("raise SystemExit(1)")
    with pytest.raises(Broken):
        converted(HEIC)
    assert (decoder.starts, crashes()) == (1, before)
    assert clean(HEIC, "image/heic").content == HEIC, "kept as it came"


@pytest.mark.parametrize("code", [SEGFAULT, "import time; time.sleep(60)"], ids=["dies", "never ends"])
def test_what_kills_its_reader_is_given_up_the_second_time(
    decoder: Decoder, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    monkeypatch.setattr(heic, "SECONDS", 0.5)
    decoder.does(code)
    before = crashes()
    with pytest.raises(Crashed):
        clean(HEIC, "image/heic")
    assert (decoder.starts, crashes()) == (2, before + 2)


def test_one_that_died_once_is_read_the_second_time(decoder: Decoder, tmp_path: Path) -> None:
    once = tmp_path / "once"
    first = f"if not os.path.exists({str(once)!r}):\n  open({str(once)!r}, 'w')\n  os.kill(os.getpid(), 9)"
    decoder.does(f"import os, sys\n{first}\nsys.stdout.buffer.write(bytes(4) + b'jpeg')")
    assert converted(HEIC) == (b"jpeg", b"")
    assert decoder.starts == 2


async def test_the_message_is_kept_and_answered(stage: Stage, decoder: Decoder) -> None:
    decoder.does(SEGFAULT)
    assert "打不开" in await stage.photo(HEIC)
    async with stage.parts.database.work() as work:
        kept = (await work.session.execute(text("select kind from incoming_messages"))).scalars().all()
        files = await work.session.scalar(text("select count(*) from attachments"))
    assert (kept, files) == (["image"], 0)
    assert "登记" in await stage.say("楼上漏水漏到我家")
