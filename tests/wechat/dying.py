"""A residents' listener in a process of its own, perhaps killed with a reply in its hands."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

from backend.conversations import listeners
from backend.settings import Settings
from bot import serve
from bot.wechat import callback
from nlu.train import ROOT

DYING = ("tests.wechat.dying",)
"""The first reply that is committed kills it."""
LIVING = ("bot.serve", "residents")


def started(settings: Settings, port: int, module: tuple[str, ...] = DYING) -> subprocess.Popen[bytes]:
    """The listener on this port."""
    secret = settings.wechat_app_secret
    environment = {
        "DATABASE_URL": settings.database_url,
        "DATA_DIR": str(settings.data_dir),
        "PORT": str(port),
        "WECHAT_TOKEN": "callback-token",
        "WECHAT_APP_ID": settings.wechat_app_id,
        "WECHAT_APP_SECRET": secret.get_secret_value() if secret else "",
        "WECHAT_API_BASE": settings.wechat_api_base,
        "REDIS_URL": "",
        "NLU_URL": "",
    }
    command = [sys.executable, "-m", *module]
    return subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environment})


def _killed(*_: object) -> str:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


if __name__ == "__main__":
    callback.reply_xml = _killed
    assert listeners.SIGN_EVERY.total_seconds() < listeners.ON_ITS_WAY.total_seconds()
    sys.exit(serve.main(["residents"]))
