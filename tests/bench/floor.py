"""The least that a callback of WeChat can be: read the XML, insert it, commit, answer."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from fastapi import FastAPI, Request, Response
from sqlalchemy import text
from wechatpy import parse_message

from backend.db.database import Database

_TABLE = text("create table floor (id bigserial primary key, sender text, message_id bigint, content text)")
_INSERT = text("insert into floor (sender, message_id, content) values (:sender, :message_id, :content)")


def create_app() -> FastAPI:
    """One route, with the database and the pool that the software has."""
    database = Database(os.environ["DATABASE_URL"])

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with database.work() as work:
            await work.session.execute(_TABLE)
            await work.commit()
        yield
        await database.close()

    app = FastAPI(lifespan=lifespan)

    @app.post("/wechat")
    async def receive(request: Request) -> Response:
        message = parse_message(await request.body())
        row = {"sender": message.source, "message_id": message.id, "content": message.content}
        async with database.work() as work:
            await work.session.execute(_INSERT, row)
            await work.commit()
        return Response("success")

    @app.get("/readyz")
    async def ready() -> str:
        return "ready"

    return app


if __name__ == "__main__":
    uvicorn.run(create_app(), port=int(os.environ["PORT"]), access_log=False, log_level="error")
