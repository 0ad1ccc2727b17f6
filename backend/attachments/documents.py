"""Documents by what is inside: containers are looked into, never unpacked; macros are refused."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

MOST_PARTS = 5000
LARGEST_UNPACKED = 512 * 1024 * 1024
"""Bytes that a document may say it unpacks to: what is larger is made to harm whoever opens it."""

_OFFICE = "application/vnd.openxmlformats-officedocument"
_PARTS: Mapping[str, str] = {
    "word/document.xml": f"{_OFFICE}.wordprocessingml.document",
    "xl/workbook.xml": f"{_OFFICE}.spreadsheetml.sheet",
    "OFD.xml": "application/ofd",
}
"""The part that makes a zip file a document (ECMA-376; GB/T 33190, the layout of official documents)."""
_STREAMS: Mapping[str, str] = {
    "WordDocument": "application/msword",
    "Workbook": "application/vnd.ms-excel",
    "Book": "application/vnd.ms-excel",
}
"""The stream that makes a compound file a document (MS-DOC, MS-XLS)."""
_MACROS = ("_VBA_PROJECT", "_VBA_PROJECT_CUR")
_MARKUP = ("<", "#!", "{\\rtf", "%!")
_LAYOUT = frozenset("\t\n\r\f")


def zipped_document(content: bytes) -> str | None:
    """The content type of a zipped document, None for any other zip file."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        return None
    names = {part.filename for part in parts}
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > LARGEST_UNPACKED:
        return None
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        return None
    return next((mime for part, mime in _PARTS.items() if part in names), None)


def compound_document(content: bytes) -> str | None:
    """The content type of a Word or Excel file of before 2007 (WPS writes the same), None for any other."""
    if any(_entry(name) in content for name in _MACROS):
        return None
    return next((mime for stream, mime in _STREAMS.items() if _entry(stream) in content), None)


def is_plain_text(content: bytes) -> bool:
    """Whether these are words and nothing that a program would read as markup or commands."""
    words = _decoded(content)
    if not words or words.lstrip().startswith(_MARKUP):
        return False
    return all(character.isprintable() or character in _LAYOUT for character in words)


def _entry(name: str) -> bytes:
    # A directory entry: the name in UTF-16, closed by a zero (MS-CFB §2.6.1).
    return f"{name}\0".encode("utf-16-le")


def _decoded(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return ""
