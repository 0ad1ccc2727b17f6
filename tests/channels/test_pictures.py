"""Whether an officer's picture can reach a resident is known before a channel is opened."""

from __future__ import annotations

import pytest

from backend.db.database import Database
from bot.channel import Registration, Surroundings
from bot.registry import CHANNELS, pictures_as
from tests.fixtures.settings import MakeSettings

SECRETS: dict[str, dict[str, object]] = {
    "all": {"wechat_app_id": "wx1", "wechat_app_secret": "secret"},
    "none": {},
    "secret alone": {"wechat_app_secret": "secret"},
    "id alone": {"wechat_app_id": "wx1"},
}
ON = {"wechat_token": "t", "telegram_token": "1:a", "webhook_secret": "whsec_" + "a" * 32}


@pytest.mark.parametrize("secrets", SECRETS)
@pytest.mark.parametrize("registration", CHANNELS, ids=lambda one: one.name)
async def test_what_is_said_before_is_what_the_channel_can(
    registration: Registration[object], secrets: str, settings: MakeSettings, database_url: str
) -> None:
    chosen = settings(**ON, **SECRETS[secrets])
    database = Database(database_url)
    channel = registration.channel(Surroundings(chosen, database, None))
    assert registration.pictures(chosen) is channel.capabilities.images
    if registration.close is not None:
        await registration.close(channel)
    await database.close()


@pytest.mark.parametrize(
    ("secrets", "address", "seen"),
    [
        ("all", "http://127.0.0.1:8000", "shown"),
        ("none", "https://chat.example.cn", "link"),
        ("none", "http://127.0.0.1:8000", "nothing"),
        ("none", "http://localhost", "nothing"),
    ],
)
def test_it_is_seen_there_or_by_a_link(settings: MakeSettings, secrets: str, address: str, seen: str) -> None:
    chosen = settings(**ON, **SECRETS[secrets], public_url=address)
    assert pictures_as(chosen, "wechat") == seen
    assert pictures_as(chosen, "web") == "shown", "its page came from the same address"
