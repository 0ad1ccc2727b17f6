"""Settings from the environment or `.env`, frozen; read only in composition roots."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated

from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from backend.domain.quiet_hours import QuietHours


class SettingsError(Exception):
    """A setting is missing or unreadable; the message names it and never shows a secret's value."""


class Settings(BaseSettings):
    """Every setting, with its unit and default; `.env.example` explains each to an operator."""

    model_config = SettingsConfigDict(env_file=".env", env_file_encoding="utf-8", extra="ignore", frozen=True)

    host: str = "127.0.0.1"
    port: int = Field(8000, ge=1, le=65535)
    staff_host: str = "127.0.0.1"
    staff_port: int = Field(8001, ge=1, le=65535)
    data_dir: Path = Path("var")
    database_url: str = ""
    """psycopg URL (`postgresql://…`); empty = the embedded server under `data_dir`."""
    redis_url: str = ""
    nlu_url: str = ""
    public_url: str = "http://127.0.0.1:8000"
    staff_url: str = "http://127.0.0.1:8001"
    admin_password: SecretStr | None = None
    secret_key: SecretStr | None = None
    """Signs links and sessions; empty = a random one is kept in `data_dir`."""

    quiet_hours: Annotated[QuietHours | None, NoDecode] = QuietHours.parse("22:00-08:00")
    follow_up_after: timedelta = timedelta(days=1)
    follow_up_reminder: timedelta = timedelta(days=2)
    follow_up_close: timedelta = timedelta(days=3)
    """Time after the reminder without an answer until the case is closed."""
    live_chat_wait: timedelta = timedelta(minutes=3)
    """How long a resident waits for an officer before being told honestly that nobody came."""
    flood_limit: int = 60
    """Messages per resident and minute that are still answered."""
    webchat_new_devices: int = Field(1000, ge=1)
    """New web chat devices per IP address and hour (a village may share one address)."""
    attachment_max_bytes: int = 10 * 1024 * 1024
    secure_cookies: bool = False

    wechat_token: SecretStr | None = None
    wechat_app_id: str = ""
    wechat_app_secret: SecretStr | None = None
    wechat_aes_key: SecretStr | None = None
    wechat_aes_key_previous: SecretStr | None = None
    wechat_safe_only: bool = False
    wechat_api_base: str = "https://api.weixin.qq.com/"

    telegram_token: SecretStr | None = None
    telegram_api_base: str = "https://api.telegram.org"
    telegram_webhook_secret: SecretStr | None = None

    centre_name: str = Field("枫桥区综治中心", validation_alias=AliasChoices("CENTRE_NAME", "centre_name"))

    @field_validator("quiet_hours", mode="before")
    @classmethod
    def _read_quiet_hours(cls, value: object) -> object:
        return QuietHours.parse(value) if isinstance(value, str) else value

    @field_validator(
        "admin_password",
        "secret_key",
        "wechat_token",
        "wechat_app_secret",
        "wechat_aes_key",
        "wechat_aes_key_previous",
        "telegram_token",
        "telegram_webhook_secret",
        mode="before",
    )
    @classmethod
    def _empty_is_unset(cls, value: object) -> object:
        return None if value == "" else value


def load_settings(**overrides: object) -> Settings:
    """Read the settings; raises SettingsError naming each variable that cannot be used."""
    try:
        return Settings(**overrides)  # type: ignore[arg-type]  # pydantic checks the values
    except ValidationError as error:
        found = error.errors(include_input=False)
        names = ", ".join(f"{'.'.join(map(str, e['loc'])).upper()}: {e['msg']}" for e in found)
        raise SettingsError(f"unusable settings: {names}") from None
