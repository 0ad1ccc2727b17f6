"""Pages for what went wrong, in words."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import HTMLResponse, Response
from starlette.exceptions import HTTPException

from backend.domain.errors import CaseError
from backend.workbench.rendering import render
from backend.workbench.wording import error_words

_WORDS = {
    403: ("没有权限", "这一步您的角色不能做，或者页面已经过期。请返回后刷新再试。"),
    404: ("没有找到", "没有这个页面，或者不归您查看。"),
    413: ("内容太大", "请把内容缩短，或换一张小一点的图片。"),
    429: ("请稍等", "尝试次数太多，请过十分钟再试。"),
}
_OTHER = ("没有办成", "提交的内容不完整或不正确。请返回后再试。")


def case_error(_request: Request, error: CaseError, status: int) -> Response:
    """A case error outside of an action's own form."""
    return _page("没有办成", error_words(error), status)


def http_error(_request: Request, error: HTTPException) -> Response:
    """Any other refusal; its headers (Retry-After) stay."""
    title, words = _WORDS.get(error.status_code, _OTHER)
    response = _page(title, words, error.status_code)
    response.headers.update(error.headers or {})
    return response


def malformed(_request: Request) -> Response:
    """A form that none of our pages sends."""
    return _page(*_OTHER, 422)


def unavailable(_request: Request) -> Response:
    """The database cannot be reached."""
    response = _page(
        "系统暂时不可用", "数据库连接不上，正在恢复。您填写的内容没有保存，请稍后返回再提交。", 503
    )
    response.headers["Retry-After"] = "5"
    return response


def failed(_request: Request) -> Response:
    """A mistake of ours."""
    return _page("出错了", "系统出了差错，已经记录下来。请返回后再试。", 500)


def _page(title: str, words: str, status: int) -> HTMLResponse:
    return HTMLResponse(render("error.html", title=title, words=words), status)
