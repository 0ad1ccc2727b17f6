"""Two logistic regressions in one table, of which a text reads only the rows that it has features for.

scikit-learn's own `predict_proba` copies all coefficients for each text.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy
from scipy.special import expit, softmax
from sklearn.linear_model import LogisticRegression


@dataclass(frozen=True)
class LinearModel:
    """Which intent it is, each against the rest, and which category, if it is one."""

    intents: list[str]
    categories: list[str]
    weights: numpy.ndarray
    """A row for each feature, a column for each intent and then for each category."""
    biases: numpy.ndarray

    @classmethod
    def of(cls, intents: LogisticRegression, categories: LogisticRegression) -> LinearModel:
        """Join a one-against-the-rest regression over all intents with a multinomial one over categories."""
        return cls(
            [str(name) for name in intents.classes_],
            [str(name) for name in categories.classes_],
            numpy.ascontiguousarray(numpy.vstack([intents.coef_, categories.coef_]).T),
            numpy.concatenate([intents.intercept_, categories.intercept_]),
        )

    def probabilities(self, columns: numpy.ndarray, values: numpy.ndarray) -> dict[str, float]:
        """Return the probability of each intent of a text with these `values` of the features `columns`."""
        decisions = values @ self.weights[columns] + self.biases
        each = expit(decisions[: len(self.intents)])
        each /= each.sum()
        within = softmax(decisions[len(self.intents) :])
        scores = dict(zip(self.intents, each.tolist(), strict=True))
        share = sum(scores[category] for category in self.categories)
        return {**scores, **dict(zip(self.categories, (share * within).tolist(), strict=True))}
