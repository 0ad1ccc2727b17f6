"""Whether PUBLIC_URL leads to this software, with the same token and key, as WeChat would find it."""

from __future__ import annotations

import secrets
from datetime import datetime

import httpx
import xmltodict

from backend.settings import Settings
from bot.wechat.crypto import SafeKey, is_aes_key
from bot.wechat.findings import Finding
from bot.wechat.signature import sign

_EVENT = (
    "<xml><ToUserName>gh_check</ToUserName><FromUserName>oCheck</FromUserName>"
    "<CreateTime>{at}</CreateTime><MsgType>event</MsgType><Event>set_up_check</Event></xml>"
)
"""An event that says nothing to anybody."""


async def check_callback(settings: Settings, http: httpx.AsyncClient, now: datetime) -> list[Finding]:
    """Ask the address what WeChat asks it, once rightly and once with a wrong signature."""
    token = settings.wechat_token.get_secret_value() if settings.wechat_token else ""
    url = f"{settings.public_url.rstrip('/')}/wechat"
    try:
        found = await _handshake(http, url, token, now)
        if found.level == "good" and settings.wechat_aes_key is not None:
            return [found, await _sealed(settings, http, url, token, now)]
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return [Finding("wrong", "callback.unreachable", {"url": url, "why": type(error).__name__})]
    return [found]


async def _handshake(http: httpx.AsyncClient, url: str, token: str, now: datetime) -> Finding:
    echo, told = secrets.token_hex(8), {"url": url}
    answer = await http.get(url, params=_query(token, now) | {"echostr": echo})
    if answer.status_code == 200 and answer.text == echo:
        forged = await http.get(url, params=_query(f"{token}x", now) | {"echostr": echo})
        lets_in = forged.status_code == 200 and forged.text == echo
        return (
            Finding("wrong", "callback.lets_in", told) if lets_in else Finding("good", "callback.good", told)
        )
    if answer.status_code == 404:
        return Finding("wrong", "callback.off", told)
    if answer.status_code == 403:
        return Finding("wrong", "callback.another_token", told)
    return Finding("wrong", "callback.else", told | {"status": str(answer.status_code)})


async def _sealed(
    settings: Settings, http: httpx.AsyncClient, url: str, token: str, now: datetime
) -> Finding:
    key = settings.wechat_aes_key.get_secret_value() if settings.wechat_aes_key else ""
    if not is_aes_key(key) or not settings.wechat_app_id:
        return Finding("wrong", "callback.key_differs", {"status": "WECHAT_AES_KEY"})
    xml = _EVENT.format(at=int(now.timestamp()))
    sealed = xmltodict.parse(SafeKey(token, key, settings.wechat_app_id).encrypt(xml, now))["xml"]
    query = {
        "encrypt_type": "aes",
        "msg_signature": sealed["MsgSignature"],
        "timestamp": sealed["TimeStamp"],
        "nonce": sealed["Nonce"],
    }
    body = f"<xml><Encrypt><![CDATA[{sealed['Encrypt']}]]></Encrypt></xml>"
    answer = await http.post(url, params=query, content=body.encode())
    if answer.status_code == 200 and answer.text == "success":
        return Finding("good", "callback.key_good")
    return Finding("wrong", "callback.key_differs", {"status": str(answer.status_code)})


def _query(token: str, now: datetime) -> dict[str, str]:
    timestamp, nonce = str(int(now.timestamp())), secrets.token_hex(8)
    return {"signature": sign(token, timestamp, nonce), "timestamp": timestamp, "nonce": nonce}
