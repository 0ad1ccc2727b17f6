"""The chat page itself: its template, its files, and the sentences that its scripts say."""

from __future__ import annotations

import json
from collections import ChainMap
from functools import lru_cache, partial
from pathlib import Path
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from dialogs.languages import DEFAULT_LANGUAGE, LANGUAGES
from dialogs.texts import sentences, text

FOLDER = Path(__file__).parent
STATIC = FOLDER / "static"

SCRIPT_TEXTS = (
    "page.chat.me",
    "page.chat.bot",
    "page.chat.officer",
    "page.chat.choices",
    "page.chat.see_details",
    "page.chat.rate",
    "page.chat.newer",
    "page.chat.more",
    "page.chat.sending",
    "page.chat.sent",
    "page.chat.delayed",
    "page.chat.loose",
    "page.chat.failed",
    "page.chat.retry",
    "page.chat.remove",
    "page.chat.offline",
    "page.chat.picture",
    "page.chat.file",
    "page.chat.recording",
    "page.chat.recorded",
    "page.chat.voice_refused",
    "page.chat.voice_failed",
    "page.chat.my_place",
    "page.chat.preparing",
    "page.chat.too_big",
    "page.chat.photo_bad",
    "page.chat.file_lost",
    "page.chat.locating",
    "page.chat.place_refused",
    "page.chat.place_failed",
)
EMBED_TEXTS = (
    "page.embed.open",
    "page.embed.title",
    "page.embed.unread",
    "page.embed.opening",
    "page.embed.failed",
    "page.embed.own_window",
    "page.embed.close",
)


class ChatPage:
    """The page, the same for every resident, and the script that puts it into other sites."""

    def __init__(
        self, centre: str, max_text: int, max_file: int, public_url: str, *, listens: bool = False
    ) -> None:
        """`centre` is the name that residents know, `max_text` in characters, `max_file` in bytes.

        `listens`: recordings are understood, so that the page offers to make one.
        `public_url` begins the links that we send: the page may be open under another name of this listener.
        """
        self._environment = Environment(
            loader=FileSystemLoader(FOLDER / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        home = urlsplit(public_url)
        self._values = {
            "centre": centre,
            "max_text": max_text,
            "max_file": max_file,
            "listens": listens,
            "home": f"{home.scheme}://{home.netloc}",
            "scripts": sorted(file.name for file in STATIC.glob("*.js")),
        }
        self.html = lru_cache(maxsize=64)(self._html)
        self.embed_script = lru_cache(maxsize=1)(self._embed_script)

    def _html(self, language: str = DEFAULT_LANGUAGE, site: str = "") -> str:
        """The page in a language; `site` is the origin whose page it is shown in, if any."""
        return self._environment.get_template("chat.html").render(
            self._values,
            t=partial(text, language=language),
            site=site,
            texts=_texts(SCRIPT_TEXTS, language),
        )

    def _embed_script(self) -> str:
        """What a site's script tag runs: it chooses among all languages by what the site says of its page."""
        texts = {tag(language): _sentences(EMBED_TEXTS, language) for language in LANGUAGES}
        return self._environment.get_template("embed.js").render(
            texts=_json(texts), fallback=_json(tag(DEFAULT_LANGUAGE))
        )


def tag(language: str) -> str:
    """What a page's `lang` begins with when it is in this language: zh, en, mn."""
    return language.partition("_")[0]


def _texts(keys: tuple[str, ...], language: str) -> str:
    return _json(_sentences(keys, language))


def _sentences(keys: tuple[str, ...], language: str) -> dict[str, str]:
    """The sentences as they are written: the scripts fill in what they know."""
    words = ChainMap(dict(sentences(language)), dict(sentences(DEFAULT_LANGUAGE)))
    return {key: words[key] for key in keys}


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
