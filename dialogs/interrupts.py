"""What a resident can say at any time, whatever is being asked: by exact word, or by a sure intent."""

from __future__ import annotations

import re

from backend.domain.lifecycle import UNDER_WAY
from dialogs import category, languages
from dialogs.chat import TOPICS
from dialogs.definition import SURE, Heard
from dialogs.readers import holds, is_angry, letters, phrases
from dialogs.story import tells_besides
from dialogs.words import is_among, label_of, plain, vocabulary

COMMANDS = frozenset(
    {"cancel", "back", "skip", "person", "progress", "supplement", "urge", "withdraw", "menu"}
    | {"report", "continue", languages.PURPOSE}
)
_NUMBER = re.compile(r"fq[\d\s—－-]+", re.IGNORECASE)
_INTENTS = COMMANDS | TOPICS

ERASE, _QUESTION, _COST = "faq_delete", "faq_", "faq_cost"
ASKED = 0.4
"""From here an intent is believed of a text that asks: typos cost a classifier its confidence."""
LONGEST_COMMAND = 40
"""Characters: nobody needs more to say 取消 or to ask what it costs; a longer text tells something."""
LONGEST_CHAT = 12
"""Characters of a question asked in passing."""
LONGEST_OUTBURST = 24
"""Characters: whoever writes more in anger tells what happened."""
SHORTEST_INTENT = 2
"""Letters: a lone digit or mark has no intent, however sure a classifier is."""


_STEERS = frozenset({"cancel", "back", "skip"})


def spoken(text: str) -> str:
    """The command whose exact word a text is, with or without a case number; empty when it is none.

    The name of a language is one too: `language-en`.
    """
    words = _NUMBER.sub("", text)
    language = label_of("languages", words)
    return f"{languages.PURPOSE}-{language}" if language else label_of("commands", words)


def meant(heard: Heard) -> str:
    """The command, small talk or common question that a text surely means, empty when none."""
    understanding, text = heard.understanding, heard.text
    if holds("erases", text):
        return ERASE
    if gives_up(heard):
        return "cancel"
    asks = understanding.intent.startswith(_QUESTION) and holds("queries", text)
    sure = understanding.intent in _INTENTS and understanding.confidence >= (ASKED if asks else SURE)
    fits = len(text) <= LONGEST_COMMAND and letters(text) >= SHORTEST_INTENT
    lost = understanding.intent in _STEERS and tells_besides(heard)
    unasked = understanding.intent == "person" and not asks_person(text)
    charged = understanding.intent == _COST and holds("overcharged", text) and not holds("queries", text)
    return understanding.intent if sure and fits and not (lost or unasked or charged) else ""


def gives_up(heard: Heard) -> bool:
    """Whether a text drops it all in anger, and tells nothing else: 不登记了，你们就是骗人的."""
    first, *rest = phrases(heard.text) or [""]
    dropped = label_of("commands", first) == "cancel" and all(map(is_angry, rest))
    return bool(dropped and rest) and not category.intended(heard.understanding, heard.context)


def waits(heard: Heard) -> bool:
    """Whether a text only asks for patience: 等一下我去找电话号码."""
    understanding = heard.understanding
    told = understanding.crises or understanding.entities or heard.message.attachments
    return not told and holds("waits", heard.text)


def puts_off(heard: Heard) -> bool:
    """Whether a text only says that the question was seen, and an answer comes later: 知道了, 明天再弄."""
    said = phrases(heard.text)
    later = [phrase for phrase in said if holds("puts_off", phrase)]
    rest = [phrase for phrase in said if phrase not in later]
    polite = all(is_among("yes", phrase) or label_of("commands", phrase) == "thanks" for phrase in rest)
    return bool(later) and polite and not heard.understanding.crises


def asks_person(text: str) -> bool:
    """Whether a text has words that ask for a person: 8个人 and 三个人 have none, whatever a model hears."""
    said = plain(text)
    return any(word in said for word in vocabulary()["asks_person"]) and not holds("tens", text)


def asks_when(heard: Heard) -> bool:
    """Whether a text asks when a case that is under way will be done: the case says it better than a rule."""
    asks = is_among("when_done", heard.text) or meant(heard) == "faq_time"
    return asks and any(case.status in UNDER_WAY for case in heard.context.cases)


def only_chats(heard: Heard) -> bool:
    """Whether a text only asks about what has nothing to do with any dispute: 今天天气怎么样."""
    told = category.intended(heard.understanding, heard.context) or heard.understanding.entities
    passing = any(word in plain(heard.text) for word in vocabulary()["chit_chat"])
    return passing and not told and len(heard.text) <= LONGEST_CHAT


def only_vents(heard: Heard) -> bool:
    """Whether a text is anger and nothing that could be registered."""
    understanding, context = heard.understanding, heard.context
    told = category.intended(understanding, context) or understanding.entities or heard.message.attachments
    angry = is_angry(heard.text) or (heard.means("dissatisfied") and bool(context.cases))
    return angry and not told and len(heard.text) <= LONGEST_OUTBURST
