"""Tf-idf over one view of a text: learned by scikit-learn, looked up in a dictionary.

scikit-learn's own `transform` builds and multiplies matrices, which for one text takes many times as long.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from sklearn.feature_extraction.text import TfidfVectorizer


@dataclass(frozen=True)
class Tfidf:
    """Of each gram that is known: its column and its inverse document frequency."""

    known: dict[str, tuple[int, float]]

    @classmethod
    def fit(cls, documents: Iterable[list[str]], min_df: int) -> Tfidf:
        """Learn from the grams of each document; those in fewer than `min_df` documents are left out."""
        vectorizer = TfidfVectorizer(analyzer=list, min_df=min_df).fit(documents)
        frequencies = vectorizer.idf_.tolist()
        return cls({gram: (column, frequencies[column]) for gram, column in vectorizer.vocabulary_.items()})

    def row(self, grams: Iterable[str]) -> dict[int, float]:
        """Return column → weight, a vector of length one, as scikit-learn does with `sublinear_tf`."""
        row = {}
        for gram, count in Counter(grams).items():
            if gram in self.known:
                column, frequency = self.known[gram]
                row[column] = (1 + math.log(count)) * frequency
        length = math.sqrt(sum(weight * weight for weight in row.values()))
        return {column: weight / length for column, weight in row.items()}
