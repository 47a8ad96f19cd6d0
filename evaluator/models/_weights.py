"""A checkpoint must have all the weights of its model: libraries fill what is missing with random numbers.

    with whole_weights("vlm:some/checkpoint"):
        model = AutoModel.from_pretrained("some/checkpoint")

A pipeline loads its parts by itself, so the libraries' own `from_pretrained` is asked for its report in there.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from dataset_builder.errors import RealUnifyError

# The classes under all models of a library; those that are not imported load nothing.
_BASES = (("transformers", "PreTrainedModel"), ("diffusers", "ModelMixin"))


@contextmanager
def whole_weights(spec: str) -> Iterator[None]:
    """Refuse, at its end, whatever was loaded within and lacked weights (tied and optional ones do not count)."""
    missing: dict[str, list[str]] = {}
    bases = [getattr(sys.modules[library], name) for library, name in _BASES if library in sys.modules]
    originals = [base.__dict__["from_pretrained"] for base in bases]
    for base, original in zip(bases, originals, strict=True):
        base.from_pretrained = _reporting(original.__func__, missing)
    try:
        yield
    finally:
        for base, original in zip(bases, originals, strict=True):
            base.from_pretrained = original
    for model, names in missing.items():
        others = f" and {len(names) - 1} more" if len(names) > 1 else ""
        raise RealUnifyError(
            f"{spec}: the checkpoint lacks weights of its {model} ({names[0]}{others}), which would be random numbers; "
            "fetch it again, or give one that is whole"
        )


def _reporting(original: Any, missing: dict[str, list[str]]) -> Any:
    """A class's `from_pretrained`, noting in `missing` what the checkpoint did not have."""

    def from_pretrained(cls: Any, /, *args: Any, output_loading_info: bool = False, **kwargs: Any) -> Any:
        model, info = original(cls, *args, output_loading_info=True, **kwargs)
        if info["missing_keys"]:
            missing[type(model).__name__] = sorted(info["missing_keys"])
        return (model, info) if output_loading_info else model

    return classmethod(from_pretrained)
