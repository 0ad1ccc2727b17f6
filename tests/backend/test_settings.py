"""Settings that cannot be used: one sentence with the name and how it looks, never a secret's value."""

from __future__ import annotations

from datetime import timedelta

import pytest

from backend.settings import SettingsError, load_settings
from tests.fixtures.settings import MakeSettings


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("quiet_hours", "22-8", "22:00-08:00"),
        ("follow_up_after", "5s", "PT5S"),
        ("follow_up_after", "-P1D", "greater"),
        ("live_chat_wait", "PT0S", "greater"),
        ("database_url", "mysql://a", "postgresql://"),
        ("public_url", "www.x.cn", "https://"),
        ("nlu_url", "foo", "https://"),
        ("flood_limit", "0", "greater"),
        ("port", "70000", "65535"),
        ("port", "x", "integer"),
    ],
)
def test_one_sentence_says_which_and_how(settings: MakeSettings, name: str, value: str, words: str) -> None:
    with pytest.raises(SettingsError) as caught:
        settings(**{name: value})
    assert name.upper() in str(caught.value)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_two_ports_differ(settings: MakeSettings) -> None:
    with pytest.raises(SettingsError, match="PORT and STAFF_PORT"):
        settings(port=8000, staff_port=8000)


def test_a_secret_is_never_shown(settings: MakeSettings) -> None:
    with pytest.raises(SettingsError) as caught:
        settings(wechat_token=["the secret itself"])
    assert "the secret itself" not in str(caught.value)


def test_what_can_be_used(settings: MakeSettings) -> None:
    made = settings(quiet_hours="", follow_up_after="PT5S", database_url="postgres://u@h/d", wechat_token="")
    assert made.quiet_hours is None
    assert made.follow_up_after == timedelta(seconds=5)
    assert made.database_url == "postgresql://u@h/d"
    assert made.wechat_token is None


def test_the_addresses_have_the_ports(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "8300")
    found = load_settings(_env_file=None, staff_port=8301)
    assert (found.public_url, found.staff_url) == ("http://127.0.0.1:8300", "http://127.0.0.1:8301")
    monkeypatch.setenv("PUBLIC_URL", "https://chat.example.cn")
    assert load_settings(_env_file=None).public_url == "https://chat.example.cn"
    monkeypatch.setenv("PORT", "many")
    with pytest.raises(SettingsError, match="PORT"):
        load_settings(_env_file=None)
