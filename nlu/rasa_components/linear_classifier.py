"""Classifier: multinomial logistic regression with its strength and class weights in the configuration."""

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


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class LinearClassifier(IntentClassifier, GraphComponent):
    """Ranks all intents; unlike the stock classifier its regularisation can be set."""

    @classmethod
    def required_components(cls) -> list[type]:
        return [Featurizer]

    @staticmethod
    def required_packages() -> list[str]:
        return ["sklearn"]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"C": 10.0, "max_iter": 1000, "class_weight": None}

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        model: LogisticRegression | None = None,
    ) -> None:
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._model = model

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
            return cls(config, model_storage, resource, joblib.load(directory / "model.joblib"))

    def train(self, training_data: TrainingData) -> Resource:
        examples = training_data.intent_examples
        # lbfgs draws nothing at random: the same data gives the same model.
        model = LogisticRegression(
            C=self._config["C"],
            max_iter=self._config["max_iter"],
            class_weight=self._config["class_weight"],
        )
        self._model = model.fit(_matrix(examples), [example.get(INTENT) for example in examples])
        with self._model_storage.write_to(self._resource) as directory:
            joblib.dump(self._model, directory / "model.joblib")
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        assert self._model is not None, "used before training"
        for message in messages:
            features, _ = message.get_sparse_features(TEXT)[1], None
            if features is None:
                continue
            probabilities = self._model.predict_proba(csr_matrix(features.features))[0]
            ranking = [
                {"name": str(self._model.classes_[position]), "confidence": float(probabilities[position])}
                for position in numpy.argsort(-probabilities, kind="stable")
            ]
            message.set("intent", ranking[0], add_to_output=True)
            message.set("intent_ranking", ranking, add_to_output=True)
        return messages


def _matrix(messages: list[Message]) -> csr_matrix:
    return vstack([csr_matrix(message.get_sparse_features(TEXT)[1].features) for message in messages])
