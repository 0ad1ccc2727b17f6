"""Settings from the environment or `.env`, frozen; read only in composition roots."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    AliasChoices,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from backend.domain.quiet_hours import QuietHours


class SettingsError(Exception):
    """A setting is missing or unreadable; the message names it and never shows a secret's value."""


def _postgresql(url: str) -> str:
    if url and not url.startswith(("postgresql://", "postgres://")):
        raise PydanticCustomError("address", "looks like postgresql://user:password@host/name")
    return url.replace("postgres://", "postgresql://", 1)


def _web_address(url: str) -> str:
    if url and not url.startswith(("http://", "https://")):
        raise PydanticCustomError("address", "looks like https://chat.example.cn")
    return url


_ORIGIN = re.compile(r"https?://[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*(:\d{1,5})?")
_Duration = Annotated[timedelta, Field(gt=timedelta(0))]


class Settings(BaseSettings):
    """Every setting, with its unit and default; `.env.example` explains each to an operator."""

    model_config = SettingsConfigDict(env_file=".env", env_file_encoding="utf-8", extra="ignore", frozen=True)

    host: str = "127.0.0.1"
    port: int = Field(8000, ge=1, le=65535)
    staff_host: str = "127.0.0.1"
    staff_port: int = Field(8001, ge=1, le=65535)
    data_dir: Path = Path("var")
    database_url: Annotated[str, AfterValidator(_postgresql)] = ""
    """psycopg URL (`postgresql://…`); empty = the embedded server under `data_dir`."""
    redis_url: str = ""
    nlu_url: Annotated[str, AfterValidator(_web_address)] = ""
    nlu_workers: int = Field(0, ge=0, le=64)
    """Processes of the language model that is started here; 0 = as many as cores, at most four."""
    public_url: Annotated[str, AfterValidator(_web_address)] = "http://127.0.0.1:8000"
    staff_url: Annotated[str, AfterValidator(_web_address)] = "http://127.0.0.1:8001"
    admin_password: SecretStr | None = None
    secret_key: SecretStr | None = None
    """Signs links and sessions; empty = a random one is kept in `data_dir`."""

    quiet_hours: Annotated[QuietHours | None, NoDecode] = QuietHours.parse("22:00-08:00")
    follow_up_after: _Duration = timedelta(days=1)
    follow_up_reminder: _Duration = timedelta(days=2)
    follow_up_close: _Duration = timedelta(days=3)
    """Time after the reminder without an answer until the case is closed."""
    live_chat_wait: _Duration = timedelta(minutes=3)
    """How long a resident waits for an officer before being told honestly that nobody came."""
    flood_limit: int = Field(60, ge=1)
    """Messages per resident and minute that are still answered."""
    webchat_new_devices: int = Field(1000, ge=1)
    """New web chat devices per IP address and hour (a village may share one address)."""
    attachment_max_bytes: int = Field(10 * 1024 * 1024, ge=1)
    """Bytes of one picture, recording or document."""
    video_max_bytes: int = Field(20 * 1024 * 1024, ge=1)
    attachments_per_day: int = Field(100, ge=1)
    """Files of one resident in 24 hours, and their bytes."""
    attachment_bytes_per_day: int = Field(200 * 1024 * 1024, ge=1)
    files_url: Annotated[str, AfterValidator(_web_address)] = ""
    """A host of its own for files, without cookies; empty = they are served where they are shown."""
    speech_url: Annotated[str, AfterValidator(_web_address)] = ""
    """Where the API of a speech-to-text server begins; empty = recordings are not written down."""
    speech_model: str = "whisper-1"
    speech_key: SecretStr | None = None
    secure_cookies: bool = False
    metrics_token: SecretStr | None = None
    """Shown by who reads `/metrics` of the residents' listener; empty = nobody can."""
    embed_origins: Annotated[tuple[str, ...], NoDecode] = ()
    """Sites whose pages may show the web chat in a frame: `https://www.example.gov.cn`."""

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

    webhook_secret: SecretStr | None = None
    webhook_secret_previous: SecretStr | None = None
    webhook_url: Annotated[str, AfterValidator(_web_address)] = ""
    """Where an integrator's system takes messages; empty = they wait for the resident's next one."""

    centre_name: str = Field("枫桥区综治中心", validation_alias=AliasChoices("CENTRE_NAME", "centre_name"))

    @field_validator("quiet_hours", mode="before")
    @classmethod
    def _read_quiet_hours(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        try:
            return QuietHours.parse(value)
        except ValueError:
            raise PydanticCustomError("hours", "look like 22:00-08:00; empty = none") from None

    @field_validator("embed_origins", mode="before")
    @classmethod
    def _read_origins(cls, value: object) -> object:
        origins = value.replace(",", " ").split() if isinstance(value, str) else value
        if isinstance(origins, list | tuple) and not all(_ORIGIN.fullmatch(str(one)) for one in origins):
            raise PydanticCustomError("origins", "look like https://www.example.gov.cn, separated by commas")
        return tuple(str(one).lower() for one in origins) if isinstance(origins, list | tuple) else origins

    @model_validator(mode="before")
    @classmethod
    def _addresses_of_the_ports(cls, values: Any) -> Any:
        """Unless they are given, the addresses are this machine's, with the ports that are."""
        for address, port in (("public_url", "port"), ("staff_url", "staff_port")):
            if address not in values and str(values.get(port, "")).isdecimal():
                values = {**values, address: f"http://127.0.0.1:{values[port]}"}
        return values

    @model_validator(mode="after")
    def _two_ports(self) -> Self:
        if self.port == self.staff_port and self.host == self.staff_host:
            raise PydanticCustomError(
                "ports", "PORT and STAFF_PORT are the same; residents and staff need one each"
            )
        return self

    @model_validator(mode="after")
    def _files_apart(self) -> Self:
        own = {urlsplit(url).netloc.lower() for url in (self.public_url, self.staff_url)}
        if self.files_url and urlsplit(self.files_url).netloc.lower() in own:
            raise PydanticCustomError(
                "address", "FILES_URL is the address of a page: files need a host of their own, or none"
            )
        return self

    @field_validator(
        "admin_password",
        "secret_key",
        "metrics_token",
        "speech_key",
        "wechat_token",
        "wechat_app_secret",
        "wechat_aes_key",
        "wechat_aes_key_previous",
        "telegram_token",
        "telegram_webhook_secret",
        "webhook_secret",
        "webhook_secret_previous",
        mode="before",
    )
    @classmethod
    def _empty_is_unset(cls, value: object) -> object:
        return None if value == "" else value


def load_settings(**overrides: object) -> Settings:
    """Read the settings; raises SettingsError naming each variable that cannot be used, and how it looks."""
    try:
        return Settings(**overrides)  # type: ignore[arg-type]  # pydantic checks the values
    except ValidationError as error:
        found = [_sentence(e["loc"], e["type"], e["msg"]) for e in error.errors(include_input=False)]
        raise SettingsError(f"unusable settings: {', '.join(found)}") from None


def _sentence(place: tuple[int | str, ...], kind: str, words: str) -> str:
    if kind == "time_delta_parsing":
        words = "a duration looks like P1D, PT30M or PT5S"
    return f"{'.'.join(map(str, place)).upper()}: {words}" if place else words
