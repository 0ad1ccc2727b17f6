"""What a resident can say at any time, whatever is being asked: by exact word, or by a sure intent."""

from __future__ import annotations

import re

from dialogs.chat import TOPICS
from dialogs.definition import SURE, Heard
from dialogs.readers import letters
from dialogs.words import label_of

COMMANDS = frozenset(
    {"cancel", "back", "skip", "person", "progress", "supplement", "urge", "withdraw", "menu"}
    | {"report", "continue"}
)
_NUMBER = re.compile(r"fq[\d\s—－-]+", re.IGNORECASE)
_INTENTS = COMMANDS | TOPICS

LONGEST_COMMAND = 40
"""Characters: nobody needs more to say 取消 or to ask what it costs; a longer text tells something."""
SHORTEST_INTENT = 2
"""Letters: a lone digit or mark has no intent, however sure a classifier is."""


def spoken(text: str) -> str:
    """The command whose exact word a text is, with or without a case number; empty when it is none."""
    return label_of("commands", _NUMBER.sub("", text))


def meant(heard: Heard) -> str:
    """The command, small talk or common question that a text surely means, empty when none."""
    understanding, text = heard.understanding, heard.text
    sure = understanding.intent in _INTENTS and understanding.confidence >= SURE
    fits = len(text) <= LONGEST_COMMAND and letters(text) >= SHORTEST_INTENT
    return understanding.intent if sure and fits else ""
