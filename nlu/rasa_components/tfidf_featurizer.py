"""Featurizer: tf-idf over words, characters and pinyin, each view scaled to length one."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext
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
from scipy.sparse import coo_matrix

from nlu.rasa_components.ngrams import VIEWS
from nlu.rasa_components.tfidf import Tfidf
from nlu.rasa_components.trained import Trained


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class TfidfFeaturizer(Trained, SparseFeaturizer):
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
            # None by default: Rasa mixes a default into what the configuration names.
            "views": {},
            "min_df": 2,
        }

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        learned: dict[str, Tfidf] | None = None,
    ) -> None:
        Trained.__init__(self, config, model_storage, resource, execution_context, learned)
        SparseFeaturizer.__init__(self, execution_context.node_name, config)

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """Let the component's own use of a wrong value speak."""

    def train(self, training_data: TrainingData) -> Resource:
        documents = [_tokens(message) for message in training_data.intent_examples]
        return self._keep(
            {
                view: Tfidf.fit(
                    (VIEWS[view](tokens, longest) for tokens in documents), self._config["min_df"]
                )
                for view, (longest, _) in self._config["views"].items()
            }
        )

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        self.process(training_data.training_examples)
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            if tokens := _tokens(message):
                row = self._row(tokens)
                message.add_features(Features(row, FEATURE_TYPE_SENTENCE, TEXT, self._identifier))
        return messages

    def _row(self, tokens: list[str]) -> coo_matrix:
        columns: list[int] = []
        weights: list[float] = []
        width = 0
        for view, (longest, share) in self._config["views"].items():
            tfidf = self._learned[view]
            row = tfidf.row(VIEWS[view](tokens, longest))
            columns += [width + column for column in row]
            weights += [share * weight for weight in row.values()]
            width += len(tfidf.known)
        return coo_matrix((weights, ([0] * len(columns), columns)), shape=(1, width))


def _tokens(message: Message) -> list[str]:
    return [token.text for token in message.get(TOKENS_NAMES[TEXT]) or ()]
