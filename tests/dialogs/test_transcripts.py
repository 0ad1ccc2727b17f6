"""Conversations as text: what it feels like to use, kept from changing by accident."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.dialogs.transcript import Mismatch, Player

FILES = sorted((Path(__file__).parents[1] / "transcripts").glob("*.txt"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_transcript(file: Path) -> None:
    Player().play(file)


def test_there_are_transcripts() -> None:
    assert len(FILES) >= 25


@pytest.mark.parametrize(
    "lines",
    [
        "居民: 你好\n小助手: 再见",
        "居民: 你好\n小助手不说: 您好",
        "居民: 你好\n小助手: （沉默）",
        "路人: 你好",
    ],
)
def test_a_wrong_transcript_fails(tmp_path: Path, lines: str) -> None:
    file = tmp_path / "wrong.txt"
    file.write_text(lines, "utf-8")
    with pytest.raises(Mismatch):
        Player().play(file)
