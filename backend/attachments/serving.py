"""Hand a file to a browser so that nothing in it can run; who may see it is decided before."""

from __future__ import annotations

from typing import Literal, get_args

from starlette.responses import FileResponse, Response

from backend.attachments.content_types import PICTURES
from backend.attachments.names import kept_name
from backend.attachments.service import Attachment
from backend.attachments.store import FileStore

Form = Literal["file", "view", "thumbnail"]
"""The file as it is kept, what is looked at or played, and the small picture for lists."""
FORMS = get_args(Form)

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""For a file that somebody sent: whatever it contains, a browser runs nothing of it."""

_SHARED = {"Cross-Origin-Resource-Policy": "cross-origin"}
_KEPT = "private, max-age=86400, immutable"
_NOT_YET = "private, no-cache"
"""A copy that is not made yet takes this place later."""


def is_shown(mime: str) -> bool:
    """Whether a browser opens it; anything else it offers to keep."""
    return mime in PICTURES or mime.startswith(("audio/", "video/"))


def served(
    files: FileStore, found: Attachment, form: Form = "file", *, shared: bool = False
) -> Response | None:
    """The file in this form, in parts where the browser asks for parts; None when it is not in the store.

    `shared`: pages of another origin may show it.
    """
    sha256, mime = _of(found, form)
    if found.state != "stored" or sha256 is None or mime is None:
        return None
    path = files.path(sha256)
    if not path.is_file():
        return None
    shown = is_shown(mime) and found.copies != "broken"
    final = form == "file" or found.copies != "due"
    return FileResponse(
        path,
        media_type=mime,
        headers=HEADERS | (_SHARED if shared else {}) | {"Cache-Control": _KEPT if final else _NOT_YET},
        filename=kept_name(found.name or "", mime) or kept_name(f"{found.id}", mime),
        content_disposition_type="inline" if shown else "attachment",
    )


def _of(found: Attachment, form: Form) -> tuple[str | None, str | None]:
    if form == "thumbnail" and found.thumbnail_sha256:
        return found.thumbnail_sha256, "image/jpeg"
    if form != "file" and found.view_sha256:
        return found.view_sha256, found.view_mime
    return found.sha256, found.mime
