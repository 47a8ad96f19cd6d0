"""Where the repository stands, for tests that start processes in it."""

from pathlib import Path

ROOT = Path(__file__).parents[1]
