"""What the sentence encoder makes of single tokens, kept from one text to the next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy

BRANCH = 256
"""Numbers per token in each of the encoder's branches."""
NOWHERE = 0
"""The place that holds no token but zeros."""
MOST = 4096
"""Tokens of 15 kB; one more, and all are forgotten. A centre's residents use some two thousand."""
_CHUNKS = 17
"""Token t is stored with the scale of chunk t modulo 17."""


class KnownTokens:
    """Tables with a row for each token; a token's place in them is the same in all."""

    def __init__(self, model: Any) -> None:
        """Know none yet; `model` holds the weights."""
        self._model = model
        self._places: dict[int, int] = {}
        # Of each branch the weights by step of its window, as many as it looks at tokens.
        self._weights = [weights.reshape(-1, BRANCH, BRANCH) for weights in model.w1]
        self.embeddings = _table(model.table.shape[1])
        self.branches = [_table(BRANCH) for _ in self._weights]
        """What goes into each branch."""
        self.steps = [[_table(BRANCH) for _ in weights] for weights in self._weights]
        """And what its first layer makes of that at each step of its window."""

    def places(self, tokens: Sequence[int]) -> list[int]:
        """Return the place of each token; those returned earlier may be others' by now."""
        new = sorted(set(tokens) - self._places.keys())
        if new:
            if len(self._places) + len(new) > MOST:
                self._places.clear()
                new = sorted(set(tokens))
            self._learn(new)
        return [self._places[token] for token in tokens]

    def _learn(self, tokens: list[int]) -> None:
        first = len(self._places) + 1
        rows = slice(first, first + len(tokens))
        self._places.update(zip(tokens, range(rows.start, rows.stop), strict=True))
        model = self._model
        numbers = numpy.array(tokens)
        chunks = numbers % _CHUNKS
        embeddings = model.table[numbers] * model.scale[chunks, None] + model.lo[chunks, None]
        projected = normalised(
            embeddings @ model.proj_W + model.proj_b, model.ln_g_all, model.ln_b_all, model.eps
        )
        self.embeddings[rows] = embeddings
        for number, weights in enumerate(self._weights):
            branch = projected[:, number * BRANCH : (number + 1) * BRANCH]
            self.branches[number][rows] = branch
            for step, weight in enumerate(weights):
                self.steps[number][step][rows] = branch @ weight


def normalised(
    rows: numpy.ndarray, scale: numpy.ndarray, shift: numpy.ndarray, floor: float
) -> numpy.ndarray:
    """Return each row with mean 0 and deviation 1, then scaled and shifted (layer normalisation)."""
    rows = rows - rows.mean(axis=1, keepdims=True)
    deviations = numpy.sqrt(numpy.einsum("ij,ij->i", rows, rows) / rows.shape[1] + floor)
    rows /= deviations[:, None]
    rows *= scale
    rows += shift
    return rows


def _table(width: int) -> numpy.ndarray:
    return numpy.zeros((MOST + 1, width), numpy.float32)
