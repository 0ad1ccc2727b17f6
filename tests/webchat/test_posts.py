"""What a page posts: taken once, answered, or refused in words."""

from __future__ import annotations

import asyncio
import io
import json
from typing import Any

import httpx
import psycopg
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from PIL import Image

from tests.fixtures.settings import MakeSettings
from tests.webchat.listener import NUMBER, Listener, serving


def photo(size: int = 64) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (size, size), "green").save(file, "JPEG")
    return file.getvalue()


async def test_a_conversation_reaches_a_case_number(listener: Listener) -> None:
    phone = listener.phone()
    number = await phone.gets_a_number()
    assert [case.number for case in await listener.cases()] == [number]
    items = await phone.history()
    assert [item["id"] for item in items] == sorted(item["id"] for item in items)
    assert number in items[-1]["text"]
    chosen = [item for item in items if item["kind"] == "choice"]
    assert chosen and all(item["text"] and item["text"] != item["choice"] for item in chosen)


async def test_the_same_id_three_times_at_once_is_one_message(listener: Listener) -> None:
    phone = listener.phone()
    await phone.post(text="您好")
    answers = await asyncio.gather(*(phone.post("same", text="楼上漏水没人管") for _ in range(3)))
    bodies = [answer.raise_for_status().json() for answer in answers]
    assert {body["id"] for body in bodies} == {bodies[0]["id"]}
    assert all(body["messages"] == bodies[0]["messages"] for body in bodies)
    assert [item["message_id"] for item in await phone.history()].count("same") == 1


async def test_submitting_twice_opens_one_case(listener: Listener) -> None:
    phone = listener.phone()
    await phone.gets_a_number()
    submitted = next(item for item in await phone.history() if item["choice"] == "submit")
    again = await phone.post(
        submitted["message_id"], kind="choice", choice="submit", prompt_id=submitted["prompt_id"]
    )
    assert NUMBER.search(again.json()["messages"][0]["text"])
    assert len(await listener.cases()) == 1


async def test_a_post_without_a_cookie_makes_a_device(listener: Listener) -> None:
    phone = listener.phone()
    first = await phone.post(text="您好")
    cookie = first.headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=lax" in cookie and "Secure" not in cookie
    second = await phone.post(text="在吗")
    assert "set-cookie" not in second.headers
    assert second.json()["device"] == first.json()["device"]


async def test_the_cookie_is_secure_where_https_is_promised(settings: MakeSettings) -> None:
    async with serving(settings, secure_cookies=True) as listener, listener.phone().http as http:
        assert "Secure" in (await http.get("/")).headers["set-cookie"]


@pytest.mark.parametrize("change", ["cut", "swapped", "other", "unsigned", "empty", "not ascii"])
async def test_a_tampered_cookie_opens_nothing(listener: Listener, change: str) -> None:
    phone = listener.phone()
    await phone.say("楼上漏水没人管")
    cookie = phone.http.cookies["device"]
    user_id, _, signature = cookie.partition(".")
    forged = {
        "cut": cookie[:-1],
        "swapped": f"{user_id[::-1]}.{signature}",
        "other": f"{user_id}.{signature[::-1]}",
        "unsigned": user_id,
        "empty": "",
        "not ascii": "%FF%FE.x",
    }[change]
    async with httpx.AsyncClient(base_url=listener.url, headers={"Cookie": f"device={forged}"}) as thief:
        assert (await thief.get("/chat/history")).json()["items"] == []
        assert (await thief.get("/chat/events")).status_code == 401
        assert (await thief.get("/chat/attachments/1")).status_code == 401
        posted = await thief.post("/chat/messages", json={"id": "x", "kind": "text", "text": "您好"})
        assert posted.json()["device"] != phone.answers[0]["device"]


ELSEWHERE = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
]


@pytest.mark.parametrize("headers", ELSEWHERE)
async def test_another_site_cannot_post(listener: Listener, headers: dict[str, str]) -> None:
    phone = listener.phone()
    body = {"id": "x", "kind": "text", "text": "您好"}
    assert (await phone.http.post("/chat/messages", json=body, headers=headers)).status_code == 403
    assert (await phone.photo(photo(), **headers)).status_code == 403
    assert await phone.history() == []


async def test_a_form_of_another_site_cannot_post(listener: Listener) -> None:
    """An old browser that sends neither header still cannot make a form into one of ours."""
    http = listener.phone().http
    files = {"file": ("x.jpg", photo(), "image/jpeg")}
    assert (await http.post("/chat/messages", data={"id": "x"}, files=files)).status_code == 403
    text = json.dumps({"id": "x", "kind": "text", "text": "您好"})
    for content_type in ("text/plain", "application/x-www-form-urlencoded", ""):
        answer = await http.post("/chat/messages", content=text, headers={"Content-Type": content_type})
        assert answer.status_code == 415


