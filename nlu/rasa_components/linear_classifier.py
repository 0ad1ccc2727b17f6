"""Classifier: logistic regression over all intents, and a second one that tells the categories apart."""

from __future__ import annotations

from typing import Any

import numpy
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.featurizers.featurizer import Featurizer
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.sparse import coo_matrix, csr_matrix, hstack, vstack
from sklearn.linear_model import LogisticRegression

from nlu.rasa_components.linear_model import LinearModel
from nlu.rasa_components.trained import Trained
from nlu.understanding import CATEGORIES


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class LinearClassifier(Trained, IntentClassifier):
    """Ranks all intents.

    Dialogue intents have few, short sentences and categories many: one model over all of them blurs the
    categories. So the first model says how likely a category is at all, the second, trained on categories
    only, which one.
    """

    @classmethod
    def required_components(cls) -> list[type]:
        return [Featurizer]

    @staticmethod
    def required_packages() -> list[str]:
        return ["sklearn"]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"C": 20.0, "max_iter": 1000}

    def train(self, training_data: TrainingData) -> Resource:
        examples = training_data.intent_examples
        features = vstack([hstack(_parts(example)) for example in examples], format="csr")
        intents = numpy.array([example.get(INTENT) for example in examples])
        categories = numpy.isin(intents, CATEGORIES)
        return self._keep(
            LinearModel.of(
                # One against the rest: trained together, thirty intents take ten times as long.
                self._fit("liblinear", features, intents),
                self._fit("newton-cg", features[categories], intents[categories]),
            )
        )

    def _fit(self, solver: str, features: csr_matrix, labels: numpy.ndarray) -> LogisticRegression:
        # Neither solver draws at random (liblinear only in the dual): the same data gives the same model.
        model = LogisticRegression(
            C=self._config["C"], max_iter=self._config["max_iter"], class_weight="balanced", solver=solver
        )
        return model.fit(features, labels)

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            if parts := _parts(message):
                scores = self._learned.probabilities(*_row(parts))
                ranking = [
                    {"name": name, "confidence": confidence}
                    for name, confidence in sorted(scores.items(), key=lambda item: -item[1])
                ]
                message.set("intent", ranking[0], add_to_output=True)
                message.set("intent_ranking", ranking, add_to_output=True)
        return messages


def _parts(message: Message) -> list[coo_matrix]:
    """What each featurizer said of the whole text."""
    return [
        part.features.tocoo()
        for part in message.features
        if part.attribute == TEXT and part.type == FEATURE_TYPE_SENTENCE and part.is_sparse()
    ]


def _row(parts: list[coo_matrix]) -> tuple[numpy.ndarray, numpy.ndarray]:
    """The columns of the parts side by side, and their values; joining them as matrices takes far longer."""
    starts = numpy.cumsum([0, *(part.shape[1] for part in parts[:-1])])
    columns = [start + part.col for start, part in zip(starts, parts, strict=True)]
    return numpy.concatenate(columns), numpy.concatenate([part.data for part in parts])
