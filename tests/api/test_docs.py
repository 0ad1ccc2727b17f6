"""The API's description reads as sentences, not as names of functions."""

from __future__ import annotations

import httpx


async def test_every_operation_is_described(client: httpx.AsyncClient) -> None:
    found = (await client.get("/api/openapi.json")).json()
    assert "综治中心" in found["info"]["description"] and "Bearer" in found["info"]["description"]
    operations = {
        f"{method} {path}": operation
        for path, methods in found["paths"].items()
        for method, operation in methods.items()
        if path.startswith("/api/")
    }
    assert len(operations) == 6
    tags = {tag["name"] for tag in found["tags"]}
    for name, operation in operations.items():
        assert " " in operation["summary"] and operation["description"], name
        assert set(operation["tags"]) <= tags, name
        assert all(answer["description"] for answer in operation["responses"].values()), name
