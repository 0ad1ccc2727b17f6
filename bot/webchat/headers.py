"""Response headers of the chat page: as every page of residents, and what recording and playing need."""

from __future__ import annotations

from bot.pages.headers import CONTENT_SECURITY_POLICY, PAGE_HEADERS

CHAT_HEADERS = PAGE_HEADERS | {
    "Content-Security-Policy": f"{CONTENT_SECURITY_POLICY}; media-src 'self' blob:",
    "Permissions-Policy": "geolocation=(self), camera=(self), microphone=(self), payment=(), usb=()",
}
