"""The example in docs/channels.md runs as it is written, against a listener and a worker as in use."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from pathlib import Path

from backend.domain.lifecycle import Action
from bot.ports import free_port
from tests.channels.integrator import SECRET
from tests.fixtures.settings import MakeSettings
from tests.webchat.listener import serving

ROOT = Path(__file__).resolve().parents[2]
NUMBER = re.compile(r"FQ\d{4}-\d{6}")


async def test_the_example_as_it_is_written(settings: MakeSettings, tmp_path: Path) -> None:
    page = (ROOT / "docs" / "channels.md").read_text("utf-8")
    example = page.partition("\n### An example\n")[2].partition("```python\n")[2].partition("```")[0]
    (tmp_path / "hotline.py").write_text(example, "utf-8")
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    async with serving(settings, webhook_secret=SECRET, webhook_url=url) as listener:
        hotline = await asyncio.create_subprocess_exec(
            sys.executable,
            "hotline.py",
            listener.url,
            str(port),
            cwd=tmp_path,
            env={"PATH": os.environ["PATH"], "WEBHOOK_SECRET": SECRET, "PYTHONIOENCODING": "utf-8"},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        assert hotline.stdin and hotline.stdout
        seen: list[str] = []

        async def until(words: str) -> None:
            assert hotline.stdout
            while not (seen and re.search(words, seen[-1])):
                line = await hotline.stdout.readline()
                assert line, f"the example ended: {seen}"
                seen.append(line.decode().rstrip("\n"))

        said = ["物业费突然涨到2块8 谁同意的", "1", "恒大名都8号楼", "跳过", "跳过"]
        expected = ["2 不对", "几号楼", "开始的", "电话", "3 取消"]
        try:
            for words, answer in zip(said, expected, strict=True):
                hotline.stdin.write(f"{words}\n".encode())
                await until(answer)
            hotline.stdin.write(b"1\n")
            await until(NUMBER.pattern)
            found = NUMBER.search(seen[-1])
            assert found
            await listener.act(found[0], Action.ACCEPT)
            await until("已受理")
        finally:
            hotline.kill()
            await hotline.wait()
