"""The conversations of tests/transcripts, through whole installations: each on one channel, some on all."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.channels.installation import CAN, WINDOWS, Installation
from tests.channels.player import ChannelPlayer, hears_first, needs

FILES = sorted((Path(__file__).parents[1] / "transcripts").glob("*.txt"))

ON_ALL = {"01", "25", "31", "34", "65", "68", "69", "86"}
"""On every channel that can: the main job, cases, surveys, old choices, edits, contacts, codes, a silence."""

ROUTER_ALONE = {
    "33": "a reminder that the timers would have cancelled",
    "38": "an effect is made to fail",
    "54": "urges twice on one day",
    "66": "changes words that nobody sent in it",
    "80": "refuses what was accepted",
    "83": "a phone that speaks English, which each channel tells in its own way",
}
"""What cannot be acted out from a phone, and why."""


SLOWEST = "telegram"
"""Each answer there takes a worker and an HTTP call: it is told what it alone can do, and what all are."""


def played() -> list[tuple[str, Path]]:
    """Every channel that can act a transcript out: all of them, or one after the other."""
    found = []
    for place, file in enumerate(FILES):
        able = [name for name, can in CAN.items() if needs(file) <= can]
        if hears_first(file):
            able = [name for name in able if name not in WINDOWS]
        number, _, _ = file.stem.partition("_")
        if number in ROUTER_ALONE:
            continue
        quick = [name for name in able if name != SLOWEST] or able
        chosen = able if number in ON_ALL else [quick[place % len(quick)]]
        found += [(name, file) for name in chosen]
    return found


def test_the_page_says_how_many_run_everywhere() -> None:
    page = (Path(__file__).parents[2] / "docs" / "channels.md").read_text("utf-8")
    assert len(ON_ALL) == 8 and "of `tests/transcripts/`\neight run on every channel" in page


@pytest.mark.parametrize(("channel", "file"), played(), ids=lambda value: getattr(value, "stem", value))
async def test_transcript(installation: Installation, channel: str, file: Path) -> None:
    await ChannelPlayer(installation, channel).run(file)
