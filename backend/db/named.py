"""An address of the database whose connections say whose they are."""

from __future__ import annotations

from sqlalchemy.engine import make_url


def named(url: str, name: str) -> str:
    """The same address; `name` (at most 63 bytes) is what PostgreSQL shows as `application_name`."""
    return make_url(url).update_query_dict({"application_name": name}).render_as_string(hide_password=False)
