"""Which expressions a text may match at all, by its characters: most of many need not be looked for.

Some two hundred expressions are more than a processor keeps at hand; to run them all, text by text, makes
everything else wait for its memory.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence
from typing import Any, Generic, TypeVar

# The parser of `re` has no public name, and had another one in Rasa's Python.
if sys.version_info >= (3, 11):  # noqa: UP036
    from re import _constants as op  # type: ignore[attr-defined]
    from re import _parser  # type: ignore[attr-defined]
else:
    import sre_constants as op
    import sre_parse as _parser

_T = TypeVar("_T")

Characters = frozenset[str]
Way = Sequence[Characters]
"""Of each of these sets a text that matches this way has one character at least."""

_MANY = 200
"""Characters; a range of more is no help."""


class Sieve(Generic[_T]):
    """Things that are found by an expression each."""

    def __init__(self, things: Iterable[tuple[re.Pattern[str], _T]]) -> None:
        """`things` in the order in which they are to be looked for."""
        self._things: list[_T] = []
        self._always: set[int] = set()
        self._ways: dict[str, list[tuple[int, Way]]] = {}
        for place, (expression, thing) in enumerate(things):
            self._things.append(thing)
            for way in ways(expression):
                if not way:
                    self._always.add(place)
                    continue
                rarest, *others = sorted(way, key=len)
                for character in rarest:
                    self._ways.setdefault(character, []).append((place, others))

    def likely(self, text: str) -> Sequence[_T]:
        """Those whose expression may match in `text`: whatever matches is among them."""
        characters = set(text)
        places = set(self._always)
        for character in self._ways.keys() & characters:
            for place, others in self._ways[character]:
                if place not in places and not any(map(characters.isdisjoint, others)):
                    places.add(place)
        return [self._things[place] for place in sorted(places)]


def ways(expression: re.Pattern[str]) -> list[Way]:
    """The ways in which an expression matches; an empty one needs no character in particular."""
    if expression.flags & re.IGNORECASE:
        return [()]
    parsed = _parser.parse(expression.pattern, expression.flags)
    if len(parsed) == 1 and parsed[0][0] is op.BRANCH:
        return [_sets(branch) for branch in parsed[0][1][1]]
    return [_sets(parsed)]


def _sets(parts: Iterable[tuple[Any, Any]]) -> Way:
    """What stands one after the other is all needed."""
    return [found for kind, value in parts for found in _needed(kind, value)]


def _needed(kind: Any, value: Any) -> Way:
    if kind is op.LITERAL:
        return [frozenset(chr(value))]
    if kind is op.IN:
        members = [_members(*member) for member in value]
        return [frozenset().union(*members)] if all(members) else []
    if kind is op.SUBPATTERN:
        _, added, _, inside = value
        # (?i:a) is written as if it matched nothing but its own letters.
        return [] if added & re.IGNORECASE else _sets(inside)
    if kind in (op.MAX_REPEAT, op.MIN_REPEAT):
        return _sets(value[2]) if value[0] else []
    if kind is op.BRANCH:
        branches = [min(_sets(branch), key=len, default=None) for branch in value[1]]
        known = [branch for branch in branches if branch is not None]
        return [frozenset().union(*known)] if len(known) == len(branches) else []
    return []


def _members(kind: Any, value: Any) -> Characters:
    """What a member of a class stands for; nothing when that is too much, or everything else."""
    if kind is op.LITERAL:
        return frozenset(chr(value))
    if kind is op.RANGE and value[1] - value[0] < _MANY:
        return frozenset(map(chr, range(value[0], value[1] + 1)))
    return frozenset()
