"""The `realunify` command: thin over the Python API. One module a group of verbs; heavy imports in the verbs."""

from evaluator.cli.main import main

__all__ = ["main"]
