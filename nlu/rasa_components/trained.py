"""What trained components have in common: all that one learned is one object in one file of the model."""

from __future__ import annotations

from typing import Any

import joblib
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage

_FILE = "learned.joblib"


class Trained(GraphComponent):
    """Created empty to be trained, loaded with what it kept then."""

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        learned: Any = None,
    ) -> None:
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._learned = learned

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> Trained:
        return cls(config, model_storage, resource, execution_context)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> Trained:
        with model_storage.read_from(resource) as directory:
            learned = joblib.load(directory / _FILE)
        return cls(config, model_storage, resource, execution_context, learned)

    def _keep(self, learned: Any) -> Resource:
        self._learned = learned
        with self._model_storage.write_to(self._resource) as directory:
            joblib.dump(learned, directory / _FILE)
        return self._resource
