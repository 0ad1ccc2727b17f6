"""The name of a file: one line, no path, the ending of what it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.attachments.content_types import EXTENSIONS
from backend.attachments.names import LONGEST, kept_name


@pytest.mark.parametrize(
    ("name", "mime", "kept"),
    [
        ("合同.pdf", "application/pdf", "合同.pdf"),
        ("照片.JPEG", "image/jpeg", "照片.JPEG"),
        ("工资条.wps", "application/msword", "工资条.wps"),
        ("../../etc/passwd", "text/plain", "passwd.txt"),
        ("C:\\Users\\wang\\图.png", "image/png", "图.png"),
        ("virus.exe", "image/jpeg", "virus.exe.jpg"),
        ("photo\u202egpj.exe", "image/jpeg", "photogpj.exe.jpg"),
        ('a"\r\nSet-Cookie: b.jpg', "image/jpeg", "aSet-Cookie b.jpg"),
        (".jpg", "image/jpeg", ""),
        (" ... ", "image/jpeg", ""),
        ("", "image/jpeg", ""),
        ("x" * 5000 + ".jpg", "image/jpeg", "x" * (LONGEST - 4) + ".jpg"),
    ],
)
def test_what_is_left_of_a_name(name: str, mime: str, kept: str) -> None:
    assert kept_name(name, mime) == kept


@given(st.text(max_size=300), st.sampled_from(sorted(EXTENSIONS)))
def test_whatever_it_is_called_it_is_harmless(name: str, mime: str) -> None:
    kept = kept_name(name, mime)
    assert len(kept) <= LONGEST and kept.isprintable()
    assert not set(kept) & set('/\\<>:"|?*') and not kept.startswith(".")
    assert kept == kept_name(kept, mime)
