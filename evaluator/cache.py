"""Where things that can be made again are kept: tiny checkpoints, the judges' answers, workers' logs."""

from __future__ import annotations

import os
from pathlib import Path


def cache_folder(*parts: str) -> Path:
    """`REALUNIFY_CACHE`, or `~/.cache/realunify`, and a folder below it (not created)."""
    base = Path(os.environ.get("REALUNIFY_CACHE") or Path.home() / ".cache" / "realunify").expanduser()
    return base.joinpath(*parts)
