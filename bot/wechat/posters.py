"""A page to print: a poster for each region, with the QR code that tells the account where a resident is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import segno
from jinja2 import Environment, FileSystemLoader, select_autoescape
from markupsafe import Markup

from backend.organisation.scene_codes import Poster
from dialogs import texts

_ENVIRONMENT = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=select_autoescape(),
    trim_blocks=True,
    lstrip_blocks=True,
)


def printable(posters: Sequence[Poster], centre: str) -> str:
    """The page as HTML without anything from elsewhere; regions without a code are left out."""
    made = [(poster, _picture(poster.address)) for poster in posters if poster.address]
    words = {
        "title": texts.text("page.poster.title"),
        "what": texts.text("page.poster.what"),
        "how": texts.text("page.poster.how"),
    }
    return _ENVIRONMENT.get_template("posters.html").render(posters=made, centre=centre, words=words)


def _picture(address: str) -> Markup:
    code = segno.make(address, error="q", micro=False)
    return Markup(code.svg_inline(border=4, omitsize=True))  # noqa: S704  (made of squares alone)
