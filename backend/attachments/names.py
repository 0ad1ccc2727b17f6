"""Names of files as they are kept and shown: one line, no path, the ending of what the file really is."""

from __future__ import annotations

import unicodedata

from backend.attachments.content_types import EXTENSIONS

LONGEST = 120
"""Characters; file systems allow 255 bytes."""
_RESERVED = frozenset('<>:"|?*')


def kept_name(name: str, mime: str) -> str:
    """The name under which a file is kept, empty when nothing of it can be used.

    Paths, control characters and those that turn the direction of writing (a name that reads “gpj.exe”) go.
    """
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    plain = "".join(c for c in last if unicodedata.category(c)[0] != "C" and c not in _RESERVED)
    stem, ending = " ".join(plain.split()).strip(". "), f".{EXTENSIONS[mime]}"
    if not stem or stem.lower() == EXTENSIONS[mime]:
        return ""
    if stem.lower().endswith(_same(ending)):
        stem, _, written = stem.rpartition(".")
        ending = f".{written}"
    return f"{stem[: LONGEST - len(ending)].rstrip('. ')}{ending}"


def _same(ending: str) -> tuple[str, ...]:
    others = {".jpg": (".jpeg",), ".doc": (".wps",), ".xls": (".et",), ".ogg": (".oga", ".opus")}
    return (ending, *others.get(ending, ()))
