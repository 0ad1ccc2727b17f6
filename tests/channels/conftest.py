"""The one installation that all conversations of these tests run through."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.channels.installation import Installation, installed


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def installation(
    shared_database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Installation]:
    data_dir: Path = tmp_path_factory.mktemp("channels")
    async with installed(shared_database_url, data_dir) as opened:
        yield opened
