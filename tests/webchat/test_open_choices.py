"""Which choices can still be used: decided where the conversation is read, the same for every page."""

from __future__ import annotations

from tests.webchat.listener import Listener, Phone

STORY = "楼上漏水漏到我家，物业一直不管"


async def is_open(phone: Phone, prompt_id: int) -> bool:
    [item] = [item for item in await phone.history() if item["id"] == prompt_id]
    answer: bool = item["open"]
    return answer


async def asked(phone: Phone, words: str) -> int:
    """Say something that is answered with choices; the id of the question."""
    await phone.say(words)
    question = phone.answers[-1]["messages"][-1]
    assert question["choices"] and await is_open(phone, question["id"])
    prompt_id: int = question["id"]
    return prompt_id


async def test_a_typed_answer_without_a_new_question_ends_the_old_one(listener: Listener) -> None:
    phone = listener.phone()
    menu = await asked(phone, "菜单")
    await phone.say("2")
    assert not phone.answers[-1]["messages"][-1]["choices"]
    assert not await is_open(phone, menu)


async def test_what_is_no_answer_leaves_the_question_open(listener: Listener) -> None:
    phone = listener.phone()
    first = await asked(phone, "菜单")
    await phone.post(kind="open")
    assert await is_open(phone, first)
    await phone.post(kind="choice", choice="progress", prompt_id=first - 1)
    assert await is_open(phone, first), "a click on another question's choice answers nothing here"


async def test_each_choice_has_its_number_in_answers_and_history(listener: Listener) -> None:
    phone = listener.phone()
    question = await asked(phone, STORY)
    shown = next(item for item in await phone.history() if item["id"] == question)
    assert shown["choices"] == phone.answers[-1]["messages"][-1]["choices"]
    assert [choice["number"] for choice in shown["choices"]] == [
        str(place) for place in range(1, len(shown["choices"]) + 1)
    ]
    assert not any(choice["label"][0].isdigit() for choice in shown["choices"])