async def test_our_own_page_may_post(listener: Listener) -> None:
    phone = listener.phone()
    body = {"id": "x", "kind": "text", "text": "您好"}
    for headers in ({"Origin": listener.url}, {"Sec-Fetch-Site": "same-origin"}):
        assert (await phone.http.post("/chat/messages", json=body, headers=headers)).status_code == 200


async def test_too_long_a_text_is_refused_in_words(listener: Listener) -> None:
    phone = listener.phone()
    longest = await phone.post(text="水" * 4000)
    assert longest.status_code == 200
    longer = await phone.post(text="水" * 4001)
    assert longer.status_code == 413
    assert "4000" in longer.json()["message"]
    assert (await phone.post(text="水" * 400_000)).status_code == 413


@pytest.mark.parametrize("excess", [1, 3_000_000])
async def test_too_big_a_file_is_refused_in_words(settings: MakeSettings, excess: int) -> None:
    async with serving(settings, attachment_max_bytes=200_000) as listener:
        phone = listener.phone()
        fits = photo() + bytes(200_000 - len(photo()))
        assert (await phone.photo(fits)).status_code == 200
        answer = await phone.photo(fits + bytes(excess))
        assert answer.status_code == 413
        assert answer.json()["error"] == "too_big" and answer.json()["message"]


@pytest.mark.parametrize("content", [b"<html><script>alert(1)</script>", b"MZ\x90\x00" + bytes(60), b"hi\0"])
async def test_a_file_is_judged_by_its_content(listener: Listener, content: bytes) -> None:
    answer = await listener.phone().photo(content)
    assert answer.status_code == 415
    assert answer.json()["message"]


async def test_a_photo_is_shown_to_its_own_resident_only(listener: Listener) -> None:
    phone, other = listener.phone(), listener.phone()
    await phone.say("楼上漏水没人管")
    await other.say("您好")
    assert (await phone.photo(photo(), "photo")).status_code == 200
    sent = next(item for item in await phone.history() if item["message_id"] == "photo")
    [attachment_id] = sent["attachments"]
    shown = await phone.http.get(f"/chat/attachments/{attachment_id}")
    # Itself, or the copy that the worker makes of it.
    assert Image.open(io.BytesIO(shown.content)).size == (64, 64)
    assert shown.headers["content-type"] == "image/jpeg"
    assert shown.headers["x-content-type-options"] == "nosniff"
    assert shown.headers["content-disposition"].startswith("inline")
    assert "sandbox" in shown.headers["content-security-policy"]
    assert (await other.http.get(f"/chat/attachments/{attachment_id}")).status_code == 404
    assert (await phone.http.get("/chat/attachments/999999")).status_code == 404
    assert (await phone.http.get("/chat/attachments/99999999999999999999")).status_code == 422


async def test_a_document_is_offered_to_keep_not_shown(listener: Listener) -> None:
    phone = listener.phone()
    await phone.photo(b"%PDF-1.4\n%%EOF" + bytes(300), "pdf")
    [attachment_id] = (await phone.history())[0]["attachments"]
    answer = await phone.http.get(f"/chat/attachments/{attachment_id}")
    assert answer.headers["content-disposition"].startswith("attachment")


async def test_a_location_reaches_the_conversation(listener: Listener) -> None:
    phone = listener.phone()
    await phone.say("楼上漏水没人管，物业不来修")
    answer = await phone.post("here", kind="location", latitude=30.1, longitude=120.5)
    assert answer.status_code == 200
    assert next(i for i in await phone.history() if i["message_id"] == "here")["kind"] == "location"


async def test_another_devices_prompt_cannot_be_answered(listener: Listener) -> None:
    phone, other = listener.phone(), listener.phone()
    await phone.say("楼上漏水没人管")
    prompt = phone.answers[-1]["messages"][-1]
    answer = await other.post(kind="choice", choice="submit", prompt_id=prompt["id"])
    assert answer.status_code == 200
    assert not await listener.cases()
    assert phone.answers[-1]["messages"][-1]["open"]


@pytest.mark.parametrize(
    "body",
    [
        {"text": "  "},
        {"kind": "choice"},
        {"kind": "location", "latitude": 30.0},
        {"kind": "location", "latitude": 91, "longitude": 0},
        {"id": "with spaces", "text": "您好"},
        {"id": "", "text": "您好"},
        {"kind": "image"},
    ],
)
async def test_what_says_nothing_is_refused_in_words(listener: Listener, body: dict[str, Any]) -> None:
    answer = await listener.phone().http.post("/chat/messages", json={"id": "x", "kind": "text"} | body)
    assert answer.status_code == 422 and answer.json()["message"]


