"""Runs a model's graph of components one after the other."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphNode, GraphNodeHook, GraphSchema
from rasa.engine.runner.interface import GraphRunner
from rasa.engine.storage.storage import ModelStorage


class StraightRunner(GraphRunner):
    """Stands in for Rasa's own runner, which has dask plan every run anew as if it were for threads."""

    def __init__(self, schema: GraphSchema, nodes: dict[str, GraphNode]) -> None:
        self._schema = schema
        self._nodes = nodes

    @classmethod
    def create(
        cls,
        graph_schema: GraphSchema,
        model_storage: ModelStorage,
        execution_context: ExecutionContext,
        hooks: list[GraphNodeHook] | None = None,
    ) -> StraightRunner:
        """Load every component."""
        nodes = {
            name: GraphNode.from_schema_node(name, node, model_storage, execution_context, hooks)
            for name, node in graph_schema.nodes.items()
        }
        return cls(graph_schema, nodes)

    def run(self, inputs: dict[str, Any] | None = None, targets: list[str] | None = None) -> dict[str, Any]:
        """Return what the targets make of the inputs; what no target needs does not run."""
        outputs = {name: (name, value) for name, value in (inputs or {}).items()}

        def output(name: str) -> tuple[str, Any]:
            if name not in outputs:
                outputs[name] = self._nodes[name](*map(output, self._schema.nodes[name].needs.values()))
            return outputs[name]

        return dict(map(output, targets or self._schema.target_names))
