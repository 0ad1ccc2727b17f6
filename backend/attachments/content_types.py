"""What a file is, by its bytes: what it is called or claims to be does not count."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

import filetype

from backend.attachments.documents import compound_document, is_plain_text, zipped_document

Kind = Literal["image", "voice", "video", "file"]

EXTENSIONS: Mapping[str, str] = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/gif": "gif",
    "image/webp": "webp",
    "image/heic": "heic",
    "audio/amr": "amr",
    "audio/mpeg": "mp3",
    "audio/ogg": "ogg",
    "audio/x-wav": "wav",
    "audio/aac": "aac",
    "audio/mp4": "m4a",
    "audio/webm": "webm",
    "video/mp4": "mp4",
    "video/quicktime": "mov",
    "video/3gpp": "3gp",
    "video/webm": "webm",
    "application/pdf": "pdf",
    "application/msword": "doc",
    "application/vnd.ms-excel": "xls",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "application/ofd": "ofd",
    "text/plain": "txt",
}
"""Every content type that is kept, with the ending of its name. Files of WPS are those of Word and Excel."""

PICTURES = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp"})
"""What every browser shows."""

_ZIP = b"PK\x03\x04"
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SHOWS = {
    "video/mp4": re.compile(rb"hdlr.{8}vide", re.DOTALL),
    "video/quicktime": re.compile(rb"hdlr.{8}vide", re.DOTALL),
    "video/3gpp": re.compile(rb"hdlr.{8}vide", re.DOTALL),
    "video/webm": re.compile(rb"V_(?:VP8|VP9|AV1|MPEG|MPEGH)"),
}
"""What a container with moving pictures holds (ISO 14496-12, handler box; Matroska, codec ids)."""
_SOUND_ONLY = {"video/webm": "audio/webm"}


def sniff(content: bytes) -> str | None:
    """The content type by the bytes, None when it is none that is kept."""
    if content.startswith(_ZIP):
        return zipped_document(content)
    if content.startswith(_COMPOUND):
        return compound_document(content)
    mime: str | None = filetype.guess_mime(content)
    if mime is None and is_plain_text(content):
        return "text/plain"
    if mime in _SHOWS and not _SHOWS[mime].search(content):
        mime = _SOUND_ONLY.get(mime, "audio/mp4")
    return mime if mime in EXTENSIONS else None


def kind_of(mime: str) -> Kind:
    """What staff and residents call it."""
    kinds: Mapping[str, Kind] = {"image": "image", "audio": "voice", "video": "video"}
    return kinds.get(mime.partition("/")[0], "file")


def may_be(kind: str, mime: str) -> bool:
    """Whether something sent as a picture or a recording can be this: words are neither."""
    return kind == "file" or mime != "text/plain"
