"""What a file is, is told by its bytes."""

from __future__ import annotations

import pytest

from backend.attachments.content_types import EXTENSIONS, kind_of, may_be, sniff
from backend.attachments.documents import MOST_PARTS
from tests.fixtures import media

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.mark.parametrize(
    ("content", "mime"),
    [
        (media.plain_photo(), "image/jpeg"),
        (media.plain_photo(form="PNG"), "image/png"),
        (media.plain_photo(form="GIF"), "image/gif"),
        (media.plain_photo(form="WEBP"), "image/webp"),
        (media.voice(), "audio/amr"),
        (media.recording("ogg", "libopus", 48000), "audio/ogg"),
        (media.recording("webm", "libopus", 48000), "audio/webm"),
        (media.recording("mp4", "aac", 48000), "audio/mp4"),
        (media.recording("mp3", "libmp3lame", 44100), "audio/mpeg"),
        (media.recording("wav", "pcm_s16le", 8000), "audio/x-wav"),
        (media.recording("adts", "aac", 44100), "audio/aac"),
        (media.video(), "video/mp4"),
        (media.video("mov"), "video/quicktime"),
        (media.video("webm", "libvpx"), "video/webm"),
        (b"%PDF-1.7\n", "application/pdf"),
        (media.zipped("[Content_Types].xml", "word/document.xml"), WORD),
        (media.zipped("[Content_Types].xml", "xl/workbook.xml"), EXCEL),
        (media.zipped("OFD.xml", "Doc_0/Document.xml"), "application/ofd"),
        (media.compound("Root Entry", "WordDocument"), "application/msword"),
        (media.compound("Root Entry", "Workbook"), "application/vnd.ms-excel"),
        ("物业费涨了，没人通知\n三号楼".encode(), "text/plain"),
        ("\ufeff物业费涨了".encode(), "text/plain"),
        ("物业费涨了，没人通知".encode("gb18030"), "text/plain"),
    ],
)
def test_what_is_kept(content: bytes, mime: str) -> None:
    assert sniff(content) == mime
    assert mime in EXTENSIONS


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"MZ\x90\x00" + bytes(60),
        b"\x7fELF" + bytes(60),
        b"#!/bin/sh\nrm -rf /\n",
        b"<html><script>alert(1)</script></html>",
        b"\n  <svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"<?xml version='1.0'?><a/>",
        b"words\0with a zero",
        b"\xff\xfe\x00\xd8words",
        media.zipped("readme.txt"),
        media.zipped("word/document.xml", "word/vbaProject.bin"),
        media.compound("WordDocument", "_VBA_PROJECT"),
        media.compound("Root Entry", "SummaryInformation"),
        media.zipped("word/document.xml")[:-30],
        b"PK\x03\x04",
    ],
)
def test_what_is_refused(content: bytes) -> None:
    assert sniff(content) is None


def test_a_document_made_to_harm_whoever_opens_it() -> None:
    """A few kilobytes that say they unpack to gigabytes, or to thousands of parts."""
    bomb = bytearray(media.zipped("word/document.xml"))
    entry = bomb.index(b"PK\x01\x02")
    bomb[entry + 24 : entry + 28] = (2**31).to_bytes(4, "little")
    assert sniff(bytes(bomb)) is None
    assert sniff(media.zipped("word/document.xml", *map(str, range(MOST_PARTS)))) is None


@pytest.mark.parametrize(
    "tail", [b"<script>alert(1)</script>", media.zipped("word/document.xml"), b"%PDF-1.7"]
)
def test_a_file_that_is_two_is_what_it_begins_with(tail: bytes) -> None:
    assert sniff(media.plain_photo() + tail) == "image/jpeg"


def test_words_are_no_picture() -> None:
    assert may_be("file", "text/plain") and may_be("voice", "video/mp4")
    assert not may_be("image", "text/plain")
    assert [kind_of(mime) for mime in ("image/png", "audio/amr", "video/mp4", WORD)] == [
        "image",
        "voice",
        "video",
        "file",
    ]
