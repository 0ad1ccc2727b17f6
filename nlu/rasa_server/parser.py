"""A trained model: texts to what Rasa says of them."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rasa.core.channels.channel import UserMessage
from rasa.engine import loader
from rasa.engine.constants import PLACEHOLDER_MESSAGE
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.model import get_local_model

from nlu.rasa_server.runner import StraightRunner


class Parser:
    """Says what `rasa run` would, of several texts at once if there are several."""

    def __init__(self, model: Path) -> None:
        """Load a model file, or the newest of a directory.

        It is used once at once, because some components load what they need at their first text.
        """
        model = Path(get_local_model(str(model)))
        with tempfile.TemporaryDirectory() as directory:
            self._metadata, self._runner = loader.load_predict_graph_runner(
                Path(directory), model, LocalModelStorage, StraightRunner
            )
        self.model_file = model.name
        self.parse(["你好"])

    @property
    def model_id(self) -> str:
        """What Rasa called this training."""
        return str(self._metadata.model_id)

    def parse(self, texts: Sequence[str]) -> list[dict[str, Any]]:
        """Return intent, ranking, entities and tokens of each text."""
        target = self._metadata.nlu_target
        messages = [UserMessage(text) for text in texts]
        found = self._runner.run({PLACEHOLDER_MESSAGE: messages}, [target])[target]
        nothing = {"text": "", "intent": {"name": None, "confidence": 0.0}, "entities": []}
        return [{**nothing, **message.as_dict(only_output_properties=True)} for message in found]
