"""Featurizer: tf-idf over words, characters and pinyin, each view scaled to length one."""

from __future__ import annotations

from functools import partial
from typing import Any

import joblib
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.constants import TOKENS_NAMES
from rasa.nlu.featurizers.sparse_featurizer.sparse_featurizer import SparseFeaturizer
from rasa.nlu.tokenizers.tokenizer import Tokenizer
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer

from nlu.rasa_components.ngrams import VIEWS


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class TfidfFeaturizer(SparseFeaturizer, GraphComponent):
    """One sentence vector: short chat and long letters get the same length, common words little weight."""

    @classmethod
    def required_components(cls) -> list[type]:
        return [Tokenizer]

    @staticmethod
    def required_packages() -> list[str]:
        return ["sklearn", "pypinyin"]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {
            **SparseFeaturizer.get_default_config(),
            # view: [longest n-gram, weight]
            "views": {"words": [1, 0.5], "characters": [2, 1.0], "syllables": [2, 0.5]},
            "min_df": 2,
        }

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        vectorizers: dict[str, TfidfVectorizer] | None = None,
    ) -> None:
        super().__init__(execution_context.node_name, config)
        self._model_storage = model_storage
        self._resource = resource
        self._vectorizers = vectorizers or {}

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """Let the component's own use of a wrong value speak."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> TfidfFeaturizer:
        return cls(config, model_storage, resource, execution_context)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> TfidfFeaturizer:
        with model_storage.read_from(resource) as directory:
            vectorizers = joblib.load(directory / "vectorizers.joblib")
        return cls(config, model_storage, resource, execution_context, vectorizers)

    def train(self, training_data: TrainingData) -> Resource:
        documents = [_tokens(message) for message in training_data.intent_examples]
        for view, (longest, _) in self._config["views"].items():
            vectorizer = TfidfVectorizer(
                analyzer=partial(VIEWS[view], longest=longest),
                sublinear_tf=True,
                min_df=self._config["min_df"],
            )
            self._vectorizers[view] = vectorizer.fit(documents)
        with self._model_storage.write_to(self._resource) as directory:
            joblib.dump(self._vectorizers, directory / "vectorizers.joblib")
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        self.process(training_data.training_examples)
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        messages = [message for message in messages if message.get(TOKENS_NAMES[TEXT])]
        if not messages:
            return messages
        documents = [_tokens(message) for message in messages]
        matrix: csr_matrix = hstack(
            [
                self._vectorizers[view].transform(documents) * weight
                for view, (_, weight) in self._config["views"].items()
            ],
            format="csr",
        )
        for row, message in enumerate(messages):
            message.add_features(Features(matrix[row].tocoo(), FEATURE_TYPE_SENTENCE, TEXT, self._identifier))
        return messages


def _tokens(message: Message) -> list[str]:
    return [token.text for token in message.get(TOKENS_NAMES[TEXT]) or ()]
