"""Yes and no in many words: 对的 他们就是乱收费, 以前有 现在没有, 找过三次了物业不管."""

from __future__ import annotations

from dialogs.readers import phone, phrases
from dialogs.words import is_among, plain, vocabulary


def opening(text: str) -> str:
    """The yes or no with which a text begins that may go on with more, empty when it begins with neither."""
    first = next(iter(phrases(text)), "")
    for answer, words in vocabulary()["opens"].items():
        if is_among(answer, first) or plain(first).startswith(tuple(words)):
            return str(answer)
    return ""


def agrees(text: str) -> bool:
    """Whether a text is a yes, also one that goes on, unless what follows takes it back: 好的 我再想想."""
    words = plain(text)
    return opening(text) == "yes" and not any(but in words for but in vocabulary()["but"])


def hands_in(text: str) -> bool:
    """Whether a text says that it is to be handed in as it stands: a yes, or 提交 with more around it."""
    if is_among("submit", text):
        return True
    rest = [phrase for phrase in phrases(text) if not is_among("keeps", phrase)]
    if rest and all(is_among("submit", phrase) for phrase in rest):
        return True
    words = plain(text)
    said = any(is_among("submit", phrase) for phrase in phrases(text))
    return agrees(text) or (said and not any(but in words for but in vocabulary()["but"]))


def there_is(text: str) -> str:
    """Whether there is something now: yes, no or empty; the last phrase counts (以前有 现在没有)."""
    said = ""
    for phrase in map(plain, phrases(text)):
        if _is_like("there_is_not", phrase):
            said = "no"
        elif _is_like("there_is", phrase):
            said = "yes"
    return said


def was_tried(text: str) -> str:
    """Whether somebody was asked for help before: yes, no or empty; the first phrase that says so counts."""
    for phrase in map(plain, phrases(text)):
        if _is_like("there_is_not", phrase):
            return "no"
        if _is_like("there_is", phrase) or any(word in phrase for word in vocabulary()["tried"]):
            return "yes"
    return ""


def keeps_phone(text: str) -> bool:
    """Whether a text says that no phone number is given."""
    return phone(text) is None and any(word in plain(text) for word in vocabulary()["keeps_phone"])


def _is_like(group: str, phrase: str) -> bool:
    words = vocabulary()[group]
    if phrase.startswith(tuple(vocabulary()["no_denial"])):
        return False
    bare = phrase.rstrip(vocabulary()["particles"])
    return phrase.startswith(tuple(words["begins"])) or bare.endswith(tuple(words["ends"]))