async def test_a_form_without_a_file_is_refused_in_words(listener: Listener) -> None:
    http = listener.phone().http
    own = {"X-Requested-With": "chat"}
    for files in ({"x": (None, b"no file")}, {"file": ("x.jpg", b"", "image/jpeg")}):
        answer = await http.post("/chat/messages", data={"id": "x"}, files=files, headers=own)
        assert answer.status_code == 422 and answer.json()["message"]
    answer = await http.post("/chat/messages", files={"file": ("x.jpg", photo())}, headers=own)
    assert answer.status_code == 422


async def test_two_hundred_residents_at_once_are_not_mixed(listener: Listener) -> None:
    phones = [listener.phone() for _ in range(200)]
    stories = [f"楼上漏水漏到我家第{number:03d}间，物业一直不管" for number in range(200)]
    answers = await asyncio.gather(*(p.post(text=s) for p, s in zip(phones, stories, strict=True)))
    assert {answer.status_code for answer in answers} == {200}
    for phone, story in zip(phones, stories, strict=True):
        assert [i["text"] for i in await phone.history() if i["direction"] == "in"] == [story]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
bodies = st.fixed_dictionaries(
    {},
    optional={
        "id": st.text(max_size=70) | json_values,
        "kind": st.sampled_from(["text", "choice", "location", "open", "image", "x"]) | json_values,
        "text": st.text(max_size=50) | json_values,
        "choice": st.text(max_size=120) | json_values,
        "prompt_id": st.integers() | json_values,
        "latitude": st.floats() | json_values,
        "longitude": st.floats() | json_values,
    },
)


async def test_whatever_is_posted_it_is_never_our_error(listener: Listener) -> None:
    made: list[Any] = []

    @hypothesis_settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.one_of(bodies.map(lambda b: json.dumps(b).encode()), st.binary(max_size=200)))
    def collect(body: bytes) -> None:
        made.append(body)

    collect()
    async with listener.phone().http as http:
        await http.get("/")
        for body in made:
            content_type = "multipart/form-data; boundary=x" if len(body) % 5 == 0 else "application/json"
            headers = {"Content-Type": content_type, "X-Requested-With": "chat"}
            answer = await http.post("/chat/messages", content=body, headers=headers)
            assert answer.status_code in {200, 413, 415, 422}, body
            assert answer.json()


@pytest.mark.parametrize("text", ["a\x00b", "\ud800 lone", "\x1b[31m red", "\u202e turned"])
async def test_characters_that_no_database_keeps_do_no_harm(listener: Listener, text: str) -> None:
    phone = listener.phone()
    raw = json.dumps({"id": "odd", "kind": "text", "text": text})
    answer = await phone.http.post(
        "/chat/messages", content=raw, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code in {200, 422}


async def test_new_devices_are_counted_per_address(settings: MakeSettings) -> None:
    async with serving(settings, webchat_new_devices=2) as listener:
        known = listener.phone()
        assert (await known.post(text="您好")).status_code == 200
        assert "set-cookie" in (await listener.phone().http.get("/")).headers
        refused = await listener.phone().post(text="您好")
        assert refused.status_code == 429
        assert int(refused.headers["retry-after"]) > 0 and refused.json()["message"]
        page = await listener.phone().http.get("/")
        assert page.status_code == 200 and "set-cookie" not in page.headers
        assert (await known.post(text="在吗")).status_code == 200


async def test_without_the_database_the_page_is_told_to_try_again(
    settings: MakeSettings, database_url: str
) -> None:
    name = psycopg.conninfo.conninfo_to_dict(database_url)["dbname"]
    admin = psycopg.conninfo.make_conninfo(database_url, dbname="postgres")
    async with serving(settings, worker=False) as listener:
        phone = listener.phone()
        await phone.say("您好")
        with psycopg.connect(admin, autocommit=True) as connection:
            connection.execute(f'alter database "{name}" allow_connections false')
            connection.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", [name]
            )
            answers = [await phone.post("kept", text="楼上漏水没人管"), await phone.http.get("/chat/history")]
            connection.execute(f'alter database "{name}" allow_connections true')
        for answer in answers:
            assert answer.status_code == 503
            assert answer.headers["retry-after"] and answer.json()["message"]
        assert (await phone.post("kept", text="楼上漏水没人管")).status_code == 200
        assert [item["message_id"] for item in await phone.history()].count("kept") == 1
