"""What a browser says of its owner's language (RFC 9110, Accept-Language)."""

from __future__ import annotations

from starlette.requests import HTTPConnection

from dialogs.languages import DEFAULT_LANGUAGE, of_tags


def device_language(request: HTTPConnection) -> str:
    """The language that the browser prefers among those we speak; empty when it names none of them."""
    wanted = []
    for place, item in enumerate(request.headers.get("accept-language", "")[:1000].split(",")):
        tag, _, quality = item.partition(";q=")
        wanted.append((-_share(quality), place, tag))
    return of_tags(tag for share, _, tag in sorted(wanted) if share < 0)


def page_language(request: HTTPConnection) -> str:
    """The language to answer a browser in about whose owner nothing is known."""
    return device_language(request) or DEFAULT_LANGUAGE


def _share(quality: str) -> float:
    try:
        return float(quality or 1)
    except ValueError:
        return 0.0
