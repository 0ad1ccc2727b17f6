"""Words that mean danger now, told apart from words that only sound like it; independent of the model."""

from __future__ import annotations

import re

_SIGNS = {
    "self_harm": re.compile(r"不想活|想死|自杀|轻生|跳楼|农药|割腕|遗书"),
    "violence": re.compile(r"拿着?刀|砍人|要杀|捅人|打死"),
    "domestic_violence": re.compile(r"家暴|老公打我|丈夫打我|打老婆"),
    "minors": re.compile(r"猥亵|虐待孩子|打孩子"),
    "gathering": re.compile(r"堵路|拉横幅|上访|堵门"),
}


def crises(text: str) -> tuple[str, ...]:
    """The kinds of crisis that a text tells of: self_harm, violence, domestic_violence, minors, gathering."""
    return tuple(kind for kind, sign in _SIGNS.items() if sign.search(text))
