"""The chat in other sites' pages: who may show it, and a cookie that lives there and nowhere else."""

from __future__ import annotations

import json
import re

import pytest

from backend.settings import SettingsError
from bot.webchat.page import EMBED_TEXTS
from tests.fixtures.settings import MakeSettings
from tests.webchat.listener import Listener, serving

SITE = "https://www.example.gov.cn"


async def test_only_a_named_site_may_show_it(settings: MakeSettings) -> None:
    async with serving(settings, worker=False, embed_origins=SITE, secure_cookies=True) as listener:
        http = listener.phone().http
        shown = await http.get("/chat/frame", params={"site": SITE})
        assert shown.status_code == 200
        assert shown.headers["content-security-policy"].endswith("media-src 'self' blob:")
        assert f"frame-ancestors {SITE};" in shown.headers["content-security-policy"]
        assert "x-frame-options" not in shown.headers
        cookie = shown.headers["set-cookie"]
        assert cookie.endswith("; SameSite=None; Secure; Partitioned") and cookie.count("SameSite") == 1
        assert "HttpOnly" in cookie and "Path=/" in cookie
        for other in ("", "https://evil.example", f"{SITE} https://evil.example", f"{SITE}:8443", "*"):
            refused = await http.get("/chat/frame", params={"site": other})
            assert refused.status_code == 403
            assert "frame-ancestors 'none'" in refused.headers["content-security-policy"]
            assert refused.headers["x-frame-options"] == "DENY"
            assert "set-cookie" not in refused.headers
        alone = await http.get("/")
        assert (
            alone.headers["x-frame-options"] == "DENY"
            and "samesite=lax" in alone.headers["set-cookie"].lower()
        )


async def test_without_https_the_cookie_stays_at_home(settings: MakeSettings) -> None:
    async with serving(settings, worker=False, embed_origins=SITE) as listener:
        shown = await listener.phone().http.get("/chat/frame", params={"site": SITE})
    assert "Partitioned" not in shown.headers["set-cookie"] and "SameSite=lax" in shown.headers["set-cookie"]


async def test_the_script_is_for_everybody_and_says_its_sentences(listener: Listener) -> None:
    http = listener.phone().http
    script = await http.get("/chat/embed.js")
    assert script.headers["content-type"].startswith("text/javascript")
    assert script.headers["cross-origin-resource-policy"] == "cross-origin"
    assert "set-cookie" not in script.headers
    [texts] = re.findall(r"const TEXTS = (\{.*\});", script.text)
    by_language = json.loads(texts)
    assert set(by_language) == {"zh", "en", "mn"}
    assert {tuple(sentences) for sentences in by_language.values()} == {EMBED_TEXTS}
    for language in ("en", "mn"):
        assert not re.search(r"[\u3400-\u9fff]", "".join(by_language[language].values()))
    said = {f"page.embed.{name}" for name in re.findall(r'say\("(\w+)"', script.text)}
    assert said == set(EMBED_TEXTS)


@pytest.mark.parametrize(
    "value", ["www.example.gov.cn", f"{SITE}/", f"{SITE}; script-src *", "*", "https://*.gov.cn"]
)
def test_a_site_is_named_exactly(settings: MakeSettings, value: str) -> None:
    with pytest.raises(SettingsError, match="EMBED_ORIGINS: look like https://"):
        settings(embed_origins=value)


def test_several_sites(settings: MakeSettings) -> None:
    made = settings(embed_origins=f"{SITE.upper().replace('HTTPS', 'https')}, http://localhost:8080")
    assert made.embed_origins == (SITE, "http://localhost:8080")
    assert settings(embed_origins="").embed_origins == ()
