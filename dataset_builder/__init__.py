"""Makes, verifies and publishes the RealUnify dataset. Heavy libraries load on first use.

>>> import dataset_builder
>>> dataset_builder.build("realunify", seed=0)
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dataset_builder.audits.auditing import audit as audit
    from dataset_builder.building.build import build as build
    from dataset_builder.folder import Dataset as Dataset
    from dataset_builder.instance import Instance as Instance
    from dataset_builder.publishing.hub import publish as publish

_HOME = {
    "Dataset": "folder",
    "Instance": "instance",
    "audit": "audits.auditing",
    "build": "building.build",
    "publish": "publishing.hub",
}
__all__ = ["Dataset", "Instance", "audit", "build", "publish"]

__version__ = "0.1.0"
"""Of all three packages: the one place where it stands."""


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'dataset_builder' has no attribute '{name}'")
    return getattr(importlib.import_module(f"dataset_builder.{_HOME[name]}"), name)
