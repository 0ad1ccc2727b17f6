"""The command: its last lines, the file it leaves, and what it says about a wrong request."""

from __future__ import annotations

import asyncio
import json
import re
import threading
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path

import pytest

from nlu import evaluate
from nlu.evaluate import main
from nlu.evaluation.answers import Answer, ask
from nlu.evaluation.examples import Example
from nlu.train import TrainError
from tests.nlu.evaluation.given import taken
from tests.nlu.fake_rasa import FakeRasa

NOW = datetime(2026, 11, 21, tzinfo=UTC)


@pytest.fixture
def rasa() -> Iterator[FakeRasa]:
    """A server in a loop of its own: the command runs one itself."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    server = FakeRasa()
    asyncio.run_coroutine_threadsafe(server.start(), loop).result(10)
    yield server
    asyncio.run_coroutine_threadsafe(server.stop(), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


@pytest.fixture(autouse=True)
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "var"))
    return tmp_path / "var"


def labelled(tmp_path: Path, *rows: dict[str, str]) -> Path:
    file = tmp_path / "examples.jsonl"
    file.write_text("\n\n".join(json.dumps(row, ensure_ascii=False) for row in rows), "utf-8")
    return file


def test_a_file_is_reported(
    tmp_path: Path,
    data_dir: Path,
    rasa: FakeRasa,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("NLU_URL", rasa.url)
    rows = [
        {"text": "涨价", "label": "物业", "source": "chat"},
        {"text": "漏水", "label": "邻里", "source": "letter"},
        {"text": "？？", "label": "其他"},
    ]
    assert main([str(labelled(tmp_path, *rows))], NOW) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "chat: 1 / 1" in lines
    assert "letter: 0 / 1  邻里>物业 1" in lines
    assert "物业      1     0     0     0     0" in lines
    assert re.fullmatch(r"ece=0\.\d{3}", next(line for line in lines if line.startswith("ece=")))
    assert lines[-2] == f"report: {data_dir.resolve() / 'reports' / 'nlu-examples.html'}"
    assert lines[-1] == "macro_f1=0.556"
    assert "漏水" in Path(lines[-2].removeprefix("report: ")).read_text("utf-8")


def test_folds_are_reported_with_their_spread(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    good: list[Answer] = [taken("物业", "物业", source="fold 1"), taken("劳资", "劳资", source="fold 1")]
    bad: list[Answer] = [taken("物业", "物业", source="fold 2"), taken("劳资", "物业", source="fold 2")]
    monkeypatch.setattr(evaluate, "cross_validate", lambda count, say: [good, bad][:count])
    assert main(["--folds", "2"], NOW) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == "macro_f1=0.667"
    assert lines[-2].endswith("nlu-cross-validation-2.html")
    assert "macro_f1_of_folds=1.000 0.333; mean 0.667, standard deviation 0.471" in lines
    assert "fold 2: 1 / 2  劳资>物业 1" in lines


@pytest.mark.parametrize(
    "line", ["not json", "[]", '{"text": "x"}', '{"text": "x", "label": "greeting"}', "3", ""]
)
def test_a_bad_line_is_one_sentence(tmp_path: Path, line: str, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "examples.jsonl"
    file.write_text(f"{line}\n")
    assert main([str(file)], NOW) == 1
    assert capsys.readouterr().err.startswith(str(file))


def test_a_missing_file_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "none.jsonl")], NOW) == 1
    assert capsys.readouterr().err == f"There is no file {tmp_path / 'none.jsonl'}.\n"


def test_what_cannot_be_read_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path)], NOW) == 1
    assert capsys.readouterr().err == f"{tmp_path} cannot be read (Is a directory).\n"


def test_without_an_address_it_starts_a_server_and_says_so(
    tmp_path: Path, rasa: FakeRasa, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("NLU_URL", raising=False)
    monkeypatch.setattr(evaluate, "train", lambda say: None)
    monkeypatch.setattr(evaluate, "running_server", lambda: nullcontext(rasa.url))
    assert main([str(labelled(tmp_path, {"text": "涨价", "label": "物业"}))], NOW) == 0
    told = capsys.readouterr()
    assert told.err.startswith("Starting a server of the present model")
    assert "threshold  proposed  right of these  two named  right one among them" in told.out
    assert "     0.50     1.000           1.000      0.000                     -" in told.out


@pytest.mark.parametrize(
    "arguments", [[], ["x.jsonl", "--folds", "5"], ["--folds", "1"], ["--folds", "many"], ["a", "b"]]
)
def test_a_wrong_request_is_explained(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments, NOW)
    assert ended.value.code == 2
    assert "usage" in capsys.readouterr().err


async def test_dialogue_intents_do_not_compete_and_silence_is_no_answer() -> None:
    server = FakeRasa()
    await server.start()
    (answer,) = await ask(server.url, [Example("涨价", "物业")])
    assert (answer.category, answer.is_right) == ("物业", True)
    assert answer.share == pytest.approx(0.8 / 0.9)
    server.status = 500
    with pytest.raises(TrainError):
        await ask(server.url, [Example("涨价", "物业")])
    await server.stop()
