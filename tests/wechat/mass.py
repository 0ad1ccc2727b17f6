"""Very many messages for residents in WeChat at once, and a worker in a process of its own."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence

import uvloop

from backend.conversations import entry, outbox
from backend.conversations.entry import Incoming
from backend.conversations.views import Sender
from backend.db.database import Database
from backend.logs import configure_logging
from backend.settings import Settings, load_settings
from bot import worker
from bot.wechat.channel import WeChatChannel
from nlu.train import ROOT
from tests.wechat.emulator import Emulator

PACE = "FENGQIAO_TEST_PUSHES_PER_SECOND"


async def post(database: Database, emulator: Emulator, openids: Sequence[str], each: int) -> None:
    """Queue `each` progress messages for every resident, all at once, for people who wrote just now."""
    async with database.work() as work:
        conversations = []
        for openid in openids:
            emulator.user_did(openid)
            opened = await entry.lock(work, Sender("wechat", openid))
            await entry.receive(work, opened.conversation_id, Incoming("m1", "text", "您好", {}))
            conversations.append(opened.conversation_id)
        for number in range(each):
            for conversation_id in conversations:
                text = f"第{number}条"
                await outbox.post(work, conversation_id, kind="notice", literal=text, case_id=1)
        await work.commit()


async def answer(database: Database, emulator: Emulator, openid: str, words: str) -> None:
    """An officer writes to somebody who is there."""
    async with database.work() as work:
        emulator.user_did(openid)
        opened = await entry.lock(work, Sender("wechat", openid))
        await entry.receive(work, opened.conversation_id, Incoming("m0", "text", "在吗", {}))
        await outbox.post(work, opened.conversation_id, kind="chat", literal=words)
        await work.commit()


@contextlib.contextmanager
def working(settings: Settings, pushes_per_second: float) -> Iterator[subprocess.Popen[bytes]]:
    """A worker that takes back after two seconds what a killed one had begun; killed at the end."""
    secret = settings.wechat_app_secret
    environment = {
        "DATABASE_URL": settings.database_url,
        "DATA_DIR": str(settings.data_dir),
        "WECHAT_TOKEN": "callback-token",
        "WECHAT_APP_ID": settings.wechat_app_id,
        "WECHAT_APP_SECRET": secret.get_secret_value() if secret else "",
        "WECHAT_API_BASE": settings.wechat_api_base,
        "REDIS_URL": "",
        "NLU_URL": "",
        PACE: str(pushes_per_second),
    }
    command = [sys.executable, "-m", "tests.wechat.mass"]
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environment})
    try:
        yield process
    finally:
        process.kill()
        process.wait()


if __name__ == "__main__":
    worker.SIGN_OF_LIFE_EVERY = 1
    worker.STALLED_AFTER = 2
    worker.STALLED_EVERY = 1
    asked = float(os.environ[PACE])
    configure_logging("worker")
    as_it_is = WeChatChannel.capabilities
    WeChatChannel.capabilities = type(as_it_is)(
        **{
            name: getattr(as_it_is, name)
            for name in as_it_is.__dataclass_fields__
            if name != "pushes_per_second"
        },
        pushes_per_second=asked or None,
    )
    uvloop.run(worker.main(load_settings(_env_file=None)))
