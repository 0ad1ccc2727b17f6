"""Classifier: logistic regression over all intents, and a second one that tells the categories apart."""

from __future__ import annotations

from typing import Any

import joblib
import numpy
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.featurizers.featurizer import Featurizer
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.sparse import csr_matrix, vstack
from sklearn.linear_model import LogisticRegression

from nlu.understanding import CATEGORIES


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class LinearClassifier(IntentClassifier, GraphComponent):
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

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        models: dict[str, LogisticRegression] | None = None,
    ) -> None:
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._models = models or {}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> LinearClassifier:
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> LinearClassifier:
        with model_storage.read_from(resource) as directory:
            return cls(config, model_storage, resource, joblib.load(directory / "models.joblib"))

    def train(self, training_data: TrainingData) -> Resource:
        examples = training_data.intent_examples
        features = vstack([_features(example) for example in examples], format="csr")
        intents = numpy.array([example.get(INTENT) for example in examples])
        categories = numpy.isin(intents, CATEGORIES)
        self._models = {
            # One against the rest, for speed: thirty intents in one multinomial model take ten times as long.
            "intents": self._fit("liblinear", features, intents),
            "categories": self._fit("newton-cg", features[categories], intents[categories]),
        }
        with self._model_storage.write_to(self._resource) as directory:
            joblib.dump(self._models, directory / "models.joblib")
        return self._resource

    def _fit(self, solver: str, features: csr_matrix, labels: numpy.ndarray) -> LogisticRegression:
        # Neither solver draws at random (liblinear only in the dual): the same data gives the same model.
        model = LogisticRegression(
            C=self._config["C"], max_iter=self._config["max_iter"], class_weight="balanced", solver=solver
        )
        return model.fit(features, labels)

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            if message.get_sparse_features(TEXT)[1] is None:
                continue
            scores = self._scores(_features(message))
            ranking = [
                {"name": name, "confidence": confidence}
                for name, confidence in sorted(scores.items(), key=lambda item: -item[1])
            ]
            message.set("intent", ranking[0], add_to_output=True)
            message.set("intent_ranking", ranking, add_to_output=True)
        return messages

    def _scores(self, features: csr_matrix) -> dict[str, float]:
        scores = _probabilities(self._models["intents"], features)
        share = sum(scores[category] for category in CATEGORIES)
        within = _probabilities(self._models["categories"], features)
        return {**scores, **{category: share * within[category] for category in CATEGORIES}}


def _features(message: Message) -> csr_matrix:
    return csr_matrix(message.get_sparse_features(TEXT)[1].features)


def _probabilities(model: LogisticRegression, features: csr_matrix) -> dict[str, float]:
    probabilities = model.predict_proba(features)[0]
    return {str(name): float(share) for name, share in zip(model.classes_, probabilities, strict=True)}
