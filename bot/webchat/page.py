"""The chat page itself: its template, its files, and the sentences that its scripts say."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from dialogs.texts import text

FOLDER = Path(__file__).parent
STATIC = FOLDER / "static"

SCRIPT_TEXTS = (
    "page.chat.me",
    "page.chat.bot",
    "page.chat.officer",
    "page.chat.choices",
    "page.chat.see_details",
    "page.chat.rate",
    "page.chat.sending",
    "page.chat.sent",
    "page.chat.delayed",
    "page.chat.failed",
    "page.chat.retry",
    "page.chat.remove",
    "page.chat.offline",
    "page.chat.picture",
    "page.chat.file",
    "page.chat.my_place",
    "page.chat.photo_bad",
    "page.chat.photo_lost",
    "page.chat.locating",
    "page.chat.place_refused",
    "page.chat.place_failed",
)


def chat_page(centre: str, max_text: int, public_url: str) -> str:
    """The page, the same for every resident; `centre` is the name that residents know.

    `public_url` begins the links that we send: the page may be open under another name of this listener.
    """
    environment = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    home = urlsplit(public_url)
    environment.globals["t"] = text
    return environment.get_template("chat.html").render(
        centre=centre,
        max_text=max_text,
        home=f"{home.scheme}://{home.netloc}",
        scripts=sorted(file.name for file in STATIC.glob("*.js")),
        texts=json.dumps({key: text(key) for key in SCRIPT_TEXTS}, ensure_ascii=False),
    )
