"""Which letters a text is written in: the model, the keywords and the alarm know Chinese only."""

from __future__ import annotations

import re

_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af]")


def is_chinese(text: str) -> bool:
    """Whether a text holds a Chinese character."""
    return _HAN.search(text) is not None


def is_foreign(text: str) -> bool:
    """Whether a text has letters and none of them is Chinese."""
    return any(c.isalpha() for c in text) and not is_chinese(text)
