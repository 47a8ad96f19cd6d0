"""What follows the question mark of a judge's spec: `local:CHECKPOINT?mode=generate&batch_size=8`.

>>> split("some/checkpoint?batch_size=8", {"batch_size": 4}, LoadOptions(), "local")
('some/checkpoint', {'batch_size': 8})
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from dataset_builder.errors import UsageError, unknown_name
from evaluator.models.base import LoadOptions


def split(rest: str, defaults: Mapping[str, Any], options: LoadOptions, family: str) -> tuple[str, dict[str, Any]]:
    """The spec less its options, and the options in force: defaults, then `--set`, then the spec's own.

    A value takes its default's type; an unknown name or a value of another type is a UsageError.
    """
    name, _, query = rest.partition("?")
    values = dict(defaults)
    given = {**options.settings, **dict(parse_qsl(query, keep_blank_values=True))}
    for key, value in given.items():
        if key not in defaults:
            raise unknown_name(f"option of a {family} judge", key, defaults)
        values[key] = _typed(key, value, defaults[key])
    return name, values


def _typed(key: str, value: Any, default: Any) -> Any:
    if default is None or isinstance(default, str):
        return str(value)
    try:
        number = type(default)(value)
    except (TypeError, ValueError):
        raise UsageError(
            f"option {key}={value} is not {'a whole number' if isinstance(default, int) else 'a number'}"
        ) from None
    if number < 0:
        raise UsageError(f"option {key}={value} is negative")
    return number
