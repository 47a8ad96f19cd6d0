"""What follows the question mark of a judge's spec: `local:CHECKPOINT?mode=generate&batch_size=8`.

>>> split("some/checkpoint?batch_size=8", {"batch_size": 4}, LoadOptions(), "local")
('some/checkpoint', {'batch_size': 8})
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from dataset_builder.errors import UsageError, unknown_name
from evaluator.models.base import LoadOptions


def split(rest: str, defaults: Mapping[str, Any], options: LoadOptions, family: str) -> tuple[str, dict[str, Any]]:
    """The spec less its options, and the options in force: defaults, then `--set`, then the spec's own.

    A value takes its default's type; an unknown name or a value of another type is a UsageError. Zero stands
    for "the default" or "no limit", so it is taken where it is the default itself.
    """
    name, _, query = rest.partition("?")
    values = dict(defaults)
    given = {**options.settings, **dict(parse_qsl(query, keep_blank_values=True))}
    check_known(given, defaults, f"a {family} judge")
    for key, value in given.items():
        values[key] = _typed(key, value, defaults[key])
    return name, values


def check_known(given: Iterable[str], known: Collection[str], whose: str) -> None:
    """Raises a UsageError for the first name that is no option of `whose`."""
    for key in given:
        if not known:
            raise UsageError(f"unknown option '{key}': {whose} takes none")
        if key not in known:
            raise unknown_name(f"option of {whose}", key, known)


def _typed(key: str, value: Any, default: Any) -> Any:
    if default is None or isinstance(default, str):
        return str(value)
    try:
        number = type(default)(value)
    except (TypeError, ValueError):
        raise UsageError(
            f"option {key}={value} is not {'a whole number' if isinstance(default, int) else 'a number'}"
        ) from None
    if number < 0 or (default and not number):
        raise UsageError(f"option {key}={value} is too small; it is {default} unless told")
    return number
